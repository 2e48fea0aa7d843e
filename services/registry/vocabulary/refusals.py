"""Why a code or a label is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class CodeRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
