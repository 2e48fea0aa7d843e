"""Why a file of an import is refused as a whole."""

from pathlib import Path

from shared.values.refusal import WordedRefusal


class FileRefusal(WordedRefusal):
    """One of the reasons in ``file_refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
