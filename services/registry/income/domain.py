"""What may be entered as a household's income."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from services.registry.vocabulary.code import code_list
from shared.values.money import format_fen
from shared.values.periods import Period
from shared.values.refusal import WordedRefusal

EXPENSES = "expenses"


class IncomeRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_name("refusals.yaml")


def whole_year(period: Period) -> Period:
    """Return the period if it is exactly twelve months. Raises an IncomeRefusal."""
    if not period.is_twelve_months():
        raise IncomeRefusal("period-not-twelve-months")
    return period


def item_of(item: str, source: str) -> str:
    """Return the item if the code list has it under the source. Raises an IncomeRefusal."""
    belongs = code_list("income_item").codes[item].part_of
    if belongs != source:
        raise IncomeRefusal(
            "item-of-other-source",
            item=item,
            item_zh=code_list("income_item").label(item),
            belongs=str(belongs),
            belongs_zh=code_list("income_source").label(str(belongs)),
        )
    return item


def recurring_if_spent(recurring: bool, source: str) -> bool:
    """Return the flag unless expenses are entered as one-off. Raises an IncomeRefusal."""
    if source == EXPENSES and not recurring:
        raise IncomeRefusal("expenses-recur")
    return recurring


def require_earned(period: Period, today: date) -> None:
    """Refuse a period that is not over: its last day must lie before today.

    Raises an IncomeRefusal.
    """
    if period.end > today:
        raise IncomeRefusal("income-not-yet-earned", today=today.isoformat())


def doubling(
    entry: Mapping[str, Any],
    recorded: Sequence[Mapping[str, Any]],
    stated: Sequence[Mapping[str, Any]],
) -> tuple[str, IncomeRefusal] | None:
    """Refuse what looks like a correction of an entry on record but would stand beside it.

    It is an entry of the same item for some of the same days. Both may be: an item may come both
    regularly and once, and some keep accounts by two kinds of years. So there is nothing against it
    if the file states the other one too, or every source of income for the period of its own.
    Return the member that differs with the refusal.
    """
    period = _period(entry)
    for other in recorded:
        theirs = _period(other)
        if other["item"] != entry["item"] or not _overlap(period, theirs):
            continue
        if any(_same_entry(each, other) for each in stated):
            continue
        if period != theirs and _is_whole(period, [*recorded, *stated]):
            continue
        last = theirs[1] - timedelta(days=1)
        return "recurring" if period == theirs else "period_to", IncomeRefusal(
            "income-on-record-otherwise",
            first=theirs[0].isoformat(),
            last=last.isoformat(),
            recurring="是" if other["recurring"] else "否",
            amount=format_fen(other["amount"]),
            id=str(other["id"]),
        )
    return None


def _period(entry: Mapping[str, Any]) -> tuple[date, date]:
    return entry["period_from"], entry["period_to"]


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _same_entry(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = ("period_from", "period_to", "item", "recurring")
    return all(one[name] == other[name] for name in names)


def _is_whole(period: tuple[date, date], entries: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether there are entries of every source for a period: what is left out is not known."""
    sources = {each["source"] for each in entries if _period(each) == period}
    return sources >= code_list("income_source").codes.keys() - {EXPENSES}
