from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from services.registry.values.yuan import Yuan
from shared.values.money import Fen, format_fen, parse_amount_cell, parse_fen
from shared.values.money_refusals import MoneyRefusal

_fen = st.integers(-(10**17) + 1, 10**17 - 1)


class Entry(BaseModel):
    amount: Yuan
    rest: Annotated[Yuan, Field(ge=0)] | None = None


@given(_fen)
def test_format_and_parse_round_trip(fen: int) -> None:
    assert parse_fen(format_fen(fen)) == fen
    assert Decimal(format_fen(fen)) * 100 == fen


@given(_fen.map(Fen))
def test_wire_round_trip(fen: Fen) -> None:
    written = Entry(amount=fen).model_dump_json(exclude_none=True)
    assert written == f'{{"amount":"{format_fen(fen)}"}}'
    assert Entry.model_validate_json(written).amount == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("8000.00", 800000),
        ("8000", 800000),
        ("-3.5", -350),
        ("0.05", 5),
        ("-0.05", -5),
        ("0", 0),
        ("999999999999999.99", 10**17 - 1),
    ],
)
def test_accepts_plain_amounts(text: str, fen: int) -> None:
    assert parse_fen(text) == fen
    assert Entry.model_validate({"amount": text}).amount == fen


REFUSED = [
    ("", "money-blank", "8000.00"),
    ("  ", "money-blank", "8000.00"),
    ("8,000", "money-has-separator", "8000.00"),
    ("1，234，567.8", "money-has-separator", "1234567.80"),
    ("1e4", "money-has-exponent", "8000.00"),
    ("NaN", "money-not-finite", "8000.00"),
    ("-Infinity", "money-not-finite", "8000.00"),
    ("６５００", "money-full-width", "6500.00"),
    ("6 500", "money-has-space", "6500.00"),
    ("6500元", "money-has-unit", "6500.00"),
    ("￥6500", "money-has-unit", "6500.00"),
    ("0.65万元", "money-has-unit", "6500.00"),
    ("八千", "money-in-words", "8000.00"),
    ("捌仟元整", "money-in-words", "8000.00"),
    ("1.234", "money-too-precise", "ROUND"),
    ("8,000.123", "money-too-precise", "ROUND"),
    ("1000000000000000", "money-too-large", "15"),
    (".5", "money-malformed", "8000.00"),
    ("5.", "money-malformed", "8000.00"),
    ("+5", "money-malformed", "8000.00"),
    ("12,34", "money-malformed", "8000.00"),
    ("８.0.0", "money-malformed", "8000.00"),
    ("٣", "money-malformed", "8000.00"),
    ("{0}", "money-malformed", "8000.00"),
]


@pytest.mark.parametrize(("text", "code", "advice"), REFUSED)
def test_refuses_with_a_code_and_advice(text: str, code: str, advice: str) -> None:
    with pytest.raises(MoneyRefusal) as refused:
        parse_fen(text)
    assert refused.value.code == code
    assert advice in refused.value.message.zh
    assert advice in refused.value.message.en
    with pytest.raises(ValidationError) as invalid:
        Entry.model_validate({"amount": text})
    error = invalid.value.errors()[0]
    assert error["type"] == code.replace("-", "_")
    assert advice in error["msg"]
    assert error["ctx"]["zh"] == refused.value.template.zh


@pytest.mark.parametrize("text", ["8000\n", "\t8000", "8000 "])
def test_wire_refuses_space_that_cells_may_have(text: str) -> None:
    with pytest.raises(MoneyRefusal) as refused:
        parse_fen(text)
    assert refused.value.code == "money-has-space"
    assert parse_amount_cell(text) == 800000


@given(st.text(max_size=40))
def test_any_text_is_plain_or_refused(text: str) -> None:
    with suppress(MoneyRefusal):
        fen = parse_fen(text)
        assert parse_fen(format_fen(fen)) == fen


@pytest.mark.parametrize("value", [8000, 8000.0, True, None, ["8000"]])
def test_wire_refuses_what_is_not_text(value: object) -> None:
    with pytest.raises(ValidationError) as invalid:
        Entry.model_validate({"amount": value})
    assert invalid.value.errors()[0]["type"] == "money_not_text"


def test_bounds_are_in_fen() -> None:
    assert Entry.model_validate({"amount": "-1", "rest": "0"}).rest == 0
    with pytest.raises(ValidationError) as invalid:
        Entry.model_validate({"amount": "-1", "rest": "-0.01"})
    assert invalid.value.errors()[0]["type"] == "greater_than_equal"


def test_python_sees_fen_and_json_sees_yuan() -> None:
    entry = Entry.model_validate({"amount": "8000"})
    assert entry.model_dump()["amount"] == 800000
    assert entry.model_dump(mode="json")["amount"] == "8000.00"
    schema: dict[str, Any] = Entry.model_json_schema(mode="serialization")
    assert schema["properties"]["amount"]["type"] == "string"
    assert schema["properties"]["amount"]["examples"] == ["8000.00"]


@given(st.integers(0, 10**12))
def test_a_float_of_two_places_is_what_the_sheet_shows(fen: int) -> None:
    assert parse_amount_cell(fen / 100) == fen
    assert parse_amount_cell(fen) == fen * 100


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_exact_or_refused(value: float) -> None:
    try:
        fen = parse_amount_cell(value)
    except MoneyRefusal:
        return
    assert fen is not None
    assert float(format_fen(fen)) == value


@pytest.mark.parametrize("blank", [None, "", "  ", "\n"])
def test_a_blank_cell_is_unknown(blank: str | None) -> None:
    assert parse_amount_cell(blank) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.1 + 0.2, "money-too-precise"),
        (float("nan"), "money-not-finite"),
        (float("-inf"), "money-not-finite"),
        (1e16, "money-too-large"),
        (10**15, "money-too-large"),
        (-1, "money-negative"),
        (-0.5, "money-negative"),
        ("-3.5", "money-negative"),
        (True, "money-malformed"),
        ("无", "money-malformed"),
    ],
)
def test_cells_are_refused_with_a_code(value: str | float, code: str) -> None:
    with pytest.raises(MoneyRefusal) as refused:
        parse_amount_cell(value)
    assert refused.value.code == code
