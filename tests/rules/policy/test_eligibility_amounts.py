"""Amounts of assistance: figures have no cases, so their values are checked here."""

from datetime import date

import pytest

from services.rules.engine import FactValue, Outcome, tree
from services.rules.engine.changes import coefficients
from services.rules.vocabulary import load_policy
from services.rules.vocabulary.neighbours import compared
from tests.rules.policy.rows import AS_OF, DIVISION

POLICY = load_policy()
UNDECIDED = "330106000000"
NINGBO = "330212000000"
POOR: dict[str, object] = {
    "household_size": 2,
    "wages_income": "15000.00",
    "business_income": "0.00",
    "property_income": "0.00",
    "transfer_income": "3000.00",
    "one_off_income": "0.00",
    "dibao_allowance_income": "3000.00",
    "new_job_income": "0.00",
    "commission_signed": True,
    "cars": 0,
    "homes": 1,
    "financial_assets": "0.00",
    "company_shares": False,
    "sudden_hardship": True,
    "students": 2,
    "household_category": "dibao",
    "housing_grade": "D",
    "only_home": True,
    "relocating_members": 3,
}
NEW_JOB = {"new_job_income": "10000.00", "new_job_months": 6}


def read(facts: dict[str, object], as_of: date) -> dict[str, FactValue]:
    wire = {
        name: {"value": value, "date": as_of} for name, value in facts.items() if value is not None
    }
    return POLICY.read_facts("household", wire)


def figure(
    name: str, changes: dict[str, object], division: str, as_of: date
) -> tuple[int | None, set[str]]:
    """A figure in fen, and what it waits for."""
    ruleset = POLICY.ruleset("household", as_of, division)
    trace = ruleset.trace(read({**POOR, **changes}, as_of))
    position = [rule.name for rule in ruleset.plan.rules].index(f"household.{name}")
    needs = ruleset.plan.named(trace.missing[position])
    return trace.values[position], {need.name for need in needs}


@pytest.mark.parametrize(
    ("name", "changes", "yuan"),
    [
        # two persons, twelve months of 955 yuan each: 22,920 yuan
        ("assistance_income", {}, 15_000),
        ("dibao_amount_year", {}, 7_920),
        ("dibao_amount_year", {"wages_income": "30000.00"}, 0),
        ("dibao_amount_year", {"business_income": "1.00", "business_expenses": "50000.00"}, 22_920),
        ("dibao_amount_year", {"cars": 1}, 0),
        ("job_income_not_counted", {}, 0),
        ("job_income_not_counted", NEW_JOB, 10_000),
        ("job_income_not_counted", {**NEW_JOB, "new_job_income": "20000.00"}, 17_190),
        ("job_income_not_counted", {**NEW_JOB, "new_job_months": 13}, 0),
        ("assistance_income", NEW_JOB, 5_000),
        ("temporary_relief_ceiling", {}, 11_460),
        ("temporary_relief_special_ceiling", {}, 22_920),
        ("temporary_relief_township_ceiling", {}, 3_000),
        ("temporary_relief_ceiling", {"sudden_hardship": False, "rigid_spending": "0.00"}, 0),
        ("education_aid_amount", {}, 2_000),
        ("education_aid_amount", {"students": 0}, 0),
        ("dangerous_housing_amount", {}, 15_000),
        ("dangerous_housing_from_province", {}, 15_000),
        ("dangerous_housing_amount", {"housing_grade": "B"}, 0),
        ("relocation_amount", {}, 90_000),
    ],
)
def test_an_amount_is_what_the_regulation_grants(
    name: str, changes: dict[str, object], yuan: int
) -> None:
    assert figure(name, changes, DIVISION, AS_OF) == (yuan * 100, set())


@pytest.mark.parametrize(
    ("name", "yuan"), [("dangerous_housing_amount", 15_000), ("dangerous_housing_from_province", 0)]
)
def test_ningbo_raises_the_housing_subsidy_itself(name: str, yuan: int) -> None:
    assert figure(name, {}, NINGBO, AS_OF) == (yuan * 100, set())


@pytest.mark.parametrize(
    ("name", "changes", "division", "missing"),
    [
        ("dibao_amount_year", {"transfer_income": None}, DIVISION, {"transfer_income"}),
        (
            "dibao_amount_year",
            {},
            UNDECIDED,
            {"car_limit", "home_limit", "financial_assets_limit"},
        ),
        ("job_income_not_counted", NEW_JOB, UNDECIDED, {"job_grace_months"}),
        ("temporary_relief_township_ceiling", {}, UNDECIDED, {"relief_township_limit"}),
        ("education_aid_amount", {}, UNDECIDED, {"education_aid_amount"}),
        ("relocation_amount", {"relocating_members": None}, DIVISION, {"relocating_members"}),
    ],
)
def test_an_amount_that_is_unknown_names_what_is_missing(
    name: str, changes: dict[str, object], division: str, missing: set[str]
) -> None:
    assert figure(name, changes, division, AS_OF) == (None, missing)


def test_before_2020_the_housing_subsidy_was_half_and_the_one_for_relocation_is_not_known() -> None:
    as_of = date(2019, 12, 31)
    assert figure("dangerous_housing_amount", {}, DIVISION, as_of) == (750_000, set())
    assert figure("relocation_amount", {}, DIVISION, as_of) == (None, {"relocation_subsidy"})


def test_in_every_county_the_yearly_standard_of_2020_reaches_8000_yuan() -> None:
    standard = POLICY.parameters["dibao_monthly_standard"]
    counties = {value.division for value in standard.values}
    assert len(counties) > 90
    for county in counties:
        for month in range(1, 13):
            found = standard.at(date(2020, month, 1), county)
            assert found is not None
            assert found.value is not None
            assert found.value * 12 >= 800_000, (county, month)


def test_of_shaoxing_the_notice_is_quoted_and_elsewhere_the_value_is_marked() -> None:
    standard = POLICY.parameters["dibao_monthly_standard"]
    for value in standard.values:
        noticed = str(value.division).startswith("3306") and value.start >= date(2020, 1, 1)
        assert value.illustrative is not noticed
        if noticed:
            assert value.value == (85_000 if value.start.year == 2020 else 89_000)


def test_a_criterion_in_a_guard_makes_its_facts_no_matter_of_degree() -> None:
    """Past its ceiling more income from a new job is counted, so it is no linear part of the income."""
    ruleset = POLICY.ruleset("household", AS_OF, DIVISION)
    facts = read({**POOR, **NEW_JOB, "wages_income": "45000.00"}, AS_OF)
    explanation = ruleset.explain(facts)
    assert explanation.outcomes["household.dibao"] is Outcome.NOT_MET
    comparisons: list[tree.Comparison] = [part[2] for part in compared(ruleset, "household.dibao")]
    factors = coefficients(comparisons[0], ruleset.plan, explanation.known)
    assert factors["wages_income"] == 1
    assert "new_job_income" not in factors
