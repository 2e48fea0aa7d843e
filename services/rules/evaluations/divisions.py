"""A division judged by the counts of its subjects."""

from datetime import date
from typing import Any

from services.rules.engine import Outcome, Policy
from services.rules.evaluations.reasons import rule_outcome
from services.rules.evaluations.schemas import DivisionOutcome
from services.rules.evaluations.usecases import explain
from services.rules.judging.tallies import Tally
from shared.values.divisions import level

CLEARED = "division.cleared"


def division_counts(
    households: Tally, villages: Tally, weak_villages: Tally
) -> dict[str, dict[str, Any]]:
    """Return the facts of a division that judging its households and villages yields."""
    counts = {
        "households": households.size,
        "households_not_cleared": households.not_met,
        "households_undetermined": households.undetermined,
        "villages": villages.size,
        "villages_not_cleared": villages.not_met,
        "villages_undetermined": villages.undetermined,
        "weak_villages": weak_villages.size,
        "weak_villages_uplifted": weak_villages.met,
        "weak_villages_undetermined": weak_villages.undetermined,
    }
    return {name: {"value": value} for name, value in counts.items()}


def division_outcomes(
    policy: Policy, division: str, facts: dict[str, Any], as_of: date
) -> list[DivisionOutcome]:
    """Return the rules about every division, and those about divisions of this level, explained."""
    explanation = explain(policy, "division", division, facts, as_of)
    return [
        DivisionOutcome.model_validate(rule_outcome(explanation, rule))
        for rule in explanation.outcomes
        if rule.split(".")[0] in ("division", level(division).value)
    ]


def cleared(
    policy: Policy, division: str, households: Tally, villages: Tally, as_of: date
) -> Outcome:
    """Return whether every household and village of a division is cleared."""
    facts = division_counts(households, villages, Tally())
    return explain(policy, "division", division, facts, as_of).outcomes[CLEARED]
