"""What may be entered as the result of a check."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class MoreChildrenThanOfSchoolAge(InvalidValue):
    code = "children-more-than-school-age"
    template = Bilingual(
        "失学辍学与送教上门的儿童合计 {counted} 人，多于适龄儿童 {of_age} 人；请核对人数。",
        "{counted} children are out of school or taught at home, more than the {of_age} of school "
        "age; check the numbers.",
    )


def require_children_of_age(
    of_age: int | None, out_of_school: int | None, home_taught: int | None
) -> None:
    """Refuse more children out of school or taught at home than there are; None is not known.

    Raises MoreChildrenThanOfSchoolAge.
    """
    counted = (out_of_school or 0) + (home_taught or 0)
    if of_age is not None and counted > of_age:
        raise MoreChildrenThanOfSchoolAge(counted=counted, of_age=of_age)
