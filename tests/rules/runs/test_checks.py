"""Population checks, on small populations."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from services.rules.runs.parts.checks import (
    INCOME_LINES,
    LISTED,
    RECORDER,
    STABLE_INCOME,
    WITHOUT_ONE_OFF,
    Check,
    Limits,
    are_incomes_alike,
    identical_incomes,
    income_jumps,
    one_off_villages,
    piled_up,
)
from services.rules.vocabulary import load_policy

LINE = 800_000
LIMITS = Limits(
    income_line=LINE,
    pile_up_band=20_000,
    pile_up_ratio=200,
    pile_up_least=4,
    identical_incomes_least=3,
    income_jump=50,
    income_jump_days=60,
)
VILLAGES = ("330127100201", "330127100202", "330127101201")


def earning(*incomes: int | None, village: str = VILLAGES[0]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": [f"{place:04}" for place in range(len(incomes))],
            "village_code": [village] * len(incomes),
            STABLE_INCOME: pl.Series(incomes, dtype=pl.Int64),
        }
    )


def spread(below: int, band: int, above: int) -> pl.DataFrame:
    """So many incomes in the band from the line up, and in its neighbours; others far off."""
    near = [LINE - 1] * below + [LINE, LINE + 19_999] * (band // 2) + [LINE + 20_000] * above
    return earning(*near, None, 0, LINE - 20_001, LINE + 40_000)


@pytest.mark.parametrize(
    ("below", "band", "above", "found"),
    [(2, 4, 2, True), (3, 4, 2, False), (0, 4, 0, True), (0, 2, 0, False), (1, 4, 3, True)],
)
def test_incomes_pile_up_against_the_mean_of_the_neighbours(
    below: int, band: int, above: int, found: bool
) -> None:
    findings = list(piled_up(spread(below, band, above), LIMITS))
    assert [one.division for one in findings] == ["330127000000", "330127100000"] * found
    for one in findings:
        counts = {"households": band, "below": below, "above": above}
        assert one.figures == {"line": LINE, "band": 20_000} | counts
        assert len(one.subjects) == band


@pytest.mark.parametrize("name", ["income_line", "pile_up_band", "pile_up_ratio", "pile_up_least"])
def test_what_nobody_decided_finds_nothing(name: str) -> None:
    undecided: dict[str, Any] = {name: None}
    assert not list(piled_up(spread(0, 8, 0), replace(LIMITS, **undecided)))


def recorded(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Households as (village, recorder, wages)."""
    lines = {line: [None] * len(rows) for line in INCOME_LINES if line != "wages_income"}
    return pl.DataFrame(
        {
            "subject_id": [f"{place:04}" for place in range(len(rows))],
            "village_code": [village for village, _, _ in rows],
            RECORDER: [recorder for _, recorder, _ in rows],
            "wages_income": [wages for _, _, wages in rows],
            **lines,
        },
        schema_overrides=dict.fromkeys(lines, pl.Int64),
    )


def test_identical_lines_are_those_of_one_recorder() -> None:
    rows = [(VILLAGES[0], "li", 8018), (VILLAGES[1], "li", 8018), (VILLAGES[0], "wu", 8018)]
    assert not list(identical_incomes(recorded(*rows), LIMITS))
    (found,) = identical_incomes(recorded(*rows, (VILLAGES[1], "li", 8018)), LIMITS)
    assert (found.check, found.division) == (Check.IDENTICAL_INCOMES, "330127100000")
    assert found.subjects == ["0000", "0001", "0003"]
    assert (found.figures["recorder"], found.figures["households"]) == ("li", 3)
    (wider,) = identical_incomes(recorded(*rows, (VILLAGES[2], "li", 8018)), LIMITS)
    assert wider.division == "330127000000"


def test_recorders_are_asked_for_only_where_incomes_are_alike() -> None:
    rows = [(VILLAGES[0], "li", 8018), (VILLAGES[0], "wu", 8018), (VILLAGES[0], "li", 0)]
    elsewhere = ("330122100201", "li", 8018)
    assert not are_incomes_alike(recorded(*rows, elsewhere), LIMITS)
    more = recorded(*rows, (VILLAGES[2], "li", 8018))
    assert are_incomes_alike(more, LIMITS)
    assert not are_incomes_alike(more, replace(LIMITS, identical_incomes_least=None))
    assert not are_incomes_alike(more.clear(), LIMITS)
    assert not list(identical_incomes(more.drop(RECORDER), LIMITS))


def test_nothing_earned_and_other_counties_are_not_alike() -> None:
    assert not list(identical_incomes(recorded(*[(VILLAGES[0], "li", 0)] * 9), LIMITS))
    apart = [(f"33012{county}100201", "li", 8018) for county in (2, 4, 7)]
    assert not list(identical_incomes(recorded(*apart), LIMITS))


@pytest.mark.parametrize(
    ("earlier", "now", "found"),
    [
        (400_000, 600_000, False),
        (400_000, 600_001, True),
        (0, 1, True),
        (-100_000, -50_000, False),
        (-100_000, -49_999, True),
        (400_000, 300_000, False),
        (None, 900_000, False),
        (400_000, None, False),
    ],
)
def test_a_jump_is_more_than_half(earlier: int | None, now: int | None, found: bool) -> None:
    before = earning(earlier).drop("village_code").drop_nulls()
    findings = list(income_jumps(earning(now), before, date(2020, 9, 1), LIMITS))
    assert [(one.division, one.subjects) for one in findings] == [(VILLAGES[0], ["0000"])] * found


def test_villages_that_pass_only_through_one_off_receipts() -> None:
    villages = pl.DataFrame(
        {"village_code": VILLAGES, "total_income": [1, 2, 3], "one_off_income": [1, 1, None]}
    )
    outcomes = pl.DataFrame({WITHOUT_ONE_OFF: [True, False, None]})
    (found,) = one_off_villages(villages, outcomes)
    assert (found.division, found.subjects) == (VILLAGES[1], [VILLAGES[1]])
    assert found.figures == {"total_income": 2, "one_off_income": 1}
    assert not list(one_off_villages(villages, outcomes.drop(WITHOUT_ONE_OFF)))


def test_no_more_subjects_are_listed_than_can_be_read() -> None:
    (county, _) = piled_up(spread(0, LISTED + 10, 0), LIMITS)
    assert len(county.subjects) == LISTED
    assert county.figures["households"] == LISTED + 10


def test_the_limits_are_those_of_the_policy() -> None:
    limits = Limits.of_policy(load_policy(), date(2020, 10, 15), "330127000000")
    assert limits.income_line == LINE
    assert None not in vars(limits).values()
    early = Limits.of_policy(load_policy(), date(2013, 1, 1), "330127000000")
    assert early.income_line is None
