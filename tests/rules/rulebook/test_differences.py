"""What differs between two policies."""

from collections.abc import Mapping

from services.rules.rulebook.differences import differences
from services.rules.rulebook.schemas import Difference
from services.rules.vocabulary import build_policy
from tests.rules.engine.policies import condition, files, rule

TWO = """all_of:
  - title: {zh: 甲, en: first}
    value: ill
  - title: {zh: 乙, en: second}
    value: income >= spending
"""
BASE = {**files(), "rules/rule.yaml": rule("household.rule", TWO)}


def found(changed: Mapping[str, str]) -> list[Difference]:
    return differences(build_policy(BASE), build_policy({**BASE, **changed}))


def replaced(file: str, old: str, new: str) -> list[Difference]:
    assert old in BASE[file]
    return found({file: BASE[file].replace(old, new, 1)})


def sides(difference: Difference) -> tuple[str | None, str | None]:
    return (
        difference.before.en if difference.before else None,
        difference.after.en if difference.after else None,
    )


def test_a_policy_does_not_differ_from_itself() -> None:
    assert found({}) == []
    assert replaced("rules/rule.yaml", "income >= spending", "|\n      income >= spending") == []


def test_a_changed_condition_shows_both_sides() -> None:
    [one] = replaced("rules/rule.yaml", "income >= spending", "income > spending")
    assert (one.kind, one.name, one.what) == ("condition", "household.rule", "second")
    assert sides(one) == (
        "income is at least spending [income >= spending]",
        "income is more than spending [income > spending]",
    )


def test_conditions_come_and_go_and_others_stay() -> None:
    [gone] = replaced("rules/rule.yaml", "  - title: {zh: 甲, en: first}\n    value: ill\n", "")
    assert sides(gone) == ("ill [ill]", None)
    third = "  - title: {zh: 丙, en: third}\n    value: poor\n"
    [new] = found({"rules/rule.yaml": BASE["rules/rule.yaml"] + third})
    assert sides(new) == (None, "poor [poor]")


def test_a_rule_that_appears_brings_its_conditions() -> None:
    appeared = found({"rules/new.yaml": rule("household.new", condition("poor"))})
    assert [(one.kind, one.name) for one in appeared] == [
        ("rule", "household.new"),
        ("condition", "household.new"),
    ]


def test_the_parts_of_a_rule() -> None:
    [one] = replaced("rules/rule.yaml", "all_of", "any_of")
    assert sides(one) == ("all of the conditions", "any of the conditions")
    [one] = replaced("rules/rule.yaml", "from: 2020-01-01", "from: 2021-01-01")
    assert (one.what, *sides(one)) == ("in force from", "2020-01-01", "2021-01-01")
    [one] = replaced("rules/rule.yaml", 'article: "1"', 'article: "2"')
    assert (one.what, *sides(one)) == ("citation", "D 1 (statute)", "D 2 (statute)")


def test_values_by_date_and_division() -> None:
    file = "parameters/all.yaml"
    [one] = replaced(file, '"9000.00"', '"9500.00"')
    assert (one.kind, one.name, one.what) == ("value", "line", "value from 2021-01-01")
    assert sides(one) == ("9,000.00 yuan (open, D 1)", "9,500.00 yuan (open, D 1)")
    [gone] = replaced(
        file, '      - {value: not_set, from: 2020-01-01, division: "330200000000"}\n', ""
    )
    assert gone.what == "value from 2020-01-01 in 330200000000"
    assert sides(gone) == ("not decided yet (open, D 1)", None)


def test_a_fact_whose_range_grows() -> None:
    [one] = replaced("facts/household.yaml", "max: 99}", "max: 100}")
    assert (one.kind, one.name, one.what) == ("fact", "size", "range")
    assert sides(one) == ("1 – 99", "1 – 100")
