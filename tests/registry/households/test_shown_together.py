"""All that is shown of a person together: not one character of it depends on the serial."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from stdnum.iso7064 import mod_11_2

from services.registry.main import create_app
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from tests.registry.conftest import DATA_KEYS
from tests.registry.samples import MERGE, PURPOSE, household, lookup, member

SERIALS = (1, 777)
PLACE, BIRTH = "330127", "19630512"
OWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids are random, and differ each time."""


def resident(serial: int) -> str:
    body = f"{PLACE}{BIRTH}{serial:03}"
    return body + mod_11_2.calc_check_digit(body)


def of_type(kind: str, serial: int) -> str:
    # Each type is of another person, of the same sex.
    serial += 2 * list(TYPES).index(kind)
    if kind == "old":
        return f"{PLACE}{BIRTH[2:]}{serial:03}"
    if kind == "other":
        return f"E1234{serial:04}"
    return resident(serial) + ("31" if kind == "disability_card" else "")


TYPES = {
    "resident_id": "resident_id",
    "old": "resident_id",
    "disability_card": "disability_card",
    "other": "other",
}


async def everything_shown(client: httpx.AsyncClient, number: str, kind: str) -> list[str]:
    """Record a person and ask every route that shows them; return the answers without their ids."""
    home = (await client.post("/v1/households", json=household(number=f"{kind}-1"))).json()["id"]
    answers: list[httpx.Response] = []

    async def ask(method: str, address: str, **sent: Any) -> httpx.Response:
        answer = await client.request(method, address, **sent)
        answers.append(answer)
        return answer

    made = await ask(
        "POST",
        "/v1/members",
        json=member(home, document_type=TYPES[kind], document_number=number),
    )
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    faulty = member(home, document_type=TYPES[kind], document_number=number, name="")
    await ask("POST", "/v1/members", json=faulty)
    await ask("PATCH", address, json={"name": ""}, headers={**MERGE, "If-Match": '"1"'})
    amended = {"health": "chronic"}
    await ask("PATCH", address, json=amended, headers={**MERGE, "If-Match": '"1"'})
    await ask("PATCH", address, json=amended, headers={**MERGE, "If-Match": '"1"'})
    await ask("GET", address)
    await ask("GET", address, params={"known_at": "2020-10-02T00:00:00Z"})
    await ask("GET", "/v1/members", params={"household_id": home})
    await ask("POST", "/v1/members:find", json=lookup(number))
    reveal = {"purpose": PURPOSE, "fields": ["document_number"]}
    assert (await client.post(f"{address}:reveal", json=reveal)).status_code == 200
    await ask("GET", f"{address}/history")
    again = household(number=f"{kind}-2")
    other = (await client.post("/v1/households", json=again)).json()["id"]
    refused = await ask(
        "POST",
        "/v1/members",
        json=member(other, document_type=TYPES[kind], document_number=number),
    )
    assert refused.status_code == 409
    await ask("GET", "/v1/conflicts")
    await ask("GET", f"/v1/conflicts/{refused.json()['conflict_id']}")
    await ask("GET", "/v1/events")
    await ask("GET", f"/v1/facts/households/{home}", params={"as_of": "2020-10-01"})
    return [_without_ids(answer) for answer in answers]


def _without_ids(answer: httpx.Response) -> str:
    told = {name: answer.headers[name] for name in ("etag", "location") if name in answer.headers}
    if len(told.get("etag", "")) > len('"999999"'):
        # A tag that is reckoned from the text, which is compared itself, ids apart.
        del told["etag"]
    text = f"{answer.status_code} {told} {answer.text}"
    return re.sub(r'"cursor":"[0-9-]+"', "", OWN.sub("id", text))


@pytest.fixture(scope="module")
async def shown(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> list[dict[str, list[str]]]:
    """All that is shown, by type of document, in two registries that differ in the serials alone."""
    found = []
    clock = FrozenClock(datetime(2020, 10, 1, 4, tzinfo=UTC))
    for serial in SERIALS:
        with databases.clone("registry") as address:
            settings = settings_for(
                RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS
            )
            app = create_app(settings, clock=clock)
            async with running(app), client_of(app, token(*Scope, subject="clerk")) as client:
                found.append(
                    {
                        kind: await everything_shown(client, of_type(kind, serial), kind)
                        for kind in TYPES
                    }
                )
    return found


@pytest.mark.parametrize("kind", TYPES)
def test_every_answer_is_the_same_whatever_the_serial(
    shown: list[dict[str, list[str]]], kind: str
) -> None:
    """What two serials of a sex are shown as is what all of them are: see ``test_masking``."""
    one, other = (each[kind] for each in shown)
    assert one == other
    for serial in SERIALS:
        for text in (*one, *other):
            assert of_type(kind, serial)[-6:] not in text
