"""What may be entered as the result of a check."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class GuaranteeRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_name("refusals.yaml")


def require_children_of_age(
    of_age: int | None, out_of_school: int | None, home_taught: int | None
) -> None:
    """Refuse more children out of school or taught at home than there are; None is not known.

    Raises a GuaranteeRefusal.
    """
    counted = (out_of_school or 0) + (home_taught or 0)
    if of_age is not None and counted > of_age:
        raise GuaranteeRefusal("children-more-than-school-age", counted=counted, of_age=of_age)
