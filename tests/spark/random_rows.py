"""Many random rows at once: a query on Spark takes seconds whether it judges one row or thousands."""

import random
from datetime import date, timedelta
from typing import Any

import polars as pl

from services.rules.engine import Fact, Policy
from services.rules.engine.columns import polars_type
from services.rules.engine.units import Kind

AGES = [0, 1, 113, 183, 184, 366, 367, 456, 457, 3660, -1, None]
UNKNOWN = 0.2


def random_table(policy: Policy, subject: str, as_of: date, rows: int, seed: int) -> pl.DataFrame:
    """Rows heavy with unknowns, old dates, ends of ranges and neighbours of thresholds, in divisions of every kind."""
    chance = random.Random(seed)
    facts = policy.plan(subject).facts
    columns = {"n": pl.Series(range(rows), dtype=pl.Int64)}
    declared = {
        value.division for parameter in policy.parameters.values() for value in parameter.values
    }
    divisions = [None, "330127100201", "330203001001", "339900000000", *declared]
    columns["village_code"] = pl.Series(chance.choices(divisions, k=rows), dtype=pl.String)
    for fact in facts:
        columns[fact.name] = pl.Series(
            _values(policy, fact, rows, chance), dtype=polars_type(fact.type)
        )
        if fact.dated_by is not None:
            ages = chance.choices(AGES, k=rows)
            days = [None if age is None else as_of - timedelta(days=age) for age in ages]
            columns[fact.dated_by] = pl.Series(days, dtype=pl.Date)
    return pl.DataFrame(columns)


def _values(policy: Policy, fact: Fact, rows: int, chance: random.Random) -> list[Any]:
    match fact.type.kind:
        case Kind.BOOLEAN:
            choices: list[Any] = [True, False]
        case Kind.CODE:
            choices = list(fact.type.codes)
        case Kind.DATE:
            choices = [
                date(2000, 1, 1) + timedelta(days=chance.randrange(11_000)) for _ in range(99)
            ]
        case Kind.INTEGER:
            choices = _numbers(policy, fact, chance)
    return [None if chance.random() < UNKNOWN else chance.choice(choices) for _ in range(rows)]


def _numbers(policy: Policy, fact: Fact, chance: random.Random) -> list[int]:
    low, high = fact.type.low, fact.type.high
    near = [
        value.value + step
        for parameter in policy.parameters.values()
        for value in parameter.values
        if value.value is not None and parameter.type.kind is Kind.INTEGER
        for step in (-1, 0, 1)
    ]
    drawn = [chance.randint(low, high) for _ in range(20)]
    small = [chance.randint(max(low, -9), min(high, 9)) for _ in range(20)] if low <= 9 else []
    return [
        number for number in (*near, *drawn, *small, low, low + 1, high) if low <= number <= high
    ]
