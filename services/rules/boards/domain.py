"""The facts of a division that counting its judged subjects yields: pure."""

from typing import Any

from services.rules.judging import Tally


def division_counts(
    households: Tally, villages: Tally, weak_villages: int, uplifted: Tally
) -> dict[str, dict[str, Any]]:
    """Return the facts of a division that judging its households and villages yields."""
    counts = {
        "households": _size(households),
        "households_not_cleared": households.not_met,
        "households_undetermined": households.undetermined,
        "villages": _size(villages),
        "villages_not_cleared": villages.not_met,
        "villages_undetermined": villages.undetermined,
        "weak_villages": weak_villages,
        "weak_villages_uplifted": uplifted.met,
        "weak_villages_undetermined": uplifted.undetermined,
    }
    return {name: {"value": value} for name, value in counts.items()}


def _size(tally: Tally) -> int:
    return tally.met + tally.not_met + tally.undetermined
