"""Outcomes as bits, and back."""

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import OUTCOMES, Need
from services.rules.engine.columns import MASK
from services.rules.engine.lowering import UNUSABLE
from services.rules.engine.plan import mask_column
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.packing import copy_rows, has_bits, masks, outcome_columns, sized

ANSWERS = st.sampled_from([True, False, None])
BITS = st.sets(st.integers(0, 149), max_size=5)


def order_of(rules: int, needs: int = 150) -> Order:
    return Order(
        tuple(f"rule.{place}" for place in range(rules)),
        tuple(Need("fact", f"fact_{place}") for place in range(needs)),
    )


@st.composite
def judged(draw: st.DrawFn) -> tuple[Order, list[list[bool | None]], list[set[int]]]:
    order = order_of(draw(st.sampled_from([1, 63, 64, 65, 130])))
    size = draw(st.integers(0, 3))
    row = st.lists(ANSWERS, min_size=len(order.rules), max_size=len(order.rules))
    rows = draw(st.lists(row, min_size=size, max_size=size))
    return order, rows, draw(st.lists(BITS, min_size=size, max_size=size))


@given(judged())
@settings(deadline=None)
def test_what_is_packed_is_read_again(
    given_: tuple[Order, list[list[bool | None]], list[set[int]]],
) -> None:
    order, rows, missing = given_
    whole = [sum(1 << bit for bit in bits) for bits in missing]
    outcomes = pl.DataFrame(
        {
            rule: pl.Series([row[place] for row in rows], dtype=pl.Boolean)
            for place, rule in enumerate(order.rules)
        }
        | {
            mask_column("missing:rule.0", word): pl.Series(
                [mask >> (64 * word) & (1 << 64) - 1 for mask in whole], dtype=MASK
            )
            for word in range(3)
        }
    )
    packed = {name: mask.to_pylist() for name, mask in masks(outcomes, order).items()}
    for place, row in enumerate(rows):
        read = order.outcomes(packed["met"][place], packed["undetermined"][place])
        assert list(read.values()) == [OUTCOMES[answer] for answer in row]
        named = order.named(packed["missing"][place])
        assert {order.needs.index(need) for need in named} == missing[place]
        for name in UNUSABLE:
            assert order.named(packed[name][place]) == []
    columns = outcome_columns(packed["met"], packed["undetermined"], order)
    assert [list(row) for row in zip(*columns, strict=True)] == rows
    assert Order.of_json(order.as_json()) == order


def test_a_mask_without_bits_is_told_from_one_with_a_bit() -> None:
    assert not has_bits(pa.array([], pa.binary()))
    assert not has_bits(pa.array([bytes(8), bytes(8)]))
    assert has_bits(pa.array([bytes(8), b"\x00" * 7 + b"\x80"]))


def test_rows_of_copy_are_as_postgresql_reads_them() -> None:
    rows = copy_rows([b"ab", sized(pl.Series(["x", "long"]))])
    assert rows == (
        b"\x00\x02" + b"\x00\x00\x00\x02ab" + b"\x00\x00\x00\x01x"
        b"\x00\x02" + b"\x00\x00\x00\x02ab" + b"\x00\x00\x00\x04long"
    )
    assert copy_rows([b"ab", sized(pl.Series([], dtype=pl.String))]) == b""
    assert copy_rows([None, sized(pl.Series(["x"]))]) == (
        b"\x00\x02" + b"\xff\xff\xff\xff" + b"\x00\x00\x00\x01x"
    )
