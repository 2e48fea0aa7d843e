import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.masking import mask, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("330127196305120013", "33************0013"),
        ("330127630512001", "33*********2001"),
        ("E12345678", "E1***5678"),
        ("12345678", "********"),
        ("", ""),
    ],
)
def test_mask(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("13800138000", "138****8000"), ("64812345", "********")]
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
def test_masks_keep_the_length_and_hide_three_at_least(number: str) -> None:
    for shown in (mask(number), mask_phone(number)):
        assert len(shown) == len(number)
        assert shown.count("*") >= min(3, len(number))
