"""A text file as a table: its encoding, what separates its values, and its rows."""

import codecs
import csv
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import PurePath
from statistics import median_low

from services.registry.imports.files.errors import error_refused, is_error
from services.registry.imports.files.limits import COLUMNS, LINE, FileRefused
from services.registry.imports.files.tables import Output, cut

_CHUNK = 1 << 20
_MARKS: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (codecs.BOM_UTF32_LE, ()),  # begins as UTF-16 does, and no spreadsheet program writes it
    (codecs.BOM_UTF8, ("utf-8",)),
    (codecs.BOM_UTF16_LE, ("utf-16-le",)),
    (codecs.BOM_UTF16_BE, ("utf-16-be",)),
    (b"\x84\x31\x95\x33", ("gb18030",)),
)
_UNMARKED = ("utf-8", "gb18030")
_SEPARATORS = ",\t;，；|"
_LOOKED_AT = 20


def read_delimited(file: str, content: bytes, output: Output) -> None:
    """Read a text file, named as its sheet, as one table."""
    stream = TextIOWrapper(BytesIO(content), encoding=_encoding(content), newline="")
    head = [line for _, line in zip(range(_LOOKED_AT), _Lines(stream), strict=False)]
    stream.seek(0)
    lines = _Lines(stream)
    separator = _declared(head)
    if separator:
        next(lines)
    separator = separator or _separator(head)
    csv.field_size_limit(LINE)
    rows = csv.reader(lines, delimiter=separator, strict=True)
    table = output.table(PurePath(file).stem)
    number = 1 if _declared(head) else 0
    try:
        for row in rows:
            number += 1
            lines.begin_record()
            if any(map(str.strip, row)):
                for place, cell in enumerate(row[COLUMNS:], start=COLUMNS + 1):
                    if cell.strip():
                        table.add_far(number, place)
                cells = row[:COLUMNS]
                errors = {
                    place: error_refused(cell)
                    for place, cell in enumerate(cells)
                    if cell.lstrip().startswith("#") and is_error(cell)
                }
                table.add(number, [cut(cell) for cell in cells], errors)
    except csv.Error as error:
        raise FileRefused("csv-malformed", line=lines.count) from error
    table.end()


def _encoding(content: bytes) -> str:
    known = next((names for mark, names in _MARKS if content.startswith(mark)), _UNMARKED)
    for encoding in known:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _CHUNK):
                end = start + _CHUNK
                decoder.decode(content[start:end], end >= len(content))
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileRefused("encoding-unknown")


class _Lines(Iterator[str]):
    """The lines of a file, without its mark, none longer than a record may be."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self._stream = stream
        self._left = LINE
        self.count = 0

    def begin_record(self) -> None:
        """Let another record have as much."""
        self._left = LINE

    def __next__(self) -> str:
        line = self._stream.readline(LINE + 1)
        if not line:
            raise StopIteration
        self.count += 1
        self._left -= len(line)
        if self._left < 0:
            raise FileRefused("line-too-long", line=self.count, most=LINE)
        return line.removeprefix("\ufeff") if self.count == 1 else line


def _declared(head: list[str]) -> str | None:
    """Return the separator that a first line ``sep=;`` declares, as Excel reads it."""
    first = head[0].strip("\r\n") if head else ""
    return first[4] if len(first) == 5 and first.lower().startswith("sep=") else None


def _separator(head: list[str]) -> str:
    """Return what separates the values: what most of the first lines hold most often."""
    lines = ["".join(line.split('"')[::2]) for line in head if line.strip()]
    often = {
        separator: median_low([line.count(separator) for line in lines])
        for separator in _SEPARATORS
        if lines
    }
    return max(often, key=lambda separator: often[separator]) if any(often.values()) else ","
