"""Why a text is refused."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class TextRefusal(WordedRefusal):
    """One of the reasons in ``text_refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
