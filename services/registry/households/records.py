"""The kinds of record that this feature keeps."""

from typing import Any, TypeVar

from services.registry.households.schemas import household_state
from services.registry.households.tables import HouseholdRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

Kind = TypeVar("Kind", bound=RecordKind[Any])

HOUSEHOLD = RecordKind(
    "registry", "household", Bilingual("农户", "household"), HouseholdRow, household_state
)
MOVING_WITH_HOUSEHOLD: list[RecordKind[Any]] = []
"""Kinds of record that follow their household to a new village, each with a journal entry."""


def moving_with_household(kind: Kind) -> Kind:
    """Note a kind of record, of this or a later feature, that follows its household."""
    MOVING_WITH_HOUSEHOLD.append(kind)
    return kind
