"""Outcomes as bits: from columns into masks and rows of COPY, and back; no row touches Python."""

import struct
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from services.rules.engine.columns import MASK
from services.rules.engine.lowering import UNUSABLE
from services.rules.engine.plan import mask_column
from services.rules.runs.parts.domain import BITS_A_WORD, Order

WORD_BYTES = BITS_A_WORD // 8
# https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format"
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_TRAILER = b"\xff\xff"
_ZERO = pl.lit(0, dtype=MASK)
_BITS = [pl.lit(1 << place, dtype=MASK) for place in range(BITS_A_WORD)]


def masks(outcomes: pl.DataFrame, order: Order) -> dict[str, pa.BinaryArray]:
    """Return the masks ``met``, ``undetermined``, ``missing`` and those of ``UNUSABLE`` of subjects.

    ``outcomes`` has the columns of :meth:`Policy.judge_columns`; ``missing`` unites what all rules
    wait for. Bit i is bit i % 8 of byte i // 8, as PostgreSQL's ``get_bit`` counts.
    """
    rules, needs = range(order.rule_words), range(order.need_words)
    words = {
        "met": [_union(_chosen(order, word, pl.col)) for word in rules],
        "undetermined": [_union(_chosen(order, word, _unknown)) for word in rules],
        "missing": [_union(_missing(outcomes, order, word)) for word in needs],
        **{
            name: [_union(_existing(outcomes, [name], word)) for word in needs] for name in UNUSABLE
        },
    }
    computed = outcomes.with_columns(
        word.alias(f"{name}/{place}")
        for name, made in words.items()
        for place, word in enumerate(made)
    )
    return {
        name: _joined([computed[f"{name}/{place}"] for place in range(len(made))])
        for name, made in words.items()
    }


def outcome_columns(
    met: Sequence[bytes], undetermined: Sequence[bytes], order: Order
) -> list[pl.Series]:
    """Return a nullable Boolean column a rule from the masks of many subjects."""
    true, unknown = _words(met, order.rule_words), _words(undetermined, order.rule_words)
    columns = {f"met/{place}": word for place, word in enumerate(true)}
    columns |= {f"undetermined/{place}": word for place, word in enumerate(unknown)}
    frame = pl.DataFrame(columns).select(
        pl.when(_is_set("undetermined", place).not_()).then(_is_set("met", place)).alias(rule)
        for rule, place in order.places.items()
    )
    return frame.get_columns()


def copy_rows(
    fields: Sequence[bytes | tuple[int, pa.BinaryArray] | pa.BinaryArray | None],
) -> bytes:
    """Return rows in COPY's binary format, without its header and trailer.

    A field is one value that all rows share (None is null), an array of values of so many bytes
    each, or an array of values as :func:`sized` gives them.
    """
    literal = struct.pack(">h", len(fields))
    parts: list[pa.BinaryScalar | pa.BinaryArray] = []
    for one in fields:
        if one is None:
            literal += struct.pack(">i", -1)
            continue
        if isinstance(one, bytes):
            literal += _sized(one)
            continue
        width, values = one if isinstance(one, tuple) else (None, one)
        if width is not None:
            literal += struct.pack(">i", width)
        parts += [pa.scalar(literal, pa.binary()), values]
        literal = b""
    rows = pc.binary_join_element_wise(*parts, pa.scalar(literal, pa.binary()), b"")
    return rows.buffers()[2].to_pybytes() if len(rows) else b""


def has_bits(mask: pa.BinaryArray) -> bool:
    """Return whether any bit of any row is set."""
    return any(value.strip(b"\x00") for value in pc.unique(mask).to_pylist())


def sized(column: pl.Series) -> pa.BinaryArray:
    """Return a column with few different texts as values that say how long they are."""
    written = {value: _sized(value.encode()) for value in column.unique()}
    return column.replace_strict(written, return_dtype=pl.Binary).to_arrow().cast(pa.binary())


def text(column: pl.Series) -> pa.BinaryArray:
    """Return a column of text as bytes."""
    return column.to_arrow().cast(pa.binary())


def _sized(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def _chosen(order: Order, word: int, true: Callable[[str], pl.Expr]) -> list[pl.Expr]:
    first = word * BITS_A_WORD
    return [
        pl.when(true(rule)).then(_BITS[place]).otherwise(_ZERO)
        for place, rule in enumerate(order.rules[first : first + BITS_A_WORD])
    ]


def _unknown(rule: str) -> pl.Expr:
    return pl.col(rule).is_null()


def _missing(outcomes: pl.DataFrame, order: Order, word: int) -> list[pl.Expr]:
    return _existing(outcomes, [f"missing:{rule}" for rule in order.rules], word)


def _existing(outcomes: pl.DataFrame, names: Sequence[str], word: int) -> list[pl.Expr]:
    columns = (mask_column(name, word) for name in names)
    return [pl.col(column) for column in columns if column in outcomes.columns]


def _union(parts: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(or_, parts, _ZERO)


def _is_set(name: str, place: int) -> pl.Expr:
    word, bit = divmod(place, BITS_A_WORD)
    return (pl.col(f"{name}/{word}") & _BITS[bit]) != _ZERO


def _joined(words: Sequence[pl.Series]) -> pa.BinaryArray:
    """Return words side by side as the bytes of each row."""
    columns = []
    for word in words:
        array = word.rechunk().to_arrow()
        of_bytes = pa.binary(WORD_BYTES)
        buffers = [None, array.buffers()[1]]
        column = pa.FixedSizeBinaryArray.from_buffers(
            of_bytes, len(array), buffers, offset=array.offset
        )
        columns.append(column.cast(pa.binary()))
    return pc.binary_join_element_wise(*columns, b"")


def _words(rows: Sequence[bytes], count: int) -> list[pl.Series]:
    content = b"".join(rows)
    array = pa.Array.from_buffers(
        pa.uint64(), len(content) // WORD_BYTES, [None, pa.py_buffer(content)]
    )
    series = pl.Series(array, dtype=MASK)
    return [series.gather_every(count, place) for place in range(count)]
