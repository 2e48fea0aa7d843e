"""Invented accounts of a county's villages and its figures, as bodies of the registry's requests."""

from collections.abc import Iterator
from enum import StrEnum
from random import Random
from typing import Any

from deploy.sample.places import county

YEARS = (2018, 2019)
INVENTED = "（虚构样本）"
PROVINCE = "330000000000"


class _Kind(StrEnum):
    SOUND = "sound"
    UPLIFTED = "uplifted"
    WEAK = "weak"
    ONE_OFF = "one_off"
    YEAR_MISSING = "year_missing"


# Of 100 villages.
_SHARES = {
    _Kind.SOUND: 74,
    _Kind.UPLIFTED: 5,
    _Kind.WEAK: 12,
    _Kind.ONE_OFF: 5,
    _Kind.YEAR_MISSING: 4,
}
_LISTED_AS_WEAK = {_Kind.UPLIFTED, _Kind.WEAK, _Kind.ONE_OFF}


def village_accounts(code: str, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the accounts of a county's villages for YEARS. Raises CountyUnknown.

    Most take in more than 100,000 yuan, 50,000 of it by operating; some are weak, some pass only by
    money that comes once, and of some nobody recorded a year.
    """
    rng = Random(f"{seed} {code} accounts")
    for village in county(code).villages:
        kind = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
        for year in [rng.choice(YEARS)] if kind is _Kind.YEAR_MISSING else YEARS:
            yield {
                "village_code": village.code,
                "year": year,
                "relatively_weak": kind in _LISTED_AS_WEAK,
                "lines": _lines(rng, kind),
            }


def division_figures(code: str) -> list[dict[str, Any]]:
    """Return a county's dibao standard and the province's income of low-income households.

    The latter are for a caller of the province to record.
    """
    figures = (
        (code, "dibao_monthly_standard", 2020, "810.00"),
        (PROVINCE, "low_income_disposable_income", 2018, "12496.00"),
        (PROVINCE, "low_income_disposable_income", 2019, "14124.00"),
    )
    members = ("division", "figure", "year", "amount")
    return [dict(zip(members, figure, strict=True)) | {"source": INVENTED} for figure in figures]


def _lines(rng: Random, kind: _Kind) -> list[dict[str, Any]]:
    match kind:
        case _Kind.WEAK:
            return [
                _line("contracting", rng.randint(8_000, 45_000), operating=True),
                _line("subsidy", rng.randint(20_000, 52_000)),
            ]
        case _Kind.ONE_OFF:
            return [
                _line("leasing", rng.randint(50_000, 62_000), operating=True),
                _line("subsidy", rng.randint(8_000, 20_000)),
                _line("land_compensation", rng.randint(60_000, 300_000), recurring=False),
            ]
    return [
        _line("leasing", rng.randint(30_000, 160_000), operating=True),
        _line("contracting", rng.randint(22_000, 60_000), operating=True),
        _line("subsidy", rng.randint(50_000, 120_000)),
    ]


def _line(
    source: str, yuan: int, *, operating: bool = False, recurring: bool = True
) -> dict[str, Any]:
    return {
        "source": source,
        "amount": f"{yuan}.00",
        "operating": operating,
        "recurring": recurring,
        "description": INVENTED,
    }
