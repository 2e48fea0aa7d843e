"""The tables of an import's files, as they come from the reading process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from services.registry.imports.cells import CellValue
from services.registry.imports.columns import SHEET_BY_NAME
from services.registry.imports.files.tables import Rect
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.refused_cells import RefusedCell
from shared.values.refusal import InvalidValue
from shared.values.repeating import repeated

NOTES_SHEET = "填表说明"
CHOICES_SHEET = "代码"
_NOT_DATA = frozenset({NOTES_SHEET, CHOICES_SHEET})
_PROGRAM_OWN = "WpsReserved_"
"""How WPS names the hidden sheets that it keeps for itself."""


@dataclass
class Table:
    """The rows of a sheet that hold anything, with their numbers; of a sheet unknown only the first.

    ``far`` are filled cells too far right to be among the rows.
    """

    name: str
    hidden: bool
    numbers: list[int] = field(default_factory=list)
    rows: list[list[CellValue]] = field(default_factory=list)
    merged: Sequence[Rect] = ()
    far: Sequence[tuple[int, int]] = ()

    @property
    def known(self) -> bool:
        """Whether it is one of the sheets of an import."""
        return self.name.strip() in SHEET_BY_NAME


@dataclass
class Gathered:
    """Tables as far as they have come, and why files were refused."""

    tables: list[Table] = field(default_factory=list)
    problems: list[InvalidValue] = field(default_factory=list)
    file: str = ""
    _table: Table | None = None
    _revived: dict[Any, CellValue] = field(default_factory=dict)

    def begin_file(self, name: str) -> None:
        """Note which file is being read."""
        self.file = name

    def begin_table(self, name: str, *, hidden: bool) -> None:
        """Begin a table."""
        self._table = Table(name, hidden)

    def add(
        self,
        numbers: Sequence[int],
        rows: list[list[CellValue]],
        specials: Sequence[tuple[int, int, tuple[Any, ...]]],
    ) -> None:
        """Add rows to the table in hand, with the cells that are no plain values in their places."""
        table = self._table
        if table is None or (table.rows and not table.known):
            return
        for index, place, special in specials:
            rows[index][place] = self._value(special)
        table.numbers += numbers
        table.rows += rows

    def end_table(self, merged: Sequence[Rect], far: Sequence[tuple[int, int]]) -> None:
        """Keep the table in hand unless it is none of data."""
        table, self._table = self._table, None
        if table is None or table.name.strip() in _NOT_DATA:
            return
        if table.hidden and table.name.startswith(_PROGRAM_OWN):
            return
        table.merged, table.far = merged, far
        if table.rows:
            self.tables.append(table)

    def refuse(self, problem: InvalidValue) -> None:
        """Keep why a file cannot be imported; a table begun is none."""
        self._table = None
        self.problems.append(problem)

    def _value(self, special: tuple[Any, ...]) -> CellValue:
        match special:
            case ("refused", reason, written, details):
                return _refused(reason, written, details)
        value = self._revived.get(special)
        if value is None:
            value = self._revived[special] = _revived(special)
        return value


def _revived(special: tuple[Any, ...]) -> CellValue:
    match special:
        case ("date", ordinal):
            return date.fromordinal(ordinal)
        case ("datetime", ordinal, milliseconds):
            day = datetime.fromordinal(ordinal)
            return day + timedelta(milliseconds=milliseconds)
        case ("time", milliseconds):
            return (datetime.fromordinal(1) + timedelta(milliseconds=milliseconds)).time()
        case ("span", milliseconds):
            return timedelta(milliseconds=milliseconds)
    raise ValueError(special[0])


def _refused(reason: str, written: str, details: dict[str, str]) -> RefusedCell:
    shown = {name: repeated(value) for name, value in details.items()}
    return RefusedCell.of(RowRefusal(reason, **shown), written)
