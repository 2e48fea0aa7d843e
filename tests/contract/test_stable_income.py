"""The registry reckons the stable income of the year before as the rule of that name does."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from services.rules.engine import FactValue
from services.rules.vocabulary import load_policy
from shared.testing.databases import Databases
from shared.testing.depth import tries
from tests.registry.facts.rows import record, statement

POLICY = load_policy()
RULE = "household.stable_net_income"
LAST, BEFORE = date(2020, 10, 1), date(2019, 10, 1)
"""The days on which the two accounting years end."""
FEN = st.sampled_from([0, 1, 500_000]) | st.integers(0, 10**9)


@pytest.fixture(scope="module")
def register(databases: Databases) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection to a registry's database without households; nothing is committed."""
    with (
        databases.clone("registry") as address,
        psycopg.connect(address, row_factory=dict_row) as connection,
    ):
        yield connection
        connection.rollback()


def entries(source: str, end: date, *, recurring: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One entry of a source in the year that ends on a day, or none."""
    entry = {
        "source": source,
        "item": "other",
        "period_from": end.replace(year=end.year - 1),
        "period_to": end,
        "recurring": recurring,
    }
    return st.just([]) | FEN.map(lambda fen: [entry | {"amount_fen": fen}])


def year(end: date) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Entries of a year: of each source what comes every year and what came once, or neither."""
    incomes = [
        entries(source, end, recurring=recurring)
        for source in ("wages", "business", "property", "transfers")
        for recurring in (True, False)
    ]
    expenses = entries("expenses", end, recurring=True)
    return st.tuples(*incomes, expenses).map(lambda parts: [*chain(*parts)])


@settings(
    max_examples=tries(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(last=year(LAST).filter(bool), before=year(BEFORE))
def test_last_years_income_is_what_the_rule_said_when_it_ended(
    register: psycopg.Connection[dict[str, Any]],
    last: list[dict[str, Any]],
    before: list[dict[str, Any]],
) -> None:
    with register.transaction(force_rollback=True):
        record(register, uuid4(), [], last + before, [], [], registered_on=date(2018, 1, 1))
        [now] = register.execute(statement(LAST)).fetchall()
        [then] = register.execute(statement(BEFORE)).fetchall()
    assert now["previous_stable_net_income"] == by_the_rule(then, BEFORE)


def by_the_rule(row: Mapping[str, Any], as_of: date) -> int | None:
    """What the rule reckons from a row of facts, all of which hold on the day."""
    plan, ruleset = POLICY.plan("household"), POLICY.ruleset("household", as_of, None)
    known = {
        name: FactValue(row[name], as_of)
        for name in POLICY.facts["household"]
        if row.get(name) is not None
    }
    value: int | None = ruleset.trace(known).values[plan.positions[RULE]]
    return value
