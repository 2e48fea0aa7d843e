"""What is inside an .xlsx package: bounded before it is parsed, and searched for formulas.

Calamine builds each sheet as a full rectangle and gives a formula's last value without saying that
it is one, so both the extent of a sheet and its formulas are found in the XML first.
"""

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from services.registry.imports.file_refusals import (
    FileDamaged,
    FileEncrypted,
    FileTooLarge,
    FormulaUnplaced,
    SheetTooLarge,
)

MAX_UNPACKED = 512 * 1024 * 1024
MAX_ROWS = 400_000
MAX_COLUMNS = 52
_CHUNK = 1024 * 1024
_OVERLAP = 200
_OLE = b"\xd0\xcf\x11\xe0"
_LOCAL_HEADER = 30

_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*>")
_ADDRESS = re.compile(rb'\br="([A-Za-z]{1,3})([0-9]{1,7})"')
# Beyond column AZ, or a row of six digits and more, which is looked at more closely.
_FAR = re.compile(rb'r="(?:(?:[B-Zb-z][A-Za-z]|[A-Za-z]{3})[0-9]|[A-Za-z]{0,2}([0-9]{6,}))')
# Spellings of the attribute r that no spreadsheet program writes, and that _FAR would not see.
_UNUSUAL = (b" r='", b"\tr=", b"\nr=", b"\rr=", b" r =", b" r= ")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')

Address = tuple[int, int]
"""Row and column of a cell, both from 1."""


def read_formulas(content: bytes, file: str) -> dict[str, set[Address]]:
    """Return the cells that hold formulas, by sheet name.

    Raises FileEncrypted, FileDamaged, FileTooLarge, or SheetTooLarge for a sheet whose cells reach
    beyond ``MAX_ROWS`` and ``MAX_COLUMNS``; nothing larger than ``MAX_UNPACKED`` is ever unpacked.
    """
    if content.startswith(_OLE):
        raise FileEncrypted(file=file)
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = {entry.filename: entry for entry in package.infolist()}
            if sum(entry.file_size for entry in entries.values()) > MAX_UNPACKED:
                raise FileTooLarge(file=file, most=MAX_UNPACKED // 2**20)
            sheets = _sheet_names(package)
    except (
        zipfile.BadZipFile,
        KeyError,
        UnicodeDecodeError,
        NotImplementedError,
        OSError,
    ) as error:
        raise FileDamaged(file=file) from error
    except RuntimeError as error:  # how zipfile says that an entry needs a password
        raise FileEncrypted(file=file) from error
    found: dict[str, set[Address]] = {}
    left = MAX_UNPACKED
    for name, entry in entries.items():
        sheet = sheets.get(name)
        formulas: set[Address] = set()
        tail = b""
        for chunk in _unpacked(content, entry, file):
            left -= len(chunk)
            if left < 0:
                raise FileTooLarge(file=file, most=MAX_UNPACKED // 2**20)
            if sheet is not None:
                # What a chunk cuts in two is seen whole with the end of the one before.
                window = tail + chunk
                _require_extent(window, sheet)
                formulas |= _formulas(window, len(tail))
                tail = window[-_OVERLAP:]
        if sheet is not None and formulas:
            found[sheet] = formulas
    return found


def _unpacked(content: bytes, entry: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Yield an entry's bytes. Sizes that the package declares are not trusted."""
    if entry.flag_bits & 0x1:
        raise FileEncrypted(file=file)
    header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER:
        raise FileDamaged(file=file)
    start = (
        entry.header_offset
        + _LOCAL_HEADER
        + int.from_bytes(header[26:28], "little")
        + int.from_bytes(header[28:30], "little")
    )
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise FileDamaged(file=file)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        rest: bytes | memoryview = packed
        while rest and not inflate.eof:
            yield inflate.decompress(rest, _CHUNK)
            rest = inflate.unconsumed_tail
    except zlib.error as error:
        raise FileDamaged(file=file) from error


def _require_extent(xml: bytes, sheet: str) -> None:
    far = (match[1] is None or int(match[1]) > MAX_ROWS for match in _FAR.finditer(xml))
    if any(spelling in xml for spelling in _UNUSUAL) or any(far):
        raise SheetTooLarge(sheet=sheet, rows=MAX_ROWS, columns=MAX_COLUMNS)


def _formulas(xml: bytes, searched: int) -> set[Address]:
    """Return the cells with formulas that end after the first ``searched`` bytes."""
    found: set[Address] = set()
    if b"<f" not in xml and b":f" not in xml:
        return found
    for formula in _FORMULA.finditer(xml):
        if formula.end() <= searched:
            continue
        cells = list(_CELL.finditer(xml, max(0, formula.start() - _OVERLAP), formula.start()))
        address = _ADDRESS.search(cells[-1][0]) if cells else None
        if address is None:
            raise FormulaUnplaced
        letters, row = address[1].decode().upper(), int(address[2])
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        found.add((row, column))
    return found


def _sheet_names(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the sheet names by the package's file of each sheet."""
    relations = {}
    for tag in _RELATION.findall(_part(package, "xl/_rels/workbook.xml.rels")):
        attributes = dict(_ATTRIBUTE.findall(tag))
        target = html.unescape(attributes.get("Target", ""))
        relations[attributes.get("Id", "")] = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join("xl", target))
        )
    names = {}
    for tag in _SHEET.findall(_part(package, "xl/workbook.xml")):
        attributes = dict(_ATTRIBUTE.findall(tag))
        relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
        if relation in relations and "name" in attributes:
            names[relations[relation]] = html.unescape(attributes["name"])
    return names


def _part(package: zipfile.ZipFile, name: str) -> str:
    with package.open(name) as part:
        return part.read(_CHUNK).decode("utf-8-sig")
