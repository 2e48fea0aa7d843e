"""Why the result of a check is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class GuaranteeRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_name("refusals.yaml")
