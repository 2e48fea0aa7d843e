"""Rules and parameters as documents: read from the files of a policy, and put back into them.

A document has the shape of the YAML, with dates as text and money as decimal text. Files are paths with texts and
are never changed in place: each function returns all files as they are afterwards.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from services.rules.engine.errors import PolicyError
from services.rules.vocabulary.errors import EditRefused, FileTaken, NotInFiles
from services.rules.vocabulary.policy import CASES
from services.rules.vocabulary.rewriting import Document, dump, plain, rewritten, same, with_items
from services.rules.vocabulary.yaml_reader import Entry, SourceFile, read_yaml

Files = Mapping[str, str]

DOCUMENT = "document.yaml"
"""What a refusal names as the file while a document stands in none."""
MAX_DEPTH = 8
_LARGEST = 10**18


def rule_document(files: Files, rule_id: str) -> Document:
    """A rule as a document. Raises NotInFiles."""
    document: Document = plain(_rule(files, rule_id))
    return document


def parameter_document(files: Files, name: str) -> Document:
    """A parameter as a document. Raises NotInFiles."""
    items, position = _parameter(files, name)
    document: Document = plain(items)[position]
    return document


def has_rule(files: Files, rule_id: str) -> bool:
    """Say whether a rule is in the files."""
    try:
        _rule(files, rule_id)
    except NotInFiles:
        return False
    return True


def has_parameter(files: Files, name: str) -> bool:
    """Say whether a parameter is in the files."""
    try:
        _parameter(files, name)
    except NotInFiles:
        return False
    return True


def put_rule(files: Files, document: Document, family: str = "shown") -> dict[str, str]:
    """The files with a rule as the document has it; a new one stands in `rules/<family>/<subject>/`.

    Raises EditRefused, or a PolicyError when the document has no usable id or subject.
    """
    mapping = _entry(document).mapping()
    rule_id, subject = mapping["id"].rule_name(), mapping["subject"].name()
    try:
        entry = _rule(files, rule_id)
    except NotInFiles:
        path = f"rules/{family}/{subject}/{rule_id.partition('.')[2]}.yaml"
        if path in files:
            raise FileTaken("policy-file-taken", path=path) from None
        return {**files, path: dump(document)}
    path = entry.file.name
    return {**files, path: _checked(path, rewritten(entry, document), document)}


def put_parameter(files: Files, document: Document) -> dict[str, str]:
    """The files with a parameter as the document has it; a new one stands in a file of its own name.

    Raises EditRefused, or a PolicyError when the document has no usable name.
    """
    name = _entry(document).mapping()["name"].name()
    try:
        items, position = _parameter(files, name)
    except NotInFiles:
        path = f"parameters/{name}.yaml"
        if path in files:
            raise FileTaken("policy-file-taken", path=path) from None
        return {**files, path: dump({"parameters": [document]})}
    path = items.file.name
    all_items = plain(items)
    all_items[position] = document
    entry = Entry(items.file, name, items.node.value[position])
    return {**files, path: _checked(path, rewritten(entry, document), {"parameters": all_items})}


def remove_rule(files: Files, rule_id: str) -> dict[str, str]:
    """The files without a rule and its cases. Raises NotInFiles."""
    path = _rule(files, rule_id).file.name
    return {
        other: text
        for other, text in files.items()
        if other != path and not (other.endswith(CASES) and _says(other, text, "rule", rule_id))
    }


def remove_parameter(files: Files, name: str) -> dict[str, str]:
    """The files without a parameter, and without its file if it was the last in it. Raises NotInFiles."""
    items, position = _parameter(files, name)
    path = items.file.name
    left = [item for place, item in enumerate(plain(items)) if place != position]
    if not left:
        return {other: text for other, text in files.items() if other != path}
    return {**files, path: _checked(path, with_items(items, left), {"parameters": left})}


def _rule(files: Files, rule_id: str) -> Entry:
    for path, text in files.items():
        if path.startswith("rules/") and not path.endswith(CASES):
            found = _says(path, text, "id", rule_id)
            if found is not None:
                return found
    raise NotInFiles("rule-not-in-files", name=rule_id)


def _parameter(files: Files, name: str) -> tuple[Entry, int]:
    """The list of parameters that one stands in, and its position there."""
    for path, text in files.items():
        if not path.startswith("parameters/") or name not in text:
            continue
        root = _read(path, text)
        items = None if root is None or not root.is_mapping else root.mapping().get("parameters")
        for position, item in enumerate(_list(items)):
            if isinstance(item, dict) and item.get("name") == name:
                assert items is not None  # noqa: S101 - it has an item
                return items, position
    raise NotInFiles("parameter-not-in-files", name=name)


def _list(items: Entry | None) -> list[Any]:
    found = None if items is None else plain(items)
    return found if isinstance(found, list) else []


def _says(path: str, text: str, key: str, value: str) -> Entry | None:
    """The root of a file whose `key` has a value, None for another file; one that cannot be read says nothing."""
    root = _read(path, text) if value in text else None
    if root is None or not isinstance(root.node, yaml.MappingNode):
        return None
    return root if plain(root).get(key) == value else None


def _read(path: str, text: str) -> Entry | None:
    try:
        return read_yaml(SourceFile(path, text))
    except PolicyError:
        return None


def _checked(path: str, text: str, whole: Document) -> str:
    """The edited text, or the whole file written anew where an unusual layout defeated the edit."""
    root = _read(path, text)
    if root is not None and root.is_mapping and same(plain(root), whole):
        return text
    return dump(whole)


def _entry(document: Document) -> Entry:
    """The document as it would be read. Raises EditRefused."""
    _require_writable(document, "document", MAX_DEPTH)
    return read_yaml(SourceFile(DOCUMENT, dump(document)))


def _require_writable(value: object, where: str, depth: int) -> None:
    match value:
        case bool() | str():
            return
        case int() if -_LARGEST < value < _LARGEST:
            return
        case dict() if value and depth:
            for key, part in value.items():
                _require_writable(part, f"{where}.{key}"[:200], depth - 1)
            return
        case list() if value and depth:
            for position, part in enumerate(value):
                _require_writable(part, f"{where}[{position}]"[:200], depth - 1)
            return
    raise EditRefused("policy-document", where=where, depth=MAX_DEPTH)
