"""Closed lists of codes (代码表): read once from ``code_lists.yaml``, never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic_core import core_schema

from services.registry.vocabulary.notations import readings, written_alike
from services.registry.vocabulary.refusals import CodeRefusal
from shared.values.bilingual import Bilingual, Language
from shared.values.refusal import refusing
from shared.values.repeating import repeated

_FILE = Path(__file__).with_name("code_lists.yaml")
_LISTED = 14


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Code(_Entry):
    """One code: its labels, the days on which new records may use it, and where it belongs."""

    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")
    part_of: str | None = None
    operating: bool | None = None

    @property
    def dated(self) -> bool:
        """Whether there are days on which new records may not use the code."""
        return self.start is not None or self.end is not None

    def usable(self, on: date) -> bool:
        """Tell whether a new record may use the code on a day; ``to`` is exclusive."""
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class CodeList(_Entry):
    """A closed list with its title, where it comes from and how sure that is."""

    title: Bilingual
    source: str
    quality: Literal["P", "L", "S", "U"]
    start: date = Field(alias="from")
    belongs_to: str | None = None
    codes: Annotated[Mapping[str, Code], AfterValidator(MappingProxyType)]

    def check(self, value: object, on: date | None = None) -> str:
        """Return the code if the list has it and, with ``on``, new records may use it that day.

        Raises a CodeRefusal.
        """
        if not isinstance(value, str) or value not in self.codes:
            raise CodeRefusal(
                "unknown-code",
                written=repeated(value),
                list_zh=self.title.zh,
                list_en=self.title.en,
                allowed=self._allowed(value),
            )
        self.require_usable(value, on)
        return value

    def label(self, code: str, language: Language = "zh") -> str:
        """Return the label of a code, retired or not. Raises a CodeRefusal."""
        entry = self.codes[self.check(code)]
        return entry.zh if language == "zh" else entry.en

    def code_for_label(self, label: str, on: date | None = None, *, by_code: bool = False) -> str:
        """Return the code for what an imported cell says: a Chinese label, an alias, or the code.

        However it is written (``written_alike``), also as code and label together (70-初中). Raises a
        CodeRefusal where it says nothing, or several things, or a code that new records may not use
        on the day ``on``. ``by_code`` lets it name the codes too that there are (``named``).
        """
        written = label.strip()
        code = self._by_label.get(written_alike(written)) or self._said_by_all(written)
        if code is None:
            raise CodeRefusal(
                "unknown-label",
                written=repeated(written),
                list_zh=self.title.zh,
                list_en=self.title.en,
                allowed=self.named(by_code=by_code),
            )
        self.require_usable(code, on)
        return code

    def named(self, *, by_code: bool) -> str:
        """Return in Chinese what there is to choose from, ``by_code`` each with its code."""
        offered = self.offered.items()
        return "、".join(f"{code}（{each.zh}）" if by_code else each.zh for code, each in offered)

    @cached_property
    def dated(self) -> bool:
        """Whether any of its codes is usable on some days only."""
        return any(code.dated for code in self.codes.values())

    @cached_property
    def offered(self) -> Mapping[str, Code]:
        """The codes to choose from: all but those that have been retired."""
        return {code: entry for code, entry in self.codes.items() if entry.end is None}

    def describe(self) -> str:
        """Return the title and every code in both languages, for documentation."""
        codes = "; ".join(f"{code} {entry.zh} {entry.en}" for code, entry in self.codes.items())
        return f"{self.title.zh} {self.title.en}: {codes}"

    def require_usable(self, code: str, on: date | None) -> None:
        """Refuse a code of the list that new records may not use on a day. Raises a CodeRefusal."""
        if on is not None and not self.codes[code].usable(on):
            raise CodeRefusal(
                "retired-code",
                retired=code,
                label=self.codes[code].zh,
                on=on.isoformat(),
                list_zh=self.title.zh,
                list_en=self.title.en,
            )

    def _said_by_all(self, written: str) -> str | None:
        """Return the one code that a text made of several labels stands for, if it stands for one."""
        ways = readings(written, self._by_label)
        single = {code for way in ways if len(way) == 1 for code in way}
        if len(single) == 1:
            return single.pop()
        if ways:
            codes = [code for code in self.codes if any(code in way for way in ways)]
            raise CodeRefusal(
                "ambiguous-label",
                written=repeated(written),
                readings_zh="”和“".join(self.codes[code].zh for code in codes),
                readings_en=" and ".join(self.codes[code].en for code in codes),
            )
        return None

    def _allowed(self, value: object) -> str:
        """The code that a label stands for, or else the first codes of the list."""
        meant = self._by_label.get(written_alike(value)) if isinstance(value, str) else None
        codes = [meant] if meant else list(self.offered)[:_LISTED]
        rest = "" if meant or len(self.offered) <= _LISTED else " …"
        return ", ".join(f"{code} ({self.codes[code].zh})" for code in codes) + rest

    @cached_property
    def _by_label(self) -> Mapping[str, str]:
        return {
            written_alike(label): code
            for code, entry in self.codes.items()
            for label in (code, entry.zh, *entry.aliases)
        }

    @model_validator(mode="after")
    def _labels_are_unique(self) -> Self:
        labels = [
            label
            for code, entry in self.codes.items()
            for label in dict.fromkeys(map(written_alike, (code, entry.zh, *entry.aliases)))
        ]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"labels used by more than one code: {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class CodeFrom:
    """Makes a text a closed enum: ``Category = Annotated[str, CodeFrom("household_category")]``.

    Any code of the list passes, retired ones too: lists are narrowed by them, and whether a record
    may use one depends on its day, which ``CodedContent`` looks at.
    """

    list_name: str

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            refusing(code_list(self.list_name).check),
            serialization=core_schema.to_string_ser_schema(),
        )

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        named = code_list(self.list_name)
        return {
            "type": "string",
            "enum": list(named.codes),
            # Generators of clients put these beside the values.
            "x-enum-descriptions": [f"{code.zh} {code.en}" for code in named.codes.values()],
            "description": named.describe(),
            "examples": [next(iter(named.codes))],
        }


def read_code_lists(text: str) -> Mapping[str, CodeList]:
    """Return the lists in a YAML document by name.

    Raises pydantic's ValidationError, which names the place, for a document of another form, and
    ValueError for a ``part_of`` that the list it belongs to does not have.
    """
    lists = TypeAdapter(dict[str, CodeList]).validate_python(yaml.safe_load(text))
    for name, each in lists.items():
        whole = lists[each.belongs_to].codes if each.belongs_to in lists else {}
        for code, entry in each.codes.items():
            if (entry.part_of is not None or each.belongs_to) and entry.part_of not in whole:
                raise ValueError(
                    f"{name}.{code}: part_of {entry.part_of} is not in {each.belongs_to}"
                )
    return MappingProxyType(lists)


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Return every list of the register by name."""
    return read_code_lists(_FILE.read_text(encoding="utf-8"))


def code_list(name: str) -> CodeList:
    """Return one list. Raises KeyError for a name that the file does not have."""
    return code_lists()[name]
