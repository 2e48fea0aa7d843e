"""The parts of an .xlsx package: found by their relations, unpacked as they are read, and bounded."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

from services.registry.imports.files.limits import PARTS, FileRefused
from services.registry.imports.files.markup import Attributes, Malformed, visit_elements

_CHUNK = 1 << 16
_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile,
    KeyError,
    UnicodeDecodeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
)


class Relation(NamedTuple):
    """What a part refers to: the last word of the relation's type, and the part."""

    kind: str
    part: str


@dataclass
class Package:
    """A package; ``left`` is how many bytes may still be unpacked from it."""

    content: bytes
    left: int
    _zip: zipfile.ZipFile = field(init=False)
    _entries: dict[str, zipfile.ZipInfo] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.most = self.left
        try:
            self._zip = zipfile.ZipFile(BytesIO(self.content))
        except _UNREADABLE as error:
            raise Malformed from error
        entries = self._zip.infolist()
        if len(entries) > PARTS:
            raise FileRefused("package-too-manifold", most=PARTS)
        for entry in entries:
            name = _key(entry.filename)
            # Of two parts with one name, programs disagree on which one counts.
            if name in self._entries:
                raise Malformed
            self._entries[name] = entry

    @property
    def names(self) -> list[str]:
        """The names of the parts, in small letters."""
        return list(self._entries)

    def has(self, part: str) -> bool:
        """Tell whether there is such a part."""
        return _key(part) in self._entries

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield a part's bytes. Raises Malformed; refuses what is encrypted or unpacks to too much."""
        entry = self._entries.get(_key(part))
        if entry is None:
            raise Malformed
        if entry.flag_bits & 0x1:
            raise FileRefused("file-encrypted")
        if entry.compress_type not in _METHODS:
            raise Malformed
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    self.left -= len(chunk)
                    if self.left < 0:
                        raise FileRefused("file-too-large", most=self.most // 2**20)
                    yield chunk
        except _UNREADABLE as error:
            raise Malformed from error

    def relations(self, part: str = "") -> dict[str, Relation]:
        """Return the relations of a part, or of the package itself, by id."""
        folder, name = posixpath.split(part)
        described = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, Relation] = {}

        def visit(path: tuple[str, ...], attributes: Attributes) -> None:
            if path[-1] != _RELATIONSHIP or attributes.get("TargetMode") == "External":
                return
            identifier, target = attributes.get("Id"), attributes.get("Target")
            if identifier is None or target is None or identifier in found:
                raise Malformed
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[identifier] = Relation(kind, _resolved(folder, target))

        if self.has(described):
            visit_elements(self.chunks(described), visit)
        return found


def _resolved(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    path = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(path).lstrip("/")


def _key(name: str) -> str:
    # Part names are compared without regard to case; some programs write them with backslashes.
    return name.replace("\\", "/").lstrip("/").lower()
