"""Invented accounts of a county's villages and its figures, as bodies of the registry's requests."""

from collections.abc import Iterator
from random import Random
from typing import Any

from deploy.sample.places import county

YEARS = (2018, 2019)
INVENTED = "（虚构样本）"
# Of 100 villages; the others pass both years.
_WEAK, _ONE_OFF, _YEAR_MISSING = 12, 5, 4
PROVINCE = "330000000000"


def village_accounts(code: str, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the accounts of a county's villages for YEARS. Raises CountyUnknown.

    Most take in more than 100,000 yuan, 50,000 of it by operating; some are weak, some pass only by
    money that comes once, and of some nobody recorded a year.
    """
    rng = Random(f"{seed} {code} accounts")
    for village in county(code).villages:
        chance = rng.randrange(100)
        weak = chance < _WEAK
        one_off = _WEAK <= chance < _WEAK + _ONE_OFF
        missing = _WEAK + _ONE_OFF <= chance < _WEAK + _ONE_OFF + _YEAR_MISSING
        recorded = [rng.choice(YEARS)] if missing else YEARS
        for year in recorded:
            if weak:
                lines = _weak_lines(rng)
            elif one_off:
                lines = _one_off_lines(rng)
            else:
                lines = _sound_lines(rng)
            # Some of those that were weak have been uplifted.
            listed = weak or one_off or chance > 94
            yield {
                "village_code": village.code,
                "year": year,
                "relatively_weak": listed,
                "lines": lines,
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


def _sound_lines(rng: Random) -> list[dict[str, Any]]:
    return [
        _line("leasing", rng.randint(30_000, 160_000), operating=True),
        _line("contracting", rng.randint(22_000, 60_000), operating=True),
        _line("subsidy", rng.randint(50_000, 120_000)),
    ]


def _weak_lines(rng: Random) -> list[dict[str, Any]]:
    return [
        _line("contracting", rng.randint(8_000, 45_000), operating=True),
        _line("subsidy", rng.randint(20_000, 52_000)),
    ]


def _one_off_lines(rng: Random) -> list[dict[str, Any]]:
    return [
        _line("leasing", rng.randint(50_000, 62_000), operating=True),
        _line("subsidy", rng.randint(8_000, 20_000)),
        _line("land_compensation", rng.randint(60_000, 300_000), recurring=False),
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
