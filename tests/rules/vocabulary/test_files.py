"""One malformed file for each error: refused with its code, at its line and column."""

import pytest

from services.rules.engine import EngineError, PolicyError
from services.rules.parquet import TaskError
from services.rules.vocabulary import build_policy, read_cases, require_cases
from services.rules.vocabulary.errors import DeclarationError
from shared.values.words import words_in
from tests.rules.engine.policies import condition, files, rule, value

FACTS, PARAMETERS, RULE = "facts/household.yaml", "parameters/all.yaml", "rules/rule.yaml"
CASES = "rules/rule.cases.yaml"
GOOD = files(rule=condition("ill"))
GOOD[CASES] = """rule: household.rule
as_of: 2020-10-01
cases:
  - title: ill
    facts: {ill: true}
    outcome: met
"""


def refusal(file: str, text: str) -> PolicyError:
    with pytest.raises(PolicyError) as failure:
        read({**GOOD, file: text})
    return failure.value


def read(texts: dict[str, str]) -> None:
    policy = build_policy(texts)
    require_cases(policy, read_cases(policy, texts))


def replaced(file: str, old: str, new: str) -> str:
    assert old in GOOD[file], old
    return GOOD[file].replace(old, new, 1)


VALUE_2021 = '{value: "9000.00", from: 2021-01-01}'
FOLDED = "all_of:\n  - title: {zh: 条件, en: condition}\n    value: ill\n      AND poor\n"
ONLY_TITLE = "all_of:\n  - title: {zh: 条件, en: condition}\n"
UNTITLED = "all_of:\n  - value: ill\n"


@pytest.mark.parametrize(
    ("file", "text", "code", "line", "column"),
    [
        (FACTS, "subject: [household", "policy-file-unreadable", 2, 1),
        (FACTS, "", "policy-file-unreadable", 1, 1),
        (FACTS, "[" * 50 + "]" * 50, "policy-file-unreadable", 1, 13),
        (FACTS, "a: &x 1\nb: *x", "policy-anchor", 1, 4),
        (FACTS, "- one\n- two", "policy-value", 1, 1),
        (FACTS, "subject: household", "policy-key-missing", 1, 1),
        (
            FACTS,
            replaced(FACTS, "{name: ill,", "{name: ill, colour: red,"),
            "policy-key-unknown",
            8,
            17,
        ),
        (FACTS, "subject: a\nsubject: b\nfacts: []", "policy-key-repeated", 2, 1),
        (FACTS, replaced(FACTS, "name: ill,", "name: size,"), "policy-name-taken", 8, 12),
        (FACTS, replaced(FACTS, "name: ill,", "name: Ill,"), "policy-name", 8, 12),
        (FACTS, replaced(FACTS, "min: 1,", "min: 1.5,"), "policy-value", 4, 80),
        (FACTS, replaced(FACTS, "min: 1,", "min: 100,"), "policy-value", 4, 80),
        (FACTS, replaced(FACTS, "unit: persons", "unit: heads"), "policy-value", 4, 66),
        (FACTS, replaced(FACTS, "dated_by: poor_on, ", ""), "fact-without-date", 7, 71),
        (FACTS, replaced(FACTS, "fresh_for: fresh", "fresh_for: line"), "fact-freshness", 7, 12),
        (
            PARAMETERS,
            replaced(PARAMETERS, "2021-01-01}", "2020-01-01}"),
            "parameter-overlap",
            11,
            9,
        ),
        (
            PARAMETERS,
            replaced(
                PARAMETERS,
                'from: 2020-01-01}\n      - {value: "9',
                'from: 2020-01-01, to: 2020-12-01}\n      - {value: "9',
            ),
            "parameter-gap",
            11,
            9,
        ),
        (
            PARAMETERS,
            replaced(
                PARAMETERS,
                'from: 2020-01-01}\n      - {value: "9',
                'from: 2020-01-01, to: 2021-02-01}\n      - {value: "9',
            ),
            "parameter-overlap",
            11,
            9,
        ),
        (PARAMETERS, replaced(PARAMETERS, '"9000.00"', '"9000000.00"'), "parameter-range", 11, 17),
        (PARAMETERS, replaced(PARAMETERS, '"9000.00"', "9000"), "policy-value", 11, 17),
        (PARAMETERS, replaced(PARAMETERS, '"9000.00"', "9000.00"), "policy-value", 11, 17),
        (PARAMETERS, replaced(PARAMETERS, "value: 100,", "value: 100.0,"), "policy-value", 22, 17),
        (CASES, replaced(CASES, "{ill: true}", "{income: 8000.00}"), "case-refused", 5, 21),
        (PARAMETERS, replaced(PARAMETERS, "2021-01-01", "2021-02-30"), "policy-value", 11, 34),
        (PARAMETERS, replaced(PARAMETERS, '"330127000000"', '"330127"'), "policy-value", 12, 72),
        (
            PARAMETERS,
            replaced(PARAMETERS, "source: policy", "source: hearsay"),
            "policy-value",
            8,
            51,
        ),
        (RULE, rule("household.rule", ONLY_TITLE), "policy-key-missing", 7, 5),
        (RULE, rule("household.rule", UNTITLED), "policy-key-missing", 7, 12),
        (RULE, rule("household.rule", ""), "rule-without-conditions", 1, 1),
        (RULE, rule("household.rule", FOLDED), "policy-expression-folded", 8, 12),
        (RULE, rule("rule", condition("ill")), "policy-name", 1, 5),
        (RULE, rule("household.rule", value("ill")), "type-mismatch", 7, 3),
        (RULE, rule("household.rule", condition("ill", "ill")), "rule-shown", 10, 13),
        (
            RULE,
            rule("household.rule", condition("ill"), "{from: 2020-02-01, to: 2020-01-01}"),
            "policy-value",
            5,
            34,
        ),
        (
            CASES,
            replaced(CASES, "rule: household.rule", "rule: household.none"),
            "case-refused",
            1,
            7,
        ),
        (CASES, replaced(CASES, "{ill: true}", "{ail: true}"), "case-refused", 5, 18),
        (CASES, replaced(CASES, "{ill: true}", "{ill: 1}"), "case-refused", 5, 18),
        (CASES, GOOD[CASES] + "    without: [poor]\n", "case-refused", 7, 14),
        (CASES, GOOD[CASES], "rule-without-cases", 1, 5),
    ],
)
def test_refused_at_its_place(file: str, text: str, code: str, line: int, column: int) -> None:
    error = refusal(file, text)
    place = error.place
    if code == "rule-without-cases":
        file = RULE
    assert (error.code, place.file, place.line, place.column) == (code, file, line, column), error
    assert "{" not in error.message("zh") + error.message("en")


def test_a_rule_declared_twice_is_refused() -> None:
    error = refusal("rules/again.yaml", GOOD[RULE])
    assert error.code == "policy-name-taken"


def test_a_parameter_declared_in_two_files_is_refused() -> None:
    assert refusal("parameters/again.yaml", GOOD[PARAMETERS]).code == "policy-name-taken"


def test_an_open_value_is_closed_by_the_next_one() -> None:
    assert VALUE_2021 in GOOD[PARAMETERS]
    build_policy(GOOD)


def test_the_release_follows_the_content_and_not_the_cases() -> None:
    release = build_policy(GOOD).release
    assert release == build_policy({**GOOD, CASES: ""}).release
    assert release != build_policy({**GOOD, RULE: GOOD[RULE] + "# changed\n"}).release


def test_codes_are_unique() -> None:
    files = {EngineError.file, DeclarationError.file, TaskError.file}
    codes = [code for file in files for code in words_in(file)]
    assert len(set(codes)) == len(codes)
