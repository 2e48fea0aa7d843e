"""Which figures may be recorded when."""

from datetime import date

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue

# Measured after the fact; a standard such as dibao's is set in advance.
MEASURED = frozenset({"low_income_disposable_income"})


class FigureNotYetMeasured(InvalidValue):
    code = "figure-not-yet-measured"
    template = Bilingual(
        "{year} 年尚未结束（今天是 {today}）；预期收入不是收入，请在年度结束后登记。",
        "The year {year} is not over (today is {today}); expected income is not income: record it "
        "once the year is over.",
    )


def require_measured(figure: str, year: int, today: date) -> None:
    """Refuse a measured figure of a year that is not over. Raises FigureNotYetMeasured."""
    if figure in MEASURED and year >= today.year:
        raise FigureNotYetMeasured(year=year, today=today.isoformat())
