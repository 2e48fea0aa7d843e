"""A reform over the built-in policy: what it changes, and where it is refused."""

from datetime import date

import pytest

from services.rules.engine import PolicyError
from services.rules.vocabulary import BUILT_IN, build_policy, read_files
from services.rules.vocabulary.locating import path_at
from services.rules.vocabulary.reforms import REFORM, read_reform, reformed

FILES = read_files(BUILT_IN)
POLICY = build_policy(FILES)
AS_OF = date(2020, 10, 1)
TITLES = "title: {zh: 一, en: one}"
DEEP = "(" * 100 + "only_home" + ")" * 100
DEEPER = "(" * 1000 + "only_home" + ")" * 1000
LONG = " OR ".join(["only_home"] * 10_000)


def condition(expression: str) -> str:
    """A reform of the housing rule with one condition, whose expression begins in column 16."""
    return (
        "title: reform\nrules:\n  household.housing:\n    all_of:\n"
        f"      - {TITLES}\n        value: {expression}\n"
    )


def line(values: str) -> str:
    return f"title: reform\nparameters:\n  income_line:\n    values: {values}\n"


@pytest.mark.parametrize("text", ["title: null", "title: ~", "title:", '{"title": null}'])
def test_null_is_no_title(text: str) -> None:
    with pytest.raises(PolicyError) as failure:
        read_reform(text)
    assert failure.value.code == "policy-value"


def test_a_value_of_the_same_day_is_replaced_and_cited_as_the_reform() -> None:
    reform = read_reform(line('[{value: "9000.00", from: 2020-01-01}]'))
    (value,) = reformed(POLICY, FILES, reform).parameters["income_line"].values
    assert value.value == 900_000
    assert value.illustrative
    assert (value.citation.document, value.citation.source.value) == ("reform", "unverified")


def test_a_value_of_another_day_or_division_is_added() -> None:
    reform = read_reform(
        line(
            '[{value: "9000.00", from: 2021-01-01},'
            ' {value: "7000.00", from: 2020-01-01, division: "330127000000"}]'
        )
    )
    parameter = reformed(POLICY, FILES, reform).parameters["income_line"]
    found = {
        (day, place): resolved.value
        for day in (AS_OF, date(2021, 1, 1))
        for place in ("330127100219", "330324100001")
        if (resolved := parameter.at(day, place)) is not None
    }
    assert found == {
        (AS_OF, "330127100219"): 700_000,
        (AS_OF, "330324100001"): 800_000,
        (date(2021, 1, 1), "330127100219"): 700_000,
        (date(2021, 1, 1), "330324100001"): 900_000,
    }


def test_a_rule_is_changed_added_and_taken_out() -> None:
    reform = read_reform(
        condition("only_home")
        + "  household.warmth:\n"
        + "    {family: shown, subject: household, title: {zh: 一, en: one},\n"
        + "     in_force: {from: 2020-01-01}, all_of: [{value: household.housing}]}\n"
        + "  household.one_head: null\n"
    )
    variant = reformed(POLICY, FILES, reform)
    assert variant.rules["household.warmth"].family == "shown"
    assert variant.rules["household.housing"].title == POLICY.rules["household.housing"].title
    assert variant.rules["household.housing"].citation.document == "reform"
    assert "household.one_head" not in variant.rules
    ruleset = variant.ruleset("household", AS_OF)
    facts = variant.read_facts("household", {"only_home": {"value": False, "date": "2020-09-01"}})
    assert ruleset.judge(facts)["household.warmth"] == "not_met"


def test_a_parameter_and_a_rule_that_uses_it_are_added() -> None:
    reform = read_reform(
        condition("household_size <= :room")
        + "parameters:\n"
        + "  room: {title: {zh: 一, en: one}, unit: persons, min: 0, max: 9,"
        + " values: [{value: 3, from: 2020-01-01}]}\n"
    )
    variant = reformed(POLICY, FILES, reform)
    assert variant.parameters["room"].at(AS_OF, None) is not None


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (condition("(SELECT 1)"), "expression-construct", "6:17"),
        (condition("only_home; DROP TABLE releases"), "expression-statement", "6:25"),
        (condition("|\n          only_home -- really"), "expression-comment", "7:21"),
        (
            condition("|\n          only_home\n          AND ｏnly_home"),
            "expression-character",
            "8:15",
        ),
        (condition("length(only_home) = 1"), "expression-construct", "6:16"),
        (condition("household_size > 1.5"), "expression-number", "6:33"),
        (condition("household_size + wages_income > 1"), "unit-mismatch", "6:33"),
        (condition('"household_size > :room"'), "unknown-parameter", "6:34"),
        (condition("household.luck"), "unknown-rule", "6:16"),
        (condition("only_hom"), "unknown-fact", "6:16"),
        (condition(DEEP), "expression-too-deep", "6:32"),
        (condition(DEEPER), "expression-too-long", "6:272"),
        (condition(LONG), "expression-too-long", "6:1680"),
        (condition("household.housing"), "rule-cycle", "4:5"),
        (condition("household_size"), "type-mismatch", "6:16"),
        (line("[{value: 9000.00, from: 2020-01-01}]"), "policy-value", "4:22"),
        (line('[{value: "x", from: 2020-01-01}]'), "policy-value", "4:22"),
        (line('[{value: "9000.00", from: 2020-02-30}]'), "policy-value", "4:39"),
        (line('[{value: "9000.00"}]'), "policy-key-missing", "4:14"),
        (line('[{value: "99999999.00", from: 2020-01-01}]'), "parameter-range", "4:22"),
        (
            line('[{value: "1.00", from: 2021-01-01, to: 2020-01-01}]'),
            "parameter-overlap",
            "4:36",
        ),
        (
            line('[{value: "1.00", from: 2018-01-01, to: 2018-06-30}]'),
            "parameter-gap",
            "4:13",
        ),
        (
            line(
                '[{value: "1.00", from: 2021-01-01, to: 2021-12-31},'
                ' {value: "2.00", from: 2021-06-01}]'
            ),
            "parameter-overlap",
            "4:65",
        ),
        (
            line('[{value: "1.00", from: 2020-01-01}, {value: "2.00", from: 2020-01-01}]'),
            "parameter-overlap",
            "4:49",
        ),
        (line('[{value: "9000.00", from: 20210101}]'), "policy-value", "4:39"),
        (line('[{value: "9000.00", from: 9999-12-31}]'), "policy-value", "4:39"),
        (
            line('[{value: "1.00", from: 2021-01-01, division: "930127000000"}]'),
            "policy-value",
            "4:58",
        ),
        (line("9000"), "policy-value", "4:13"),
        ("title: x\nparameters: {luck: null}\n", "unknown-parameter", "2:20"),
        ("title: x\nparameters: {luck: {values: []}}\n", "policy-value", "2:29"),
        ("title: x\nparameters: {income_line: {name: other}}\n", "policy-value", "2:34"),
        ("title: x\nrules: {household.luck: null}\n", "unknown-rule", "2:25"),
        ("title: x\nrules: {household.luck: {title: {}}}\n", "reform-unwritable", "2:25"),
        ("title: x\nrules: {household.luck: {family: shown}}\n", "policy-key-missing", "2:25"),
        ("title: x\nrules: {household.luck: {family: bad}}\n", "policy-value", "2:34"),
        ("title: x\nrules: {household.housing: null}\n", "reform-breaks", "2:28"),
        ("title: x\nrules: {../etc: null}\n", "policy-name", "2:9"),
        ("title: x\nrules: {household.housing: [1]}\n", "policy-value", "2:28"),
        ("title: x\nrules: {household.housing: {id: household.x}}\n", "policy-value", "2:33"),
        ("title: x\nrules: {household.housing: {colour: red}}\n", "policy-key-unknown", "2:29"),
        ("title: x\nfacts: {}\n", "policy-key-unknown", "2:1"),
        ("rules: {}\n", "policy-key-missing", "1:1"),
        ("title: &x x\n", "policy-anchor", "1:8"),
        ("title: x\ntitle: y\n", "policy-key-repeated", "2:1"),
        ("title: [\n", "policy-file-unreadable", "2:1"),
        ('title: "a\\0"\n', "policy-file-unreadable", "1:8"),
        ("", "policy-file-unreadable", "1:1"),
        ("- x\n", "policy-value", "1:1"),
        (f"title: {'[' * 50}{']' * 50}\n", "policy-file-unreadable", "1:19"),
        ("title: !!python/object/apply:os.system ['true']\n", "policy-value", "1:8"),
    ],
)
def test_a_mistake_is_refused_at_its_line_and_column(text: str, code: str, place: str) -> None:
    with pytest.raises(PolicyError) as refused:
        reformed(POLICY, FILES, read_reform(text))
    assert (refused.value.code, str(refused.value.place)) == (code, f"reform.yaml:{place}")
    assert refused.value.message("zh")
    assert refused.value.message("en")


def test_what_breaks_elsewhere_says_where() -> None:
    with pytest.raises(PolicyError) as refused:
        reformed(POLICY, FILES, read_reform("title: x\nrules: {household.housing: null}\n"))
    assert "rules/" in refused.value.message("en")


def test_json_is_pointed_into_by_its_members() -> None:
    text = '{\n "title": "x",\n "rules": {\n  "household.housing": {\n   "colour": 1}}}'
    with pytest.raises(PolicyError) as refused:
        reformed(POLICY, FILES, read_reform(text))
    assert path_at({REFORM: text}, refused.value.place) == ("rules", "household.housing", "colour")
