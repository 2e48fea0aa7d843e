"""Texts of a package: shared strings, and characters that its XML can only write as ``_x0007_``."""

import re
from collections.abc import Iterable

from services.registry.imports.files.limits import FileRefused
from services.registry.imports.files.markup import Handlers, Malformed, parse, plain
from services.registry.imports.files.tables import cut

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TEXT = {("sst", "si", "t"), ("sst", "si", "r", "t")}


def unescaped(text: str) -> str:
    """Return a text with the characters that are written as ``_xHHHH_``."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    # What lies beyond U+FFFF is written as two halves; a half alone stays one, and is refused later.
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def shared_strings(chunks: Iterable[bytes], most: int) -> list[str]:
    """Return the shared strings in their order. Raises Malformed."""
    reader = _SharedStrings(most)
    parse(chunks, Handlers(reader.start, reader.end, reader.text))
    return reader.strings


class _SharedStrings:
    """Gathers the text of each item, whether plain or rich, without phonetic readings."""

    def __init__(self, most: int) -> None:
        self.strings: list[str] = []
        self._most = most
        self._path: list[str] = []
        self._written = ""
        self._within = False

    def start(self, tag: str, _attributes: list[str]) -> None:
        self._path.append(plain(tag))
        depth = len(self._path)
        if depth == 1 and self._path[0] != "sst":
            raise Malformed
        if depth == 2 and self._path[1] == "si":
            self._written = ""
        self._within = depth in (3, 4) and tuple(self._path) in _TEXT

    def end(self, _tag: str) -> None:
        name = self._path.pop()
        self._within = False
        if name == "si" and len(self._path) == 1:
            self.strings.append(cut(unescaped(self._written)))
            if len(self.strings) > self._most:
                raise FileRefused("cells-too-many", most=self._most)

    def text(self, text: str) -> None:
        if self._within:
            self._written += text
