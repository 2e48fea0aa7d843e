"""Population checks 总体核查: what looks odd only when many are seen together.

Each opens a check by someone other than the recorder, and rejects nobody's aid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from services.rules.engine import Policy

STABLE_INCOME = "household.stable_income_per_capita"
WITHOUT_ONE_OFF = "village.cleared_without_one_off"
RECORDER = "income_recorded_by"
INCOME_LINES = (
    "wages_income",
    "business_income",
    "property_income",
    "transfer_income",
    "business_expenses",
)
COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12
LISTED = 1000


class Check(StrEnum):
    """临界堆积 pile_up, 收入雷同 identical_incomes, 收入突增 income_jump, 单靠一次性收入 one_off_village."""

    PILE_UP = "pile_up"
    IDENTICAL_INCOMES = "identical_incomes"
    INCOME_JUMP = "income_jump"
    ONE_OFF_VILLAGE = "one_off_village"


@dataclass(frozen=True)
class Finding:
    """Something odd in a division: the figures it rests on, and the first ``LISTED`` subjects by id."""

    check: Check
    division: str
    figures: dict[str, Any]
    subjects: list[str]


@dataclass(frozen=True)
class Limits:
    """What counts as odd in a division on a day; money in fen, None where nobody has decided."""

    income_line: int | None
    pile_up_band: int | None
    pile_up_ratio: int | None
    pile_up_least: int | None
    identical_incomes_least: int | None
    income_jump: int | None
    income_jump_days: int | None

    @classmethod
    def of_policy(cls, policy: Policy, as_of: date, division: str) -> "Limits":
        """Return the limits of a policy; a parameter that it does not know is not decided."""
        found: dict[str, int | None] = {}
        for name in cls.__dataclass_fields__:
            parameter = policy.parameters.get(name)
            value = None if parameter is None else parameter.at(as_of, division)
            found[name] = None if value is None else value.value
        return cls(**found)


def household_findings(
    households: pl.DataFrame, limits: Limits, before: pl.DataFrame | None, since: date | None
) -> Iterator[Finding]:
    """Check the households of counties with the same limits; see each check for its columns."""
    yield from identical_incomes(households, limits)
    if STABLE_INCOME in households.columns:
        yield from piled_up(households, limits)
        if before is not None and since is not None:
            yield from income_jumps(households, before, since, limits)


def piled_up(households: pl.DataFrame, limits: Limits) -> Iterator[Finding]:
    """Find counties and townships whose incomes pile up just above the line.

    ``households`` has ``subject_id``, ``village_code`` and the stable income per head (fen, null is
    unknown). The band from the line up is held against the mean of the bands below and above it.
    """
    line, band, least = limits.income_line, limits.pile_up_band, limits.pile_up_least
    if line is None or not band or limits.pile_up_ratio is None or least is None:
        return
    near = households.with_columns(band=(pl.col(STABLE_INCOME) - line).floordiv(band)).filter(
        pl.col("band").is_between(-1, 1)
    )
    for digits in (COUNTY, TOWNSHIP):
        counted = near.group_by(_division(digits)).agg(
            households=(pl.col("band") == 0).sum(),
            below=(pl.col("band") == -1).sum(),
            above=(pl.col("band") == 1).sum(),
            subjects=_listed(pl.col("subject_id").filter(pl.col("band") == 0)),
        )
        piled = (pl.col("households") >= max(least, 1)) & (
            pl.col("households") * 200 >= (pl.col("below") + pl.col("above")) * limits.pile_up_ratio
        )
        for row in counted.filter(piled).sort("division").to_dicts():
            figures = {name: row[name] for name in ("households", "below", "above")}
            money = {"line": line, "band": band}
            yield Finding(Check.PILE_UP, row["division"], money | figures, row["subjects"])


def are_incomes_alike(households: pl.DataFrame, limits: Limits) -> bool:
    """Return whether :func:`identical_incomes` has to know the recorders to find what there is.

    ``households`` has ``village_code`` and the income lines (fen).
    """
    least = limits.identical_incomes_least
    if least is None:
        return False
    alike = _earning(households).group_by(*_income_lines()).len()["len"].max()
    return isinstance(alike, int) and alike >= max(least, 2)


def identical_incomes(households: pl.DataFrame, limits: Limits) -> Iterator[Finding]:
    """Find households of one recorder in a county whose income lines are the same to the fen.

    ``households`` has ``subject_id``, ``village_code``, the income lines (fen) and their recorder;
    without that column nothing is found.
    """
    least = limits.identical_incomes_least
    if least is None or RECORDER not in households.columns:
        return
    alike = (
        _earning(households)
        .filter(pl.col(RECORDER).is_not_null())
        .group_by(RECORDER, *_income_lines())
        .agg(
            households=pl.len(),
            lowest=pl.col("village_code").min(),
            highest=pl.col("village_code").max(),
            subjects=_listed(pl.col("subject_id")),
        )
        .filter(pl.col("households") >= max(least, 2))
        .sort("lowest", RECORDER, *INCOME_LINES)
    )
    for row in alike.to_dicts():
        figures = {
            "households": row["households"],
            "recorder": row[RECORDER],
            "lines": {line: row[line] for line in INCOME_LINES},
        }
        division = _nearest(row["lowest"], row["highest"])
        yield Finding(Check.IDENTICAL_INCOMES, division, figures, row["subjects"])


def _earning(households: pl.DataFrame) -> pl.DataFrame:
    return households.filter(pl.sum_horizontal(*INCOME_LINES) > 0)


def _income_lines() -> list[pl.Expr]:
    county = pl.col("village_code").str.slice(0, COUNTY).alias("county")
    return [county, *map(pl.col, INCOME_LINES)]


def income_jumps(
    households: pl.DataFrame, before: pl.DataFrame, since: date, limits: Limits
) -> Iterator[Finding]:
    """Find villages with households whose stable income per head jumped since an earlier day.

    Both have ``subject_id`` and the stable income per head (fen); ``households`` has
    ``village_code``.
    """
    percent = limits.income_jump
    if percent is None:
        return
    known = before.select("subject_id", earlier=pl.col(STABLE_INCOME))
    grown = pl.col(STABLE_INCOME) - pl.col("earlier")
    jumped = (
        households.join(known, on="subject_id")
        .filter(grown > 0, grown * 100 > pl.col("earlier").abs() * percent)
        .group_by(_division(VILLAGE))
        .agg(households=pl.len(), subjects=_listed(pl.col("subject_id")))
        .sort("division")
    )
    for row in jumped.to_dicts():
        figures = {
            "households": row["households"],
            "percent": percent,
            "since": since.isoformat(),
        }
        yield Finding(Check.INCOME_JUMP, row["division"], figures, row["subjects"])


def one_off_villages(villages: pl.DataFrame, outcomes: pl.DataFrame) -> Iterator[Finding]:
    """Find villages that pass the lines only through one-off receipts.

    ``villages`` has ``village_code`` and the year's receipts (fen); ``outcomes``, row by row, that
    of the rule which looks at one village, unless the release has none.
    """
    if WITHOUT_ONE_OFF not in outcomes.columns:
        return
    for row in villages.filter(outcomes[WITHOUT_ONE_OFF].not_()).to_dicts():
        figures = {name: row[name] for name in ("total_income", "one_off_income")}
        code = row["village_code"]
        yield Finding(Check.ONE_OFF_VILLAGE, code, figures, [code])


def _division(digits: int) -> pl.Expr:
    return pl.col("village_code").str.slice(0, digits).str.pad_end(VILLAGE, "0").alias("division")


def _listed(subjects: pl.Expr) -> pl.Expr:
    return subjects.sort().head(LISTED)


def _nearest(lowest: str, highest: str) -> str:
    """Return the smallest division that holds both villages of a county."""
    shared = (digits for digits in (VILLAGE, TOWNSHIP) if lowest[:digits] == highest[:digits])
    return lowest[: next(shared, COUNTY)].ljust(VILLAGE, "0")
