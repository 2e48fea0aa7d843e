"""The sample is the same for a seed, valid, and holds every pattern."""

from collections import Counter
from dataclasses import asdict
from itertools import islice

import pytest

from deploy.sample.households import county_households, province_households
from deploy.sample.incomes import LINE_FEN
from deploy.sample.places import CountyUnknown, counties
from deploy.sample.records import AS_OF, BEFORE_TO, CALENDAR_TO, YEAR_TO, Household, Member, Pattern
from services.registry.circumstances.content import CircumstancesContent
from services.registry.households.members.schemas import MemberContent
from services.registry.imports.importables import amounts_of
from services.registry.income.domain import item_of
from services.registry.values.identity import IdentityWarning, read_identity_number
from services.registry.values.yuan import possible_amount
from services.registry.vocabulary.code import code_list
from shared.values.money import Fen
from shared.values.periods import Period

CHUNAN = "330127000000"
MEMBER_CODES = {
    "document_type": "document_type",
    "relation_to_head": "relation_to_head",
    "sex": "sex",
    "ethnicity": "ethnicity",
    "education": "education",
    "school_status": "school_status",
    "dropout_reason": "dropout_reason",
    "health": "health",
    "labour_capacity": "labour_capacity",
    "employment_place": "employment_place",
    "medical_insurance": "medical_insurance",
}


@pytest.fixture(scope="module")
def households() -> list[Household]:
    return list(county_households(CHUNAN))


def of(households: list[Household], pattern: Pattern) -> list[Household]:
    return [household for household in households if household.pattern is pattern]


def members(households: list[Household]) -> list[Member]:
    return [member for household in households for member in household.members]


def test_a_seed_gives_the_same_households_and_another_gives_others(
    households: list[Household],
) -> None:
    assert list(county_households(CHUNAN)) == households
    assert list(county_households(CHUNAN, seed=2)) != households


def test_fewer_households_are_the_first_of_more(households: list[Household]) -> None:
    assert list(county_households(CHUNAN, 50)) == households[:50]


def test_a_place_without_villages_is_refused() -> None:
    with pytest.raises(CountyUnknown, match="330100000000"):
        county_households("330100000000")


def test_every_pattern_occurs_in_its_share(households: list[Household]) -> None:
    counted = Counter(household.pattern for household in households)
    assert counted == {pattern: 3 * pattern.cards for pattern in Pattern}
    assert all(pattern.zh for pattern in Pattern)


def test_households_live_in_administrative_villages_of_the_county(
    households: list[Household],
) -> None:
    known = {village.code for village in counties()[CHUNAN].villages}
    assert {household.village_code for household in households} == known
    assert all("200" <= code[9:] <= "399" for code in known)


def test_everything_personal_is_marked_as_invented(households: list[Household]) -> None:
    assert all(household.address.startswith("（虚构样本）") for household in households)
    assert all(household.phone.startswith("100") for household in households)
    assert all(member.name.startswith("样本") for member in members(households))
    assert all(member.document_number.startswith("3399") for member in members(households))


def test_every_identity_number_is_valid_and_says_what_the_roll_says(
    households: list[Household],
) -> None:
    for member in members(households):
        said = read_identity_number(member.document_number)
        assert (said.birth_date, said.sex) == (member.birth_date, member.sex)
        assert set(said.warnings) <= {IdentityWarning.BIRTHPLACE_UNKNOWN}


def test_nobody_has_two_numbers_or_homes_in_the_province(households: list[Household]) -> None:
    everywhere = list(province_households(5000))
    persons = [member.document_number[:18] for member in members(everywhere)]
    assert len(set(persons)) == len(persons)
    numbers = [household.number for household in everywhere]
    assert len(set(numbers)) == len(numbers) == 5000
    in_chunan = [each for each in everywhere if each.village_code.startswith("330127")]
    assert in_chunan == households[: len(in_chunan)]


def test_the_province_comes_as_a_stream() -> None:
    assert len(list(islice(province_households(350_000), 3))) == 3


def test_every_household_has_one_head_and_at_most_six_members(
    households: list[Household],
) -> None:
    for household in households:
        relations = [member.relation_to_head for member in household.members]
        assert relations.count("head") == 1
        assert relations.count("spouse") <= 1
        assert 1 <= len(relations) <= 6


def test_every_code_is_known(households: list[Household]) -> None:
    for household in households:
        code_list("household_category").check(household.category)
        for cause in (household.main_cause, *household.other_causes):
            code_list("poverty_cause").check(cause)
        assert household.main_cause not in household.other_causes
        for entry in household.income:
            assert item_of(entry.item, entry.source)
            assert possible_amount(Fen(entry.amount)) == entry.amount
            period = Period(start=entry.period_from, end=entry.period_to)
            assert period.is_twelve_months()
            assert period.end <= AS_OF
        for check in household.checks:
            code_list("guarantee").check(check.guarantee)


def test_members_hold_to_the_registers_rules(households: list[Household]) -> None:
    for member in members(households):
        fields = {name: getattr(member, name) for name in MemberContent.model_fields}
        MemberContent.model_validate(fields)
        for name, list_name in MEMBER_CODES.items():
            if fields[name] is not None:
                code_list(list_name).check(fields[name])


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_record_stands_twice_whatever_the_seed(seed: int) -> None:
    for household in county_households(CHUNAN, seed=seed):
        persons = [member.document_number[:18] for member in household.members]
        entries = [(one.period_to, one.item, one.recurring) for one in household.income]
        checks = [(check.guarantee, check.checked_on) for check in household.checks]
        found = [check.checked_on for check in household.circumstances]
        assert len(set(persons)) == len(persons)
        assert len(set(entries)) == len(entries)
        assert len(set(checks)) == len(checks)
        assert len(set(found)) == len(found)


def test_ordinary_households_pass_the_line_and_poor_ones_do_not(
    households: list[Household],
) -> None:
    for household in households:
        line = LINE_FEN * len(household.members)
        if household.pattern is Pattern.ORDINARY:
            assert household.stable_net_fen >= line
            assert {entry.source for entry in household.income} >= {
                "wages",
                "business",
                "property",
                "transfers",
            }
        if household.pattern is Pattern.LOW_INCOME:
            assert 6000_00 * len(household.members) <= household.stable_net_fen < line


def test_a_one_off_sale_lifts_to_8018_a_head(households: list[Household]) -> None:
    for household in of(households, Pattern.ONE_OFF_SALE):
        sales = [entry.amount for entry in household.income if not entry.recurring]
        size = len(household.members)
        assert household.stable_net_fen < LINE_FEN * size
        assert household.stable_net_fen + sum(sales) == 8018_00 * size


def test_what_is_faked_shows_in_the_records(households: list[Household]) -> None:
    incomes = [each.latest_income for each in of(households, Pattern.IDENTICAL_INCOME)]
    assert all(income == incomes[0] for income in incomes)
    for household in of(households, Pattern.ILLNESS_WITHOUT_PATIENT):
        assert household.main_cause == "illness"
        assert {member.health for member in household.members} == {"healthy"}
    for household in of(households, Pattern.DISABILITY_WITHOUT_DISABLED):
        assert household.main_cause == "disability"
        assert "disabled" not in {member.health for member in household.members}
    for household in of(households, Pattern.WAGES_WITHOUT_WORKER):
        assert not any(member.works for member in household.members)
        assert any(entry.source == "wages" and entry.amount for entry in household.income)
    for household in of(households, Pattern.DIBAO_WITHOUT_ALLOWANCE):
        assert household.category == "dibao"
        assert "dibao_allowance" not in {entry.item for entry in household.income}
    for household in of(households, Pattern.EXPENSES_LEFT_OUT):
        amounts = {entry.source: entry.amount for entry in household.income}
        assert amounts["business"] > 0
        assert "expenses" not in amounts


def test_what_the_roll_does_not_bear_out_shows(households: list[Household]) -> None:
    for household in of(households, Pattern.SCHOOLING_WITHOUT_STUDENT):
        assert household.main_cause == "schooling"
        assert "in_school" not in {member.school_status for member in household.members}
    for household in of(households, Pattern.LABOUR_ENOUGH):
        assert household.main_cause == "labour"
        capacities = {member.labour_capacity for member in household.members}
        assert capacities <= {"ordinary", "skilled"}
    for household in of(households, Pattern.WORKER_WITHOUT_WAGES):
        assert any(member.works for member in household.members)
        assert sum(entry.amount for entry in household.income if entry.source == "wages") == 0
        assert household.stable_net_fen >= LINE_FEN * len(household.members)
    for household in of(households, Pattern.INCOME_TOO_HIGH):
        assert household.stable_net_fen > 100_000_00 * len(household.members)
    for household in of(households, Pattern.SCHOOL_AGAINST_AGE):
        said = {member.school_status for member in household.members if member.of_school_age}
        assert "graduated" in said


def test_a_household_passes_the_line_by_a_member_who_left_just_before(
    households: list[Household],
) -> None:
    for household in of(households, Pattern.SIZE_CHANGED):
        staying = [member for member in household.members if member.left_on is None]
        assert 0 < len(staying) < len(household.members)
        assert household.stable_net_fen < LINE_FEN * len(household.members)
        assert household.stable_net_fen >= LINE_FEN * len(staying)


def test_some_accounts_go_by_the_calendar_year_and_some_have_the_year_before(
    households: list[Household],
) -> None:
    kept = {frozenset(entry.period_to for entry in household.income) for household in households}
    assert kept == {
        frozenset({YEAR_TO}),
        frozenset({YEAR_TO, BEFORE_TO}),
        frozenset({CALENDAR_TO}),
        frozenset({YEAR_TO, CALENDAR_TO}),
    }


def test_circumstances_are_what_the_register_takes_and_mostly_known(
    households: list[Household],
) -> None:
    checked = [check for household in households for check in household.circumstances]
    for check in checked:
        fields = asdict(check)
        amounts = {
            name: Fen(fields[name])
            for name in amounts_of(CircumstancesContent)
            if fields[name] is not None
        }
        CircumstancesContent.model_validate(fields | amounts)
        assert check.checked_on < AS_OF
        assert "（虚构样本）" in check.department
    found_out = [check for check in checked if None not in asdict(check).values()]
    assert 0.85 < len(found_out) / len(checked) < 1
    unchecked = [household for household in households if not household.circumstances]
    assert 0 < len(unchecked) / len(households) < 0.1
    assert any(check.commission_signed is False for check in checked)


def test_ordinary_households_have_no_mark_of_a_fake(households: list[Household]) -> None:
    for household in of(households, Pattern.ORDINARY):
        works = any(member.works for member in household.members)
        items = {entry.item: entry.amount for entry in household.latest_income}
        wages = items.get("other_wages", 0) + items.get("public_post", 0)
        assert bool(wages) == works
        assert (household.category == "dibao") == ("dibao_allowance" in items)
        assert bool(items["other_business"]) == ("business_expenses" in items)
