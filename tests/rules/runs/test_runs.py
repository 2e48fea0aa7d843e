"""A run over a city: what it counts, lists, explains, finds and exports."""

import asyncio
import io
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from services.rules.judging.columns import judge_division
from services.rules.runs import routes
from services.rules.runs.exports import WORKBOOK
from services.rules.runs.results import subjects
from services.rules.subjects import SubjectKind
from tests.rules.bureau import AS_OF, CITY, COUNTY, OTHER_COUNTY, Bureau

Judged = tuple[Bureau, dict[str, Any]]
WHOLE = "household.zero_out"
KINDS: tuple[SubjectKind, ...] = ("household", "village")


def counts_of(run: dict[str, Any], rule: str) -> dict[str, int]:
    totals = {one["rule"]: one["counts"] for one in run["results"]["totals"]}
    found: dict[str, int] = totals[rule]
    return found


async def test_totals_are_those_of_judging_the_city_at_once(judged: Judged) -> None:
    bureau, run = judged
    day = date.fromisoformat(AS_OF)
    release = await bureau.app.state.shelf.in_force(day)
    assert (run["release"], run["release_id"]) == (release.digest, str(release.id))
    for kind in KINDS:
        at_once = await judge_division(release.policy, bureau.registry, kind, CITY, day)
        assert run["counts"][f"{kind}s"] == at_once.outcomes.height > 300
        for rule in release.policy.plan(kind).deciding:
            outcomes = at_once.outcomes[rule]
            met, unknown = outcomes.sum(), outcomes.null_count()
            assert counts_of(run, rule) == {
                "met": met,
                "not_met": outcomes.len() - met - unknown,
                "undetermined": unknown,
            }
    assert run["results"]["outcomes"][0]["rule"] == "division.cleared"


async def test_the_parts_of_every_level_add_up(judged: Judged) -> None:
    bureau, run = judged
    results, path = run["results"], f"/v1/runs/{run['id']}"
    while results["children"]:
        sums = dict.fromkeys(("met", "not_met", "undetermined"), 0)
        for child in results["children"]:
            for name in sums:
                sums[name] += child["counts"][WHOLE][name]
        assert counts_of({"results": results}, WHOLE) == sums
        child = max(results["children"], key=lambda one: sum(one["counts"][WHOLE].values()))
        results = (await bureau.read(path, division=child["division"]))["results"]
        assert results["division"] == child["division"]
        assert results["outcomes"] == []
        assert results["cleared"] == child["cleared"]


async def test_subjects_are_listed_by_rule_and_outcome(judged: Judged) -> None:
    bureau, run = judged
    path = f"/v1/runs/{run['id']}/subjects"
    listed: list[str] = []
    for outcome in ("met", "not_met", "undetermined"):
        found = await bureau.everything(path, rule="household.housing", outcome=outcome)
        assert {one["outcome"] for one in found} == {outcome}
        assert len(found) == counts_of(run, "household.housing")[outcome] > 0
        listed += [one["id"] for one in found]
    assert len(set(listed)) == len(listed) == run["counts"]["households"]
    villages = await bureau.everything(path, kind="village", division=COUNTY)
    assert {one["id"][:6] for one in villages} == {COUNTY[:6]}
    assert all(one["id"] == one["village_code"] for one in villages)
    page = await bureau.read(path, outcome="undetermined", reasons="true", limit=5, count="true")
    assert page["total"] == counts_of(run, WHOLE)["undetermined"]
    assert all(one["reasons"][0]["outcome"] == "undetermined" for one in page["items"])
    assert any(one["missing_facts"] for one in page["items"])


async def test_an_explanation_is_built_anew_from_the_facts_kept(judged: Judged) -> None:
    bureau, run = judged
    path = f"/v1/runs/{run['id']}/subjects"
    for kind in KINDS:
        some = (await bureau.read(path, kind=kind, limit=20))["items"]
        for one in some:
            explained = await bureau.read(f"{path}/{kind}/{one['id']}")
            assert explained["agrees"], one
            rules = {rule["rule"]: rule["outcome"] for rule in explained["rules"]}
            assert rules[f"{kind}.zero_out"] == one["outcome"]


@pytest.mark.parametrize("listed", ["subjects", "flips"])
async def test_a_rule_that_the_run_does_not_know_is_refused(judged: Judged, listed: str) -> None:
    bureau, run = judged
    async with bureau.caller() as client:
        answer = await client.get(f"/v1/runs/{run['id']}/{listed}", params={"rule": "nope"})
    assert answer.status_code == 422, answer.text
    assert [error["code"] for error in answer.json()["errors"]] == ["unknown-rule"]
    assert await bureau.everything(f"/v1/runs/{run['id']}/flips", rule="village.uplift") == []


async def test_facts_that_are_not_there_end_an_explanation(
    judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau, run = judged
    monkeypatch.setattr(subjects, "rows_of", lambda *_: {})
    async with bureau.caller() as client, asyncio.timeout(10):
        answer = await client.get(f"/v1/runs/{run['id']}/subjects?reasons=true&limit=1")
    assert answer.json()["type"] == "urn:qingling:problem:internal-error"


async def test_findings_say_who_should_look_and_reject_nobody(judged: Judged) -> None:
    bureau, run = judged
    path = f"/v1/runs/{run['id']}/findings"
    villages = await bureau.everything(path, check="one_off_village")
    assert villages
    outcomes = counts_of(run, "village.cleared_without_one_off")
    assert len(villages) == outcomes["not_met"]
    assert villages[0]["words"]["zh"].endswith("应由记录人以外的人员核查，不得据此拒绝救助。")
    assert villages[0]["figures"]["one_off_income"].endswith(".00")
    only = await bureau.everything(path, division=COUNTY)
    assert {one["division"][:6] for one in only} <= {COUNTY[:6]}


async def test_the_list_is_exported_as_workbook_and_parquet(
    judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau, run = judged
    path = f"/v1/runs/{run['id']}/subjects"
    async with bureau.caller() as client:
        answer = await client.get(f"{path}.xlsx", params={"outcome": "not_met"})
        assert answer.status_code == 200, answer.text
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        sheet = rows.get_sheet_by_index(0).to_python()
        assert sheet[0][:3] == ["村代码", "对象", "编号"]
        assert len(sheet) == 1 + counts_of(run, WHOLE)["not_met"]
        assert {"达标", "未达标", "待判定"} >= set(sheet[1][3:-4])
        answer = await client.get(f"{path}.parquet", params={"kind": "village"})
        table = pl.read_parquet(io.BytesIO(answer.content))
        assert table.height == run["counts"]["villages"]
        assert table["village.uplift"].sum() == counts_of(run, "village.uplift")["met"]
        nobody = {"division": OTHER_COUNTY[:4] + "00000000"}
        assert (await client.get(f"{path}.parquet", params=nobody)).status_code == 404
        monkeypatch.setattr(routes, "WORKBOOK", replace(WORKBOOK, most=5))
        refused = await client.get(f"{path}.xlsx")
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:qingling:problem:export-too-large"
    assert "subjects.parquet" in refused.json()["detail"]


async def test_runs_are_found_by_what_they_are(judged: Judged) -> None:
    bureau, run = judged
    for narrow, found in (
        ({"division": CITY}, True),
        ({"state": "succeeded"}, True),
        ({"as_of": AS_OF}, True),
        ({"release": run["release_id"]}, True),
        ({"division": COUNTY}, False),
        ({"state": "failed"}, False),
    ):
        listed = [one["id"] for one in await bureau.everything("/v1/runs", **narrow)]
        assert (run["id"] in listed) is found, narrow


async def test_what_is_kept_is_small(judged: Judged) -> None:
    bureau, _ = judged
    async with bureau.database.session() as session:
        width = await session.scalar(text("SELECT avg(pg_column_size(o.*)) FROM run_outcomes o"))
    assert float(width or 0) < 300
