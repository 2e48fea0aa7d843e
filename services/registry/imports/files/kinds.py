"""What kind of file it is, told by its content; the name only names the sheet of a CSV file."""

import re

from services.registry.imports.files.delimited import read_delimited
from services.registry.imports.files.limits import FileRefused
from services.registry.imports.files.markup import Malformed
from services.registry.imports.files.package import Package
from services.registry.imports.files.tables import Output
from services.registry.imports.files.workbook import read_workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|meta|style|table|div|body|\?xml|!--)",
    re.IGNORECASE,
)


def read_file(file: str, content: bytes, output: Output) -> None:
    """Read a file of whatever kind. Raises FileRefused."""
    if not content.strip():
        raise FileRefused("file-empty")
    if content.startswith(_OLE):
        # A workbook with a password is wrapped in the container that .xls files are.
        raise FileRefused("file-encrypted" if _ENCRYPTED in content else "workbook-old")
    if content.startswith(_ZIP):
        try:
            _read_package(content, output)
        except Malformed as error:
            raise FileRefused("file-damaged") from error
    elif content.startswith(_OTHER):
        raise FileRefused("file-kind-unknown")
    elif _MARKUP.match(content):
        raise FileRefused("file-is-markup")
    else:
        read_delimited(file, content, output)


def _read_package(content: bytes, output: Output) -> None:
    package = Package(content, output.limits.unpacked_bytes)
    main = [each.part for each in package.relations().values() if each.kind == "officeDocument"]
    if len(main) > 1:
        raise Malformed
    if not main:
        raise FileRefused(_why_no_workbook(package))
    if main[0].lower().endswith(".bin"):
        raise FileRefused("workbook-binary")
    if not main[0].lower().startswith("xl/") and "word/document.xml" in package.names:
        raise FileRefused("file-kind-unknown")
    read_workbook(package, main[0], output)


def _why_no_workbook(package: Package) -> str:
    names = package.names
    if "mimetype" in names and "content.xml" in names:
        return "workbook-open-document"
    if any(name.endswith((".csv", ".xlsx", ".xls", ".txt")) for name in names):
        return "file-is-archive"
    return "file-damaged" if "[content_types].xml" in names or not names else "file-kind-unknown"
