"""Who may ask for runs and read them: every route anonymous, out of scope, out of division, valid."""

from typing import Any

import pytest

from services.rules.scopes import Scope
from shared.testing.clients import client_of
from tests.rules.bureau import AS_OF, CITY, COUNTY, OTHER_COUNTY, Bureau

Judged = tuple[Bureau, dict[str, Any]]
TOWNSHIP = COUNTY[:6] + "100000"
READS = (
    "/v1/runs/{id}",
    "/v1/runs/{id}/subjects",
    "/v1/runs/{id}/subjects.xlsx",
    "/v1/runs/{id}/subjects.parquet",
    "/v1/runs/{id}/subjects/household/{household}",
    "/v1/runs/{id}/flips",
    "/v1/runs/{id}/flip-counts",
    "/v1/runs/{id}/findings",
)


async def addresses(bureau: Bureau, run: dict[str, Any]) -> list[str]:
    """Return every address of a run; the household is of COUNTY."""
    path = f"/v1/runs/{run['id']}/subjects"
    household = (await bureau.read(path, division=COUNTY, limit=1))["items"][0]["id"]
    return [address.format(id=run["id"], household=household) for address in READS]


async def test_every_read_asks_who_and_what_for(judged: Judged) -> None:
    bureau, run = judged
    lists = ["/v1/runs", f"/v1/outcomes?kind=village&id={COUNTY}"]
    async with client_of(bureau.app) as nobody, bureau.caller(CITY, Scope.RUNS_CREATE) as other:
        for address in [*await addresses(bureau, run), *lists]:
            assert (await nobody.get(address)).status_code == 401, address
            assert (await other.get(address)).status_code == 403, address


async def test_a_run_does_not_exist_for_another_division(judged: Judged) -> None:
    bureau, run = judged
    async with bureau.caller(OTHER_COUNTY) as outsider:
        for address in await addresses(bureau, run):
            assert (await outsider.get(address)).status_code == 404, address
        assert (await outsider.get("/v1/runs")).json()["items"] == []


@pytest.mark.parametrize("division", [CITY, COUNTY])
async def test_a_caller_reads_their_part_of_a_run(judged: Judged, division: str) -> None:
    bureau, run = judged
    async with bureau.caller(division, Scope.RUNS_READ) as reader:
        for address in await addresses(bureau, run):
            answer = await reader.get(address)
            assert answer.status_code == 200, (address, answer.text)
    listed = [one["id"] for one in await bureau.everything("/v1/runs", of=division)]
    assert listed == [run["id"]]
    seen = await bureau.everything(f"/v1/runs/{run['id']}/subjects", of=division)
    asked = await bureau.everything(f"/v1/runs/{run['id']}/subjects", division=division)
    assert seen == asked
    assert all(one["village_code"].startswith(division.rstrip("0")) for one in seen)
    shown = await bureau.read(f"/v1/runs/{run['id']}", of=division)
    assert shown["results"]["division"] == division


async def test_a_part_outside_is_not_shown(judged: Judged) -> None:
    bureau, run = judged
    narrow = {"division": "330106000000"}
    async with bureau.caller(COUNTY) as reader:
        for path in ("", "/subjects", "/flips", "/flip-counts", "/findings"):
            answer = await reader.get(f"/v1/runs/{run['id']}{path}", params=narrow)
            assert answer.status_code == 404, path


async def test_asking_needs_a_scope_a_division_and_sense(bureau: Bureau) -> None:
    body = {"division": COUNTY, "as_of": AS_OF}
    async with client_of(bureau.app) as nobody:
        assert (await nobody.post("/v1/runs", json=body)).status_code == 401
    async with bureau.caller(COUNTY, Scope.RUNS_READ) as reader:
        assert (await reader.post("/v1/runs", json=body)).status_code == 403
    async with bureau.caller(TOWNSHIP) as below:
        assert (await below.post("/v1/runs", json=body)).status_code == 404
    unknown = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
    async with bureau.caller() as province:
        for changes, status, code in (
            ({"division": "330127999000"}, 404, None),
            ({"release": unknown}, 404, None),
            ({"compare_with": unknown}, 404, None),
            ({"as_of": "2020-10-16"}, 422, "date-to-come"),
            ({"as_of": "lately"}, 422, "date-malformed"),
            ({"division": "33"}, 422, "division-not-twelve-digits"),
            ({"speed": "high"}, 422, None),
        ):
            answer = await province.post("/v1/runs", json=body | changes)
            assert answer.status_code == status, (changes, answer.text)
            if code is not None:
                assert answer.json()["errors"][0]["code"] == code


async def test_an_unfinished_run_shows_nothing(bureau: Bureau) -> None:
    asked = await bureau.ask(COUNTY)
    path = f"/v1/runs/{asked['id']}"
    shown = await bureau.read(path)
    assert (shown["state"], shown["results"], shown["counts"]) == ("queued", None, {})
    async with bureau.caller() as client:
        for inside in ("subjects", "flips", "flip-counts", "findings", "subjects.xlsx"):
            answer = await client.get(f"{path}/{inside}")
            assert answer.status_code == 409, inside
            assert f"/v1/jobs/{asked['id']}" in answer.json()["detail"]
        other = {"division": COUNTY, "as_of": AS_OF, "compare_with": asked["id"]}
        refused = await client.post("/v1/runs", json=other)
        assert refused.json()["errors"][0]["code"] == "run-not-comparable"
    async with bureau.caller(TOWNSHIP) as below:
        assert (await below.get(path)).status_code == 404
        assert (await below.get("/v1/runs")).json()["items"] == []
