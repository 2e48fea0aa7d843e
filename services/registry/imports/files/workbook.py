"""A workbook: its sheets, and what their cells refer to."""

from dataclasses import dataclass, field

from services.registry.imports.files.limits import SHEETS, FileRefused
from services.registry.imports.files.markup import (
    RELATION_ID,
    Attributes,
    Malformed,
    visit_elements,
)
from services.registry.imports.files.number_formats import Shape, shape_of
from services.registry.imports.files.package import Package
from services.registry.imports.files.strings import shared_strings
from services.registry.imports.files.tables import Output
from services.registry.imports.files.worksheet import read_worksheet


@dataclass(frozen=True)
class References:
    """What cells refer to: shared strings by place, number formats by style."""

    strings: list[str]
    shapes: list[Shape | int]
    from_1904: bool


@dataclass
class _Listed:
    """The sheets as the workbook lists them: name, relation, whether hidden."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    from_1904: bool = False

    def visit(self, path: tuple[str, ...], attributes: Attributes) -> None:
        if path[0] != "workbook":
            raise Malformed
        match path:
            case ("workbook", "workbookPr"):
                self.from_1904 = attributes.get("date1904", "0") in ("1", "true")
            case ("workbook", "sheets", "sheet"):
                relation = next((attributes[key] for key in RELATION_ID if key in attributes), None)
                if relation is None or "name" not in attributes:
                    raise Malformed
                hidden = attributes.get("state", "visible") != "visible"
                self.sheets.append((attributes["name"], relation, hidden))
                if len(self.sheets) > SHEETS:
                    raise FileRefused("package-too-manifold", most=SHEETS)
            case (*_, "sheet" | "sheets") if path != ("workbook", "sheets"):
                # Programs disagree on whether a sheet counts that is listed elsewhere.
                raise Malformed


def read_workbook(package: Package, main: str, output: Output) -> None:
    """Read every sheet of a workbook. Raises Malformed."""
    listed = _Listed()
    visit_elements(package.chunks(main), listed.visit)
    relations = package.relations(main)
    parts = {relation.kind: relation.part for relation in relations.values()}
    strings, styles = parts.get("sharedStrings"), parts.get("styles")
    known = References(
        shared_strings(package.chunks(strings), output.limits.cells) if strings else [],
        _shapes(package, styles) if styles else [],
        listed.from_1904,
    )
    for name, identifier, hidden in listed.sheets:
        relation = relations.get(identifier)
        if relation is None:
            raise Malformed
        if relation.kind == "chartsheet":
            continue
        if relation.kind != "worksheet":
            raise FileRefused("sheet-without-cells", sheet=name)
        table = output.table(name, hidden=hidden)
        read_worksheet(package.chunks(relation.part), known, table)
        table.end()


def _shapes(package: Package, part: str) -> list[Shape | int]:
    """Return what each style of a cell shows a number as."""
    codes: dict[int, str] = {}
    used: list[int] = []

    def visit(path: tuple[str, ...], attributes: Attributes) -> None:
        match path:
            case ("styleSheet", "numFmts", "numFmt"):
                codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            case ("styleSheet", "cellXfs", "xf"):
                used.append(_whole(attributes.get("numFmtId", "0")))

    visit_elements(package.chunks(part), visit)
    return [shape_of(identifier, codes.get(identifier)) for identifier in used]


def _whole(text: str | None) -> int:
    if text is None or not text.isdecimal():
        raise Malformed
    return int(text)
