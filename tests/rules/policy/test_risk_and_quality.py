"""What the rules of risk and quality promise together: types part the range among them, and a doubtful record costs nobody aid."""

from datetime import date

import pytest
from hypothesis import given, settings

from services.rules.engine import Outcome, tree
from services.rules.vocabulary import load_policy
from shared.testing.depth import tries
from tests.rules.policy.rows import Row, rows

POLICY = load_policy()
TYPES = {
    date(2020, 10, 1): ("household.unstable_lifted_2020", "household.marginal_2020"),
    date(2021, 6, 1): (
        "household.unstable_lifted",
        "household.marginal",
        "household.sudden_hardship",
    ),
}


@pytest.mark.parametrize("as_of", TYPES)
@given(row=rows(POLICY, "household", known=True))
@settings(max_examples=tries(200), deadline=None)
def test_who_is_in_range_is_of_exactly_one_type(as_of: date, row: Row) -> None:
    answers = POLICY.ruleset("household", as_of).judge(row)
    of_type = [name for name in TYPES[as_of] if answers[name] is Outcome.MET]
    in_range = answers["household.in_monitoring_range"]
    assert in_range is not Outcome.UNDETERMINED
    assert len(of_type) == (in_range is Outcome.MET)


@given(row=rows(POLICY, "household", known=True))
@settings(max_examples=tries(100), deadline=None)
def test_a_sign_off_is_doubted_only_where_it_is_stated(row: Row) -> None:
    unsigned = {**row, "signed_off": row["signed_off"]._replace(value=False)}
    answers = POLICY.ruleset("household", date(2020, 10, 1)).judge(unsigned)
    doubts = [name for name in answers if "signed_off" in name or "sign_off" in name]
    assert len(doubts) == 6
    assert all(answers[name] is Outcome.MET for name in doubts)


def test_only_a_check_refers_to_a_check() -> None:
    for rule in POLICY.rules.values():
        for part in tree.walk(rule.node):
            if isinstance(part, tree.RuleReference):
                checked = POLICY.rules[part.name].family == "quality"
                assert rule.family == "quality" or not checked, (rule.name, part.name)
