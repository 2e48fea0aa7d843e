"""Whatever is recorded counts: no branch, filter or zero passes over it without a stated reason."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import FactValue, Plan, Rule, tree
from services.rules.engine.units import Kind, is_money
from services.rules.vocabulary import load_policy
from shared.testing.depth import tries
from tests.rules.policy.rows import AS_OF, DIVISION, Row, rows

POLICY = load_policy()
SUBJECTS = sorted(POLICY.facts)
RULES = list(POLICY.rules.values())
KNOWN = {subject: rows(POLICY, subject, known=True) for subject in SUBJECTS}
_NOT_ENTITLED = "who is not entitled gets nothing, however many they are"
WITH_A_REASON = {
    "household.dangerous_housing_from_province": "a city that raises the money itself gets none of "
    "the province, whatever the home is like",
    "household.temporary_relief_ceiling": _NOT_ENTITLED,
    "household.temporary_relief_special_ceiling": _NOT_ENTITLED,
}
"""Why a branch of a rule passes over facts that another branch counts."""


def branches(rule: Rule) -> Iterator[tuple[tree.Case, tree.Node]]:
    for part in tree.walk(rule.node):
        if isinstance(part, tree.Case):
            yield from ((part, value) for _, value in part.branches)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_branch_passes_over_a_fact_of_another(rule: Rule) -> None:
    """A fact that some branch counts is counted by each, unless a guard has looked at it."""
    if rule.name in WITH_A_REASON:
        return
    plan = POLICY.plan(rule.subject)
    for case, value in branches(rule):
        looked_at = {name for guard, _ in case.branches for name in plan.facts_of(guard)}
        counted = {name for _, other in case.branches for name in plan.facts_of(other)}
        passed_over = counted - looked_at - plan.facts_of(value)
        assert not passed_over, f"{sorted(passed_over)} may be recorded and would not count"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_only_recorded_facts_are_excused_by_what_else_is_recorded(rule: Rule) -> None:
    """What is presumed to be nothing is money, and excused by other facts than itself."""
    plan = POLICY.plan(rule.subject)
    for part in tree.walk(rule.node):
        if isinstance(part, tree.ZeroIfUnrecorded):
            assert is_money(part.type.dimension)
            assert part.fact.name not in plan.facts_of(part.excused)


def figures(subject: str) -> list[str]:
    """The amounts that rest on facts alone: no outcome decides about them."""
    plan = POLICY.plan(subject)

    def decided(name: str) -> bool:
        return any(
            isinstance(part, tree.RuleReference)
            and (POLICY.rules[part.name].decides or decided(part.name))
            for part in tree.walk(POLICY.rules[name].node)
        )

    return [rule.name for rule in plan.rules if not rule.decides and not decided(rule.name)]


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(15), deadline=None)
def test_one_fen_more_than_nothing_makes_a_figure_no_other(
    subject: str, data: st.DataObject
) -> None:
    """An amount of 0.00 is reckoned as 0.01 is: figures move by a fen, never by what else there is."""
    row = data.draw(KNOWN[subject])
    plan, ruleset = POLICY.plan(subject), POLICY.ruleset(subject, AS_OF, DIVISION)
    for fact in plan.facts:
        if fact.type.kind is Kind.INTEGER and is_money(fact.type.dimension):
            nothing, one_fen = (ruleset.trace(with_value(row, fact.name, fen)) for fen in (0, 1))
            for name in figures(subject):
                before, after = (one.values[plan.positions[name]] for one in (nothing, one_fen))
                assert abs(after - before) <= 1, (name, fact.name)


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(15), deadline=None)
def test_a_figure_that_is_known_moves_with_every_amount_recorded(
    subject: str, data: st.DataObject
) -> None:
    """A thousand yuan more of whatever money a figure is reckoned from makes it another."""
    row = data.draw(KNOWN[subject])
    plan, ruleset = POLICY.plan(subject), POLICY.ruleset(subject, AS_OF, DIVISION)
    for name in figures(subject):
        node = POLICY.rules[name].node
        if not is_money(node.type.dimension):
            continue
        for fact in counted(plan, node):
            if not is_money(POLICY.facts[subject][fact].type.dimension):
                continue
            figure = [
                ruleset.trace(with_value(row, fact, fen)).values[plan.positions[name]]
                for fen in (0, 100_000)
            ]
            assert figure[0] != figure[1], (name, fact)


def counted(plan: Plan, node: tree.Node) -> set[str]:
    """The facts that a figure is reckoned from, without those that only excuse an unrecorded one."""
    match node:
        case tree.FactReference():
            return {node.name}
        case tree.RuleReference():
            return counted(plan, plan.rule_named[node.name].node)
        case tree.ZeroIfUnrecorded():
            return {node.fact.name}
    return {name for part in tree.children(node) for name in counted(plan, part)}


def with_value(row: Row, fact: str, value: int) -> Row:
    return {**row, fact: FactValue(value, AS_OF, "tester")}


@given(row=KNOWN["household"], spent=st.integers(1, 10**9))
@settings(max_examples=tries(30), deadline=None)
def test_expenses_never_make_a_household_richer(row: Row, spent: int) -> None:
    """Whatever the business brought in, and the more so where it brought nothing."""
    ruleset, plan = POLICY.ruleset("household", AS_OF, DIVISION), POLICY.plan("household")
    line = plan.positions["household.income_line"]
    for income in (0, 1, 10**6):
        dear, free = (
            ruleset.trace(
                with_value(with_value(row, "business_income", income), "business_expenses", fen)
            ).values[line]
            for fen in (spent, 0)
        )
        assert free or not dear
