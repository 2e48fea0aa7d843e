"""The facts statement against plain Python, over random households."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from services.registry.facts.columns import stated_columns
from shared.testing.depth import tries
from shared.values.periods import Period
from tests.registry.facts import reference
from tests.registry.facts.reference import MONEY_FOUND, OTHERWISE_FOUND
from tests.registry.facts.rows import record, statement
from tests.registry.samples import VILLAGE

AS_OF = date(2020, 10, 1)
DAYS = st.sampled_from(
    [date(2019, 10, 1), date(2020, 9, 30), AS_OF, date(2020, 10, 2), date(2021, 1, 1)]
)
# Around the days on which a child is 3, 6, 7, 12, 16, 23 or 36 years old, leap days among them.
BIRTHS = st.sampled_from(
    [date(year, 10, day) for year in (1984, 1997, 2004, 2008, 2013, 2014, 2017) for day in (1, 2)]
    + [date(year, 2, 28) for year in (2004, 2005, 2013, 2014, 2015)]
    + [date(year, 3, 1) for year in (2004, 2005, 2013, 2014, 2015)]
    + [date(2004, 2, 29), date(2012, 2, 29), date(2010, 6, 1), date(1950, 1, 1), date(2021, 5, 1)]
    + [date(1960, 10, 1), date(1960, 10, 2), date(1960, 2, 29)]
)
ASKED = st.sampled_from([AS_OF, date(2020, 2, 29), date(2021, 2, 28)])
SCHOOLING = st.one_of(
    st.tuples(
        st.sampled_from([None, "in_school", "home_taught", "not_enrolled", "graduated"]), st.none()
    ),
    st.tuples(st.just("out_of_school"), st.sampled_from([None, "health", "unwilling"])),
)
FEN = st.integers(0, 10**10 - 1)
YEAR_STARTS = st.sampled_from([date(2018, 10, 1), date(2019, 10, 1), date(2019, 10, 2)])
EVIDENCE: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "food": {"shortage": st.booleans()},
    "clothing": {"shortage": st.booleans()},
    "education": {"children_out_of_school": st.integers(0, 99)},
    "medical": {"uninsured_members": st.integers(0, 99)},
    "housing": {"housing_grade": st.sampled_from("ABCD"), "only_home": st.booleans()},
    "water": {
        "water_litres_per_person_day": st.integers(0, 10_000),
        "water_short_area": st.booleans(),
        "water_quality_met": st.booleans(),
        "water_tap_at_home": st.booleans(),
        "water_round_trip_minutes": st.integers(0, 1440),
        "water_distance_metres": st.integers(0, 100_000),
        "water_height_metres": st.integers(0, 10_000),
        "water_cut_off_days": st.integers(0, 366),
    },
}


def one_of(*known: Any) -> st.SearchStrategy[Any]:
    """Return one of the values, or nothing known: seldom, or every count would be unknown."""
    return st.sampled_from([*known * 3, None])


@st.composite
def a_household(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "category": draw(st.sampled_from(["dibao", "other"])),
        "main_cause": draw(one_of("illness")),
        "epidemic_impact": draw(one_of(True, False)),
        "registered_on": draw(st.sampled_from([date(2019, 9, 1), date(2019, 10, 1)])),
    }


@st.composite
def a_member(draw: st.DrawFn) -> dict[str, Any]:
    status, reason = draw(SCHOOLING)
    joined_on, left_on = draw(DAYS), draw(st.none() | DAYS)
    return {
        "birth_date": draw(st.none() | BIRTHS),
        "school_status": status,
        "dropout_reason": reason,
        "relation_to_head": draw(st.sampled_from(["head", "child"])),
        "health": draw(one_of("healthy", "chronic", "serious_illness", "disabled")),
        "labour_capacity": draw(one_of("ordinary", "skilled", "weak", "lost", "none")),
        "employment_months": draw(one_of(0, 1, 12)),
        "public_post": draw(one_of(True, False)),
        "dibao": draw(one_of(True, False)),
        "extreme_poverty_support": draw(one_of(True, False)),
        "medical_insurance": draw(one_of("none", "resident", "employee")),
        "joined_on": joined_on,
        "left_on": left_on if left_on is not None and left_on > joined_on else None,
    }


@st.composite
def an_entry(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(YEAR_STARTS)
    period = Period(start=start, end=start.replace(year=start.year + 1))
    source = draw(st.sampled_from(list(reference.SOURCES)))
    items = [f"other {source}", *(item for item, of in reference.ITEMS.items() if of == source)]
    return {
        "source": source,
        "item": draw(st.sampled_from(items)),
        "period_from": period.start,
        "period_to": period.end,
        "amount_fen": draw(FEN),
        "recurring": source == "expenses" or draw(st.booleans()),
    }


@st.composite
def a_check(draw: st.DrawFn) -> dict[str, Any]:
    guarantee = draw(st.sampled_from(list(EVIDENCE)))
    found = {name: draw(st.none() | value) for name, value in EVIDENCE[guarantee].items()}
    return {"guarantee": guarantee, "checked_on": draw(DAYS)} | found


@st.composite
def circumstances(draw: st.DrawFn) -> dict[str, Any]:
    counts = ("cars", "homes", "job_refusals", "new_job_months", "relocating_members")
    found: dict[str, Any] = {f"{name}_fen": draw(st.none() | FEN) for name in MONEY_FOUND}
    for name in OTHERWISE_FOUND:
        found[name] = draw(st.none() | (st.integers(0, 99) if name in counts else st.booleans()))
    return found | {"checked_on": draw(DAYS)}


MEMBERS = st.lists(a_member(), max_size=4)
ENTRIES = st.lists(
    an_entry(),
    max_size=12,
    unique_by=lambda one: (one["item"], one["period_from"], one["recurring"]),
)
CHECKS = st.lists(
    a_check(), max_size=8, unique_by=lambda one: (one["guarantee"], one["checked_on"])
)

FOUND = st.lists(circumstances(), max_size=2, unique_by=lambda one: one["checked_on"])


@pytest.fixture(scope="module")
def registry(registry_address: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection to a database without households; nothing is committed."""
    with psycopg.connect(registry_address, row_factory=dict_row) as connection:
        # What was recorded before there was the rule may name two heads, and is stated as it is.
        connection.execute("ALTER TABLE members DROP CONSTRAINT ex_members_head")
        yield connection
        connection.rollback()


@settings(
    max_examples=tries(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    as_of=ASKED,
    household=a_household(),
    members=MEMBERS,
    entries=ENTRIES,
    checks=CHECKS,
    found=FOUND,
)
def test_the_statement_says_what_plain_python_says(
    registry: psycopg.Connection[dict[str, Any]],
    as_of: date,
    household: dict[str, Any],
    members: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    checks: list[dict[str, Any]],
    found: list[dict[str, Any]],
) -> None:
    household_id = uuid4()
    with registry.transaction(force_rollback=True):
        record(registry, household_id, members, entries, checks, found, **household)
        rows = registry.execute(statement(as_of)).fetchall()
    assert [stated(row) for row in rows] == [
        {
            "household_id": str(household_id),
            "village_code": VILLAGE,
            **reference.facts_of_household(household, members, as_of),
            **reference.facts_of_roll(members, as_of),
            **reference.facts_of_income(entries, as_of),
            **reference.facts_of_checks(checks, as_of),
            **reference.facts_of_circumstances(found, as_of),
        }
    ]


@pytest.mark.parametrize(
    ("day", "in_register"),
    [("2019-09-30", False), ("2019-10-01", True), ("2020-09-30", True), ("2020-10-01", False)],
)
def test_a_household_is_stated_while_it_is_in_the_register(
    registry: psycopg.Connection[dict[str, Any]], day: str, in_register: bool
) -> None:
    with registry.transaction(force_rollback=True):
        record(registry, uuid4(), [], [], [], [], ended_on=date(2020, 10, 1))
        rows = registry.execute(statement(date.fromisoformat(day))).fetchall()
    assert len(rows) == in_register


def test_a_household_that_moved_is_stated_whole_in_its_new_village(
    registry: psycopg.Connection[dict[str, Any]],
) -> None:
    household_id = uuid4()
    entry = {
        "source": "wages",
        "item": "one",
        "period_from": date(2019, 1, 1),
        "period_to": date(2020, 1, 1),
        "amount_fen": 0,
        "recurring": True,
    }
    with registry.transaction(force_rollback=True):
        record(registry, household_id, [], [entry], [], [])
        registry.execute("UPDATE households SET village_code = '330127101200'")
        old = registry.execute(statement(AS_OF, VILLAGE)).fetchall()
        new = registry.execute(statement(AS_OF, "330127101200")).fetchall()
    assert old == []
    assert [(row["household_id"], row["wages_income"]) for row in new] == [(str(household_id), 0)]


def test_any_day_of_the_calendar_can_be_asked_about(
    registry: psycopg.Connection[dict[str, Any]],
) -> None:
    for day in (date.min, date.max):
        assert registry.execute(statement(day)).fetchall() == []


def stated(row: dict[str, Any]) -> dict[str, Any]:
    assert list(row) == stated_columns("household")
    return {name: value for name, value in row.items() if value is not None}
