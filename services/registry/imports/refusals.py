"""Why a cell or a row of an import is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class RowRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
