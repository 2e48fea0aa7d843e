"""Invented checks of what households own, spend and plan, made between June and September 2020."""

from datetime import date, timedelta
from random import Random

from deploy.sample.records import Circumstances, Household, Member

DEPARTMENT = "（虚构样本）居民家庭经济状况核对中心"
_FIRST_CHECK, _CHECK_DAYS = date(2020, 6, 1), 90
_EARLIER = timedelta(days=365)
_POOREST = {"dibao", "extreme_poverty"}
_UNSAFE = {"C", "D"}


def circumstances_of(rng: Random, household: Household) -> list[Circumstances]:
    """Return what the checks found: mostly one that found out all, as the other records have it.

    Of some households nothing was found out, or not everything, or a year earlier too.
    """
    chance = rng.random()
    if chance < 0.05:
        return []
    found = _found(rng, household)
    if chance < 0.08:
        # Without the family's commission its property is not looked into.
        found.commission_signed = False
        found.cars = found.homes = found.financial_assets = found.company_shares = None
    elif chance < 0.13:
        setattr(found, rng.choice(("homes", "medical_spending", "supporter_able")), None)
    if chance < 0.9:
        return [found]
    earlier = _found(rng, household)
    earlier.checked_on -= _EARLIER
    return [earlier, found]


def _found(rng: Random, household: Household) -> Circumstances:
    members = household.members
    causes = {household.main_cause, *household.other_causes}
    medical = sum(_medical(rng, member) for member in members)
    schooling = sum(_schooling(rng, member) for member in members)
    disaster = _yuan(rng, 20, 300) if "disaster" in causes else 0
    job_months = rng.randint(1, 6) if _works(members) and rng.random() < 0.08 else 0
    housing = {check.guarantee: check.evidence for check in household.checks}.get("housing", {})
    grade = housing.get("housing_grade")
    poorest = household.category in _POOREST
    able = any(member.labour_capacity in {"ordinary", "skilled"} for member in members)
    return Circumstances(
        checked_on=_FIRST_CHECK + timedelta(days=rng.randrange(_CHECK_DAYS)),
        inspector=f"样本核对员{rng.choice('子丑寅卯辰巳')}",
        department=DEPARTMENT,
        commission_signed=True,
        cars=int(rng.random() < (0.01 if poorest else 0.06)),
        homes=1 if housing.get("only_home", True) else 2,
        financial_assets=sum(_yuan(rng, 0, 60 if poorest else 150) for _ in members),
        company_shares=not poorest and rng.random() < 0.01,
        medical_spending=medical,
        education_spending=schooling,
        disaster_loss=disaster,
        rigid_spending=medical + schooling + disaster + _yuan(rng, 0, 20),
        sudden_hardship=disaster > 0 or (medical > 2_000_000 and rng.random() < 0.3),
        supporter_able=not poorest and rng.random() < 0.25,
        job_refusals=rng.randint(1, 3) if able and rng.random() < 0.03 else 0,
        new_job_income=job_months * _yuan(rng, 18, 35),
        new_job_months=job_months,
        relocating_members=len(members) if rng.random() < 0.03 else 0,
        bad_credit=rng.random() < 0.03,
        microloan_wanted=able and rng.random() < 0.3,
        housing_repair_planned=grade in _UNSAFE and rng.random() < 0.7,
    )


def _medical(rng: Random, member: Member) -> int:
    match member.health:
        case "serious_illness":
            return _yuan(rng, 60, 450)
        case "chronic" | "disabled":
            return _yuan(rng, 6, 50)
    return _yuan(rng, 0, 6)


def _schooling(rng: Random, member: Member) -> int:
    if member.school_status != "in_school":
        return 0
    return _yuan(rng, 4, 15) if member.of_school_age else _yuan(rng, 20, 90)


def _works(members: list[Member]) -> bool:
    return any(member.works for member in members)


def _yuan(rng: Random, low: int, high: int) -> int:
    """Return from ``low`` to ``high`` hundred yuan, in fen."""
    return 10_000 * rng.randint(low, high)
