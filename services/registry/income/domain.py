"""What may be entered as a household's income."""

from datetime import date
from pathlib import Path

from services.registry.vocabulary.code import code_list
from shared.values.money import amount_below
from shared.values.periods import Period
from shared.values.refusal import WordedRefusal

EXPENSES = "expenses"
# One entry is below 100 million yuan, which keeps sums of a household within the range of its facts.
possible_amount = amount_below(8)


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
        raise IncomeRefusal("item-of-other-source", item=item, belongs=str(belongs))
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
