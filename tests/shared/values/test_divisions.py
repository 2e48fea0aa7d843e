import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.values.divisions import (
    DivisionCode,
    DivisionGap,
    DivisionLevel,
    DivisionNotTwelveDigits,
    ancestors,
    contains,
    level,
    parent,
    parse_division_code,
    span,
)

_part2 = st.integers(1, 99).map("{:02d}".format)
_part3 = st.integers(1, 999).map("{:03d}".format)
_province = st.integers(10, 89).map(str)


@st.composite
def codes(draw: st.DrawFn) -> str:
    """A code of any level, of cities without counties as well."""
    parts = [draw(_province)]
    depth = draw(st.integers(1, 5))
    county = _part2 if depth <= 3 else st.one_of(_part2, st.just("00"))
    parts += [draw(each) for each in (_part2, county, _part3, _part3)[: depth - 1]]
    return "".join(parts).ljust(12, "0")


@pytest.mark.parametrize(
    ("code", "expected", "above"),
    [
        ("330000000000", DivisionLevel.PROVINCE, ()),
        ("330100000000", DivisionLevel.CITY, ("330000000000",)),
        ("330127000000", DivisionLevel.COUNTY, ("330000000000", "330100000000")),
        (
            "330127100000",
            DivisionLevel.TOWNSHIP,
            ("330000000000", "330100000000", "330127000000"),
        ),
        (
            "330127100219",
            DivisionLevel.VILLAGE,
            ("330000000000", "330100000000", "330127000000", "330127100000"),
        ),
        ("441900003000", DivisionLevel.TOWNSHIP, ("440000000000", "441900000000")),
    ],
)
def test_level_and_ancestors(code: str, expected: DivisionLevel, above: tuple[str, ...]) -> None:
    assert level(code) == expected
    assert ancestors(code) == above
    assert parent(code) == (above[-1] if above else None)


@pytest.mark.parametrize(
    ("code", "past_last"),
    [
        ("330000000000", "340000000000"),
        ("330127000000", "330128000000"),
        ("339999000000", "340000000000"),
        ("330127100219", "330127100220"),
        ("330127999999", "330128000000"),
        ("891234999999", "891235000000"),
        ("890000000000", "900000000000"),
    ],
)
def test_span_carries(code: str, past_last: str) -> None:
    assert span(code) == (code, past_last)


@given(codes(), codes())
def test_span_holds_exactly_what_the_division_contains(outer: str, inner: str) -> None:
    first, past_last = span(outer)
    assert len(past_last) == 12
    assert (first <= inner < past_last) == contains(outer, inner)


@given(codes())
def test_every_ancestor_contains_the_division(code: str) -> None:
    assert contains(code, code)
    for above in ancestors(code):
        assert contains(above, code)
        assert not contains(code, above)
        assert parse_division_code(above) == above


@given(codes())
def test_ancestors_are_the_parents_in_turn(code: str) -> None:
    chain, above = [], parent(code)
    while above is not None:
        chain.append(above)
        above = parent(above)
    assert ancestors(code) == tuple(reversed(chain))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "330127",
        "3301271002191",
        "33012710020a",
        "３３０１２７１００２０１",
        "033012710020",
        "330127100219\n",
        "900000000000",
        " 330127100219",
        330127100219,
        None,
    ],
)
def test_refuses_what_is_no_code(value: object) -> None:
    with pytest.raises(DivisionNotTwelveDigits):
        parse_division_code(value)


@pytest.mark.parametrize("value", ["330027000000", "330000100000", "330127000201"])
def test_refuses_gaps(value: str) -> None:
    with pytest.raises(DivisionGap) as refused:
        parse_division_code(value)
    assert value in refused.value.message.zh
    assert value in refused.value.message.en


def test_questions_about_no_code_are_refused() -> None:
    with pytest.raises(DivisionNotTwelveDigits):
        level("33")
    with pytest.raises(DivisionNotTwelveDigits):
        contains("330000000000", "33")


def test_agrees_with_the_published_list() -> None:
    published = next(Path("services").rglob("zhejiang-divisions-2020-06-30.csv"))
    with published.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            assert level(row["code"]) == row["level"]
            assert parent(row["code"]) == (row["parent"] or None)


def test_wire_type_reports_code_and_both_languages() -> None:
    wire = TypeAdapter(DivisionCode)
    assert wire.validate_python("330127000000") == "330127000000"
    with pytest.raises(ValidationError) as refused:
        wire.validate_python("33")
    error = refused.value.errors()[0]
    assert error["type"] == "division_not_twelve_digits"
    assert "12 digits" in error["msg"]
    assert "12 位" in error["ctx"]["zh"]
    schema = wire.json_schema()
    assert schema["pattern"] == "^[1-8][0-9]{11}$"
    assert schema["examples"]
