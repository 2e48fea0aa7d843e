"""The XML of a package: parsed once, as it comes, without document types and entities of its own."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from xml.parsers import expat

from services.registry.imports.files.limits import FileRefused

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
RELATION_ID = tuple(f"{space} id" for space in _RELATIONS)
_DEPTH = 100
_ELEMENTS = 1_000_000

Attributes = dict[str, str]
Visit = Callable[[tuple[str, ...], Attributes], None]
"""Called for each element with the names from the root to it, those of the main namespaces plain."""


class Malformed(Exception):
    """The XML is none, or is not what the package needs."""


class Handlers(NamedTuple):
    """What is told of an XML document while it is parsed.

    ``start`` is given a tag and its attributes as name, value, name, …; ``end`` a tag; ``text`` all
    characters between two tags at once.
    """

    start: Callable[[str, list[str]], None]
    end: Callable[[str], None]
    text: Callable[[str], None]


def parse(chunks: Iterable[bytes], handlers: Handlers) -> None:
    """Tell the handlers of a document. Raises Malformed, and refuses a document type."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.ordered_attributes = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeDecodeError, LookupError) as error:
        raise Malformed from error


def visit_elements(chunks: Iterable[bytes], visit: Visit) -> None:
    """Visit every element of a small document. Raises Malformed."""
    visitor = _Visitor(visit)
    parse(chunks, Handlers(visitor.start, visitor.end, lambda _text: None))


def plain(tag: str) -> str:
    """Return the name of an element of a main namespace, and of any other as it is."""
    space, _, name = tag.rpartition(" ")
    return name if space in (MAIN, STRICT) else tag


class _Visitor:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._path: list[str] = []
        self._seen = 0

    def start(self, tag: str, attributes: list[str]) -> None:
        self._path.append(plain(tag))
        self._seen += 1
        if len(self._path) > _DEPTH or self._seen > _ELEMENTS:
            raise Malformed
        pairs = iter(attributes)
        self._visit(tuple(self._path), dict(zip(pairs, pairs, strict=True)))

    def end(self, _tag: str) -> None:
        self._path.pop()


def _no_document_type(*_: object) -> None:
    raise FileRefused("file-damaged")
