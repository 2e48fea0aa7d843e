"""A check finds every mistake, each at its place, and none that only follows from another."""

import httpx

from services.rules.engine import EngineError
from services.rules.releases.checking import FOLLOWS, MAX_ERRORS, check
from services.rules.vocabulary.errors import DeclarationError
from shared.values.words import words_in
from tests.rules.releases.conftest import Releases
from tests.rules.releases.policies import (
    FACTS,
    FILES,
    HOME,
    HOME_PATH,
    INCOME,
    INCOME_PATH,
    LINES,
    LINES_PATH,
)

HOME_CASES_PATH = HOME_PATH.replace(".yaml", ".cases.yaml")
BOTH = HOME.replace("household.home", "household.both").replace(
    "value: safe", "value: household.income"
)


NOTHING_UNKNOWN: dict[str, list[str]] = {"missing": [], "stale": [], "later": [], "undated": []}


def found(files: dict[str, str]) -> list[tuple[str, str]]:
    """The place and the code of each error."""
    return [(str(error.place), error.code) for error in check(files).errors]


def test_a_policy_in_order_passes() -> None:
    result = check(FILES)
    assert (result.passed, result.cases, result.errors, result.failing) == (True, 9, [], [])


def test_every_file_with_a_mistake_is_named() -> None:
    files = FILES | {
        INCOME_PATH: INCOME.replace("income >=", "incme >="),
        HOME_PATH: HOME.replace("value: safe", "value: safe +"),
        "rules/zero_out/village/strong.yaml": "id: [",
    }
    assert found(files) == [
        (f"{HOME_PATH}:8:17", "expression-syntax"),
        ("rules/zero_out/village/strong.yaml:2:1", "policy-file-unreadable"),
        (f"{INCOME_PATH}:8:12", "unknown-fact"),
    ]


def test_what_may_follow_is_named_by_codes_that_there_are() -> None:
    known = {*words_in(EngineError.file), *words_in(DeclarationError.file)}
    assert frozenset().union(*FOLLOWS.values()) <= known


def test_what_follows_from_a_mistake_is_not_reported() -> None:
    broken_rule = FILES | {
        INCOME_PATH: INCOME.replace("income >=", "incme >="),
        "rules/zero_out/household/both.yaml": BOTH,
    }
    assert [code for _, code in found(broken_rule)] == ["unknown-fact"]
    broken_line = FILES | {LINES_PATH: LINES.replace("8000.00", "8000")}
    assert found(broken_line) == [(f"{LINES_PATH}:10:17", "policy-value")]
    broken_facts = FILES | {"facts/household.yaml": FACTS.replace("money", "gold")}
    assert [code for _, code in found(broken_facts)] == ["policy-value"]


def test_rules_in_a_circle_do_not_hide_what_else_is_wrong() -> None:
    files = FILES | {
        HOME_PATH: HOME.replace("value: safe", "value: household.both"),
        "rules/zero_out/household/both.yaml": BOTH.replace("household.income", "household.home"),
        LINES_PATH: LINES.replace("8000.00", "8000"),
    }
    assert [code for _, code in found(files)] == ["policy-value", "rule-cycle"]


def test_mistakes_in_cases_are_found_beside_each_other() -> None:
    files = FILES | {
        HOME_CASES_PATH: FILES[HOME_CASES_PATH].replace("safe: true", "secure: true"),
        INCOME_PATH.replace(".yaml", ".cases.yaml"): "rule: household.nothing\n",
    }
    assert [code for _, code in found(files)] == ["case-refused", "case-refused"]


def test_rules_without_cases_and_failing_cases_are_named() -> None:
    files = {path: text for path, text in FILES.items() if path != HOME_CASES_PATH}
    assert found(files) == [(f"{HOME_PATH}:1:5", "rule-without-cases")] * 3
    result = check(FILES | {HOME_PATH: HOME.replace("value: safe", "value: NOT safe")})
    assert [failing.case.title for failing in result.failing] == ["safe", "unsafe"]
    assert not result.passed


def test_a_check_ends_however_much_is_wrong() -> None:
    files = FILES | {f"rules/zero_out/household/r{n}.yaml": "id: [" for n in range(200)}
    assert len(check(files).errors) == MAX_ERRORS


def test_no_files_are_no_policy() -> None:
    assert check({}).passed
    assert found({"rules/a.yaml": "id: a.b\nsubject: household"}) == [
        ("rules/a.yaml:2:10", "policy-value")
    ]


async def test_the_check_is_answered_in_the_language_asked(
    releases: Releases, province: httpx.AsyncClient
) -> None:
    draft = await releases.put(await releases.draft(), HOME_PATH, HOME.replace("safe\n", "saef\n"))
    address = f"/v1/releases/{draft['id']}:check"
    answer = await province.post(address, headers={"Accept-Language": "en"})
    body = answer.json()
    assert (body["passed"], body["rules"]) == (False, None)
    error = body["errors"][0]
    assert (error["file"], error["line"], error["column"]) == (HOME_PATH, 8, 12)
    assert (error["code"], error["detail"][:7]) == ("unknown-fact", "no fact")
    chinese = (await province.post(address)).json()["errors"][0]["detail"]
    assert chinese.startswith("事实字典")
    draft = await releases.put(draft, HOME_PATH, HOME.replace("value: safe", "value: NOT safe"))
    failing = (await province.post(address)).json()["failing_cases"][0]
    assert (failing["rule"], failing["title"]) == ("household.home", "safe")
    assert failing["expected"] == {"outcome": "met", **NOTHING_UNKNOWN}
    assert failing["answered"] == {"outcome": "not_met", **NOTHING_UNKNOWN}
