"""Measures the engine: one household bare, explained and in words; a province in columns. `python -m tests.bench.bench_engine`."""

import random
import time
from collections.abc import Callable
from datetime import date
from timeit import repeat

import polars as pl

from services.rules.engine import Facts, FactValue, Ruleset, Value
from services.rules.engine.columns import polars_type
from services.rules.engine.python_backend import arguments
from services.rules.engine.units import Kind
from services.rules.vocabulary import load_policy

AS_OF = date(2020, 10, 1)
CHECKED_ON = date(2020, 6, 10)
ROWS = 350_000
POLICY = load_policy()
HOUSEHOLD: dict[str, Value] = {
    "household_size": 3,
    "wages_income": 1_500_000,
    "business_income": 600_000,
    "property_income": 0,
    "transfer_income": 500_000,
    "business_expenses": 200_000,
    "one_off_income": 100_000,
    "food_shortage": False,
    "clothing_shortage": False,
    "children_out_of_school": 0,
    "checked_children_out_of_school": 0,
    "uninsured_members": 0,
    "checked_uninsured_members": 0,
    "housing_grade": "C",
    "only_home": True,
    "water_litres_per_person_day": 30,
    "water_short_area": True,
    "water_quality_met": True,
    "water_tap_at_home": False,
    "water_round_trip_minutes": 25,
    "water_distance_metres": 500,
    "water_height_metres": 60,
    "water_cut_off_days": 10,
}


def microseconds(call: Callable[[], object], number: int = 5_000) -> float:
    """The best of five averages."""
    return min(repeat(call, number=number, repeat=5)) / number * 1e6


def province(rows: int) -> pl.DataFrame:
    """Invented facts of many households, a tenth of them unknown, over 2,500 villages."""
    chance = random.Random(0)
    columns: dict[str, pl.Series] = {}
    for fact in POLICY.plan("household").facts:
        match fact.type.kind:
            case Kind.BOOLEAN:
                choices: list[bool | str | int] = [True, False, False]
            case Kind.CODE:
                choices = list(fact.type.codes)
            case _:
                choices = [
                    chance.randint(fact.type.low, min(fact.type.high, 2_000_000))
                    for _ in range(999)
                ]
        values = [None if chance.random() < 0.1 else chance.choice(choices) for _ in range(rows)]
        columns[fact.name] = pl.Series(values, dtype=polars_type(fact.type))
        if fact.dated_by is not None:
            columns[fact.dated_by] = pl.Series([CHECKED_ON], dtype=pl.Date).new_from_index(0, rows)
    columns["village_code"] = pl.Series(
        [f"3301271{i % 25:02d}{200 + i % 100}" for i in range(rows)]
    )
    return pl.DataFrame(columns)


def whole_household() -> dict[str, FactValue]:
    """Every fact that the household rules use: those above, and the least of what each other may be."""
    facts = {}
    for fact in POLICY.plan("household").facts:
        value = HOUSEHOLD.get(fact.name)
        if value is None:
            match fact.type.kind:
                case Kind.BOOLEAN:
                    value = False
                case Kind.CODE:
                    value = fact.type.codes[0]
                case Kind.DATE:
                    value = CHECKED_ON
                case Kind.INTEGER:
                    value = fact.type.low
        facts[fact.name] = FactValue(value, CHECKED_ON, "tester")
    return facts


def one_household() -> None:
    """Print the bare function that the rules are compiled to, and what the engine adds to it."""
    ruleset = POLICY.ruleset("household", AS_OF, "330127100201")
    facts = whole_household()
    program = POLICY.programs["household"]
    inputs = arguments(ruleset.plan, ruleset.resolution)
    deciding = [rule.name for rule in ruleset.plan.rules if rule.decides]
    zero_out = [name for name in deciding if POLICY.rules[name].family == "zero_out"]

    def explained(rules: list[str]) -> object:
        explanation = ruleset.explain(facts)
        return [explanation.render_rule(rule, "zh") for rule in rules]

    measured: list[tuple[str, Callable[[], object], int]] = [
        ("bare compiled function", lambda: program.judge(facts.get, inputs), 5_000),
        ("outcomes by rule", lambda: ruleset.judge(facts), 5_000),
        ("bare compiled function with trace", lambda: program.explain(facts.get, inputs), 5_000),
        ("explained: outcomes, missing, trace", lambda: ruleset.explain(facts), 5_000),
        ("smallest change of the zero-out", lambda: _least(ruleset, facts), 1_000),
        (f"zero-out in words, {len(zero_out)} rules", lambda: explained(zero_out), 200),
        (f"everything in words, {len(deciding)} rules", lambda: explained(deciding), 50),
    ]
    print(f"one household, {len(ruleset.plan.rules)} rules, {len(facts)} facts")
    for what, call, number in measured:
        print(f"  {what:<38} {microseconds(call, number):10.1f} µs", flush=True)


def _least(ruleset: Ruleset, facts: Facts) -> object:
    return ruleset.explain(facts).smallest_change("household.zero_out")


def main() -> None:
    one_household()
    frame = province(ROWS)
    for attempt in ("first", "again"):
        started = time.perf_counter()
        judged = POLICY.judge_columns("household", frame, AS_OF, "village_code")
        seconds = time.perf_counter() - started
        print(f"{judged.height:,} households in columns, {attempt} {seconds:8.3f} s")


if __name__ == "__main__":
    main()
