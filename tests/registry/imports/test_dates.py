"""The register holds no future: every date of every request and sheet, but those that may lie ahead."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.registry.imports.cells import Day
from services.registry.imports.columns import SHEETS
from tests.registry.belongings import BELONGINGS
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import everything
from tests.registry.samples import MERGE, household

Sample = Callable[..., dict[str, Any]]
OPENAPI: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "services/registry/openapi.json").read_text(encoding="utf-8")
)
JSON = "application/json"
CREATED: dict[str, Sample] = {
    **{path: sample for path, sample in BELONGINGS.values()},  # noqa: C416 - the other key follows
    "households": lambda _, **changes: household(number="CA-2", **changes),
}
MAY_LIE_AHEAD = {
    # A decree names the day on which a division is opened or closed.
    ("divisions", "valid_from"),
    ("divisions", "valid_to"),
}


def _dates(schema: dict[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where dates stand in a schema of the OpenAPI document."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _dates(OPENAPI["components"]["schemas"][name], at)
    if schema.get("format") == "date":
        yield at
    for part in schema.get("anyOf", []):
        yield from _dates(part, at)
    for name, part in schema.get("properties", {}).items():
        yield from _dates(part, (*at, name))


def _recorded() -> set[tuple[str, ...]]:
    """Return (path, place of a date …) of everything that is recorded or amended."""
    found = set()
    for path, routes in OPENAPI["paths"].items():
        for method, route in routes.items():
            for kind, body in route.get("requestBody", {}).get("content", {}).items():
                records = method == "patch" or "201" in route["responses"]
                if records and "json" in kind:
                    thing = path.split("/")[2].partition(":")[0]
                    found |= {(thing, *place) for place in _dates(body["schema"])}
    return found


DATES = sorted(_recorded() - MAY_LIE_AHEAD)
TOMORROW, YEARS_AHEAD = "2020-10-02", "2031-06-30"


def ahead(place: tuple[str, ...], day: str) -> dict[str, Any]:
    """Return the change that sets a date; a period goes on being a year long."""
    if place[0] == "period":
        year, rest = int(day[:4]), day[4:]
        return {"period": {"from": f"{year - 1}{rest}", "to": day}}
    (name,) = place
    return {name: day}


def at_date(answer: httpx.Response, place: tuple[str, ...]) -> bool:
    pointers = {error["pointer"] for error in answer.json().get("errors", [])}
    return answer.status_code == 422 and bool(pointers & {f"/{place[0]}", "/period/to"})


def test_every_kind_of_record_with_dates_is_tried() -> None:
    assert {thing for thing, *_ in DATES} == set(CREATED)
    assert MAY_LIE_AHEAD - {("divisions", "valid_to")} <= _recorded()


@pytest.mark.parametrize("day", [TOMORROW, YEARS_AHEAD])
@pytest.mark.parametrize("date", DATES, ids=".".join)
async def test_requests(
    clerk: httpx.AsyncClient, household_id: str, date: tuple[str, ...], day: str
) -> None:
    thing, *place = date
    sample = CREATED[thing]
    change = ahead(tuple(place), day)
    refused = await clerk.post(f"/v1/{thing}", json=sample(household_id, **change))
    assert at_date(refused, tuple(place)), refused.text
    made = await clerk.post(f"/v1/{thing}", json=sample(household_id))
    assert made.status_code == 201, made.text
    headers = {**MERGE, "If-Match": made.headers["etag"]}
    amended = await clerk.patch(made.headers["location"], json=change, headers=headers)
    assert at_date(amended, tuple(place)), amended.text


COLUMNS = [
    pytest.param(sheet.name.value, column.header, id=f"{sheet.name.value}-{column.header}")
    for sheet in SHEETS
    for column in sheet.columns
    if isinstance(column.cell, Day)
]


@pytest.mark.parametrize(("sheet", "header"), COLUMNS)
async def test_sheets(drill: Desk, sheet: str, header: str) -> None:
    rows = everything()
    day = {header: YEARS_AHEAD}
    if header.startswith("期间"):
        day = {"期间起": "2030-01-01", "期间止": "2030-12-31"}
    rows[sheet] = [{**rows[sheet][0], **day}]
    done = await drill.import_sheets(rows, mode="each_row", dry_run="true")
    failed = [row for row in await drill.rows(done, outcome="failed") if row["sheet"] == sheet]
    columns = {problem["column"] for row in failed for problem in row["problems"]}
    assert columns & ({"期间止"} if header.startswith("期间") else {header})
