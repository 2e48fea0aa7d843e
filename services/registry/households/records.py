"""The kinds of record that this feature keeps."""

from typing import Any

from services.registry.households.schemas import household_state
from services.registry.households.tables import HouseholdRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

HOUSEHOLD = RecordKind(
    "registry", "household", Bilingual("农户", "household"), HouseholdRow, household_state
)
MOVING_WITH_HOUSEHOLD: list[RecordKind[Any]] = []
"""The kinds of record that follow their household, each journalled: ``kinds.py`` sets them."""
