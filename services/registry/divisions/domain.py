"""When a division may stand, and why it may not."""

from datetime import date
from pathlib import Path

from shared.values.refusal import WordedRefusal


class DivisionRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_name("refusals.yaml")


def in_force_in(year: int, start: date, end: date | None) -> bool:
    """Tell whether a division that stood from ``start`` to ``end`` (exclusive) did so in a year."""
    return start < date(year + 1, 1, 1) and (end is None or end > date(year, 1, 1))


def outlasts(outer: tuple[date, date | None], inner: tuple[date, date | None]) -> bool:
    """Tell whether a division's time, (start, exclusive end or None), covers another's."""
    (outer_start, outer_end), (start, end) = outer, inner
    return outer_start <= start and (outer_end is None or (end is not None and end <= outer_end))
