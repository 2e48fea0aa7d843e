"""What-ifs over HTTP: facts supposed, a reform, and whom it touches."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.rules.releases.shelf import Shelf
from services.rules.what_ifs.variants import Variants
from tests.rules.conftest import COUNTY, VILLAGE
from tests.rules.fakes import FakeRegistry

AS_OF = "2020-09-15"
TOWNSHIP = "330127100000"
OTHER_TOWNSHIP = "330127101000"
OTHER_VILLAGE = "330127101201"
ELSEWHERE = "330324000000"
IN_C, IN_A, FAR, UNKNOWN = (f"0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0{i}" for i in range(4))
STRICT = """title: B 级也不算安全
rules:
  household.housing:
    all_of:
      - title: {zh: 唯一住房为 A 级, en: the only home is grade A}
        value: NOT (housing_grade IN ('B', 'C', 'D') AND only_home)
"""
CallerMaker = Callable[..., httpx.AsyncClient]


@pytest.fixture(autouse=True)
def recorded(registry: FakeRegistry) -> None:
    registry.record("household", IN_C, VILLAGE, housing_grade="C", only_home=True)
    registry.record("household", IN_A, VILLAGE, housing_grade="A", only_home=True)
    registry.record("household", FAR, OTHER_VILLAGE, housing_grade="B", only_home=True)
    registry.record("household", UNKNOWN, OTHER_VILLAGE)
    registry.record("village", VILLAGE, VILLAGE)


def household(subject_id: str) -> dict[str, str]:
    return {"kind": "household", "id": subject_id}


async def suppose(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    headers = {"Accept-Language": "en"}
    answer = await client.post("/v1/what-ifs", json={"as_of": AS_OF} | asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def impacts(found: dict[str, Any]) -> dict[str, Any]:
    return {one["rule"]: one for one in found["rules"]}


async def test_a_reform_over_a_county_says_whom_it_touches_and_where(
    province: httpx.AsyncClient,
) -> None:
    found = await suppose(
        province, division=COUNTY, subject_kind="household", changes={"reform": STRICT}
    )
    assert found["title"] == "B 级也不算安全"
    assert found["variant"] != found["release"]
    assert (found["subjects"], found["flipped"]) == (4, 1)
    housing = impacts(found)["household.housing"]
    assert housing["before"] == {"met": 2, "not_met": 1, "undetermined": 1}
    assert housing["after"] == {"met": 1, "not_met": 2, "undetermined": 1}
    assert housing["flips"] == [{"before": "met", "after": "not_met", "subjects": 1}]
    assert impacts(found)["household.food"]["flips"] == []
    children = {one["division"]["code"]: one for one in found["children"]}
    assert {code: one["flipped"] for code, one in children.items()} == {
        TOWNSHIP: 0,
        OTHER_TOWNSHIP: 1,
    }
    there = impacts(children[OTHER_TOWNSHIP])["household.housing"]
    assert there["before"] == {"met": 1, "not_met": 0, "undetermined": 1}
    assert there["flips"] == housing["flips"]
    assert {
        "kind": "household",
        "id": FAR,
        "village_code": OTHER_VILLAGE,
        "rule": "household.housing",
        "before": "met",
        "after": "not_met",
    } in found["flips"]
    assert not found["truncated"]
    assert found["explained"] is None


async def test_json_says_the_same_as_yaml(province: httpx.AsyncClient) -> None:
    target = {"division": COUNTY, "subject_kind": "household", "rules": ["household.income_line"]}
    text = 'title: up\nparameters:\n  income_line:\n    values: [{value: "9000.00", from: 2020-01-01}]\n'
    structured = {
        "title": "up",
        "parameters": {"income_line": {"values": [{"value": "9000.00", "from": "2020-01-01"}]}},
    }
    first = await suppose(province, **target, changes={"reform": text})
    second = await suppose(province, **target, changes={"reform": structured})
    assert first == second


async def test_nothing_supposed_flips_nothing(province: httpx.AsyncClient) -> None:
    for changes in ({}, {"reform": "title: nothing"}, {"reform": {"title": "nothing"}}):
        found = await suppose(province, division=COUNTY, subject_kind="household", changes=changes)
        assert found["variant"] == found["release"]
        assert found["flips"] == []
        assert all(one["before"] == one["after"] for one in found["rules"])


async def test_one_subject_is_explained_before_and_after(province: httpx.AsyncClient) -> None:
    changes = {"facts": {"housing_grade": {"value": "A"}}}
    rules = ["household.housing"]
    found = await suppose(province, subject=household(IN_C), changes=changes, rules=rules)
    assert list(impacts(found)) == rules
    before, after = found["explained"]["before"], found["explained"]["after"]
    assert [one["outcome"] for one in (*before, *after)] == ["not_met", "met"]
    change = before[0]["smallest_change"]
    assert change["fact"] in ("housing_grade", "only_home")
    assert "from" in change["text"]
    assert found["flips"][0]["id"] == IN_C


async def test_facts_may_be_given_and_withdrawn(province: httpx.AsyncClient) -> None:
    found = await suppose(
        province,
        subject_kind="household",
        division=VILLAGE,
        facts={
            "housing_grade": {"value": "A", "date": "2020-09-01"},
            "only_home": {"value": True, "date": "2020-09-01"},
        },
        changes={"facts": {"housing_grade": None}},
        rules=["household.housing"],
    )
    assert found["flips"][0] == {
        "kind": "household",
        "id": None,
        "village_code": VILLAGE,
        "rule": "household.housing",
        "before": "met",
        "after": "undetermined",
    }


async def test_many_subjects_each_get_their_place(caller: CallerMaker) -> None:
    missing = str(uuid4())
    subjects = [household(one) for one in (IN_C, FAR, missing)] + [
        {"kind": "village", "id": VILLAGE}
    ]
    found = await suppose(caller(division=TOWNSHIP), subjects=subjects, changes={"reform": STRICT})
    assert found["subjects"] == 2
    assert [one["id"] for one in found["not_judged"]] == [FAR, missing]
    assert {rule.split(".")[0] for rule in impacts(found)} == {"household", "village"}


async def test_a_whole_division_may_be_supposed_repaired(province: httpx.AsyncClient) -> None:
    found = await suppose(
        province,
        division=VILLAGE,
        subject_kind="household",
        changes={"facts": {"housing_grade": {"value": "A"}}},
        rules=["household.housing"],
    )
    assert [(one["id"], one["after"]) for one in found["flips"]] == [(IN_C, "met")]
    assert found["children"] == []


async def test_the_list_of_flips_is_bounded(province: httpx.AsyncClient) -> None:
    target = {"division": COUNTY, "subject_kind": "household", "rules": ["household.housing"]}
    changes = {"facts": {"housing_grade": None}}
    found = await suppose(province, **target, changes=changes, limit=1)
    assert (len(found["flips"]), found["truncated"], found["flipped"]) == (1, True, 3)
    found = await suppose(province, **target, changes=changes, limit=0)
    assert (found["flips"], found["truncated"]) == ([], True)
    found = await suppose(province, **target, changes=changes, limit=3)
    assert (len(found["flips"]), found["truncated"]) == (3, False)


async def test_families_narrow_and_rules_add_to_them(province: httpx.AsyncClient) -> None:
    found = await suppose(
        province, subject=household(IN_C), families=["zero_out"], rules=["household.dibao"]
    )
    assert {"household.zero_out", "household.dibao"} <= impacts(found).keys()
    assert "household.one_head" not in impacts(found)
    assert [one["rule"] for one in found["explained"]["after"]] == list(impacts(found))


async def test_added_and_removed_rules_have_one_side_only(province: httpx.AsyncClient) -> None:
    reform = (
        "title: x\nrules:\n  household.one_head: null\n  household.warmth:\n"
        "    {subject: household, title: {zh: 一, en: one}, in_force: {from: 2020-01-01},"
        " all_of: [{value: household.housing}]}\n"
    )
    found = impacts(
        await suppose(
            province, division=COUNTY, subject_kind="household", changes={"reform": reform}
        )
    )
    assert found["household.one_head"]["after"] is None
    assert found["household.warmth"]["before"] is None
    assert found["household.warmth"]["after"]["met"] == 2
    assert found["household.warmth"]["title"] == {"zh": "一", "en": "one"}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "one-target"),
        ({"subject": household(IN_C), "subjects": [household(IN_C)]}, 422, "one-target"),
        ({"division": COUNTY}, 422, "one-target"),
        ({"subject_kind": "household"}, 422, "one-target"),
        ({"subject_kind": "division", "division": COUNTY}, 422, "division-without-facts"),
        ({"subjects": []}, 422, "too-short"),
        ({"subject": household(str(uuid4()))}, 404, None),
        ({"subject": household(IN_C), "rules": ["household.luck"]}, 422, "unknown-rule"),
        ({"subject": household(IN_C), "release": str(uuid4())}, 404, None),
        ({"subject": household(IN_C), "limit": 1001}, 422, "less-than-equal"),
        ({"subject_kind": "household", "division": "330183000000"}, 404, None),
    ],
)
async def test_a_bad_question_is_refused(
    province: httpx.AsyncClient, asked: dict[str, Any], status: int, code: str | None
) -> None:
    answer = await province.post("/v1/what-ifs", json={"as_of": AS_OF} | asked)
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize("target", [{"subject": household(IN_C)}, {"subjects": [household(IN_C)]}])
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"luck": {"value": True}}, "fact-undeclared"),
        ({"luck": None}, "fact-undeclared"),
        ({"housing_grade": {"value": "E"}}, "fact-value"),
        ({"housing_grade": {"value": 1.5}}, None),
    ],
)
async def test_a_supposed_fact_is_checked(
    province: httpx.AsyncClient, target: dict[str, Any], facts: dict[str, Any], code: str | None
) -> None:
    asked = {"as_of": AS_OF, **target, "changes": {"facts": facts}}
    answer = await province.post("/v1/what-ifs", json=asked)
    assert answer.status_code == 422, answer.text
    if code is not None:
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/changes/facts/{next(iter(facts))}", code)


async def test_a_given_fact_is_refused_by_its_name(province: httpx.AsyncClient) -> None:
    asked = {"as_of": AS_OF, "subject_kind": "household", "division": VILLAGE}
    answer = await province.post("/v1/what-ifs", json=asked | {"facts": {"luck": {"value": 1}}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/facts/luck", "fact-undeclared")


async def test_a_refused_reform_is_placed_by_line_or_by_member(province: httpx.AsyncClient) -> None:
    asked = {"as_of": AS_OF, "subject": household(IN_C)}
    text = STRICT.replace("only_home)", "(SELECT 1))")
    answer = await province.post("/v1/what-ifs", json=asked | {"changes": {"reform": text}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/changes/reform", "expression-construct")
    assert error["detail"].startswith("reform.yaml:6:")
    assert answer.json()["place"]["line"] == 6
    structured = {
        "title": "x",
        "parameters": {"income_line": {"values": [{"value": 9000.5, "from": "2020-01-01"}]}},
    }
    answer = await province.post("/v1/what-ifs", json=asked | {"changes": {"reform": structured}})
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/changes/reform/parameters/income_line/values/0/value"


@pytest.mark.parametrize(
    "content",
    [
        b'{"title": "x", "rules": {"household.housing": NaN}}',
        b'{"title": "\\ud800"}',
        b'{"title": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"title": 1e999}',
        b'{"title": ' + b"9" * 5000 + b"}",
        b'{"' + b"k" * 5000 + b'": 1}',
        b"[]",
        b"1",
        b'"title: !!python/object/apply:os.system [ls]"',
    ],
)
async def test_nothing_that_is_sent_as_a_reform_fails_inside(
    province: httpx.AsyncClient, content: bytes
) -> None:
    body = (
        b'{"as_of": "2020-09-15", "subject": {"kind": "household", "id": "'
        + IN_C.encode()
        + b'"}, "changes": {"reform": '
        + content
        + b"}}"
    )
    headers = {"Content-Type": "application/json"}
    answer = await province.post("/v1/what-ifs", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text[:200]
    assert answer.json()["type"].startswith("urn:qingling:problem:")


@pytest.mark.parametrize("reform", [[], 1, True, "x" * 200_001])
async def test_what_is_neither_text_nor_object_is_no_reform(
    province: httpx.AsyncClient, reform: object
) -> None:
    asked = {"as_of": AS_OF, "subject": household(IN_C), "changes": {"reform": reform}}
    answer = await province.post("/v1/what-ifs", json=asked)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/changes/reform", "reform")
    assert "200000" in error["detail"]


async def test_who_may_ask(caller: CallerMaker, nobody: httpx.AsyncClient) -> None:
    asked = {"as_of": AS_OF, "subject": household(IN_C)}
    county = {"as_of": AS_OF, "division": COUNTY, "subject_kind": "household"}
    assert (await nobody.post("/v1/what-ifs", json=asked)).status_code == 401
    unscoped = caller("evaluations:create")
    assert (await unscoped.post("/v1/what-ifs", json=asked)).status_code == 403
    outside = caller("what-ifs:create", division=ELSEWHERE)
    assert (await outside.post("/v1/what-ifs", json=asked)).status_code == 404
    assert (await outside.post("/v1/what-ifs", json=county)).status_code == 404
    inside = caller("what-ifs:create", division=COUNTY)
    assert (await inside.post("/v1/what-ifs", json=asked)).status_code == 200


async def test_variants_are_made_once_and_few_are_kept(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.rules.what_ifs.variants.KEPT", 2)
    variants, base = Variants(), await shelf.in_force(date.fromisoformat(AS_OF))
    first = await variants.of(shelf, base, "title: x")
    assert await variants.of(shelf, base, "title: x") is first
    for number in range(2):
        await variants.of(shelf, base, f"title: x{number}")
    assert await variants.of(shelf, base, "title: x") is not first


@pytest.mark.parametrize(
    "target",
    [
        {"division": COUNTY, "subject_kind": "village"},
        {"division": COUNTY, "subject_kind": "household"},
    ],
)
async def test_rules_about_others_flip_nothing(
    province: httpx.AsyncClient, target: dict[str, Any]
) -> None:
    found = await suppose(province, **target, rules=["province.zero_out"])
    assert (found["rules"], found["flips"]) == ([], [])
    assert found["subjects"] > 0


def raised(value: str, start: str, **more: str) -> dict[str, Any]:
    written = {"value": value, "from": start} | more
    return {"reform": {"title": "line", "parameters": {"income_line": {"values": [written]}}}}


SIZE = {"household_size": {"value": 3, "date": "2030-01-01"}}


@pytest.mark.parametrize(
    ("changes", "rules", "pointer", "why"),
    [
        ({}, ["household.food"], "/changes", "nothing_changed"),
        (
            raised("9000.00", "2030-01-01"),
            ["household.income_line"],
            "/changes/reform/parameters/income_line",
            "begins_after",
        ),
        (
            raised("8000.00", "2020-01-01"),
            ["household.income_line"],
            "/changes/reform/parameters/income_line",
            "equal",
        ),
        (
            raised("9000.00", "2020-01-01", division="331102000000"),
            ["household.income_line"],
            "/changes/reform/parameters/income_line",
            "no_subject",
        ),
        (
            raised("9000.00", "2020-01-01"),
            ["household.food"],
            "/changes/reform/parameters/income_line",
            "not_used",
        ),
        (
            {"facts": SIZE},
            ["household.income_line"],
            "/changes/facts/household_size",
            "begins_after",
        ),
        (
            {"facts": {"cars": {"value": 1}}},
            ["household.food"],
            "/changes/facts/cars",
            "not_used",
        ),
    ],
)
async def test_a_change_that_changes_nothing_says_so_and_why(
    province: httpx.AsyncClient, changes: dict[str, Any], rules: list[str], pointer: str, why: str
) -> None:
    for target in ({"division": COUNTY, "subject_kind": "household"}, {"subject": household(IN_C)}):
        found = await suppose(province, **target, changes=changes, rules=rules)
        [one] = found["without_effect"]
        assert (one["pointer"], one["code"]) == (pointer, why)
        assert one["detail"]["zh"]
        assert one["detail"]["en"]
        if why != "begins_after" or "reform" in changes:
            assert found["flipped"] == 0


async def test_a_change_with_an_effect_is_not_called_one_without(
    province: httpx.AsyncClient,
) -> None:
    found = await suppose(
        province, division=COUNTY, subject_kind="household", changes={"reform": STRICT}
    )
    assert found["without_effect"] == []
