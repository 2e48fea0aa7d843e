"""What holds of every comparison, whatever the facts."""

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import FactValue
from services.rules.vocabulary import BUILT_IN, build_policy, read_files
from services.rules.vocabulary.reforms import read_reform, reformed
from services.rules.what_ifs.domain import (
    KEYS,
    SupposedSubject,
    compare_columns,
    compare_subjects,
    rules_of,
)
from shared.testing.depth import tries
from tests.rules.policy.rows import AS_OF, Row, rows, table

FILES = read_files(BUILT_IN)
POLICY = build_policy(FILES)
EMPTY = reformed(POLICY, FILES, read_reform("title: nothing changes"))
NEXT_YEAR = date(2021, 1, 1)
VILLAGE = "330127100219"
MANY = settings(max_examples=tries(15), deadline=None)
HOUSEHOLD = rows(POLICY, "household")


def later() -> str:
    """A reform that gives every figure its largest value from next year on."""
    lines = ["title: later", "parameters:"]
    for parameter in POLICY.parameters.values():
        open_end = [value for value in parameter.values if value.end is None]
        if open_end and max(value.start for value in parameter.values) < NEXT_YEAR:
            money = "money" in parameter.unit
            high = parameter.type.high
            value = f'"{high // 100}.{high % 100:02d}"' if money else str(high)
            value = "true" if parameter.unit == "yes or no" else value
            lines += [f"  {parameter.name}:", "    values:"]
            lines += [f"      - {{value: {value}, from: {NEXT_YEAR}}}"]
    return "\n".join(lines)


LATER = reformed(POLICY, FILES, read_reform(later()))


def subjects(given_rows: list[Row]) -> list[SupposedSubject]:
    return [SupposedSubject(f"{i:04d}", VILLAGE, row) for i, row in enumerate(given_rows)]


def columns(given_rows: list[Row]) -> pl.DataFrame:
    keys = [one.id for one in subjects(given_rows)]
    return table(POLICY, "household", given_rows).with_columns(
        pl.Series(KEYS["household"], keys, dtype=pl.String),
        pl.lit(VILLAGE).alias("village_code"),
    )


@MANY
@given(given_rows=st.lists(HOUSEHOLD, min_size=1, max_size=3))
def test_an_empty_reform_flips_nothing(given_rows: list[Row]) -> None:
    assert EMPTY.release == POLICY.release
    policies = POLICY, EMPTY
    cohort = compare_columns("household", policies, columns(given_rows), {}, AS_OF, None)
    assert cohort.flips.height == 0
    cohort = compare_subjects("household", policies, subjects(given_rows), {}, AS_OF, None)
    assert cohort.flips.height == 0


@MANY
@given(row=HOUSEHOLD, as_of=st.dates(date(2014, 1, 1), date(2020, 12, 31)))
def test_later_figures_change_nothing_of_the_past(row: Row, as_of: date) -> None:
    cohort = compare_subjects("household", (POLICY, LATER), subjects([row]), {}, as_of, None)
    assert cohort.before.equals(cohort.after)


@MANY
@given(row=HOUSEHOLD, data=st.data())
def test_adding_a_fact_never_turns_an_answer_into_undetermined(
    row: Row, data: st.DataObject
) -> None:
    absent = sorted({fact.name for fact in POLICY.plan("household").facts} - row.keys())
    if not absent:
        return
    name = data.draw(st.sampled_from(absent))
    more = data.draw(HOUSEHOLD.filter(lambda other: name in other))
    changes = {name: more[name]}
    policies = POLICY, POLICY
    cohort = compare_subjects("household", policies, subjects([row]), changes, AS_OF, None)
    for before, after in cohort.flips.select("before", "after").iter_rows():
        assert before is None, after


@MANY
@given(given_rows=st.lists(HOUSEHOLD, min_size=1, max_size=3), other=HOUSEHOLD, data=st.data())
def test_columns_suppose_facts_as_single_judgements_do(
    given_rows: list[Row], other: Row, data: st.DataObject
) -> None:
    names = sorted(fact.name for fact in POLICY.plan("household").facts)
    chosen = data.draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    changes: dict[str, FactValue | None] = {name: other.get(name) for name in chosen}
    policies = POLICY, POLICY
    first = compare_columns("household", policies, columns(given_rows), changes, AS_OF, None)
    second = compare_subjects("household", policies, subjects(given_rows), changes, AS_OF, None)
    for one, same in ((first.before, second.before), (first.after, second.after)):
        assert one.select(rules_of(one)).equals(same.select(rules_of(one)))
    assert first.flips.height == second.flips.height
