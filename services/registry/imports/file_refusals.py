"""Why a file of an import is refused as a whole."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue

_FILE = Path(__file__).with_suffix(".yaml")


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    code: str | None = None


class FileRefusal(InvalidValue):
    """One of the reasons in ``file_refusals.yaml``, which has the words of each."""

    def __init__(self, reason: str, **details: str | int) -> None:
        words = _reasons()[reason]
        self.code, self.template = words.code or reason, Bilingual(words.zh, words.en)
        super().__init__(**details)


@cache
def _reasons() -> Mapping[str, _Words]:
    written = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, _Words]).validate_python(written)
