"""Facts are checked where they arrive, singly and in columns."""

from datetime import date

import polars as pl
import pytest

from services.rules.engine import EngineError, FactValue
from tests.rules.engine.policies import condition, policy
from tests.rules.policy.rows import table

POLICY = policy(rule=condition("income >= spending AND grade = 'A' AND poor AND born > moved"))
AS_OF = date(2020, 10, 1)


def test_facts_in_their_wire_form() -> None:
    facts = POLICY.read_facts(
        "household",
        {
            "income": {"value": "-12.5", "date": "2020-01-01", "recorded_by": "li.ming"},
            "size": {"value": 3},
            "poor": {"value": False},
            "grade": {"value": "A"},
            "born": {"value": "2000-02-29"},
        },
    )
    assert facts == {
        "income": FactValue(-1250, date(2020, 1, 1), "li.ming"),
        "size": FactValue(3),
        "poor": FactValue(False),
        "grade": FactValue("A"),
        "born": FactValue(date(2000, 2, 29)),
    }


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("wealth", 1, "fact-undeclared"),
        *(
            ("spending", text, "fact-value")
            for text in ("8,000", "八千", "8000元", "1e4", "NaN", "", "-1", "1.234")
        ),
        *(("spending", number, "fact-value") for number in (8000, 8000.0, True, None)),
        ("spending", "٣", "fact-value"),
        ("size", "3", "fact-value"),
        ("size", 0, "fact-value"),
        ("size", True, "fact-value"),
        ("poor", "true", "fact-value"),
        ("grade", "C", "fact-value"),
        ("grade", ["A"], "fact-value"),
        ("born", "2001-02-29", "fact-value"),
    ],
)
def test_a_value_outside_the_dictionary_is_refused(name: str, given: object, code: str) -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.read_facts("household", {name: {"value": given}})
    assert failure.value.code == code


@pytest.mark.parametrize(
    ("name", "given"), [("x" * 5000, 1), ("grade", "x" * 5000), ("grade", ["x"] * 5000)]
)
def test_a_long_name_or_value_is_repeated_in_part(name: str, given: object) -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.read_facts("household", {name: {"value": given}})
    for message in (str(failure.value), failure.value.message("zh")):
        assert "…" in message
        assert len(message) < 200


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.read_facts("household", {"poor": {"value": True, "date": "yesterday"}})
    assert failure.value.code == "fact-value"


def test_an_unknown_subject_is_refused() -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.ruleset("castle", AS_OF)
    assert failure.value.code == "unknown-subject"


FRAME = table(POLICY, "household", [{"income": FactValue(5), "grade": FactValue("B")}])


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (FRAME.drop("income"), "facts-column-missing"),
        (FRAME.drop("poor_on"), "facts-column-missing"),
        (FRAME.with_columns(pl.lit(1.0).alias("income")), "facts-column-type"),
        (FRAME.with_columns(pl.lit("8000").alias("income")), "facts-column-type"),
        (FRAME.with_columns(pl.lit("2020-01-01").alias("poor_on")), "facts-column-type"),
        (FRAME.with_columns(pl.lit(-1, pl.Int64).alias("spending")), "facts-column-range"),
        (FRAME.with_columns(pl.lit("C").alias("grade")), "facts-column-range"),
    ],
)
def test_a_table_that_breaks_the_contract_is_refused(frame: pl.DataFrame, code: str) -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.judge_columns("household", frame, AS_OF)
    assert failure.value.code == code


def test_narrower_columns_and_categories_are_read() -> None:
    frame = FRAME.cast({"income": pl.Int32, "grade": pl.Categorical}).with_columns(
        pl.lit("h1").alias("household_id")
    )
    row = POLICY.judge_columns("household", frame.lazy(), AS_OF).row(0, named=True)
    assert row["household_id"] == "h1"
    assert row["household.rule"] is False
