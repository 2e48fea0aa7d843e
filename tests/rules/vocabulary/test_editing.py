"""Rules and parameters put back into their files change what they are to change, and nothing else."""

import difflib
from collections.abc import Mapping
from typing import Any

import pytest

from services.rules.engine.errors import PolicyError
from services.rules.vocabulary import BUILT_IN, build_policy, read_files
from services.rules.vocabulary.editing import (
    MAX_DEPTH,
    parameter_document,
    put_parameter,
    put_rule,
    remove_parameter,
    remove_rule,
    rule_document,
)
from services.rules.vocabulary.errors import EditRefused, FileTaken, NotInFiles

FILES = read_files(BUILT_IN)
POLICY = build_policy(FILES)
RULE = "household.housing"
CITATION = {"document": "（示例）", "article": "一", "source": "notice"}
NEW_RULE: dict[str, Any] = {
    "id": "household.warm",
    "subject": "household",
    "title": {"zh": "取暖", "en": "warm"},
    "citation": CITATION,
    "in_force": {"from": "2020-01-01"},
    "all_of": [
        {"title": {"zh": "够", "en": "enough"}, "value": "household_size >= 0\nAND only_home"}
    ],
}
NEW_PARAMETER: dict[str, Any] = {
    "name": "warm_days",
    "title": {"zh": "取暖天数", "en": "days of heating"},
    "unit": "days",
    "min": 0,
    "max": 366,
    "citation": CITATION,
    "values": [{"value": 90, "from": "2020-01-01", "citation": CITATION}],
}


def changed_lines(after: Mapping[str, str]) -> list[str]:
    """The lines taken out and put in, over all files."""
    return [
        line
        for path in sorted(FILES.keys() | after.keys())
        for line in difflib.ndiff(
            FILES.get(path, "").splitlines(), after.get(path, "").splitlines()
        )
        if line.startswith(("- ", "+ "))
    ]


@pytest.mark.parametrize("rule", POLICY.rules)
def test_every_rule_is_read_and_put_back_as_it_is(rule: str) -> None:
    document = rule_document(FILES, rule)
    assert put_rule(FILES, document) == FILES
    document["title"]["en"] += " (amended)"
    after = put_rule(FILES, document)
    assert rule_document(after, rule) == document
    assert len(changed_lines(after)) == 2


@pytest.mark.parametrize("name", POLICY.parameters)
def test_every_parameter_is_read_and_put_back_as_it_is(name: str) -> None:
    document = parameter_document(FILES, name)
    assert put_parameter(FILES, document) == FILES
    document["title"]["zh"] += "（修改）"
    after = put_parameter(FILES, document)
    assert parameter_document(after, name) == document
    assert len(changed_lines(after)) == 2


def test_a_later_value_is_one_more_line() -> None:
    document = parameter_document(FILES, "income_line")
    document["values"].append({"value": "9000.00", "from": "2021-01-01"})
    after = put_parameter(FILES, document)
    assert changed_lines(after) == ["+       - {value: '9000.00', from: 2021-01-01}"]
    assert build_policy(after).parameters["income_line"].values[-1].value == 900_000


def test_keys_and_conditions_come_and_go() -> None:
    document = rule_document(FILES, RULE)
    document["any_of"] = [*document.pop("all_of"), {"value": "household.water"}]
    document["in_force"]["to"] = "2030-12-31"
    after = put_rule(FILES, document)
    assert rule_document(after, RULE) == document
    document["any_of"] = [{"value": "household.water"}]
    assert rule_document(put_rule(after, document), RULE) == document


def test_comments_of_a_file_stay() -> None:
    path = "rules/shown/household/warm.yaml"
    text = put_rule(FILES, NEW_RULE)[path]
    commented = "# why it is so\n" + text.replace("all_of:", "# the only condition\nall_of:  # one")
    document = NEW_RULE | {
        "title": {"zh": "暖", "en": "warmth"},
        "in_force": {"from": "2021-01-01"},
    }
    after = put_rule({**FILES, path: commented}, document)[path]
    assert [line for line in after.splitlines() if "#" in line] == [
        "# why it is so",
        "# the only condition",
        "all_of:  # one",
    ]
    assert rule_document({path: after}, "household.warm") == document


def test_new_rules_and_parameters_get_files_of_their_own() -> None:
    after = put_parameter(put_rule(FILES, NEW_RULE, "eligibility"), NEW_PARAMETER)
    assert after.keys() - FILES.keys() == {
        "rules/eligibility/household/warm.yaml",
        "parameters/warm_days.yaml",
    }
    policy = build_policy(after)
    assert policy.rules["household.warm"].family == "eligibility"
    assert rule_document(after, "household.warm") == NEW_RULE
    assert parameter_document(after, "warm_days") == NEW_PARAMETER
    assert remove_parameter(remove_rule(after, "household.warm"), "warm_days") == FILES


def test_a_rule_goes_with_its_cases_and_a_parameter_alone() -> None:
    gone = FILES.keys() - remove_rule(FILES, RULE).keys()
    assert gone == {
        f"rules/zero_out/household/housing{suffix}" for suffix in (".yaml", ".cases.yaml")
    }
    lines = changed_lines(remove_parameter(FILES, "village_total_line"))
    assert all(line.startswith("- ") for line in lines)
    assert len(lines) == 8


def test_an_unusual_layout_is_written_anew() -> None:
    path = "rules/zero_out/household/housing.yaml"
    document = rule_document(FILES, RULE)
    odd = {**FILES, path: str(document).replace("'id'", "id")}
    assert rule_document(odd, RULE) == document
    document["title"] = {"zh": "房", "en": "home"}
    assert rule_document(put_rule(odd, document), RULE) == document


def test_files_that_cannot_be_read_are_passed_over() -> None:
    broken = {"rules/a.yaml": f"id: [{RULE}", "parameters/a.yaml": "income_line: {", **FILES}
    assert rule_document(broken, RULE) == rule_document(FILES, RULE)
    assert parameter_document(broken, "income_line") == parameter_document(FILES, "income_line")


def test_what_is_not_there_is_not_found() -> None:
    for use_rule in (rule_document, remove_rule):
        with pytest.raises(NotInFiles):
            use_rule(FILES, "household.nothing")
    for use_parameter in (parameter_document, remove_parameter):
        with pytest.raises(NotInFiles):
            use_parameter(FILES, "nothing")


def _nested(depth: int) -> object:
    return {"deeper": _nested(depth - 1)} if depth else "end"


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), None, 10**18, [], {}, _nested(MAX_DEPTH), [None]]
)
def test_values_that_yaml_would_not_give_back_are_refused(value: object) -> None:
    with pytest.raises(EditRefused, match="cannot be written"):
        put_rule(FILES, NEW_RULE | {"all_of": value})
    with pytest.raises(EditRefused, match="cannot be written"):
        put_parameter(FILES, NEW_PARAMETER | {"values": value})


@pytest.mark.parametrize("name", ["household", "../x.y", "household.WARM", "", 5, True, ["a.b"]])
def test_a_rule_needs_a_proper_name(name: object) -> None:
    with pytest.raises(PolicyError):
        put_rule(FILES, NEW_RULE | {"id": name})


@pytest.mark.parametrize("text", ["#: - |", "'\"", "yes", "1e3", "  ", "a: b"])
def test_any_text_is_written_as_text(text: str) -> None:
    after = put_rule(FILES, NEW_RULE | {"note": text})
    after["rules/shown/household/warm.yaml"].encode()


@pytest.mark.parametrize("text", ["\ud800", "a\x00", "\x07"])
def test_half_a_character_and_control_characters_are_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        put_rule(FILES, NEW_RULE | {"note": text})


def test_another_files_place_is_not_taken() -> None:
    taken = {"rules/shown/household/warm.yaml": "x: 1", "parameters/warm_days.yaml": "x: 1"}
    with pytest.raises(FileTaken):
        put_rule(taken, NEW_RULE)
    with pytest.raises(FileTaken):
        put_parameter(taken, NEW_PARAMETER)
