"""Random facts for any subject of a policy: heavy with unknowns, stale dates, and values at thresholds."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from services.rules.engine import OUTCOMES, Fact, FactValue, Policy, tree
from services.rules.engine.columns import polars_type
from services.rules.engine.lowering import UNUSABLE
from services.rules.engine.units import Kind

AS_OF = date(2020, 10, 1)
DIVISION = "330127000000"
"""A county whose own values are all set, so that every rule can be decided there."""
Row = dict[str, FactValue]


def presumed(policy: Policy) -> set[str]:
    """The facts that a policy presumes to be nothing where nobody recorded them: learning them may overturn an answer."""
    return {
        part.fact.name
        for rule in policy.rules.values()
        for part in tree.walk(rule.node)
        if isinstance(part, tree.ZeroIfUnrecorded)
    }


def rows(policy: Policy, subject: str, *, known: bool = False) -> st.SearchStrategy[Row]:
    """Facts of one subject; facts that share a date column share the date. With `known`, none is missing or stale."""
    facts = policy.plan(subject).facts
    days = sorted({fact.dated_by for fact in facts if fact.dated_by is not None})
    ages = (
        st.just(0)
        if known
        else st.sampled_from([0, 1, 113, 183, 184, 366, 367, 456, 457, -1, None])
    )
    return st.tuples(
        st.fixed_dictionaries(dict.fromkeys(days, ages)),
        st.fixed_dictionaries({fact.name: _values(policy, fact, known=known) for fact in facts}),
    ).map(lambda pair: _row(facts, *pair))


def _row(facts: Sequence[Fact], ages: Mapping[str, int | None], values: Mapping[str, Any]) -> Row:
    row = {}
    for fact in facts:
        value = values[fact.name]
        age = None if fact.dated_by is None else ages[fact.dated_by]
        if value is not None:
            day = None if age is None else AS_OF - timedelta(days=age)
            row[fact.name] = FactValue(value, day, "tester")
    return row


def _values(policy: Policy, fact: Fact, *, known: bool) -> st.SearchStrategy[Any]:
    match fact.type.kind:
        case Kind.BOOLEAN:
            values: st.SearchStrategy[Any] = st.booleans()
        case Kind.CODE:
            values = st.sampled_from(fact.type.codes)
        case Kind.DATE:
            values = st.dates(date(2000, 1, 1), date(2030, 1, 1))
        case Kind.INTEGER:
            near = sorted(
                neighbour
                for parameter in policy.parameters.values()
                for value in parameter.values
                if value.value is not None and not isinstance(value.value, bool)
                for neighbour in (value.value - 1, value.value, value.value + 1)
                if fact.type.low <= neighbour <= fact.type.high
            )
            ends = [fact.type.low, fact.type.low + 1, fact.type.high]
            values = st.sampled_from(near + ends) | st.integers(fact.type.low, fact.type.high)
    return values if known else st.none() | values


def table(policy: Policy, subject: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as the table that the registry streams."""
    facts = policy.plan(subject).facts
    columns: dict[str, list[Any]] = {}
    schema: dict[str, Any] = {}
    for fact in facts:
        columns[fact.name] = [row[fact.name].value if fact.name in row else None for row in rows]
        schema[fact.name] = polars_type(fact.type)
    for fact in facts:
        if fact.dated_by is not None:
            known = columns.setdefault(fact.dated_by, [None] * len(rows))
            for position, row in enumerate(rows):
                if fact.name in row:
                    known[position] = row[fact.name].date
            schema[fact.dated_by] = pl.Date()
    return pl.DataFrame(columns, schema=schema)


def assert_backends_agree(
    policy: Policy,
    subject: str,
    given: list[Row],
    as_of: date,
    division: str | None = DIVISION,
) -> None:
    """Every cell of the columns is what the reference says, and so are the bare outcomes."""
    ruleset = policy.ruleset(subject, as_of, division)
    placed = table(policy, subject, given).with_columns(pl.lit(division, pl.String).alias("place"))
    frame = policy.judge_columns(subject, placed, as_of, "place")
    for row, cells in zip(given, frame.iter_rows(named=True), strict=True):
        trace = ruleset.trace(row)
        bare = ruleset.judge(row)
        for name in UNUSABLE:
            assert ruleset.plan.mask(name, cells) == getattr(trace, name), name
        for position, rule in enumerate(ruleset.plan.rules):
            if rule.decides:
                assert cells[rule.name] is trace.values[position], (rule.name, row)
                mask = ruleset.plan.mask(f"missing:{rule.name}", cells)
                assert mask == trace.missing[position], (rule.name, row)
                assert bare[rule.name] is OUTCOMES[trace.values[position]]
