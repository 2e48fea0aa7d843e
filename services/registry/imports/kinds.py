"""How the rows that belong to a household become what the wire models take, and go from there to columns."""

from datetime import date
from functools import cache
from typing import Any

from services.registry.circumstances.content import AMOUNTS, CircumstancesContent
from services.registry.circumstances.kind import CIRCUMSTANCES as CIRCUMSTANCES_CHECK
from services.registry.guarantees.content import GuaranteeCheckContent, guarantee_check_columns
from services.registry.guarantees.evidence import EVIDENCE
from services.registry.households.checking import CheckContent, require_made
from services.registry.imports.entries import EntryKind, Fields
from services.registry.imports.importables import CHECKS, CIRCUMSTANCES, INCOME
from services.registry.income.content import IncomeEntryContent, income_entry_columns
from services.registry.income.domain import possible_amount, require_earned
from shared.values.money import Fen


def _income_written(fields: Fields) -> Fields:
    written = {name: value for name, value in fields.items() if not name.startswith("period_")}
    return written | {"period": {"from": fields["period_from"], "to": fields["period_to"]}}


def _income_possible(content: IncomeEntryContent, today: date) -> None:
    require_earned(content.period, today)


INCOME_ENTRIES = EntryKind(
    INCOME,
    ("source", "item", "period_from", "period_to", "recurring"),
    IncomeEntryContent,
    _income_written,
    income_entry_columns,
    _income_possible,
    "period_to",
    free="amount",
    possible=possible_amount,
)


@cache
def _evidence_columns(guarantee: str) -> dict[str, str]:
    return {column: name for name, column in EVIDENCE[guarantee].columns().items()}


def _check_written(fields: Fields) -> Fields:
    evidence_names = _evidence_columns(fields["guarantee"])
    evidence: dict[str, Any] = {}
    written: dict[str, Any] = {"evidence": evidence}
    for column, value in fields.items():
        if column in evidence_names:
            evidence[evidence_names[column]] = value
        else:
            written[column] = value
    return written


def _check_possible(content: CheckContent, today: date) -> None:
    require_made(content.checked_on, today)


def _circumstances_written(fields: Fields) -> Fields:
    # What is recorded comes from the table as a bare number.
    amounts = {name: Fen(fields[name]) for name in AMOUNTS if name in fields}
    return fields | amounts


CIRCUMSTANCES_ENTRIES = EntryKind(
    CIRCUMSTANCES,
    ("checked_on",),
    CircumstancesContent,
    _circumstances_written,
    CIRCUMSTANCES_CHECK.columns,
    _check_possible,
    "checked_on",
)
CHECK_ENTRIES = EntryKind(
    CHECKS,
    ("guarantee", "checked_on"),
    GuaranteeCheckContent,
    _check_written,
    guarantee_check_columns,
    _check_possible,
    "checked_on",
)
