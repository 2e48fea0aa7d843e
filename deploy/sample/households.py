"""Synthetic low-income households of real villages: the same for the same seed, one at a time.

Everything of them is invented and says so: names begin with 样本, addresses with （虚构样本）,
telephone numbers with 100 and identity numbers with 3399, which no phone and no place has.
Judged as of ``records.AS_OF`` most are cleared; the others are as their pattern says.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from deploy.sample.alterations import alter
from deploy.sample.checks import checks_of
from deploy.sample.circumstances import circumstances_of
from deploy.sample.draws import Draws
from deploy.sample.incomes import income_of, with_year_before
from deploy.sample.persons import IdentityNumbers, family_of
from deploy.sample.places import County, Village, counties, county
from deploy.sample.records import Household, Member, Pattern

_DECK = tuple(pattern for pattern in Pattern for _ in range(pattern.cards))
# Of 100 households, how many are of each category.
_SHARES = {"dibao": 38, "dibao_margin": 30, "extreme_poverty": 8, "consolidation": 18, "other": 6}
_CATEGORIES = tuple(category for category, share in _SHARES.items() for _ in range(share))
_OTHER_CAUSES = ("skills", "capital", "land", "transport", "initiative", "disaster")
_FIRST_REGISTRATION, _REGISTRATION_DAYS = date(2019, 10, 1), 180
# What a pattern needs of its family. A single person is no student, and labour enough if able.
_SIZES = {
    Pattern.IDENTICAL_INCOME: 3,
    Pattern.SCHOOLING_WITHOUT_STUDENT: 1,
    Pattern.LABOUR_ENOUGH: 1,
    Pattern.SIZE_CHANGED: 3,
}
_WITH_WORKER = {
    Pattern.IDENTICAL_INCOME,
    Pattern.LABOUR_ENOUGH,
    Pattern.WAGES_WITHOUT_WORKER,
    Pattern.WORKER_WITHOUT_WAGES,
}
_WITH_CHILD = {
    Pattern.OUT_OF_SCHOOL,
    Pattern.SCHOOL_AGAINST_AGE,
    Pattern.SCHOOL_STATUS_UNKNOWN,
}
# Yuan a head and year; what is not named here passes the line.
_PER_HEAD = {
    Pattern.LOW_INCOME: (6000, 7999),
    Pattern.ONE_OFF_SALE: (6800, 7900),
    Pattern.SIZE_CHANGED: (6800, 7900),
    Pattern.INCOME_TOO_HIGH: (100_001, 180_000),
}
_PER_HEAD_ORDINARY = (8300, 16000)


def county_households(code: str, count: int = 600, seed: int = 1) -> Iterator[Household]:
    """Yield ``count`` households spread over a county's villages. Raises CountyUnknown."""
    return _households(county(code), count, seed)


def province_households(count: int, seed: int = 1) -> Iterator[Household]:
    """Yield ``count`` households spread over Zhejiang's counties by their villages.

    The first of each county are those that ``county_households`` yields, so that nobody has two
    homes.
    """
    everywhere = list(counties().values())
    villages = sum(len(each.villages) for each in everywhere)
    before = 0
    for each in everywhere:
        after = before + len(each.villages)
        share = count * after // villages - count * before // villages
        yield from _households(each, share, seed)
        before = after


def _households(place: County, count: int, seed: int) -> Iterator[Household]:
    rng = Draws(f"{seed} {place.code}")
    numbers = IdentityNumbers(place.ordinal)
    villages = list(place.villages)
    rng.shuffle(villages)
    deck = list(_DECK)
    for serial in range(count):
        # Each 200 households hold every pattern in its share.
        if serial % len(deck) == 0:
            rng.shuffle(deck)
        village = villages[serial % len(villages)]
        yield _household(rng, numbers, village, serial + 1, deck[serial % len(deck)])


def _household(
    rng: Random, numbers: IdentityNumbers, village: Village, serial: int, pattern: Pattern
) -> Household:
    registered = _FIRST_REGISTRATION
    if rng.random() < 0.15:
        registered += timedelta(days=rng.randrange(_REGISTRATION_DAYS))
    members = family_of(
        rng,
        numbers,
        registered,
        worker=pattern in _WITH_WORKER,
        child=pattern in _WITH_CHILD,
        size=_SIZES.get(pattern),
    )
    category = rng.choice(_CATEGORIES)
    if pattern is Pattern.DIBAO_WITHOUT_ALLOWANCE:
        category = "dibao"
    household = Household(
        number=f"YB-{village.code[:6]}-{serial:06}",
        village_code=village.code,
        category=category,
        address=f"（虚构样本）{village.place}{rng.randint(1, 260)}号",
        phone=f"100{numbers.county_ordinal:02}{serial:06}",
        registered_on=registered,
        pattern=pattern,
        epidemic_impact=rng.random() < 0.2,
        members=members,
    )
    for member in members:
        member.dibao = category == "dibao"
        member.extreme_poverty_support = category == "extreme_poverty"
    causes = _causes(rng, members)
    household.main_cause, household.other_causes = causes[0], tuple(causes[1:])
    low, high = _PER_HEAD.get(pattern, _PER_HEAD_ORDINARY)
    household.income = income_of(rng, category, members, 100 * rng.randint(low, high))
    household.checks = checks_of(rng, household)
    alter(rng, household)
    household.income = with_year_before(rng, household.income)
    household.circumstances = circumstances_of(rng, household)
    return household


def _causes(rng: Random, members: list[Member]) -> list[str]:
    """Return causes that the roll bears out, the main one first."""
    states = {member.health for member in members}
    causes = [
        cause
        for cause, borne_out in (
            ("illness", bool(states & {"serious_illness", "chronic"})),
            ("disability", "disabled" in states),
            ("labour", not any(member.works for member in members)),
            ("schooling", any(member.school_status == "in_school" for member in members)),
        )
        if borne_out
    ]
    rng.shuffle(causes)
    if not causes or rng.random() < 0.3:
        causes.append(rng.choice(_OTHER_CAUSES))
    return causes[:3]
