"""What may be entered as the result of a check."""

from datetime import date

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class CheckNotYetMade(InvalidValue):
    code = "check-not-yet-made"
    template = Bilingual(
        "核查日期晚于今天（{today}）；请填实际核查的日期。",
        "The check's date lies after today ({today}); give the day on which it was made.",
    )


class MoreChildrenThanOfSchoolAge(InvalidValue):
    code = "children-more-than-school-age"
    template = Bilingual(
        "失学辍学与送教上门的儿童合计 {counted} 人，多于适龄儿童 {of_age} 人；请核对人数。",
        "{counted} children are out of school or taught at home, more than the {of_age} of school "
        "age; check the numbers.",
    )


def require_made(checked_on: date, today: date) -> None:
    """Refuse a check that lies in the future. Raises CheckNotYetMade."""
    if checked_on > today:
        raise CheckNotYetMade(today=today.isoformat())


def require_children_of_age(
    of_age: int | None, out_of_school: int | None, home_taught: int | None
) -> None:
    """Refuse more children out of school or taught at home than there are; None is not known.

    Raises MoreChildrenThanOfSchoolAge.
    """
    counted = (out_of_school or 0) + (home_taught or 0)
    if of_age is not None and counted > of_age:
        raise MoreChildrenThanOfSchoolAge(counted=counted, of_age=of_age)
