"""What flips between two judgements."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from services.rules.engine.flips import flip_counts, flips

RULES = ["line", "water"]
OUTCOME = st.sampled_from([True, False, None])
TABLE = st.dictionaries(st.integers(0, 12), st.tuples(OUTCOME, OUTCOME), max_size=8)


def table(outcomes: dict[int, tuple[bool | None, bool | None]]) -> pl.DataFrame:
    rows = [
        {"id": str(one), "village_code": f"33012710{one % 2}201", "line": line, "water": water}
        for one, (line, water) in outcomes.items()
    ]
    schema = {"id": pl.String, "village_code": pl.String, "line": pl.Boolean, "water": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


@given(before=TABLE, after=TABLE)
def test_every_difference_is_a_flip_and_nothing_else(
    before: dict[int, tuple[bool | None, bool | None]],
    after: dict[int, tuple[bool | None, bool | None]],
) -> None:
    found = flips(table(before), table(after), "id", RULES)
    expected = [
        (str(one), f"33012710{one % 2}201", rule, before[one][place], outcomes[place])
        for place, rule in enumerate(RULES)
        for one, outcomes in after.items()
        if one in before and before[one][place] is not outcomes[place]
    ]
    assert found.columns == ["id", "village_code", "rule", "before", "after"]
    assert found.rows() == expected
    counted = flip_counts(found, 9)
    assert counted["subjects"].sum() == len(expected)


def test_the_same_subjects_in_the_same_order_need_no_join() -> None:
    before = table({1: (True, None), 2: (False, False)})
    after = table({1: (True, True), 2: (None, False)})
    assert flips(before, after, "id", RULES).rows() == [
        ("2", "330127100201", "line", False, None),
        ("1", "330127101201", "water", None, True),
    ]


def test_flips_are_counted_by_division_rule_and_outcomes() -> None:
    before = table({1: (True, True), 2: (True, True), 3: (True, True)})
    after = table({1: (False, True), 2: (False, True), 3: (None, True)})
    found = flips(before, after, "id", RULES)
    assert flip_counts(found, 6).rows() == [
        ("330127000000", "line", True, None, 1),
        ("330127000000", "line", True, False, 2),
    ]
    assert flip_counts(found, 9)["division"].to_list() == [
        "330127100000",
        "330127101000",
        "330127101000",
    ]
    assert flip_counts(flips(before, before, "id", RULES), 6).is_empty()


def test_villages_are_told_apart_by_their_code() -> None:
    before, after = (table({1: (line, True)}).drop("id") for line in (True, False))
    found = flips(before, after, "village_code", RULES)
    assert found.columns == ["village_code", "rule", "before", "after"]
    assert found.rows() == [("330127101201", "line", True, False)]
    assert found.schema == flips(before, before, "village_code", RULES).schema
