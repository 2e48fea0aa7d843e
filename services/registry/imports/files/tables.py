"""What the reading process answers: tables of rows, in frames that the worker takes one by one."""

import marshal
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.registry.imports.files.limits import COLUMNS, FAR_CELLS, TEXT, FileRefused
from services.registry.reading_limits import ReadingLimits

LENGTH = struct.Struct(">I")
_ROWS_OF_A_FRAME = 2000
_CELLS_OF_A_FRAME = 50_000

Plain = str | float | bool
"""A cell that travels as it is; what else a cell may be travels as a tuple beside its place."""
Special = tuple[Any, ...]
"""``("date", ordinal)``, ``("datetime", ordinal, ms)``, ``("time", ms)``, ``("span", ms)``, or
``("refused", reason, what was written, details)``."""
Rect = tuple[int, int, int, int]
"""First row, first column, last row, last column, all from 1."""
Message = tuple[Any, ...]
Send = Callable[[Message], None]
"""Takes one frame."""


def frame(message: Message) -> bytes:
    """Return a message as it travels: its length, then the message."""
    body = marshal.dumps(message)
    return LENGTH.pack(len(body)) + body


@dataclass
class Output:
    """Where tables go; it counts what all files of an import hold."""

    send: Send
    limits: ReadingLimits
    cells: int = 0

    def table(self, name: str, *, hidden: bool = False) -> "TableOutput":
        """Begin a table."""
        self.send(("table", name, hidden))
        return TableOutput(self, name)


@dataclass
class TableOutput:
    """One table on its way: ``add`` each row, then ``end``."""

    output: Output
    name: str
    merged: list[Rect] = field(default_factory=list)
    far: list[tuple[int, int]] = field(default_factory=list)
    _count: int = 0
    _numbers: list[int] = field(default_factory=list)
    _rows: list[list[Plain]] = field(default_factory=list)
    _specials: list[tuple[int, int, Special]] = field(default_factory=list)
    _pending: int = 0

    def add(self, number: int, cells: list[Plain], specials: dict[int, Special]) -> None:
        """Add a row that holds something; ``specials`` stand at their places, from 0."""
        index = len(self._rows)
        self._numbers.append(number)
        self._rows.append(cells)
        for place, special in specials.items():
            self._specials.append((index, place, special))
        self._count += 1
        self._pending += len(cells)
        if self._count > self.output.limits.rows:
            raise FileRefused("sheet-too-long", sheet=self.name, rows=self.output.limits.rows)
        if index + 1 >= _ROWS_OF_A_FRAME or self._pending >= _CELLS_OF_A_FRAME:
            self._flush()

    def add_far(self, row: int, column: int) -> None:
        """Note a filled cell that stands too far right to be kept."""
        self.far.append((row, column))
        if len(self.far) > FAR_CELLS:
            raise FileRefused("sheet-too-wide", sheet=self.name, columns=COLUMNS)

    def end(self) -> None:
        """End the table."""
        self._flush()
        self.output.send(("end", self.merged, self.far))

    def _flush(self) -> None:
        self.output.cells += self._pending
        if self.output.cells > self.output.limits.cells:
            raise FileRefused("cells-too-many", most=self.output.limits.cells)
        if self._rows:
            self.output.send(("rows", self._numbers, self._rows, self._specials))
        self._numbers, self._rows, self._specials, self._pending = [], [], [], 0


def cut(text: str) -> str:
    """Return a cell's text, cut where no spreadsheet program could have gone on."""
    return text if len(text) <= TEXT else text[: TEXT + 1]
