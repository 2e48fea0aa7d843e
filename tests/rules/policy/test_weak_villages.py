"""Of a village that may be weak nobody knows which way it counts: it decides nothing it could change."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import combinations_with_replacement, product

import polars as pl
import pytest

from services.rules.engine import Outcome
from services.rules.evaluations.divisions import division_counts, division_outcomes
from services.rules.judging.tallies import Tally, weak_villages
from services.rules.vocabulary import load_policy
from shared.testing.plugin import PROVINCE

POLICY = load_policy()
RULE, DAY, TARGET = "province.weak_village_uplift", date(2020, 10, 31), Fraction(30, 100)
ANSWERS = (True, False, None)
Village = tuple[bool | None, bool | None]
"""Whether it is weak, and whether it is uplifted."""
VILLAGES: list[Village] = list(product(ANSWERS, ANSWERS))


def answered(villages: tuple[Village, ...]) -> Outcome:
    facts = pl.DataFrame(
        {"relatively_weak": [weak for weak, _ in villages]}, {"relatively_weak": pl.Boolean}
    )
    outcomes = pl.DataFrame(
        {"village.uplift": [met for _, met in villages]}, {"village.uplift": pl.Boolean}
    )
    counts = division_counts(Tally(), Tally(), weak_villages(facts, outcomes))
    found = division_outcomes(POLICY, PROVINCE, counts, DAY)
    return next(one.outcome for one in found if one.rule == RULE)


def shares(villages: tuple[Village, ...]) -> Iterator[Fraction | None]:
    """Return the share uplifted in each way in which everything could turn out to be."""
    ways = [
        product(*((answer,) if answer is not None else (True, False) for answer in village))
        for village in villages
    ]
    for turned_out in product(*(list(way) for way in ways)):
        uplifted = [met for weak, met in turned_out if weak]
        yield Fraction(sum(uplifted), len(uplifted)) if uplifted else None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_is_answered_holds_however_the_unknown_turns_out(number: int) -> None:
    for villages in combinations_with_replacement(VILLAGES, number):
        truths = {None if share is None else share >= TARGET for share in shares(villages)}
        outcome = answered(villages)
        if outcome is not Outcome.UNDETERMINED:
            assert truths <= {outcome is Outcome.MET, None}, villages
        if all(None not in village for village in villages):
            assert (outcome is Outcome.UNDETERMINED) == (truths == {None}), villages


def test_without_the_rule_every_weak_village_is_undetermined() -> None:
    facts = pl.DataFrame({"relatively_weak": [True, False, None]})
    assert weak_villages(facts, pl.DataFrame({"village_code": ["a", "b", "c"]})) == Tally(0, 0, 2)
