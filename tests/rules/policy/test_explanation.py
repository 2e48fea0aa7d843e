"""Explanations of the built-in rules, in words."""

from datetime import date
from typing import Any

import pytest

from services.rules.engine import FactValue
from services.rules.vocabulary import load_policy
from shared.values.bilingual import Language

POLICY = load_policy()
AS_OF = date(2020, 10, 1)
INCOME = {
    "household_size": 3,
    "wages_income": 1_500_000,
    "business_income": 0,
    "property_income": 0,
    "transfer_income": 705_000,
    "one_off_income": 0,
}


def explained(rule: str, language: Language, **values: Any) -> dict[str, Any]:
    subject = POLICY.rules[rule].subject
    facts = {
        name: value if isinstance(value, FactValue) else FactValue(value, AS_OF, "li.ming")
        for name, value in values.items()
    }
    return POLICY.ruleset(subject, AS_OF, "330127100201").explain(facts).render_rule(rule, language)


@pytest.mark.parametrize(
    ("language", "text", "change"),
    [
        (
            "zh",
            "稳定人均收入 7350.00元 < 8000.00元，差 650.00元",
            "工资性收入由 15000.00元 改为 16950.00元",
        ),
        (
            "en",
            "stable per-capita income 7,350.00 yuan < 8,000.00 yuan, short by 650.00",
            "wage income from 15,000.00 yuan to 16,950.00 yuan",
        ),
    ],
)
def test_income_line(language: Language, text: str, change: str) -> None:
    rule = explained("household.income_line", language, **INCOME)
    assert rule["outcome"] == "not_met"
    condition = rule["conditions"][0]
    assert condition["comparisons"] == [
        {"holds": False, "text": text, "left": "7350.00", "right": "8000.00", "margin": "650.00"}
    ]
    assert condition["smallest_change"] == {
        "fact": "wages_income",
        "from": "15000.00",
        "to": ["16950.00"],
        "text": change,
    }


def test_parameters_carry_date_and_citation() -> None:
    rule = explained("household.income_line", "en", **INCOME)
    line = next(part for part in rule["parameters"] if part["name"] == "income_line")
    assert line["value"] == "8000.00"
    assert line["in_force_from"] == "2020-01-01"
    assert line["citation"] == {
        "document": "浙委办发〔2020〕29号",
        "article": "二（一）",
        "source": "policy",
    }
    freshness = next(part for part in rule["parameters"] if part["name"] == "income_fresh_for")
    assert freshness["illustrative"] is True


def test_a_rounded_figure_that_would_contradict_gives_way_to_the_exact_one() -> None:
    rule = explained("household.income_line", "en", **{**INCOME, "transfer_income": 899_999})
    comparison = rule["conditions"][0]["comparisons"][0]
    assert comparison["text"] == (
        "stable net household income 23,999.99 yuan < 24,000.00 yuan, short by 0.01"
    )
    assert comparison["margin"] == "0.01"


def test_missing_stale_and_recorded_facts_are_told_apart() -> None:
    old = FactValue("C", date(2019, 6, 1), "wang.fang")
    rule = explained("household.housing", "zh", housing_grade=old)
    assert rule["outcome"] == "undetermined"
    assert rule["missing_facts"] == ["only_home"]
    assert rule["stale_facts"] == ["housing_grade"]
    states = {
        fact["name"]: (fact["state"], fact["date"], fact["recorded_by"]) for fact in rule["facts"]
    }
    assert states == {
        "housing_grade": ("stale", "2019-06-01", "wang.fang"),
        "only_home": ("missing", None, None),
    }
    assert rule["conditions"][0]["comparisons"][0]["text"] == "住房等级：未知"
    assert rule["conditions"][0]["smallest_change"] is None


@pytest.mark.parametrize(
    ("language", "text", "change"),
    [
        (
            "zh",
            "住房等级：C 级（局部危险）",
            "住房等级由 C 级（局部危险） 改为 A 级（安全） 或 B 级（基本安全）",
        ),
        (
            "en",
            "housing grade: grade C (partly unsafe)",
            "housing grade from grade C (partly unsafe) to grade A (safe) or grade B (basically safe)",
        ),
    ],
)
def test_codes_are_read_by_their_titles(language: Language, text: str, change: str) -> None:
    rule = explained("household.housing", language, housing_grade="C", only_home=True)
    condition = rule["conditions"][0]
    assert condition["comparisons"][0]["text"] == text
    assert condition["smallest_change"]["text"] == change
    assert condition["smallest_change"]["to"] == ["A", "B"]


def test_units_are_counted_in_words() -> None:
    rule = explained("household.water", "en", water_litres_per_person_day=19, water_cut_off_days=37)
    texts = [part["text"] for condition in rule["conditions"] for part in condition["comparisons"]]
    assert "water a person a day 19 litres < 20 litres, short by 1 litre" in texts
    assert "days of water cut-off a year 37 days > 36 days, over by 1 day" in texts
    assert "time to fetch water and return unknown, must be ≤ 20 minutes" in texts


def test_the_whole_names_the_rules_it_rests_on() -> None:
    rule = explained("household.zero_out", "en", food_shortage=True)
    assert rule["outcome"] == "not_met"
    assert {condition["rule"]: condition["outcome"] for condition in rule["conditions"]} == {
        "household.income_line": "undetermined",
        "household.food": "not_met",
        "household.clothing": "undetermined",
        "household.education": "undetermined",
        "household.medical": "undetermined",
        "household.housing": "undetermined",
        "household.water": "undetermined",
    }
    assert rule["missing_facts"] == []


def test_a_date_before_the_policy_says_so() -> None:
    explanation = POLICY.ruleset("household", date(2019, 1, 1)).explain({})
    rule = explanation.render_rule("household.food", "zh")
    assert rule["outcome"] == "undetermined"
    assert rule["rules_not_in_force"] == ["household.food"]


def test_what_is_compared_moves_before_its_threshold() -> None:
    rule = explained(
        "province.income_growth",
        "en",
        low_income_disposable_income=1_300_000,
        previous_low_income_disposable_income=1_254_600,
    )
    change = rule["conditions"][0]["smallest_change"]
    assert change["fact"] == "low_income_disposable_income"
    assert change["to"] == ["13800.60"]


def test_of_one_fact_the_least_change_counts_whichever_part_of_the_rule_it_turns() -> None:
    nothing = dict.fromkeys(("business_income", "property_income", "transfer_income"), 0)
    amounts = nothing | {"wages_income": 1, "one_off_income": 0, "previous_stable_net_income": 2}
    facts = {name: FactValue(fen, AS_OF, "li.ming") for name, fen in amounts.items()}
    explanation = POLICY.ruleset("household", AS_OF, "330127100201").explain(facts)
    told = {each.fact.name: each.values for each in explanation.changes("household.income_cut")}
    assert told["previous_stable_net_income"] == (1,)
