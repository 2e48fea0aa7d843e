"""What may be entered as a household's income."""

from datetime import date

from services.registry.vocabulary.code import code_list
from shared.values.bilingual import Bilingual
from shared.values.money import amount_below
from shared.values.periods import Period
from shared.values.refusal import InvalidValue

EXPENSES = "expenses"
# One entry is below 100 million yuan, which keeps sums of a household within the range of its facts.
possible_amount = amount_below(8)


class PeriodNotTwelveMonths(InvalidValue):
    code = "period-not-twelve-months"
    template = Bilingual(
        "收入期间应恰为十二个月（to 不含当日）；2019 年全年写作 from 2019-01-01、to 2020-01-01。",
        "The period must be exactly twelve months, its end (to) exclusive; the year 2019 is from "
        "2019-01-01 to 2020-01-01.",
    )
    cell_template = Bilingual(
        "收入期间应恰为十二个月，期间止填最后一天（含当日）；2019 年全年写作期间起 2019-01-01、期间止 2019-12-31。",
        "The period must be exactly twelve months, 期间止 being its last day; the year 2019 is 期间起 "
        "2019-01-01, 期间止 2019-12-31.",
    )


class IncomeNotYetEarned(InvalidValue):
    code = "income-not-yet-earned"
    template = Bilingual(
        "收入期间尚未结束（今天是 {today}）；预期收入不是收入，请在期间结束后登记。",
        "The period has not ended (today is {today}); expected income is not income: record it "
        "once the period is over.",
    )


class ItemOfOtherSource(InvalidValue):
    code = "item-of-other-source"
    template = Bilingual(
        "收入项目“{item}”属于“{belongs}”，不属于所填的收入来源；请更正其中之一。",
        "The item {item} belongs to the source {belongs}, not to the one given; correct one of "
        "them.",
    )


class ExpensesRecur(InvalidValue):
    code = "expenses-recur"
    template = Bilingual(
        "生产经营性支出一律按经常性登记；请将 recurring 填为 true。",
        "Business expenses always count as recurring; set recurring to true.",
    )
    cell_template = Bilingual(
        "生产经营性支出一律按经常性登记；请将“是否经常性”填为“是”。",
        "Business expenses always count as recurring; write 是 in 是否经常性.",
    )


def whole_year(period: Period) -> Period:
    """Return the period if it is exactly twelve months. Raises PeriodNotTwelveMonths."""
    if not period.is_twelve_months():
        raise PeriodNotTwelveMonths
    return period


def item_of(item: str, source: str) -> str:
    """Return the item if the code list has it under the source. Raises ItemOfOtherSource."""
    belongs = code_list("income_item").codes[item].part_of
    if belongs != source:
        raise ItemOfOtherSource(item=item, belongs=str(belongs))
    return item


def recurring_if_spent(recurring: bool, source: str) -> bool:
    """Return the flag unless expenses are entered as one-off. Raises ExpensesRecur."""
    if source == EXPENSES and not recurring:
        raise ExpensesRecur
    return recurring


def require_earned(period: Period, today: date) -> None:
    """Refuse a period that is not over: its last day must lie before today.

    Raises IncomeNotYetEarned.
    """
    if period.end > today:
        raise IncomeNotYetEarned(today=today.isoformat())
