"""What expressions mean, in both backends."""

from datetime import date
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.engine import OUTCOMES, FactValue, Need, Outcome, Policy
from services.rules.engine.interpreter import Known
from services.rules.vocabulary import build_policy
from tests.rules.engine.policies import condition, files, policy, rule, value
from tests.rules.policy.rows import Row, assert_backends_agree, rows, table

AS_OF = date(2020, 10, 1)
TRUTHS = (True, False, None)
COUNTY, OTHER_CITY = "330127100201", "330203001001"


def truth(policy: Policy, **values: object) -> bool | None:
    facts = {
        name: FactValue(given, AS_OF)  # type: ignore[arg-type]
        for name, given in values.items()
        if given is not None
    }
    assert_backends_agree(policy, "household", [facts], AS_OF)
    outcome = policy.ruleset("household", AS_OF).explain(facts).outcomes["household.rule"]
    return {answer: truth for truth, answer in OUTCOMES.items()}[outcome]


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_kleene(left: bool | None, right: bool | None) -> None:
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert truth(policy(rule=condition("ill AND poor")), ill=left, poor=right) is both
    assert truth(policy(rule=condition("ill OR poor")), ill=left, poor=right) is either
    negated = truth(policy(rule=condition("NOT ill")), ill=left)
    assert negated is (None if left is None else not left)


@pytest.mark.parametrize(
    ("ill", "poor", "expected"),
    [
        (True, None, True),
        (False, True, False),
        (False, False, None),
        (None, True, None),
        (False, None, None),
    ],
)
def test_case_takes_the_first_true_guard_and_never_passes_an_unknown_one(
    ill: bool | None, poor: bool | None, expected: bool | None
) -> None:
    cases = policy(rule=condition("CASE WHEN ill THEN TRUE WHEN poor THEN FALSE END"))
    assert truth(cases, ill=ill, poor=poor) is expected


@pytest.mark.parametrize(
    ("income", "size", "fen"),
    [(100, 3, 33), (200, 3, 67), (5, 2, 3), (-5, 2, -2), (-1, 3, 0), (-2, 3, -1), (0, 7, 0)],
)
def test_per_capita_rounds_half_up(income: int, size: int, fen: int) -> None:
    built = policy(
        head=value("per_capita(income, size)"), rule=condition("household.head * size >= income")
    )
    facts = {"income": FactValue(income), "size": FactValue(size)}
    ruleset = built.ruleset("household", AS_OF)
    assert dict(zip(built.rules, ruleset.trace(facts).values, strict=True))["household.head"] == fen
    assert_backends_agree(built, "household", [facts], AS_OF)


def test_days_between() -> None:
    later = policy(rule=condition("days_between(born, moved) >= :fresh"))
    assert truth(later, born=date(2020, 1, 1), moved=date(2020, 4, 10)) is True
    assert truth(later, born=date(2020, 1, 1), moved=date(2020, 4, 9)) is False
    assert truth(later, born=date(2020, 1, 1)) is None


def test_a_parameter_takes_the_nearest_division_and_the_date() -> None:
    built = policy(rule=condition("income >= size * :line"))
    facts = {"income": FactValue(820_000), "size": FactValue(1)}
    cells = {
        (day, division): built.ruleset("household", day, division).judge(facts)["household.rule"]
        for day in (AS_OF, date(2021, 1, 1), date(2019, 12, 31))
        for division in (None, COUNTY, OTHER_CITY)
    }
    undetermined = Outcome.UNDETERMINED
    assert cells == {
        (AS_OF, None): Outcome.MET,
        (AS_OF, COUNTY): Outcome.NOT_MET,
        (AS_OF, OTHER_CITY): undetermined,
        (date(2021, 1, 1), None): Outcome.NOT_MET,
        (date(2021, 1, 1), COUNTY): Outcome.NOT_MET,
        (date(2021, 1, 1), OTHER_CITY): undetermined,
        (date(2019, 12, 31), None): undetermined,
        (date(2019, 12, 31), COUNTY): undetermined,
        (date(2019, 12, 31), OTHER_CITY): undetermined,
    }
    for day, division in cells:
        frame = table(built, "household", [facts]).with_columns(pl.lit(division).alias("place"))
        judged = built.judge_columns("household", frame, day, "place").row(0, named=True)
        explanation = built.ruleset("household", day, division).explain(facts)
        assert OUTCOMES[judged["household.rule"]] is explanation.outcomes["household.rule"]
        missing = built.plan("household").mask("missing:household.rule", judged)
        assert missing == explanation.trace.missing[0]


def test_an_unset_parameter_is_named() -> None:
    built = policy(rule=condition("income >= size * :line"))
    ruleset = built.ruleset("household", AS_OF, OTHER_CITY)
    facts = {"income": FactValue(1), "size": FactValue(1)}
    assert ruleset.explain(facts).missing("household.rule") == (Need("parameter", "line"),)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2020, 6, 23), "known"),
        (date(2020, 6, 22), "stale"),
        (date(2020, 10, 1), "known"),
        (date(2020, 10, 2), "later"),
        (date.max, "later"),
        (None, "undated"),
    ],
)
def test_a_fact_too_old_of_a_later_day_or_undated_is_told_apart(
    day: date | None, state: str
) -> None:
    built = policy(rule=condition("poor"))
    facts = {"poor": FactValue(True, day)}
    explanation = built.ruleset("household", AS_OF).explain(facts)
    known = state == "known"
    assert explanation.outcomes["household.rule"] is (
        Outcome.MET if known else Outcome.UNDETERMINED
    )
    assert explanation.missing("household.rule") == (() if known else (Need("fact", "poor"),))
    rendered = explanation.render_rule("household.rule", "zh")
    assert rendered["facts"][0]["state"] == state
    for other in ("stale", "later", "undated"):
        named = ("poor",) if other == state else ()
        assert getattr(explanation, other)("household.rule") == named
        assert rendered[f"{other}_facts"] == list(named)
    assert rendered["missing_facts"] == []
    assert_backends_agree(built, "household", [facts], AS_OF)


def test_a_fact_that_does_not_age_is_still_not_of_a_later_day() -> None:
    built = policy(rule=condition("ill"))
    facts = {"ill": FactValue(True, date(2020, 10, 2))}
    explanation = built.ruleset("household", AS_OF).explain(facts)
    assert explanation.later("household.rule") == ("ill",)
    assert built.ruleset("household", AS_OF).judge(facts)["household.rule"] is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("income", "spending", "expected"),
    [
        (0, 5, False),
        (1, 5, False),
        (0, None, True),
        (1, None, None),
        (None, None, None),
        (None, 5, None),
        (0, 0, True),
    ],
)
def test_what_is_recorded_always_counts_and_only_the_unrecorded_is_excused(
    income: int | None, spending: int | None, expected: bool | None
) -> None:
    built = policy(
        rest=value("income - zero_if_unrecorded(spending, income = 0)"),
        rule=condition("household.rest >= 0"),
    )
    assert truth(built, income=income, spending=spending) is expected


def test_a_rule_not_in_force_is_what_is_missing() -> None:
    given_files = files(rule=condition("ill"))
    given_files["rules/rule.yaml"] = rule(
        "household.rule", condition("ill"), "{from: 2020-01-01, to: 2020-09-30}"
    )
    built = build_policy(given_files)
    facts = {"ill": FactValue(True)}
    assert (
        built.ruleset("household", date(2020, 9, 30)).judge(facts)["household.rule"] is Outcome.MET
    )
    explanation = built.ruleset("household", AS_OF).explain(facts)
    assert explanation.missing("household.rule") == (Need("rule", "household.rule"),)
    assert_backends_agree(built, "household", [facts], AS_OF)


def test_more_than_64_needs_take_further_mask_columns() -> None:
    built = policy(**{f"r{number}": condition("ill AND poor") for number in range(70)})
    plan = built.plan("household")
    assert plan.words == 2
    frame = built.judge_columns("household", table(built, "household", [{}]), date(2019, 1, 1))
    cells = frame.row(0, named=True)
    trace = built.ruleset("household", date(2019, 1, 1)).trace({})
    for position, name in enumerate(built.rules):
        assert plan.mask(f"missing:{name}", cells) == trace.missing[position]


MIXED = policy(
    net=value("income - CASE WHEN spending = 0 THEN 0 WHEN spending > 0 THEN spending END"),
    rest=value("income - zero_if_unrecorded(spending, income = 0 OR poor)"),
    head=value("per_capita(household.net, size)"),
    a=condition("household.head >= :line OR (grade IN ('A') AND NOT poor)"),
    b=condition(
        "CASE WHEN household.a THEN ill WHEN days_between(born, moved) > :fresh THEN poor END"
    ),
    c="any_of:\n  - value: household.a\n  - value: household.b\n",
    d=condition("household.rest > 0 AND insured"),
)


@given(given_rows=st.lists(rows(MIXED, "household"), min_size=1, max_size=10))
def test_both_backends_and_the_interpreter_agree(given_rows: list[Row]) -> None:
    assert_backends_agree(MIXED, "household", given_rows, AS_OF)
    ruleset = MIXED.ruleset("household", AS_OF)
    for row in given_rows:
        explanation = ruleset.explain(row)
        known: Known = explanation.known
        for position, declared in enumerate(ruleset.plan.rules):
            assert known.value(declared.node) == explanation.trace.values[position]
