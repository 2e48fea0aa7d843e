"""Only what the named rules need is asked for, and only words that can be set have columns."""

from datetime import date

import polars as pl
import pytest

from services.rules.engine import EngineError, FactValue, Need
from services.rules.engine.spark_sql import Source, contract_sql, select_sql
from services.rules.vocabulary import build_policy
from tests.rules.engine.policies import FACTS, condition, files, policy, value
from tests.rules.policy.rows import table

AS_OF = date(2020, 10, 1)
POLICY = policy(
    head=value("per_capita(income, size)"),
    rich=condition("household.head >= :line"),
    graded=condition("grade = 'A' AND poor"),
    both="all_of:\n  - value: household.rich\n  - value: household.graded\n",
)
ROW = {"income": FactValue(-5), "size": FactValue(2), "grade": FactValue("A")}
FRAME = table(POLICY, "household", [ROW]).with_columns(pl.lit("330127100201").alias("place"))
RICH = FRAME.select("income", "size", "place")


def test_named_rules_ask_only_for_their_own_facts() -> None:
    judged = POLICY.judge_columns("household", RICH, AS_OF, "place", ["household.rich"])
    assert judged.columns == ["place", "household.rich", "missing:household.rich"]
    assert judged["household.rich"].to_list() == [False]


def test_a_named_figure_is_given_in_fen() -> None:
    judged = POLICY.judge_columns("household", RICH, AS_OF, None, ["household.head"])
    assert judged.row(0, named=True) == {
        "place": "330127100201",
        "household.head": -2,
        "missing:household.head": 0,
    }


def test_facts_of_other_rules_do_not_pass_through() -> None:
    judged = POLICY.judge_columns("household", FRAME, AS_OF, "place", ["household.rich"])
    assert "grade" not in judged.columns


def test_a_rule_that_refers_to_others_asks_for_what_they_need() -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.judge_columns("household", RICH, AS_OF, "place", ["household.both"])
    assert failure.value.code == "facts-column-missing"
    assert failure.value.details["names"] == "grade, poor, poor_on"


def test_masks_are_read_from_whichever_words_are_there() -> None:
    plan = POLICY.plan("household")
    judged = POLICY.judge_columns("household", FRAME, AS_OF, "place")
    missing = plan.mask("missing:household.graded", judged.row(0, named=True))
    assert list(plan.named(missing)) == [Need("fact", "poor")]
    assert plan.mask("missing:household.graded", {"missing:household.graded": -(2**63)}) == 2**63


@pytest.mark.parametrize(
    ("frame", "rules", "code"),
    [
        (FRAME, ["household.none"], "rule-undeclared"),
        (FRAME.with_columns(pl.lit("33012710").alias("place")), None, "facts-column-range"),
        (FRAME.with_columns(pl.lit(330127, pl.Int64).alias("place")), None, "facts-column-type"),
    ],
)
def test_unknown_rules_and_malformed_divisions_are_refused(
    frame: pl.DataFrame, rules: list[str] | None, code: str
) -> None:
    with pytest.raises(EngineError) as failure:
        POLICY.judge_columns("household", frame, AS_OF, "place", rules)
    assert failure.value.code == code


def test_a_fact_that_the_asker_states_is_unknown_without_its_column() -> None:
    given = files(rule=condition("ill"))
    given["facts/household.yaml"] = FACTS.replace(
        "type: boolean}", "type: boolean, stated_by: asker}"
    )
    asked = build_policy(given)
    frame = pl.DataFrame({"household_id": ["a"]})
    judged = asked.judge_columns("household", frame, AS_OF)
    assert judged.row(0) == ("a", None, 1)


def test_the_sql_is_one_select_of_the_same_columns() -> None:
    source = Source("facts", ["id"], "place")
    text = select_sql(POLICY.plan("household"), AS_OF, source, ["household.rich"])
    assert text.startswith("WITH divisions_6 AS (\nSELECT\n  *\nFROM VALUES\n  ('330127', 850000L)")
    assert text.count("\nFROM layer_") == text.count("layer_") // 2
    assert "pmod(" in text
    assert text.endswith(
        "`rule:household.rich` AS `household.rich`,\n"
        "  `rule:missing:household.rich` AS `missing:household.rich`\nFROM layer_2\n"
    )


def test_the_sql_counts_what_breaks_the_contract() -> None:
    source = Source("facts", [], "place", frozenset({"grade"}))
    text = contract_sql(POLICY.plan("household"), source)
    assert "count(CASE WHEN NOT (`size` >= 1L AND `size` <= 99L) THEN 1 END) AS `size`" in text
    assert "`place` RLIKE '^[0-9]{12}$'" in text
    assert "grade" not in text
