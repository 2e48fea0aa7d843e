"""Invented persons: who lives in a household, and what the roll knows of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from operator import mul
from random import Random

from deploy.sample.records import AS_OF, Member

ADULT, RETIRED = 16, 65
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
# ISO 7064 MOD 11-2, as GB 11643 has it.
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK_CHARACTERS = "10X98765432"
# Digits are weighed as their characters, which is quick; this is what "0" throughout would weigh.
_ZEROS = ord("0") * sum(_WEIGHTS)
_NAMES = tuple(f"样本{stem}{branch}" for stem in _STEMS for branch in _BRANCHES)
# Of 100 households, how many have 1, 2, … members.
_SIZES = (1,) * 25 + (2,) * 35 + (3,) * 20 + (4,) * 12 + (5,) * 5 + (6,) * 3
_DAYS_OF_A_YEAR = 365.25
_TODAY = AS_OF.toordinal()


class IdentityNumbersExhausted(RuntimeError):
    """More people of one sex were born on a day than there are numbers."""

    code = "sample-identity-numbers-exhausted"

    def __init__(self, born: date) -> None:
        super().__init__(
            f"样本户数过多，{born} 出生者的证件号码已用完，请减少户数。"
            f"Too many households: the numbers of those born on {born} are used up; ask for fewer."
        )


@dataclass
class IdentityNumbers:
    """Valid numbers of 18 characters, each given once.

    Their places of birth are 339900 to 339999, which no place has ever had: no real person can
    hold such a number.
    """

    county_ordinal: int
    _given: dict[tuple[date, bool], int] = field(default_factory=lambda: defaultdict(int))

    def next(self, born: date, *, male: bool) -> str:
        """Return the next number. Raises IdentityNumbersExhausted after 499 of a day and sex."""
        self._given[born, male] += 1
        sequence = 2 * self._given[born, male] - male
        if sequence > 999:
            raise IdentityNumbersExhausted(born)
        day = born.isoformat().replace("-", "")
        body = f"3399{self.county_ordinal:02}{day}{sequence:03}"
        total = sum(map(mul, _WEIGHTS, body.encode())) - _ZEROS
        return body + _CHECK_CHARACTERS[total % 11]


def family_of(
    rng: Random,
    numbers: IdentityNumbers,
    registered_on: date,
    *,
    worker: bool,
    child: bool,
    size: int | None,
) -> list[Member]:
    """Return the members, the head first.

    ``worker`` and ``child`` ask for at least one of them; ``size`` fixes how many there are.
    """
    if size is None:
        size = rng.choice(_SIZES)
    size = max(size, 2 if child else 1)
    head_age = rng.randint(32, 48) if worker or child else rng.randint(32, 82)
    people = [("head", head_age)]
    if child:
        people.append(("child", rng.randint(8, 14)))
    while len(people) < size:
        people.append(_relative(rng, head_age, [relation for relation, _ in people]))
    members = [_member(rng, numbers, registered_on, relation, years) for relation, years in people]
    if worker and not members[0].works:
        make_worker(rng, members[0])
    return members


def make_worker(rng: Random, member: Member) -> None:
    """Let a member be a healthy worker."""
    member.health, member.labour_capacity = "healthy", rng.choice(("ordinary", "skilled"))
    member.document_type = "resident_id"
    member.document_number = member.document_number[:18]
    _employ(rng, member)


def _relative(rng: Random, head_age: int, relations: list[str]) -> tuple[str, int]:
    if "spouse" not in relations and rng.random() < 0.6:
        return "spouse", max(22, head_age + rng.randint(-5, 5))
    if head_age < 62 and relations.count("parent") < 2 and rng.random() < 0.35:
        return "parent", head_age + rng.randint(21, 30)
    if head_age > 55 and rng.random() < 0.3:
        return "grandchild", max(0, head_age - rng.randint(45, 56))
    return "child", max(0, head_age - rng.randint(22, 36))


def _member(
    rng: Random, numbers: IdentityNumbers, registered_on: date, relation: str, years: int
) -> Member:
    # Early enough to be this old already, late enough not to be a year older.
    born = date.fromordinal(_TODAY - int(years * _DAYS_OF_A_YEAR) - rng.randint(1, 360))
    male = rng.random() < (0.75 if relation == "head" else 0.45)
    member = Member(
        name=rng.choice(_NAMES),
        document_type="resident_id",
        document_number=numbers.next(born, male=male),
        relation_to_head=relation,
        sex="1" if male else "2",
        birth_date=born,
        joined_on=max(registered_on, born),
        ethnicity="22" if rng.random() < 0.04 else "01",
        medical_insurance="resident",
        serious_illness_insurance=rng.random() < 0.9,
        pension=years >= ADULT,
        dibao=False,
        extreme_poverty_support=False,
        public_post=False,
        employment_months=0,
    )
    _school(rng, member, years)
    _health(rng, member, years)
    return member


def _school(rng: Random, member: Member, age: int) -> None:
    if age < 6:
        member.school_status = "not_enrolled"
    elif age < 19:
        member.school_status = "in_school"
        member.education = "80" if age < 13 else "70" if age < 16 else "60"
    else:
        studies = age < 23 and rng.random() < 0.4
        member.school_status = "in_school" if studies else "graduated"
        lowest = ("90", "80") if age > 60 else ("80", "70", "60")
        member.education = "20" if studies else rng.choice(lowest)


def _health(rng: Random, member: Member, age: int) -> None:
    chance = rng.random()
    frail = 0.5 if age >= RETIRED else 0.3 if age >= ADULT else 0.04
    if chance >= frail:
        member.health = "healthy"
    elif chance < 0.3 * frail:
        member.health = "disabled"
        if rng.random() < 0.5:
            member.document_type = "disability_card"
            member.document_number += f"{rng.randint(1, 7)}{rng.randint(1, 4)}"
    else:
        member.health = "serious_illness" if chance < 0.45 * frail else "chronic"
    if age < ADULT or member.school_status == "in_school" or age >= RETIRED + 10:
        member.labour_capacity = "none"
    elif member.health in {"disabled", "serious_illness"}:
        member.labour_capacity = rng.choice(("weak", "lost"))
    elif age >= RETIRED or member.health == "chronic":
        member.labour_capacity = "weak"
    else:
        member.labour_capacity = "skilled" if rng.random() < 0.1 else "ordinary"
        if rng.random() < 0.75:
            _employ(rng, member)


def _employ(rng: Random, member: Member) -> None:
    member.employment_months = rng.randint(3, 12)
    member.employment_place = rng.choice(("township", "county", "province", "elsewhere"))
    member.public_post = rng.random() < 0.15
    if rng.random() < 0.15:
        member.medical_insurance = "employee"
