"""``/v1/rules``, ``/v1/parameters``, ``/v1/dictionary`` and the differences of releases, over HTTP."""

import io
from datetime import date

import httpx
import pytest
from python_calamine import CalamineWorkbook

from services.rules.releases.shelf import Shelf
from shared.web.negotiation import HTML
from tests.rules.conftest import CallerMaker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ON = {"as_of": "2020-10-15"}
PATHS = (
    "/v1/rules",
    "/v1/rules/household.water",
    "/v1/parameters/income_line",
    "/v1/dictionary",
)


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_and_somebody_without_the_scope_read_nothing(
    path: str, nobody: httpx.AsyncClient, caller: CallerMaker
) -> None:
    assert (await nobody.get(path, params=ON)).status_code == 401
    assert (await caller("boards:read").get(path, params=ON)).status_code == 403


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_asked_wrongly_is_refused(path: str, province: httpx.AsyncClient) -> None:
    for params, status in (
        ({}, 422),
        ({"as_of": "2020-13-01"}, 422),
        ({**ON, "colour": "red"}, 400),
        ({**ON, "release": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"}, 404),
    ):
        answer = await province.get(path, params=params)
        assert answer.status_code == status, answer.text
        assert answer.json()["type"].startswith("urn:qingling:problem:")


async def test_a_rule_with_the_values_in_force(province: httpx.AsyncClient) -> None:
    rule = (await province.get("/v1/rules/household.income_line", params=ON)).json()
    assert rule["title"]["zh"] == "年家庭人均收入达到 8000 元（不含一次性收入）"
    assert rule["citation"] == {
        "document": "浙委办发〔2020〕29号",
        "article": "二（一）",
        "source": "policy",
    }
    [condition] = rule["conditions"]
    assert condition["expression"] == "household.stable_net_income >= household_size * :income_line"
    assert "8000.00元" in condition["sentence"]["zh"]
    assert "household.zero_out" in rule["used_by"]
    assert rule["refers_to"] == ["household.stable_net_income"]
    assert {case["outcome"] for case in rule["cases"]} == {"met", "not_met", "undetermined"}
    line = next(each for each in rule["parameters"] if each["name"] == "income_line")
    assert (line["value"], line["in_force_from"]) == ("8000.00", "2020-01-01")


async def test_before_the_policy_nothing_is_in_force(province: httpx.AsyncClient) -> None:
    early = {"as_of": "2019-12-31"}
    rule = (await province.get("/v1/rules/household.income_line", params=early)).json()
    assert rule["in_force"] is False
    line = next(each for each in rule["parameters"] if each["name"] == "income_line")
    assert (line["value"], line["words"]["zh"]) == (None, "当日无有效值")


async def test_values_follow_the_division(province: httpx.AsyncClient) -> None:
    sheet = (await province.get("/v1/parameters/dibao_monthly_standard", params=ON)).json()
    county = next(value for value in sheet["values"] if value["division"])
    asked = {"as_of": county["in_force_from"], "division": county["division"]}
    rule = (await province.get("/v1/rules/household.dibao", params=asked)).json()
    standard = next(each for each in rule["parameters"] if each["name"] == "dibao_monthly_standard")
    assert (standard["value"], standard["division"]) == (county["value"], county["division"])


async def test_the_whole_release_and_its_families(province: httpx.AsyncClient) -> None:
    book = (await province.get("/v1/rules", params=ON)).json()
    names = [rule["rule"] for rule in book["rules"]]
    assert len(names) == len(set(names)) > 20
    for family in ("zero_out", "eligibility", "risk", "quality"):
        part = (await province.get("/v1/rules", params={**ON, "family": family})).json()
        assert {rule["family"] for rule in part["rules"]} == {family}
    villages = (await province.get("/v1/rules", params={**ON, "subject": "village"})).json()
    assert all(rule["rule"].startswith("village.") for rule in villages["rules"])


@pytest.mark.parametrize("path", PATHS[:2])
async def test_pages_are_chinese_and_need_nothing_from_elsewhere(
    path: str, province: httpx.AsyncClient
) -> None:
    answer = await province.get(path, params=ON, headers={"Accept": f"{HTML},*/*;q=0.5"})
    assert answer.headers["content-type"].startswith(HTML)
    assert "饮水安全有保障" in answer.text
    assert "T/CHES 18-2018" in answer.text
    assert "://" not in answer.text


async def test_the_table_is_a_workbook(province: httpx.AsyncClient) -> None:
    answer = await province.get("/v1/rules", params=ON, headers={"Accept": XLSX})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    heading, *body = rows.to_python()
    assert heading[0] == "规则编号"
    book = (await province.get("/v1/rules", params=ON)).json()
    assert [row[0] for row in body] == [rule["rule"] for rule in book["rules"]]


async def test_a_format_that_is_not_offered_is_refused(province: httpx.AsyncClient) -> None:
    answer = await province.get("/v1/rules", params=ON, headers={"Accept": "text/csv"})
    assert answer.status_code == 406
    assert answer.json()["type"].endswith("not-acceptable")


async def test_the_dictionary_declares_every_fact(province: httpx.AsyncClient) -> None:
    found = (await province.get("/v1/dictionary", params=ON)).json()["subjects"]
    facts = {fact["name"]: fact for fact in found["household"]}
    assert facts["wages_income"]["type"] == "money"
    assert (facts["wages_income"]["min"], facts["household_size"]["min"]) == ("0.00", 1)
    assert [code["code"] for code in facts["housing_grade"]["codes"]] == ["A", "B", "C", "D"]
    assert facts["signed_off"]["stated_by"] == "asker"


async def test_an_unknown_name_is_not_found(province: httpx.AsyncClient) -> None:
    for path in ("/v1/rules/household.nothing", "/v1/parameters/nothing"):
        assert (await province.get(path, params=ON)).status_code == 404
    for path in ("/v1/rules/nothing", "/v1/parameters/No-Thing"):
        assert (await province.get(path, params=ON)).status_code == 422


async def test_a_release_does_not_differ_from_itself(
    province: httpx.AsyncClient, nobody: httpx.AsyncClient, shelf: Shelf, caller: CallerMaker
) -> None:
    release = await shelf.in_force(date(2020, 10, 15))
    path, params = f"/v1/releases/{release.id}/differences", {"since": str(release.id)}
    assert (await nobody.get(path, params=params)).status_code == 401
    assert (await caller("boards:read").get(path, params=params)).status_code == 403
    found = (await province.get(path, params=params)).json()
    assert found == {"since": release.digest, "release": release.digest, "differences": []}
    page = await province.get(path, params=params, headers={"Accept": HTML})
    assert "两个版本内容相同" in page.text
    assert (await province.get(path)).status_code == 422
