"""The kinds of text that the services take, on the wire and in the cells of files alike.

An ``Identifier`` is a number or code that people give (编号): its full-width letters, digits and signs
are kept half-width; it holds Chinese characters, printable ASCII and ·, and no space. A ``Name`` is
what a person or place is called (姓名, 名称), kept as written but for canonical composition. A ``Line``
is one line of words (单位, 标题), a ``Note`` may have several (说明). None holds a character that cannot
be seen, or what looks like the number of a person, a bank card or a telephone.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from shared.values.characters import (
    HAN,
    called,
    is_control,
    is_ideograph,
    is_invisible,
    is_unassigned,
    is_variation_selector,
)
from shared.values.personal_numbers import PersonalNumberKind, personal_numbers
from shared.values.refusal import InvalidValue
from shared.values.text_refusals import TextRefusal

KIND = "x-text-kind"
"""Member of a JSON schema that says which kind of text it is."""
# What most texts are made of, so that most need not be looked at character by character.
_USUAL = re.compile(f"[ -~·、。，：；？！（）《》“”‘’—…％０-９{HAN}]*")
_LINE_ENDS = re.compile("\r\n?")
_FULL_WIDTH = {place: place - 0xFEE0 for place in range(0xFF01, 0xFF5F)}
_OF_IDENTIFIER = re.compile(f"[!-~·{HAN}]*")
# Composing would replace a compatibility ideograph by the common one, and so change a name.
_COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")


def half_width(text: str) -> str:
    """Return a text with its full-width letters, digits and signs half-width."""
    return text.translate(_FULL_WIDTH)


@dataclass(frozen=True)
class HeldTexts:
    """The texts that a record holds before it is amended, as context of its validation.

    What was recorded before a rule was made does not keep the rest from being amended: a text that
    the member holds already passes as it is. ``today`` is the day of the amendment.
    """

    texts: frozenset[tuple[str | None, str]]
    today: date | None = None

    @classmethod
    def of(cls, content: object, today: date | None = None) -> "HeldTexts":
        """Return the texts in a record's content, each with the member that holds it."""
        return cls(frozenset(_texts(content, None)), today)

    def holds(self, member: str | None, text: object) -> bool:
        """Tell whether the record has a text in a member."""
        return (member, text) in self.texts


def is_held(text: object, info: core_schema.ValidationInfo[Any], member: str | None = None) -> bool:
    """Tell whether a record that is amended holds a text in a member, the one under validation."""
    held = info.context
    return isinstance(held, HeldTexts) and held.holds(member or info.field_name, text)


@dataclass(frozen=True)
class TextKind:
    """A kind of text with its bounds, in characters; each kind says what it does not hold.

    ``personal`` says that numbers of persons are what is asked for here.
    """

    most: int
    least: int = 1
    personal: bool = False

    name: ClassVar[str]
    pattern: ClassVar[str] = r"\S"
    trims: ClassVar[bool] = True
    usual: ClassVar[re.Pattern[str]] = _USUAL

    def read(self, value: object) -> str:
        """Return the text as it is kept. Raises a TextRefusal."""
        if not isinstance(value, str):
            raise TextRefusal("text-expected")
        text = self._kept(value)
        stripped = text.strip()
        if not stripped and self.least:
            raise TextRefusal("text-blank")
        if stripped != text:
            if not self.trims:
                raise TextRefusal("outer-space")
            text = stripped
        if len(text) > self.most:
            raise TextRefusal("text-too-long", most=self.most)
        if len(text) < self.least:
            raise TextRefusal("text-too-short", least=self.least)
        if not self.usual.fullmatch(text):
            self._require_characters(text)
        if not self.personal:
            self._require_no_personal_number(text)
        return text

    def _kept(self, text: str) -> str:
        if text.isascii():
            return text
        return _COMPOSABLE.sub(lambda part: unicodedata.normalize("NFC", part[0]), text)

    def _require_characters(self, text: str) -> None:
        before = ""
        for place, character in enumerate(text, start=1):
            reason = self._why_not(character, before)
            if reason is not None:
                name = called(character)
                raise TextRefusal(reason, place=place, called_zh=name.zh, called=name.en)
            before = character

    def _why_not(self, character: str, before: str) -> str | None:
        """Return the reason why a character cannot stand behind another one, None if it can."""
        if is_control(character):
            return "control-character"
        if is_invisible(character):
            return "invisible-character"
        return None

    def _require_no_personal_number(self, text: str) -> None:
        for kind, start, _ in personal_numbers(text):
            if self._can_hold(kind):
                continue
            raise TextRefusal(
                "personal-number-misplaced",
                place=start + 1,
                kind_zh=kind.called.zh,
                kind=kind.called.en,
            )

    def _can_hold(self, _kind: PersonalNumberKind) -> bool:
        return False

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self._validated, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        bounds = {"minLength": self.least, "maxLength": self.most}
        form = {"pattern": self.pattern} if self.least else {}
        return {"type": "string", **bounds, **form, KIND: self.name}

    def _validated(self, value: object, info: core_schema.ValidationInfo) -> str:
        if isinstance(value, str) and is_held(value, info):
            return value
        try:
            return self.read(value)
        except InvalidValue as refusal:
            raise refusal.as_pydantic() from refusal


class Identifier(TextKind):
    """A number or code that people give 编号."""

    name = "identifier"
    pattern = r"^\S+$"
    trims = False
    usual = _OF_IDENTIFIER

    def _kept(self, text: str) -> str:
        return half_width(super()._kept(text))

    def _why_not(self, character: str, before: str) -> str | None:
        if _OF_IDENTIFIER.fullmatch(character):
            return None
        return super()._why_not(character, before) or "character-not-of-identifier"

    def _can_hold(self, kind: PersonalNumberKind) -> bool:
        # Offices count within a village: 12 digits of its code and 3 or 6 more may look like one.
        return kind in (PersonalNumberKind.IDENTITY_OLD, PersonalNumberKind.IDENTITY_UNCHECKED)


class Name(TextKind):
    """What a person or a place is called 姓名、名称."""

    name = "name"
    pattern = r"^\S(.*\S)?$"
    trims = False

    def _why_not(self, character: str, before: str) -> str | None:
        if is_variation_selector(character):
            return None if is_ideograph(before or " ") else "invisible-character"
        known = super()._why_not(character, before)
        if known is None and (
            is_unassigned(character)
            or character == "\N{REPLACEMENT CHARACTER}"
            or (character.isspace() and character != " ")
        ):
            return "character-not-of-name"
        return known


class PlaceName(Name):
    """What a division is called 区划名称: without space."""

    pattern = r"^\S+$"

    def _why_not(self, character: str, before: str) -> str | None:
        return "character-not-of-name" if character == " " else super()._why_not(character, before)


class Telephone(TextKind):
    """A telephone number 联系电话: digits and dashes, a + before them for another country."""

    name = "telephone"
    pattern = r"^\+?[0-9-]{5,20}$"

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise TextRefusal("text-expected")
        if not re.fullmatch(self.pattern, value):
            raise TextRefusal("telephone-malformed")
        return value


class Line(TextKind):
    """One line of words 单位、标题等."""

    name = "line"


class Note(TextKind):
    """Words of one or several lines 说明."""

    name = "note"

    def _kept(self, text: str) -> str:
        return _LINE_ENDS.sub("\n", super()._kept(text))

    def _why_not(self, character: str, before: str) -> str | None:
        # Joiners make one picture or ligature of several characters.
        if character in "\n\t\u200c\u200d":
            return None
        return super()._why_not(character, before)


def _texts(content: object, member: str | None) -> Iterator[tuple[str | None, str]]:
    match content:
        case str():
            yield member, content
        case date():
            yield member, content.isoformat()
        case Mapping():
            for name, value in content.items():
                yield from _texts(value, name)
        case Sequence():
            for value in content:
                yield from _texts(value, member)
