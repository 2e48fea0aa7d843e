"""Kinds of text: what each takes, keeps and refuses, named in words."""

import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.testing.refusals import refused
from shared.values.refusal import InvalidValue
from shared.values.text import HeldTexts, Identifier, Line, Name, Note, TextKind
from shared.values.text_refusals import TextRefusal

KINDS: list[TextKind] = [Identifier(60), Name(60), Line(60), Note(60)]
INVISIBLE = [
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u17b4", "\u180e", "\u200b", "\u200e", "\u202e",
    "\u2028", "\u2029", "\u2060", "\u2066", "\u2800", "\u3164", "\ufeff", "\ufff9", "\ufffc",
    "\U000e0041", "\ud800", "\udfff", "\ufffe", "\U0010ffff", "\ufdd0",
]  # fmt: skip


def kind_name(kind: TextKind) -> str:
    return kind.name


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_what_cannot_be_seen_is_refused_everywhere_and_named(
    kind: TextKind, character: str
) -> None:
    with refused(TextRefusal, "invisible-character") as caught:
        kind.read(f"甲{character}1")
    point = f"U+{ord(character):04X}"
    assert point in caught.value.message.zh
    assert point in caught.value.message.en
    assert "2" in caught.value.message.zh
    assert character not in caught.value.message.zh


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
@pytest.mark.parametrize("character", [chr(each) for each in (0, 1, 7, 8, 27, 31, 127, 128, 159)])
def test_control_characters_are_refused_everywhere(kind: TextKind, character: str) -> None:
    with refused(TextRefusal, "control-character"):
        kind.read(f"甲{character}乙")


def test_a_zero_width_space_is_named_in_both_languages() -> None:
    with refused(TextRefusal, "invisible-character") as caught:
        Identifier(40).read("A1\u200b2")
    assert "第 3 个字符是零宽空格 U+200B" in caught.value.message.zh
    assert "Character 3 is zero width space U+200B" in caught.value.message.en


@pytest.mark.parametrize(
    "text",
    [
        "阿卜杜拉·买买提",
        "𠮷田",
        "\U00031350\U0002ebf0",
        "葛\U000e0100",
        "辻\ufe00",
        "\ufa19\u4e0d",
        "\ue863",
        "O'Brien Jr.",
        "（虚构）张三",
    ],
)
@pytest.mark.parametrize("kind", [Name(60), Line(60), Note(60)], ids=kind_name)
def test_rare_characters_stay_as_they_are(kind: TextKind, text: str) -> None:
    assert kind.read(text) == text


@pytest.mark.parametrize("written", ["ＣＡ－０００１", "CA-0001", "ＣA－0001"])
def test_identifiers_that_look_the_same_are_the_same(written: str) -> None:
    assert Identifier(40).read(written) == "CA-0001"


@pytest.mark.parametrize(
    "written",
    ["А1", "Ο1", "A 1", "A\u30001", "A\u00a01", "①", "A²", "A–1", "A\u2010", "é", "1\ufe0f", "葛\U000e0100", "\ue863", "Ⅲ"],
    ids=ascii,
)  # fmt: skip
def test_identifiers_refuse_what_looks_like_something_else(written: str) -> None:
    with pytest.raises(TextRefusal) as caught:
        Identifier(40).read(written)
    assert caught.value.code in {"character-not-of-identifier", "invisible-character"}


@pytest.mark.parametrize("written", ["村-01/2（甲）", "㐀𠮷·1", "A#1_b"])
def test_identifiers_take_chinese_and_signs(written: str) -> None:
    assert Identifier(40).read(written) == written.replace("（", "(").replace("）", ")")


def test_canonically_equal_names_are_the_same() -> None:
    composed, decomposed = "José", unicodedata.normalize("NFD", "José")
    assert Name(60).read(decomposed) == composed == Name(60).read(composed)


@pytest.mark.parametrize("written", ["张\u3000三", "张\u00a0三", "张\ufffd", "张\u0378"], ids=ascii)
def test_names_refuse_odd_spaces_and_what_is_garbled(written: str) -> None:
    with refused(TextRefusal, "character-not-of-name"):
        Name(60).read(written)


@pytest.mark.parametrize("kind", [Identifier(40), Name(40)], ids=kind_name)
@pytest.mark.parametrize("space", [" ", "\u3000", "\u00a0", "\t"], ids=ascii)
def test_outer_space_is_refused_in_numbers_and_names(kind: TextKind, space: str) -> None:
    for written in (f"{space}甲", f"甲{space}"):
        with refused(TextRefusal, "outer-space"):
            kind.read(written)


@pytest.mark.parametrize("kind", [Line(40), Note(40)], ids=kind_name)
def test_outer_space_of_words_is_taken_away(kind: TextKind) -> None:
    assert kind.read(" \u3000镇政府\u00a0") == "镇政府"


def test_only_a_note_has_lines() -> None:
    assert Note(40).read("一\r\n二\r三\t四") == "一\n二\n三\t四"
    for kind in (Identifier(40), Name(40), Line(40)):
        with refused(TextRefusal, "control-character"):
            kind.read("一\n二")


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
@pytest.mark.parametrize("written", ["", "  ", "\u3000"], ids=ascii)
def test_blank_is_nothing(kind: TextKind, written: str) -> None:
    with refused(TextRefusal, "text-blank"):
        kind.read(written)


def test_length_counts_characters_as_kept() -> None:
    assert Line(2).read(" 甲乙 ") == "甲乙"
    with refused(TextRefusal, "text-too-long"):
        Line(2).read("甲乙丙")
    with refused(TextRefusal, "text-too-short"):
        Line(10, least=4).read("甲乙丙")
    assert Note(10, least=0).read(" ") == ""


@pytest.mark.parametrize("value", [1, 1.0, True, None, b"a", ["a"], {"a": 1}])
def test_only_text_is_text(value: object) -> None:
    with refused(TextRefusal, "text-expected"):
        Line(10).read(value)


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
@pytest.mark.parametrize(
    "number", ["330127196305120011", "11010519491231002x", "6222021234567890128", "13800000000"]
)
def test_numbers_of_persons_stand_in_no_text(kind: TextKind, number: str) -> None:
    for written in (number, f"甲{number}乙"):
        with refused(TextRefusal, "personal-number-misplaced") as caught:
            kind.read(written)
        assert number not in caught.value.message.zh


def test_numbers_of_persons_stand_where_they_are_asked_for() -> None:
    asked = Identifier(40, personal=True)
    assert asked.read("３３０１２７１９６３０５１２００１１") == "330127196305120011"


@pytest.mark.parametrize("number", ["330127100219001", "330127100219000123", "330127200212010203"])
def test_offices_may_count_within_a_village(number: str) -> None:
    assert Identifier(40).read(number) == number


@given(st.text(max_size=80))
def test_reading_twice_is_reading_once(text: str) -> None:
    for kind in KINDS:
        try:
            once = kind.read(text)
        except InvalidValue as refusal:
            refusal.message.zh.encode()
            refusal.message.en.encode()
        else:
            assert kind.read(once) == once
            once.encode()


class _Model(BaseModel):
    number: Annotated[str, Identifier(10)]
    name: Annotated[str | None, Name(10)] = None


def test_a_model_says_what_is_wrong_and_shows_its_kinds() -> None:
    with pytest.raises(ValidationError) as caught:
        _Model.model_validate({"number": "A\u200b", "name": "\x07"})
    assert [error["type"] for error in caught.value.errors()] == [
        "invisible_character",
        "control_character",
    ]
    assert _Model.model_json_schema()["properties"]["number"]["x-text-kind"] == "identifier"


def test_what_is_recorded_already_passes_while_the_rest_is_amended() -> None:
    before = {"number": "A\u200b", "name": "旧"}
    amended = {**before, "name": "新"}
    assert _Model.model_validate(amended, context=HeldTexts.of(before)).name == "新"
    with pytest.raises(ValidationError):
        _Model.model_validate({**before, "name": "新\u200b"}, context=HeldTexts.of(before))
