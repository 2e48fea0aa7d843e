"""Why an amount of money is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class MoneyRefusal(WordedRefusal):
    """One of the reasons in ``money_refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
