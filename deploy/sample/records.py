"""The plain records of the sample, shaped as the sheets of an import: codes, dates and fen.

A member that is None was not recorded; codes are those of ``services.registry.vocabulary``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

YEAR_FROM, YEAR_TO = date(2019, 10, 1), date(2020, 10, 1)
"""The accounting year; its end is exclusive."""
BEFORE_FROM, BEFORE_TO = date(2018, 10, 1), date(2019, 10, 1)
"""The accounting year before it."""
CALENDAR_FROM, CALENDAR_TO = date(2019, 1, 1), date(2020, 1, 1)
"""The calendar year that some accounts are kept by."""
AS_OF = date(2020, 10, 15)
"""The day as of which the sample is meant to be judged."""


class Pattern(StrEnum):
    """What is particular about a household 样本类型; never written into a file."""

    zh: str
    """Its Chinese title."""
    cards: int
    """How many of 200 households are of it."""

    def __new__(cls, value: str, zh: str, cards: int) -> "Pattern":
        pattern = str.__new__(cls, value)
        pattern._value_ = value
        pattern.zh, pattern.cards = zh, cards
        return pattern

    ORDINARY = "ordinary", "各项均达标", 122
    REPAIRED = "repaired", "问题整改后复核达标", 8

    LOW_INCOME = "low_income", "稳定人均收入不足八千元", 8
    UNSAFE_HOME = "unsafe_home", "唯一住房为C级或D级", 5
    WATER_TOO_FAR = "water_too_far", "取水过远", 4
    OUT_OF_SCHOOL = "out_of_school", "适龄儿童失学辍学", 3
    UNINSURED = "uninsured", "有成员未参保", 4
    SHORT_OF_FOOD = "short_of_food", "吃有短缺", 1
    SHORT_OF_CLOTHING = "short_of_clothing", "穿有短缺", 1

    INCOME_SOURCE_MISSING = "income_source_missing", "一项收入来源未登记", 5
    CHECK_MISSING = "check_missing", "一项保障未核查", 4
    CHECK_STALE = "check_stale", "一项核查已过期", 4
    SCHOOL_STATUS_UNKNOWN = "school_status_unknown", "适龄儿童在校状况不明", 2
    INSURANCE_UNKNOWN = "insurance_unknown", "成员参保情况不明", 2

    ONE_OFF_SALE = "one_off_sale", "靠一次性家禽出售过线", 3
    INCOME_TOO_HIGH = "income_too_high", "稳定人均收入超过十万元", 1
    IDENTICAL_INCOME = "identical_income", "多户收入明细雷同", 4
    ILLNESS_WITHOUT_PATIENT = "illness_without_patient", "因病致贫而全家健康", 2
    DISABILITY_WITHOUT_DISABLED = "disability_without_disabled", "因残致贫而无残疾成员", 2
    SCHOOLING_WITHOUT_STUDENT = "schooling_without_student", "因学致贫而无在校成员", 2
    LABOUR_ENOUGH = "labour_enough", "缺劳力而劳动力充足", 2
    WAGES_WITHOUT_WORKER = "wages_without_worker", "有工资收入而无人务工", 2
    WORKER_WITHOUT_WAGES = "worker_without_wages", "有人务工而无工资收入", 2
    DIBAO_WITHOUT_ALLOWANCE = "dibao_without_allowance", "低保户无低保金收入", 2
    EXPENSES_LEFT_OUT = "expenses_left_out", "有经营收入而未登记支出", 1
    SCHOOL_AGAINST_AGE = "school_against_age", "在校状况与年龄不符", 1
    SIZE_CHANGED = "size_changed", "验收前减少家庭人口", 2
    UNSAFE_HOME_CLEARED = "unsafe_home_cleared", "住房为C级而称非唯一住房", 1


@dataclass(slots=True)
class Member:
    """A member 家庭成员."""

    name: str
    document_type: str
    document_number: str
    relation_to_head: str
    sex: str
    birth_date: date
    joined_on: date
    ethnicity: str | None = None
    education: str | None = None
    school_status: str | None = None
    dropout_reason: str | None = None
    health: str | None = None
    labour_capacity: str | None = None
    employment_months: int | None = None
    employment_place: str | None = None
    public_post: bool | None = None
    medical_insurance: str | None = None
    serious_illness_insurance: bool | None = None
    pension: bool | None = None
    dibao: bool | None = None
    extreme_poverty_support: bool | None = None
    left_on: date | None = None
    leave_reason: str | None = None

    @property
    def age(self) -> int:
        """Completed years on AS_OF."""
        born = self.birth_date
        return AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))

    @property
    def of_school_age(self) -> bool:
        """Whether compulsory education is due on AS_OF, from 6 to 15."""
        return 6 <= self.age <= 15

    @property
    def works(self) -> bool:
        """Whether the member worked for wages in the accounting year."""
        return bool(self.employment_months)


@dataclass(slots=True)
class Income:
    """An income entry 收入: ``amount`` in fen, ``period_to`` exclusive."""

    source: str
    item: str
    amount: int
    recurring: bool = True
    period_from: date = YEAR_FROM
    period_to: date = YEAR_TO
    description: str | None = None


@dataclass(slots=True)
class Check:
    """A guarantee check 保障核查; ``evidence`` by the members of the guarantee's sheet."""

    guarantee: str
    checked_on: date
    inspector: str
    department: str
    evidence: Mapping[str, bool | int | str]
    description: str | None = None


@dataclass(slots=True)
class Circumstances:
    """A check of circumstances 家庭状况核对; amounts in fen."""

    checked_on: date
    inspector: str
    department: str
    commission_signed: bool | None = None
    cars: int | None = None
    homes: int | None = None
    financial_assets: int | None = None
    company_shares: bool | None = None
    medical_spending: int | None = None
    education_spending: int | None = None
    disaster_loss: int | None = None
    rigid_spending: int | None = None
    sudden_hardship: bool | None = None
    supporter_able: bool | None = None
    job_refusals: int | None = None
    new_job_income: int | None = None
    new_job_months: int | None = None
    relocating_members: int | None = None
    bad_credit: bool | None = None
    microloan_wanted: bool | None = None
    housing_repair_planned: bool | None = None
    description: str | None = "（虚构样本）"


@dataclass(slots=True)
class Household:
    """A low-income household 低收入农户 with all that is recorded of it."""

    number: str
    village_code: str
    category: str
    address: str
    phone: str
    registered_on: date
    pattern: Pattern
    main_cause: str | None = None
    other_causes: tuple[str, ...] = ()
    epidemic_impact: bool | None = None
    members: list[Member] = field(default_factory=list)
    income: list[Income] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    circumstances: list[Circumstances] = field(default_factory=list)

    @property
    def latest_income(self) -> list[Income]:
        """Entries of the latest year on record, the one that counts."""
        latest = max((entry.period_to for entry in self.income), default=None)
        return [entry for entry in self.income if entry.period_to == latest]

    @property
    def stable_net_fen(self) -> int:
        """Recurring income less business expenses in fen, what is not recorded left out."""
        return sum(
            -entry.amount if entry.source == "expenses" else entry.amount
            for entry in self.latest_income
            if entry.recurring
        )
