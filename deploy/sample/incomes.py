"""Invented income of the accounting year, split over the four sources of the survey forms."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from deploy.sample.records import (
    BEFORE_FROM,
    BEFORE_TO,
    CALENDAR_FROM,
    CALENDAR_TO,
    YEAR_TO,
    Income,
    Member,
)

LINE_FEN = 800_000
"""8,000 yuan a head and year, the line of the policy; 二（一） of 浙委办发〔2020〕29号."""
ALLOWANCES = {"dibao": "dibao_allowance", "extreme_poverty": "extreme_poverty_allowance"}
"""What households of a category draw."""
PENSION_FROM = 60


def income_of(
    rng: Random, category: str, members: Sequence[Member], per_head_fen: int
) -> list[Income]:
    """Return entries whose recurring net income is ``per_head_fen`` a head.

    Each of the four sources has an entry, 0.00 where there was none: a source that is left out is
    not known, which is not the same.
    """
    total = per_head_fen * len(members)
    business, expenses = _business(rng, total)
    property_income = _part(rng, total, 1, 6) if rng.random() < 0.4 else 0
    allowance = _part(rng, total, 15, 30) if category in ALLOWANCES else 0
    pension = _part(rng, total, 8, 20) if _has_pensioner(members) else 0
    ecological = _part(rng, total, 1, 3) if rng.random() < 0.3 else 0
    rest = total - (business - expenses) - property_income - allowance - pension - ecological
    wages = rest if any(member.works for member in members) else 0
    public_post = any(member.public_post for member in members)
    entries = [
        Income("wages", "public_post" if public_post else "other_wages", wages),
        Income("business", "other_business", business),
        Income("property", "asset_dividend", property_income),
    ]
    if business:
        entries.append(Income("expenses", "business_expenses", expenses))
    transfers = [
        (ALLOWANCES.get(category, ""), allowance),
        ("pension", pension),
        ("ecological", ecological),
        # Without a worker the household lives on what its relatives give by agreement.
        ("other_transfers", rest - wages),
    ]
    drawn = [Income("transfers", item, amount) for item, amount in transfers if amount]
    return entries + (drawn or [Income("transfers", "other_transfers", 0)])


def kept_otherwise(rng: Random, entries: list[Income]) -> list[Income]:
    """Return the entries as some offices keep them: by the calendar year, or with the year before.

    Most come back as they are.
    """
    chance = rng.random()
    if chance < 0.1:
        return [_by_calendar(entry, entry.amount) for entry in entries]
    if chance < 0.2:
        percent = rng.randint(70, 95)
        return entries + [_by_calendar(entry, entry.amount * percent // 100) for entry in entries]
    return entries


def with_year_before(rng: Random, entries: list[Income]) -> list[Income]:
    """Return the entries with those of the accounting year before, for two households of five.

    Money that came once did not come then too, and who keeps accounts by the calendar year, or
    recorded an earlier year already, is left as they are.
    """
    if any(entry.period_to != YEAR_TO for entry in entries) or rng.random() >= 0.4:
        return entries
    percent = rng.randint(75, 97)
    return entries + [
        replace(
            entry,
            amount=entry.amount * percent // 100,
            period_from=BEFORE_FROM,
            period_to=BEFORE_TO,
        )
        for entry in entries
        if entry.recurring
    ]


def identical_income() -> list[Income]:
    """Return the lines that one recorder enters for every household of three: 8,120.00 a head."""
    return [
        Income("wages", "other_wages", 1_800_000),
        Income("business", "other_business", 560_000),
        Income("expenses", "business_expenses", 80_000),
        Income("property", "asset_dividend", 36_000),
        Income("transfers", "ecological", 120_000),
    ]


def one_off_sale(stable_net_fen: int, size: int) -> Income:
    """Return the sale that lifts a household to 8,018 yuan a head just before acceptance."""
    missing = (LINE_FEN + 1_800) * size - stable_net_fen
    return Income(
        "business", "other_business", missing, recurring=False, description="（虚构）出售家禽一批"
    )


def _by_calendar(entry: Income, amount: int) -> Income:
    return replace(entry, amount=amount, period_from=CALENDAR_FROM, period_to=CALENDAR_TO)


def _business(rng: Random, total: int) -> tuple[int, int]:
    if rng.random() < 0.6:
        return 0, 0
    gross = _part(rng, total, 15, 40)
    return gross, _part(rng, gross, 10, 45)


def _part(rng: Random, total: int, low: int, high: int) -> int:
    return total * rng.randint(low, high) // 100


def _has_pensioner(members: Sequence[Member]) -> bool:
    return any(member.age >= PENSION_FROM for member in members)
