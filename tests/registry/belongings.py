"""Everything that a household can have, by table: where it is recorded, and an example."""

from collections.abc import Callable
from typing import Any

from services.registry.base import RegistryBase
from services.registry.circumstances.tables import CircumstancesRow
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.tables import MemberRow, OfHousehold
from services.registry.income.tables import IncomeEntryRow
from tests.registry.samples import circumstances, guarantee_check, income_entry, member

BELONGINGS: dict[type[OfHousehold], tuple[str, Callable[..., dict[str, Any]]]] = {
    MemberRow: ("members", member),
    IncomeEntryRow: ("income-entries", income_entry),
    GuaranteeCheckRow: ("guarantee-checks", guarantee_check),
    CircumstancesRow: ("circumstances", circumstances),
}


def tables_of_households() -> set[type[OfHousehold]]:
    """Return every table whose rows belong to a household, as the models have them."""
    tables = {mapper.class_ for mapper in RegistryBase.registry.mappers}
    return {table for table in tables if issubclass(table, OfHousehold)}
