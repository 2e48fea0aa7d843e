"""When a division may stand, and why it may not."""

from datetime import date

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class DivisionOutsideParent(InvalidValue):
    code = "division-outside-parent"
    template = Bilingual(
        "代码 {division} 不在上级区划 {parent} 的代码范围之内；请核对二者，或不填 parent。",
        "The code {division} does not lie within the parent {parent}; check both, or leave the "
        "parent out.",
    )


class ParentNotInForce(InvalidValue):
    code = "parent-not-in-force"
    template = Bilingual(
        "上级区划 {parent} 未登记，或在 {start} 起的存续期内不始终存续；请先设立上级，或更正日期。",
        "The parent {parent} is not on record, or not in force throughout the time from {start}; "
        "open the parent first, or correct the date.",
    )


class ClosedBeforeOpened(InvalidValue):
    code = "closed-before-opened"
    template = Bilingual(
        "撤销日期（valid_to，不含当日）必须晚于设立日期 {start}；请更正。",
        "A division must be closed (valid_to, exclusive) after it was opened on {start}; correct "
        "the date.",
    )


class NotADivision(InvalidValue):
    code = "not-a-division"
    template = Bilingual(
        "{division} 不是 {year} 年内存续过的{level_zh}；请在 /v1/divisions 中查询 12 位代码。",
        "{division} is not a {level} in force in {year}; look its 12-digit code up in "
        "/v1/divisions.",
    )


def in_force_in(year: int, start: date, end: date | None) -> bool:
    """Tell whether a division that stood from ``start`` to ``end`` (exclusive) did so in a year."""
    return start < date(year + 1, 1, 1) and (end is None or end > date(year, 1, 1))


def outlasts(outer: tuple[date, date | None], inner: tuple[date, date | None]) -> bool:
    """Tell whether a division's time, (start, exclusive end or None), covers another's."""
    (outer_start, outer_end), (start, end) = outer, inner
    return outer_start <= start and (outer_end is None or (end is not None and end <= outer_end))
