"""The words of a family of failures, which stand by their reasons in a YAML file beside its code."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml


class Words(NamedTuple):
    """What a reason says, with its details in braces; its code where that is not the reason itself."""

    zh: str
    en: str
    code: str | None = None


@cache
def words_in(file: Path) -> Mapping[str, Words]:
    """Return the words of a file by reason; it is read once."""
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {reason: Words(**words) for reason, words in written.items()}
