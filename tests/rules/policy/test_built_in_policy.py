"""The built-in policy passes its own cases, and every backend gives the same cells."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import FactValue, Outcome
from services.rules.engine.changes import coefficients
from services.rules.vocabulary import (
    BUILT_IN,
    Case,
    expected_answer,
    load_policy,
    read_cases,
    read_files,
    require_cases,
    run,
)
from services.rules.vocabulary.neighbours import Neighbour, compared, neighbours
from shared.testing.depth import tries
from tests.rules.policy.rows import (
    AS_OF,
    DIVISION,
    Row,
    assert_backends_agree,
    presumed,
    rows,
    table,
)

POLICY = load_policy()
CASES = read_cases(POLICY, read_files(BUILT_IN))
NEIGHBOURS = [(case, near) for case in CASES if (near := list(neighbours(POLICY, case)))]
SUBJECTS = sorted(POLICY.facts)
ROWS = {subject: rows(POLICY, subject) for subject in SUBJECTS}
KNOWN = {subject: rows(POLICY, subject, known=True) for subject in SUBJECTS}
PRESUMED = presumed(POLICY)


def test_every_rule_shows_each_outcome() -> None:
    require_cases(POLICY, CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.title}")
def test_case(case: Case) -> None:
    assert run(POLICY, case) == expected_answer(case)


def test_every_comparison_with_a_parameter_has_neighbours() -> None:
    covered = {(one.rule, one.condition, one.leaf) for _, near in NEIGHBOURS for one in near}
    for subject in SUBJECTS:
        ruleset = POLICY.ruleset(subject, AS_OF, DIVISION)
        for rule in ruleset.plan.rules:
            for condition, leaf, comparison in compared(ruleset, rule.name):
                assert (rule.name, condition, leaf) in covered, comparison


@pytest.mark.parametrize(
    ("case", "near"), NEIGHBOURS, ids=[f"{case.rule}: {case.title}" for case, _ in NEIGHBOURS]
)
def test_threshold_neighbours(case: Case, near: list[Neighbour]) -> None:
    subject = POLICY.rules[case.rule].subject
    ruleset = POLICY.ruleset(subject, case.as_of, case.division)
    given_rows = []
    for one in near:
        assert ruleset.trace(one.facts).leaves[one.condition][one.leaf][2] is one.holds, one.fact
        given_rows.append({k: v._replace(date=case.as_of) for k, v in one.facts.items()})
    assert_backends_agree(POLICY, subject, given_rows, case.as_of, case.division)


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(25), deadline=None)
def test_python_and_polars_agree_on_every_cell(subject: str, data: st.DataObject) -> None:
    given_rows = data.draw(st.lists(ROWS[subject], min_size=1, max_size=20))
    as_of = data.draw(st.sampled_from([AS_OF, date(2019, 12, 31), date(2021, 3, 31)]))
    assert_backends_agree(POLICY, subject, given_rows, as_of)


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(50), deadline=None)
def test_learning_a_fact_never_overturns_an_answer(subject: str, data: st.DataObject) -> None:
    """Learning what was presumed to be nothing as nobody had recorded it may, and nothing else."""
    ruleset = POLICY.ruleset(subject, AS_OF, DIVISION)
    whole = data.draw(KNOWN[subject])
    kept = data.draw(st.sets(st.sampled_from(sorted(whole)))) | (PRESUMED & whole.keys())
    before = ruleset.judge({name: whole[name] for name in kept})
    after = ruleset.judge(whole)
    for rule, outcome in before.items():
        assert outcome in (Outcome.UNDETERMINED, after[rule])


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(50), deadline=None)
def test_an_undetermined_answer_names_what_is_unknown(subject: str, data: st.DataObject) -> None:
    ruleset = POLICY.ruleset(subject, AS_OF, DIVISION)
    row = data.draw(ROWS[subject])
    explanation = ruleset.explain(row)
    for rule, outcome in explanation.outcomes.items():
        missing = explanation.missing(rule)
        assert outcome is Outcome.UNDETERMINED or not missing
        states = [explanation.stale(rule), explanation.later(rule), explanation.undated(rule)]
        unusable = {name for names in states for name in names}
        assert len(unusable) == sum(map(len, states))
        for need in missing:
            match need.kind:
                case "fact":
                    assert (need.name in row) == (need.name in unusable)
                case "parameter":
                    assert ruleset.resolution.values[need.name] is None
                case "rule":
                    assert not POLICY.rules[need.name].in_force(AS_OF)


@given(row=KNOWN["household"], more=st.integers(0, 10**9))
@settings(max_examples=tries(50), deadline=None)
def test_more_wages_never_lose_the_income_line(row: Row, more: int) -> None:
    ruleset = POLICY.ruleset("household", AS_OF, DIVISION)
    wages = row["wages_income"]
    assert isinstance(wages.value, int)
    richer = {**row, "wages_income": wages._replace(value=min(wages.value + more, 10**12))}
    if ruleset.judge(row)["household.income_line"] is Outcome.MET:
        assert ruleset.judge(richer)["household.income_line"] is Outcome.MET


@given(row=ROWS["household"], language=st.sampled_from(["zh", "en"]))
@settings(max_examples=tries(50), deadline=None)
def test_the_smallest_change_does_turn_the_condition(row: Row, language: str) -> None:
    ruleset = POLICY.ruleset("household", AS_OF, DIVISION)
    rendered = ruleset.explain(row).render("zh" if language == "zh" else "en")
    position = 0
    for rule in ruleset.plan.rules:
        shown = next((part for part in rendered["rules"] if part["rule"] == rule.name), None)
        for index in range(len(rule.conditions)):
            change = shown["conditions"][index]["smallest_change"] if shown else None
            if change is not None:
                fact = POLICY.facts["household"][change["fact"]]
                given_value = {"value": change["to"][0], "date": AS_OF}
                changed = POLICY.read_facts("household", {fact.name: given_value})
                flipped = ruleset.trace({**row, **changed}).conditions[position]
                assert flipped is (not ruleset.trace(row).conditions[position])
            position += 1


def test_interval_coefficients_follow_what_is_recorded() -> None:
    ruleset = POLICY.ruleset("household", AS_OF, DIVISION)
    names = {
        "household_size": 2,
        "wages_income": 0,
        "business_income": 5,
        "property_income": 0,
        "transfer_income": 0,
        "business_expenses": 1,
        "one_off_income": 0,
    }
    facts = {name: FactValue(value, AS_OF) for name, value in names.items()}
    comparison = next(part[2] for part in compared(ruleset, "household.income_line"))
    found = coefficients(comparison, ruleset.plan, ruleset.explain(facts).known)
    assert found == {
        "wages_income": 1,
        "business_income": 1,
        "property_income": 1,
        "transfer_income": 1,
        "business_expenses": -1,
        "one_off_income": -1,
        "household_size": -800000,
    }


def test_an_empty_table_is_judged() -> None:
    frame = POLICY.judge_columns("household", table(POLICY, "household", []), AS_OF)
    assert frame.height == 0
    assert frame.schema["household.zero_out"] == pl.Boolean
