"""The facts that a run judged, as Parquet: a row a subject, and the figures that later runs need."""

import io
from collections.abc import Collection

import polars as pl

from services.rules.runs.parts.checks import STABLE_INCOME


def written(facts: pl.DataFrame) -> bytes:
    """Return a table of facts as Parquet, compressed with zstd."""
    content = io.BytesIO()
    facts.write_parquet(content, compression="zstd", compression_level=1, statistics=False)
    return content.getvalue()


def rows_of(content: bytes, subjects: Collection[str]) -> dict[str, dict[str, object]]:
    """Return the rows of some subjects by id."""
    wanted = pl.col("subject_id").is_in(list(subjects))
    rows = pl.read_parquet(io.BytesIO(content)).filter(wanted)
    return {row["subject_id"]: row for row in rows.to_dicts()}


def stable_incomes(content: bytes) -> pl.DataFrame | None:
    """Return ``subject_id`` and the stable income per head of known households (fen).

    None if the release by which they were judged has no such figure.
    """
    source = io.BytesIO(content)
    if STABLE_INCOME not in pl.read_parquet_schema(source):
        return None
    incomes = pl.read_parquet(source, columns=["subject_id", STABLE_INCOME])
    return incomes.drop_nulls()
