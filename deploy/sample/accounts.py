"""Synthetic accounts of a county's villages, and figures of its own."""

import random
from collections.abc import Iterator
from typing import Any

from deploy.sample.households import villages_of

YEARS = (2018, 2019)
DIBAO_MONTHLY_STANDARD = "810.00"


def village_accounts(county: str, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the bodies of ``POST /v1/village-accounts``: most sound, some weak, some incomplete."""
    chance = random.Random(seed)
    for place, village in enumerate(villages_of(county[:6])):
        kind = place % 12
        for year in YEARS:
            if kind == 1 and year == YEARS[0]:
                continue  # nobody recorded the year before
            yield {
                "village_code": village,
                "year": year,
                "relatively_weak": kind in (0, 2, 3),
                "lines": _lines(kind, chance),
            }


def division_figures(county: str) -> list[dict[str, Any]]:
    """Return the bodies of ``POST /v1/division-figures`` for a county."""
    return [
        {
            "division": county,
            "figure": "dibao_monthly_standard",
            "year": 2020,
            "amount": DIBAO_MONTHLY_STANDARD,
            "source": "样本数据（虚构）",
        }
    ]


def _lines(kind: int, chance: random.Random) -> list[dict[str, Any]]:
    operating, other, one_off = chance.randint(60, 200), chance.randint(50, 150), 0
    if kind == 2:
        operating, other = chance.randint(10, 40), chance.randint(10, 40)
    if kind == 3:  # passes the total by a receipt that will not come again
        operating, other, one_off = 55, 10, 90
    lines = [
        ("leasing", operating, True, True),
        ("subsidy", other, False, True),
        ("land_compensation", one_off, False, False),
    ]
    return [
        {
            "source": source,
            "amount": f"{thousands * 1000}.00",
            "operating": is_operating,
            "recurring": recurring,
            "description": "样本数据（虚构）",
        }
        for source, thousands, is_operating, recurring in lines
        if thousands
    ]
