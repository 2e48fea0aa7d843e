"""Village accounts and figures fit the registry's requests, and hold every kind of village."""

from collections import defaultdict
from typing import Any

import pytest

from deploy.sample.accounts import YEARS, division_figures, village_accounts
from deploy.sample.places import counties
from services.registry.divisions.figures.content import NewDivisionFigure
from services.registry.villages.accounts.content import NewVillageAccount
from services.registry.villages.accounts.domain import Sums, sums_of
from shared.values.money import Fen

CHUNAN = "330127000000"
TOTAL, OPERATING = Fen(100_000_00), Fen(50_000_00)


@pytest.fixture(scope="module")
def sums() -> dict[str, dict[int, Sums]]:
    """Sums by village and year."""
    found: dict[str, dict[int, Sums]] = defaultdict(dict)
    for body in village_accounts(CHUNAN):
        account = NewVillageAccount.model_validate(body)
        found[account.village_code][account.year] = sums_of(account.lines)
    return found


def passes(one: Sums) -> bool:
    return one.total_income >= TOTAL and one.operating_income >= OPERATING


def test_a_seed_gives_the_same_accounts_and_another_gives_others() -> None:
    bodies = list(village_accounts(CHUNAN))
    assert list(village_accounts(CHUNAN)) == bodies
    assert list(village_accounts(CHUNAN, seed=2)) != bodies


def test_every_village_of_the_county_has_an_account(sums: dict[str, dict[int, Sums]]) -> None:
    assert sums.keys() == {village.code for village in counties()[CHUNAN].villages}


def test_most_villages_pass_both_years(sums: dict[str, dict[int, Sums]]) -> None:
    both = [
        years for years in sums.values() if len(years) == 2 and all(map(passes, years.values()))
    ]
    assert len(both) > 0.75 * len(sums)


def test_some_are_weak_some_miss_a_year_and_some_pass_by_money_that_comes_once(
    sums: dict[str, dict[int, Sums]],
) -> None:
    kinds: dict[str, int] = defaultdict(int)
    for years in sums.values():
        kinds["missing"] += years.keys() != set(YEARS)
        for one in years.values():
            without = one.total_income - one.one_off_income
            kinds["weak"] += not passes(one)
            kinds["one_off"] += passes(one) and without < TOTAL
    assert kinds.keys() == {"missing", "weak", "one_off"}
    assert all(kinds.values())


def test_figures_are_the_countys_standard_and_the_provinces_income() -> None:
    figures = [NewDivisionFigure.model_validate(body) for body in division_figures(CHUNAN)]
    said: dict[Any, Any] = {(one.division, one.figure, one.year): one.amount for one in figures}
    province = "330000000000"
    assert said == {
        (CHUNAN, "dibao_monthly_standard", 2020): 810_00,
        (province, "low_income_disposable_income", 2018): 12_496_00,
        (province, "low_income_disposable_income", 2019): 14_124_00,
    }
