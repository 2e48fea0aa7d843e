from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from services.registry.values.identity import (
    IdentityForm,
    IdentityRefusal,
    IdentityWarning,
    read_identity_number,
)
from shared.testing.refusals import refused
from shared.values.refusal import InvalidValue

_births = st.dates(date(1900, 1, 1), date(2020, 12, 31))
_sequences = st.integers(0, 999).map("{:03d}".format)


def numbered(birth: date, sequence: str = "001", place: str = "330127") -> str:
    seventeen = f"{place}{birth:%Y%m%d}{sequence}"
    return str(seventeen + mod_11_2.calc_check_digit(seventeen))


@given(_births, _sequences)
def test_says_birth_date_and_sex(birth: date, sequence: str) -> None:
    read = read_identity_number(numbered(birth, sequence))
    assert read.form is IdentityForm.RESIDENT
    assert read.birth_date == birth
    assert read.sex == ("1" if int(sequence) % 2 else "2")
    assert read.warnings == ()
    assert read.resident_number == read.number


@given(_births, _sequences, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(
    birth: date, sequence: str, place: int, shift: int
) -> None:
    number = numbered(birth, sequence)
    digit = 10 if number[place] == "X" else int(number[place])
    wrong = f"{number[:place]}{(digit + shift) % 10}{number[place + 1 :]}"
    if wrong != number:
        with refused(IdentityRefusal, "identity-number-check-digit"):
            read_identity_number(wrong)


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), _sequences)
def test_old_numbers_stand_for_the_same_person(birth: date, sequence: str) -> None:
    number = numbered(birth, sequence)
    old = read_identity_number(number[:6] + number[8:17])
    assert old.form is IdentityForm.RESIDENT_OLD
    assert old.warnings == (IdentityWarning.OLD_FORM,)
    assert old.resident_number == number
    assert (old.birth_date, old.sex) == (birth, read_identity_number(number).sex)


def test_disability_card() -> None:
    number = numbered(date(1963, 5, 12))
    card = read_identity_number(number + "43")
    assert card.form is IdentityForm.DISABILITY_CARD
    assert card.resident_number == number
    assert card.warnings == ()
    assert read_identity_number(number + "85").warnings == (IdentityWarning.DISABILITY_UNKNOWN,)


def test_unknown_place_is_only_a_warning() -> None:
    abolished_county = read_identity_number(numbered(date(1963, 5, 12), place="339999"))
    assert abolished_county.warnings == ()
    unknown = read_identity_number(numbered(date(1963, 5, 12), place="990000"))
    assert unknown.warnings == (IdentityWarning.BIRTHPLACE_UNKNOWN,)


def test_every_warning_has_words() -> None:
    for warning in IdentityWarning:
        assert all(warning.message)


def test_small_x_becomes_large() -> None:
    number = next(
        found
        for sequence in range(999)
        if (found := numbered(date(1963, 5, 12), f"{sequence:03d}")).endswith("X")
    )
    assert read_identity_number(number.lower()).number == number


@pytest.mark.parametrize("birth", ["19630230", "19631312", "00000101"])
def test_refuses_a_birth_date_that_does_not_exist(birth: str) -> None:
    seventeen = f"330127{birth}001"
    with refused(IdentityRefusal, "identity-number-birth-date"):
        read_identity_number(seventeen + mod_11_2.calc_check_digit(seventeen))


def test_refuses_a_birth_after_the_day_of_record() -> None:
    number = numbered(date(2020, 7, 1))
    assert read_identity_number(number, on=date(2020, 7, 1)).birth_date == date(2020, 7, 1)
    with refused(IdentityRefusal, "identity-number-birth-date"):
        read_identity_number(number, on=date(2020, 6, 30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3301271963051200",
        "33012719630512001Y",
        "3.30127196305120e+17",
        None,
        330127196305120013,
        "３３０１２７１９６３０５１２００１３",
        "330127196305120013 ",
        "330127196305120013\n",
        "X" * 18,
    ],
)
def test_refuses_other_forms(text: object) -> None:
    with refused(IdentityRefusal, "identity-number-form"):
        read_identity_number(text)


@pytest.mark.parametrize("text", ["33012719630512001", "330127196305120010", "330127196302300013"])
def test_refusals_never_repeat_the_number(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_identity_number(text)
    assert text not in refused.value.message.zh + refused.value.message.en + str(refused.value)
