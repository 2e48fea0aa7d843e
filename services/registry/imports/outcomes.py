"""What became of each row of an import."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.registry.imports.cells import CellValue, as_seen, shown
from services.registry.imports.columns import Column
from services.registry.recording.sheet import Sensitive
from services.registry.values.masking import mask, mask_name, mask_phone
from shared.values.bilingual import Bilingual
from shared.values.personal_numbers import PersonalNumberKind, personal_numbers
from shared.values.refusal import InvalidValue
from shared.values.repeating import repeated
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


CHANGES = (Outcome.CREATED, Outcome.UPDATED)
"""The outcomes of rows that change the register."""


class ImportResult(StrEnum):
    """What became of the data 数据结果.

    written 已写入, in full or, in the mode each_row, but for the rows that failed;
    nothing_to_write 无需写入, all of it was recorded already;
    refused 未写入, since a file or rows could not be imported;
    dry_run_passed 试运行通过, something would be written, or all of it is recorded already;
    dry_run_refused 试运行未通过, nothing would be written as the files are.
    """

    WRITTEN = "written"
    NOTHING_TO_WRITE = "nothing_to_write"
    REFUSED = "refused"
    DRY_RUN_PASSED = "dry_run_passed"
    DRY_RUN_REFUSED = "dry_run_refused"


def result_of(
    mode: Mode, *, dry_run: bool, refused: bool, counts: Mapping[str, Mapping[str, int]]
) -> ImportResult:
    """Return what became of the data of an import that is over.

    ``refused`` says that its files could not be read; ``counts`` are its rows by sheet and outcome.
    """
    totals = Counter[str]()
    for by_outcome in counts.values():
        totals.update(by_outcome)
    failed = refused or bool(totals[Outcome.FAILED])
    changes = any(totals[outcome] for outcome in CHANGES)
    if failed and (refused or mode is Mode.ALL_OR_NOTHING or not changes):
        return ImportResult.DRY_RUN_REFUSED if dry_run else ImportResult.REFUSED
    if dry_run:
        return ImportResult.DRY_RUN_PASSED
    return ImportResult.WRITTEN if changes else ImportResult.NOTHING_TO_WRITE


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
        return cls.at(column, value, refusal.code, refusal.cell_message)

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
    if column.sensitive is None:
        return shown(value)
    seen = as_seen(value)
    kinds = {found.kind for found in personal_numbers(seen)}
    if column.sensitive is not Sensitive.DOCUMENT and kinds - {PersonalNumberKind.TELEPHONE}:
        # What stands in the wrong column is hidden whole.
        return repeated(seen)
    return repeated(_MASKS[column.sensitive](seen))


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
    changed: tuple[str, ...] = ()
    """The headers of what differs from that row."""


def failed(row: int, *problems: RowProblem) -> RowPlan:
    """Return the plan of a row that cannot be imported."""
    return RowPlan(row, Outcome.FAILED, None, problems)
