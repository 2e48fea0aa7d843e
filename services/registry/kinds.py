"""The kinds of record that are declared: the one list of them."""

from collections.abc import Sequence
from typing import Any

from services.registry.circumstances.kind import CIRCUMSTANCES
from services.registry.divisions.figures.kind import DIVISION_FIGURE
from services.registry.guarantees.kind import GUARANTEE_CHECK
from services.registry.households.kind import MOVING_WITH_HOUSEHOLD
from services.registry.households.members.kind import MEMBER
from services.registry.households.tables import OfHousehold
from services.registry.income.kind import INCOME_ENTRY
from services.registry.recording.kind import Kind
from services.registry.villages.accounts.kind import VILLAGE_ACCOUNT

KINDS: Sequence[Kind[Any]] = (
    DIVISION_FIGURE,
    VILLAGE_ACCOUNT,
    INCOME_ENTRY,
    GUARANTEE_CHECK,
    CIRCUMSTANCES,
)

# What belongs to a household follows it; households stand before the kinds, and are told here.
MOVING_WITH_HOUSEHOLD[:] = [
    MEMBER,
    *(kind for kind in KINDS if issubclass(kind.table, OfHousehold)),
]
