"""The words of a family of failures, which stand by their reasons in a YAML file beside its code."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from shared.values.bilingual import Bilingual


class Words(NamedTuple):
    """What a reason says, with its details in braces; its code where that is not the reason itself."""

    zh: str
    en: str
    code: str | None = None
    cell: Bilingual | None = None
    """The words for who fills in a sheet, where those of the wire name what sheets have not."""


@cache
def words_in(file: Path) -> Mapping[str, Words]:
    """Return the words of a file by reason; it is read once."""
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {reason: _words(**words) for reason, words in written.items()}


def _words(cell: Mapping[str, str] | None = None, **words: str) -> Words:
    return Words(**words, cell=None if cell is None else Bilingual(**cell))
