"""Why a household is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class HouseholdRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
