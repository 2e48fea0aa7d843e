"""The cells of a worksheet: values, formulas with all that they fill, errors, merged ranges.

One pass tells all of it, and a sheet of which anything cannot be placed is refused: nobody may see
other cells than those that are imported.
"""

from collections.abc import Iterable

from services.registry.imports.files.addresses import (
    COLUMN_OF,
    LAST_COLUMN,
    LAST_ROW,
    cell_of,
    letters_of,
    rect_of,
)
from services.registry.imports.files.cell_values import References, Value, cell_value
from services.registry.imports.files.formulas import Formulas
from services.registry.imports.files.limits import COLUMNS, MERGED, FileRefused
from services.registry.imports.files.markup import MAIN, STRICT, Handlers, Malformed, parse
from services.registry.imports.files.tables import Plain, Special, TableOutput, cut

_REMEMBERED = 50_000
# Where an element stands. Plain numbers: members of an enum take longer, where every cell passes.
_OUTSIDE, _SHEET, _DATA, _ROW, _CELL, _INLINE, _RUN, _MERGES, _ELSEWHERE, _END = range(10)
_INSIDE = {
    (_SHEET, "sheetData"): _DATA,
    (_SHEET, "mergeCells"): _MERGES,
    (_DATA, "row"): _ROW,
    (_CELL, "is"): _INLINE,
    (_INLINE, "r"): _RUN,
}
_AROUND = {inner: outer for (outer, _), inner in _INSIDE.items()} | {_CELL: _ROW, _SHEET: _END}
_ONCE = frozenset({_DATA, _MERGES, _INLINE})
# What says nothing of the cells, or is not looked into: extensions, readings of characters, fonts.
_PASSED_OVER = frozenset(
    {
        (_ROW, "extLst"),
        (_CELL, "extLst"),
        (_CELL, "f"),
        (_INLINE, "rPh"),
        (_INLINE, "phoneticPr"),
        (_RUN, "rPr"),
        (_MERGES, "mergeCell"),
        (_MERGES, "extLst"),
    }
)


def read_worksheet(chunks: Iterable[bytes], known: References, table: TableOutput) -> None:
    """Give every row that holds something to the table. Raises Malformed."""
    parse(chunks, _handlers(_Sheet(known, table)))


class _Sheet:
    """A sheet as far as it was read: the row in hand, and what reaches beyond one row."""

    def __init__(self, known: References, table: TableOutput) -> None:
        self._known, self._table = known, table
        self._remembered: dict[tuple[str, str, str], Value] = {}
        self._formulas = Formulas()
        self.row, self.row_text = 0, ""
        self.cells: list[Plain] = []
        self.specials: dict[int, Special] = {}
        self._far_filled = False

    def begin_row(self, attributes: list[str]) -> list[Plain]:
        """Begin a row, of the number written or the next one; return the list of its cells."""
        written = _attribute(attributes, "r")
        row = self.row + 1 if written is None else _whole(written)
        if not self.row < row <= LAST_ROW:
            raise Malformed
        self.row, self.row_text = row, str(row)
        self.cells, self.specials, self._far_filled = [], {}, False
        return self.cells

    def end_row(self) -> None:
        """Hand on the row if anything is in it."""
        if self.specials or self._far_filled or any(map(filled, self.cells)):
            self._table.add(self.row, self.cells, self.specials)

    def column_of(self, address: str) -> int:
        """Return the column of an address, which has to be of the row in hand."""
        row, column = cell_of(address)
        if row != self.row:
            raise Malformed
        return column

    def value(self, kind: str, style: str, written: str) -> Value:
        """Return the value of a cell; most say what others have said."""
        value = cell_value(kind, style, written, self._known)
        if len(self._remembered) < _REMEMBERED:
            self._remembered[kind, style, written] = value
        return value

    @property
    def remembered(self) -> dict[tuple[str, str, str], Value]:
        """What types, styles and texts of cells became."""
        return self._remembered

    def formula_reaches(self) -> bool:
        """Tell whether a formula further up or in this row fills cells of this row."""
        return self._formulas.reach >= self.row

    def computed(
        self, column: int, formula: list[str] | None, kind: str, written: str
    ) -> Value | None:
        """Return what stands in the place of a formula or of its result, None if it is neither."""
        if formula is not None:
            self._formulas.begin(self.row, column, formula)
        elif not self._formulas.fills(self.row, column):
            return None
        plain, special = self.value(kind, "", written)
        if kind == "e":
            return plain, special
        place = {"address": f"{letters_of(column)}{self.row}"}
        return "", ("refused", "formula", str(plain), place)

    def keep(self, column: int, value: Value) -> None:
        """Keep a cell that is special or stands far right; others are appended by their column."""
        plain, special = value
        if column > COLUMNS:
            if special is not None or filled(plain):
                self._far_filled = True
                self._table.add_far(self.row, column)
            return
        self.cells.extend([""] * (column - 1 - len(self.cells)))
        self.cells.append(plain)
        if special is not None:
            self.specials[column - 1] = special

    def merge(self, attributes: list[str]) -> None:
        """Note merged cells."""
        reach = _attribute(attributes, "ref")
        if reach is None:
            raise Malformed
        self._table.merged.append(rect_of(reach))
        if len(self._table.merged) > MERGED:
            raise FileRefused("merged-too-many", sheet=self._table.name, most=MERGED)


# One function with variables of its own: with those of an object each cell takes twice as long.
def _handlers(sheet: _Sheet) -> Handlers:  # noqa: C901, PLR0915 - see above
    inside, resume, depth = _OUTSIDE, _OUTSIDE, 0
    space = cell_tag = value_tag = text_tag = inline_tag = ""
    begun: set[int] = set()
    remembered = sheet.remembered
    cells: list[Plain] = []
    row_text, column = "", 0
    attributes: list[str] = []
    formula: list[str] | None = None
    written = ""
    capturing = valued = inlined = reached = False

    def start(tag: str, given: list[str]) -> None:
        nonlocal attributes, written, capturing, valued, inlined, formula, inside
        if capturing:
            raise Malformed
        if tag == cell_tag and inside == _ROW:
            inside, attributes, written, formula = _CELL, given, "", None
            valued = inlined = False
        elif tag == value_tag and inside == _CELL and not valued:
            valued = capturing = True
        elif tag == text_tag and _INLINE <= inside <= _RUN:
            capturing = True
        elif tag == inline_tag and inside == _CELL and not inlined:
            inlined, inside = True, _INLINE
        else:
            start_other(tag, given)

    def start_other(tag: str, given: list[str]) -> None:  # noqa: C901, PLR0912 - see above
        nonlocal inside, resume, depth, formula, cells, row_text, column, reached
        if inside == _OUTSIDE:
            start_sheet(tag)
            return
        name = tag.removeprefix(space)
        inner = _INSIDE.get((inside, name))
        if inside == _ELSEWHERE or (inside == _SHEET and inner is None):
            # Programs disagree on cells that stand elsewhere, such as between alternatives.
            if name in ("sheetData", "mergeCells"):
                raise Malformed
            if inside == _SHEET:
                resume, inside = _SHEET, _ELSEWHERE
            depth += 1
        elif inner is not None:
            if inner in begun or inner == _INLINE:
                raise Malformed
            if inner in _ONCE:
                begun.add(inner)
            inside = inner
            if inner == _ROW:
                cells = sheet.begin_row(given)
                row_text, column, reached = sheet.row_text, 0, sheet.formula_reaches()
        elif (inside, name) in _PASSED_OVER:
            if name == "mergeCell":
                sheet.merge(given)
            elif name == "f":
                if formula is not None:
                    raise Malformed
                formula = given
            resume, inside, depth = inside, _ELSEWHERE, 1
        else:
            raise Malformed

    def start_sheet(tag: str) -> None:
        nonlocal inside, space, cell_tag, value_tag, text_tag, inline_tag
        namespace, _, name = tag.rpartition(" ")
        if namespace not in (MAIN, STRICT) or name != "worksheet":
            raise Malformed
        inside, space = _SHEET, f"{namespace} "
        cell_tag, value_tag, text_tag, inline_tag = (
            f"{space}{each}" for each in ("c", "v", "t", "is")
        )

    def end(_tag: str) -> None:
        nonlocal capturing, inside, depth
        if capturing:
            capturing = False
        elif inside == _CELL:
            inside = _ROW
            end_cell()
        elif inside == _ELSEWHERE:
            depth -= 1
            if not depth:
                inside = resume
        else:
            if inside == _ROW:
                sheet.end_row()
            inside = _AROUND[inside]

    def end_cell() -> None:  # noqa: C901, PLR0912 - see above
        nonlocal column, reached
        kind, style, before = "n", "", column
        column += 1
        for place in range(0, len(attributes), 2):
            name, value = attributes[place], attributes[place + 1]
            if name == "r":
                found = COLUMN_OF.get(value.removesuffix(row_text))
                column = sheet.column_of(value) if found is None else found
            elif name == "t":
                kind = value
            elif name == "s":
                style = value
        if not before < column <= LAST_COLUMN:
            raise Malformed
        if (kind != "inlineStr" or valued) if inlined else (valued and kind == "inlineStr"):
            kind = "ambiguous"
        if formula is not None or reached:
            computed = sheet.computed(column, formula, kind, written)
            reached = reached or sheet.formula_reaches()
            if computed is not None:
                sheet.keep(column, computed)
                return
        if not (valued or inlined):
            return
        if kind == "inlineStr" and column <= COLUMNS and "_x" not in written and "#" not in written:
            plain: Plain = cut(written)
        else:
            known = remembered.get((kind, style, written)) or sheet.value(kind, style, written)
            if known[1] is not None or column > COLUMNS:
                sheet.keep(column, known)
                return
            plain = known[0]
        if plain != "":
            missing = column - 1 - len(cells)
            if missing:
                cells.extend([""] * missing)
            cells.append(plain)

    def text(given: str) -> None:
        nonlocal written
        if capturing:
            written += given
        elif inside != _ELSEWHERE and given.strip(" \t\r\n"):
            raise Malformed

    return Handlers(start, end, text)


def filled(cell: Plain) -> bool:
    """Tell whether a cell holds anything but space."""
    return bool(cell.strip()) if isinstance(cell, str) else True


def _attribute(attributes: list[str], name: str) -> str | None:
    return dict(zip(attributes[::2], attributes[1::2], strict=True)).get(name)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Malformed
    return int(text[:8])
