import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from services.registry.values.identity import IdentityForm, read_identity_number
from services.registry.values.masking import mask, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("330127196305120013", "33****************"),
        ("330127630512001", "33*************"),
        ("330127196305120013" + "31", "33******************"),
        ("E12345678", "E1*******"),
        ("12345678", "********"),
        ("", ""),
    ],
)
def test_mask(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800138000", "138******00"),
        ("0571-64812345", "057********45"),
        ("64812345", "********"),
    ],
)
def test_mask_phone(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("诸葛孔明", "诸葛**"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_mask_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@given(st.text(alphabet="0123456789", max_size=30))
def test_masks_keep_the_length_and_hide_enough(number: str) -> None:
    for shown, hidden in ((mask(number), 7), (mask_phone(number), 5)):
        assert len(shown) == len(number)
        assert shown.count("*") >= min(hidden, len(number))


@pytest.mark.parametrize("sex", ["1", "2"])
@pytest.mark.parametrize("form", IdentityForm)
def test_every_serial_of_a_sex_looks_the_same(form: IdentityForm, sex: str) -> None:
    """County, birth date and sex are known, and what is shown narrows nothing further."""
    candidates = [
        number for number in numbers_of(form, "330127", "19630512") if sex_of(number) == sex
    ]
    assert len(candidates) == 500
    assert len({mask(number) for number in candidates}) == 1


def numbers_of(form: IdentityForm, place: str, birth: str) -> list[str]:
    """Return all numbers of a form that a place may have given to those born on a day."""
    if form is IdentityForm.RESIDENT_OLD:
        return [f"{place}{birth[2:]}{serial:03}" for serial in range(1000)]
    tail = "31" if form is IdentityForm.DISABILITY_CARD else ""
    bodies = [f"{place}{birth}{serial:03}" for serial in range(1000)]
    return [body + mod_11_2.calc_check_digit(body) + tail for body in bodies]


def sex_of(number: str) -> str:
    return read_identity_number(number).sex
