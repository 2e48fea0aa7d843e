"""Who settles that a person cannot be entered in one place since another has them."""

from enum import StrEnum

from shared.values.divisions import ancestors


class ConflictState(StrEnum):
    """未处理 open, 已处理 settled."""

    OPEN = "open"
    SETTLED = "settled"


class Settlement(StrEnum):
    """号码有误 number_wrong, 已登记离开原户 left_there, 留在原户 stays_there, 原登记有误 recorded_wrongly."""

    NUMBER_WRONG = "number_wrong"
    LEFT_THERE = "left_there"
    STAYS_THERE = "stays_there"
    RECORDED_WRONGLY = "recorded_wrongly"


def holding_both(one: str, other: str) -> str | None:
    """Return the lowest division that holds two, None for those of two provinces."""
    if one == other:
        return one
    of_other = {*ancestors(other), other}
    return next((code for code in reversed((*ancestors(one), one)) if code in of_other), None)
