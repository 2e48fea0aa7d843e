"""What is repeated in a message: masked by its content, made visible, cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.bilingual import Bilingual
from shared.values.personal_numbers import PersonalNumberKind, masked_numbers, personal_numbers
from shared.values.refusal import InvalidValue
from shared.values.repeating import MOST, fit_to_repeat, repeated

IDENTITY, CARD, MOBILE = "330127196305120011", "6222021234567890128", "13800000000"
NUMBERS = [
    IDENTITY,
    "11010519491231002X",
    "11010519491231002x",
    "11010519491231002Ⅹ",
    "11010519491231002×",
    "330127196305120012",  # a wrong check character
    "330127630512001",
    f"{IDENTITY}41",
    CARD,
    MOBILE,
    f"+86{MOBILE}",
    "0571-64821234",
]


def spaced(number: str, between: str) -> str:
    return f"{number[:6]}{between}{number[6:14]}{between}{number[14:]}"


WRITTEN = [
    *NUMBERS,
    *(spaced(IDENTITY, between) for between in (" ", "-", "－", "\u00a0", "\u200b", "·", "  ")),
    " ".join(IDENTITY),
    IDENTITY.translate({place: place + 0xFEE0 for place in range(0x30, 0x3A)}),
    IDENTITY.translate({place: place - 0x30 + 0x0660 for place in range(0x30, 0x3A)}),
    "6222 0212 3456 7890 128",
    "138 0000 0000",
    "138-0000-0000",
]


@pytest.mark.parametrize("written", WRITTEN, ids=ascii)
@pytest.mark.parametrize(
    "around", ["{}", "户主{}，村民", "ID:{}", "（{}）", "{}{}", "x" * 50 + "{}"]
)
def test_numbers_of_persons_are_masked_wherever_they_stand(written: str, around: str) -> None:
    text = around.format(written, written) if around != "{}{}" else f"{written}，{written}"
    masked = masked_numbers(text)
    assert len(masked) == len(text)
    assert not any(character.isdigit() for character in masked)
    assert written not in repeated(text)


@pytest.mark.parametrize(
    "text",
    [
        "CA-000123",
        "330127100219",
        "330127100219000123",
        "2020-01-01 至 2021-01-01 共 12000.00 元",
        "1980-01-01 100",
        "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
        "浙民助〔2019〕126号",
        "9007199254740993",
        "2020年12月31日12时30分",
        "12345678901234567890",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert personal_numbers(text) == []
    assert repeated(text) == text


def test_a_number_is_masked_also_where_the_text_is_cut() -> None:
    for before in range(MOST - 20, MOST + 1):
        shown = repeated("甲" * before + IDENTITY)
        assert not any(character.isdigit() for character in shown)
        assert len(shown) <= MOST + 1


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u200b", "\u202e", "\ud800", "\ufeff"])
def test_what_cannot_be_seen_is_named(character: str) -> None:
    assert repeated(f"联系{character}电话") == f"联系[U+{ord(character):04X}]电话"


def test_line_breaks_and_rare_characters_stay() -> None:
    assert fit_to_repeat("一\n二\t𠮷·葛\U000e0100") == "一\n二\t𠮷·葛\U000e0100"


@given(st.text())
def test_what_is_repeated_has_bytes_and_an_end(text: str) -> None:
    shown = repeated(text)
    shown.encode()
    assert len(shown) <= MOST + 1


def test_every_refusal_masks_its_details() -> None:
    class Refused(InvalidValue):
        code = "refused"
        template = Bilingual("“{written}”不对", '"{written}" is wrong')

    refusal = Refused(written=f"甲{IDENTITY}\x00")
    assert IDENTITY not in refusal.message.zh + refusal.message.en + repr(refusal.details)
    assert "[U+0000]" in refusal.message.zh
    assert IDENTITY not in str(refusal.as_pydantic().context)


def test_kinds_have_names_in_both_languages() -> None:
    for kind in PersonalNumberKind:
        assert kind.called.zh
        assert kind.called.en
