"""What became of each row of an import."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.registry.imports.cells import CellValue, shown
from services.registry.imports.columns import Column, Sensitive
from shared.values.bilingual import Bilingual
from shared.values.masking import mask, mask_name, mask_phone
from shared.values.refusal import InvalidValue
from shared.web.row_pages import Row

_MASKS = {
    Sensitive.DOCUMENT: mask,
    Sensitive.PHONE: mask_phone,
    Sensitive.NAME: mask_name,
}


class Mode(StrEnum):
    """What one failed row does to the others 导入方式."""

    ALL_OR_NOTHING = "all_or_nothing"
    EACH_ROW = "each_row"


class Outcome(StrEnum):
    """What became of a row 结果."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One reason why a row failed; without a column if it concerns several of them."""

    code: str
    detail: Bilingual
    column: str | None = None
    value: str | None = None

    @classmethod
    def of(
        cls, refusal: InvalidValue, column: Column | None = None, value: CellValue | None = None
    ) -> "RowProblem":
        """Return the problem for a refusal of a cell, or of the whole row."""
        return cls.at(column, value, refusal.code, refusal.message)

    @classmethod
    def at(
        cls, column: Column | None, value: CellValue | None, code: str, detail: Bilingual
    ) -> "RowProblem":
        """Return the problem of a cell, its value masked where it is personal data."""
        return cls(code, detail, column.header if column else None, _offending(column, value))

    def as_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {
            "code": self.code,
            "column": self.column,
            "value": self.value,
            "detail": self.detail._asdict(),
        }


def _offending(column: Column | None, value: CellValue | None) -> str | None:
    if column is None or value is None or value == "":
        return None
    text = shown(value)
    return _MASKS[column.sensitive](text) if column.sensitive else text


@dataclass(slots=True)
class RowPlan:
    """What is to become of one row.

    ``after`` holds the record's values in the order of its kind's ``names``; ``before`` is the row
    of the register that it changes.
    """

    row: int
    outcome: Outcome
    record_id: UUID | None = None
    problems: tuple[RowProblem, ...] = ()
    after: tuple[Any, ...] | None = None
    before: Row | dict[str, Any] | None = None
    village_code: str = ""
    household_id: UUID | None = None


def failed(row: int, *problems: RowProblem) -> RowPlan:
    """Return the plan of a row that cannot be imported."""
    return RowPlan(row, Outcome.FAILED, None, problems)
