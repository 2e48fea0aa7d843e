"""Changing a part of a YAML file and leaving every other character as it is.

Only keys and items that differ are written anew, so that comments elsewhere stay and a diff shows the change alone.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml

from services.rules.vocabulary.errors import DeclarationError
from services.rules.vocabulary.yaml_reader import Entry

Document = dict[str, Any]

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_UNFOLDED = 10**6


class _Edit(NamedTuple):
    """Text to put in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


class _Dumper(yaml.SafeDumper):
    """Writes as the policy's files are written: flat parts on one line, items indented, dates without quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True  # what stands twice is written twice: policy files have no anchors


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    if _is_date(value):
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value)
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", value, style="|" if "\n" in value else None
    )


_Dumper.add_representer(str, _text)


def plain(entry: Entry) -> Any:
    """What stands in an entry as plain data: text, whole numbers, yes or no, lists and dictionaries."""
    match entry.node:
        case yaml.MappingNode(value=pairs):
            return {key.value: plain(Entry(entry.file, key.value, node)) for key, node in pairs}
        case yaml.SequenceNode(value=nodes):
            return [plain(Entry(entry.file, entry.key, node)) for node in nodes]
        case node:
            try:
                return entry.plain()
            except DeclarationError:
                return str(node.value)


def dump(document: Document | list[Any]) -> str:
    """Plain data as YAML: what is flat on one line, everything above it on lines of its own."""
    written = io.StringIO()
    dumper = _Dumper(
        written, allow_unicode=True, sort_keys=False, width=_UNFOLDED, default_flow_style=None
    )
    dumper.open()
    root = dumper.represent_data(document)
    assert isinstance(root, yaml.CollectionNode)  # noqa: S101 - what a list or dictionary becomes
    root.flow_style = False
    dumper.serialize(root)
    dumper.close()
    return written.getvalue()


def same(left: object, right: object) -> bool:
    """Whether two plain values are the same; true is not 1."""
    return _canonical(left) == _canonical(right)


def rewritten(entry: Entry, document: Document) -> str:
    """The text of a file whose entry, a block mapping, is to say `document`."""
    return _apply(entry.file.text, _mapping_edits(entry, document))


def with_items(entry: Entry, items: list[Any]) -> str:
    """The text of a file whose entry, a block list, is to have `items`, of which there is at least one."""
    return _apply(entry.file.text, _list_edits(entry, items))


def _mapping_edits(entry: Entry, document: Document) -> Iterator[_Edit]:
    text, column = entry.file.text, entry.node.start_mark.column
    added = dict(document)
    for key_node, node in entry.node.value:
        key, start, end = key_node.value, key_node.start_mark.index, _end(text, node)
        inner = Entry(entry.file, key, node)
        if key not in document:
            yield _removal(text, start, end)
            continue
        part = added.pop(key)
        if same(plain(inner), part):
            continue
        if isinstance(part, list) and part and _is_block_list(node):
            yield from _list_edits(inner, part)
        else:
            yield _Edit(start, end, _indented(dump({key: part}), column))
    if added:
        end = _end(text, entry.node)
        yield _Edit(end, end, "\n" + " " * column + _indented(dump(added), column))


def _list_edits(entry: Entry, items: list[Any]) -> Iterator[_Edit]:
    text, node = entry.file.text, entry.node
    column = node.start_mark.column
    spans = [(_dash(text, node, item), _end(text, item)) for item in node.value]
    old = [_canonical(plain(Entry(entry.file, entry.key, item))) for item in node.value]
    new = [_canonical(item) for item in items]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, first, past, new_first, new_past in matcher.get_opcodes():
        written = _indented(dump(items[new_first:new_past]), column)
        if what == "replace":
            yield _Edit(spans[first][0], spans[past - 1][1], written)
        elif what == "delete":
            for start, end in spans[first:past]:
                yield _removal(text, start, end)
        elif what == "insert" and first == 0:
            yield _Edit(spans[0][0], spans[0][0], written + "\n" + " " * column)
        elif what == "insert":
            end = spans[first - 1][1]
            yield _Edit(end, end, "\n" + " " * column + written)


def _apply(text: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _removal(text: str, start: int, end: int) -> _Edit:
    """The removal of what stands from `start` to `end`, with its lines when nothing else stands on them."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end) + 1 or len(text)
    if text[line_start:start].strip():
        return _Edit(start, end, "")
    return _Edit(line_start, line_end, "")


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends; the parser puts the end of a block behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip())
    return end


def _dash(text: str, items: yaml.Node, item: yaml.Node) -> int:
    """Where the dash of a block list's item stands, in the column in which the list begins."""
    column = items.start_mark.column
    line: int = item.start_mark.index - item.start_mark.column
    while text[line : line + column + 1] != " " * column + "-":
        line = text.rfind("\n", 0, line - 1) + 1
    return line + column


def _is_block_list(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and not node.flow_style


def _indented(written: str, column: int) -> str:
    """Dumped text for a place in some column: every line but the first moved there, without the last line break."""
    return ("\n" + " " * column).join(written.rstrip("\n").split("\n"))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _is_date(value: str) -> bool:
    try:
        return bool(_ISO_DATE.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False
