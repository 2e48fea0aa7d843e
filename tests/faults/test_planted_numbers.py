"""Numbers and names of persons, planted wherever text is taken, are searched for in all that is kept.

Only where they belong may they be found: the name in the member's own record and its journal.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg

from deploy.child import ChildRun
from deploy.environment import SERVICES
from shared.db.embedded import database_address
from tests.faults.load import reader
from tests.registry.samples import household, identity_number, member

NUMBER = identity_number(birth="19480217", sequence="377")
PHONE = "13957120468"
CARD = "6228480402564890018"
PLANTED = (NUMBER, PHONE, CARD)
ALL_TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""


def test_nothing_planted_is_kept_where_it_does_not_belong(system: ChildRun) -> None:
    for service in SERVICES:
        with reader(system, service) as client:
            for method, path, body in _requests(client):
                answer = client.request(method, path, **body)
                assert answer.status_code < 500, (method, path, answer.text)
                assert not _found_in(answer.text), (method, path, answer.text)
    with reader(system, "registry") as registry:
        home = registry.post("/v1/households", json=household(number="P-1", phone=PHONE)).json()
        answer = registry.post("/v1/members", json=member(home["id"], document_number=NUMBER))
        assert answer.status_code == 201, answer.text
        assert not _found_in(answer.text)
    for service in SERVICES:
        assert not _found_in(httpx.get(f"{system.address(service)}/metrics").text)
    assert not list(_found_in_files(system))
    assert not list(_found_in_databases(system))


def _requests(client: httpx.Client) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield a request for every text that the document says a route takes."""
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method.upper() == "GET" and "wait" in str(operation.get("parameters")):
                continue
            for planted in PLANTED:
                filled = _filled(path, planted)
                yield method.upper(), filled, _parts(document, operation, planted)


def _filled(path: str, planted: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + planted + rest.partition("}")[2]
    return path


def _parts(document: dict[str, Any], operation: dict[str, Any], planted: str) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    query = {one["name"]: planted for one in parameters if one["in"] == "query"}
    headers = {"If-Match": '"1"', "X-Change-Reason": planted, "Idempotency-Key": planted}
    parts: dict[str, Any] = {"params": query, "headers": headers}
    content = operation.get("requestBody", {}).get("content", {})
    for kind, media in content.items():
        if kind.endswith("json"):
            parts["json"] = _body(document, media["schema"], planted)
            headers["Content-Type"] = kind
        elif kind.startswith("multipart"):
            parts["files"] = {
                "files": (f"{planted}.csv", f"户编号,{planted}\n{planted},{planted}\n")
            }
    return parts


def _body(document: dict[str, Any], schema: dict[str, Any], planted: str, depth: int = 0) -> Any:
    """Return content of a schema in which every text is what is planted."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return _body(document, schema[choice][0], planted, depth + 1)
    match schema.get("type"):
        case "object" if depth < 6:
            members = schema.get("properties", {})
            return {
                name: _body(document, each, planted, depth + 1) for name, each in members.items()
            }
        case "array" if depth < 6:
            return [_body(document, schema.get("items", {}), planted, depth + 1)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return planted


def _found_in(text: str) -> list[str]:
    return [planted for planted in PLANTED if planted in text]


def _found_in_files(run: ChildRun) -> Iterator[tuple[str, list[str]]]:
    logs = [*(run.folder / "logs").iterdir(), run.folder / "postgres" / "log"]
    for file in logs:
        if found := _found_in(file.read_text(encoding="utf-8", errors="replace")):
            yield file.name, found


def _found_in_databases(run: ChildRun) -> Iterator[tuple[str, str, str]]:
    lines = (run.folder / "postgres" / "postmaster.pid").read_text().splitlines()
    server = f"postgresql://postgres:@/postgres?host={lines[4]}"
    for service in SERVICES:
        name = f"qingling_{service}"
        with psycopg.connect(database_address(server, name), autocommit=True) as connection:
            tables = [row[0] for row in connection.execute(ALL_TABLES)]
            for planted in PLANTED:
                for table in tables:
                    query = f'SELECT count(*) FROM "{table}" each WHERE strpos(each::text, %s) > 0'
                    [count] = connection.execute(query, [planted]).fetchone() or (0,)
                    if count:
                        yield service, table, planted
                running = "SELECT count(*) FROM pg_stat_activity WHERE strpos(query, %s) > 0 AND pid <> pg_backend_pid()"
                [count] = connection.execute(running, [planted]).fetchone() or (0,)
                if count:
                    yield service, "pg_stat_activity", planted
