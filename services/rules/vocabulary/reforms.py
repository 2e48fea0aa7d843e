"""Reforms 改革方案: changed, added and removed parameters and rules, one YAML document over a policy.

    title: 收入线提高到 9000 元
    parameters:
      income_line:
        values: [{value: "9000.00", from: 2021-01-01}]   # replaces a value of the same day and division, or adds one
    rules:
      household.housing: {all_of: [...]}                  # the keys given replace those of the rule
      household.warmth: {family: eligibility, ...}        # a rule that is not there yet, whole
      household.food: null                                # a rule that is taken out

What a reform writes is cited as the reform itself unless it cites something: nobody decided it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from services.rules.engine import EngineError, Place, Policy, PolicyError
from services.rules.engine.advice import suggestion
from services.rules.engine.declarations import Combination
from services.rules.engine.errors import UnknownParameter, UnknownRule
from services.rules.vocabulary.editing import (
    parameter_document,
    put_parameter,
    put_rule,
    remove_parameter,
    remove_rule,
    rule_document,
)
from services.rules.vocabulary.policy import build_policy
from services.rules.vocabulary.yaml_reader import Entry, SourceFile, read_yaml

REFORM = "reform.yaml"
_BODIES = tuple(part.value for part in Combination)
Path = tuple[str | int, ...]
Files = Mapping[str, str]


class ReformBreaks(PolicyError):
    code = "reform-breaks"
    zh = "改革方案使原政策 {where} 处不再成立：{reason_zh}请一并修改。"
    en = "the reform breaks the policy at {where}: {reason_en}; change that part too"


class ReformUnwritable(PolicyError):
    code = "reform-unwritable"
    zh = "{reason_zh}"
    en = "{reason_en}"


@dataclass(frozen=True, slots=True)
class Reform:
    """A reform as it is written, its parts not yet checked."""

    root: Entry
    title: str
    parameters: Mapping[str, Entry]
    rules: Mapping[str, Entry]


def read_reform(text: str) -> Reform:
    """Read a reform from YAML, or from JSON, which is YAML too. Raises a PolicyError with its place."""
    root = read_yaml(SourceFile(REFORM, text))
    for entry in _scalars(root):
        if entry.node.tag.endswith(":float"):
            raise entry.refuse('整数或带引号的金额，如 "8000.00"', 'a whole number, or "8000.00"')
    mapping = root.mapping()
    mapping.only("title", "parameters", "rules")
    return Reform(
        root,
        mapping["title"].text(),
        _by_name(mapping.get("parameters"), Entry.name),
        _by_name(mapping.get("rules"), Entry.rule_name),
    )


def path_at(text: str, place: Place) -> Path:
    """The keys and positions that lead to a place of a reform; none where it cannot be read."""
    try:
        return _deepest(read_yaml(SourceFile(REFORM, text)), (), place)[0]
    except PolicyError:
        return ()


def reformed(base: Policy, files: Files, reform: Reform) -> Policy:
    """The policy of ``files``, which is ``base``, with a reform applied.

    Raises a PolicyError whose place is in the reform, at what would be wrong in the policy.
    """
    application = _Application(base, reform)
    variant = application.applied(files)
    try:
        return build_policy(variant)
    except PolicyError as error:
        raise application.in_reform(error, variant) from None


class _Application:
    """Applies a reform, remembering where each part of a changed document was written."""

    def __init__(self, base: Policy, reform: Reform) -> None:
        self._base = base
        self._reform = reform
        self._written: dict[Path, tuple[Place, Entry]] = {}
        self._citation = {
            "document": reform.title,
            "article": "改革方案 what-if",
            "source": "unverified",
        }

    def applied(self, files: Files) -> Files:
        for name, entry in self._reform.parameters.items():
            with _at(entry):
                files = self._with_parameter(files, name, entry)
        for name, entry in self._reform.rules.items():
            with _at(entry):
                files = self._with_rule(files, name, entry)
        return files

    def _with_parameter(self, files: Files, name: str, entry: Entry) -> Files:
        if not _removes(entry):
            return put_parameter(files, self._parameter(files, name, entry))
        if name not in self._base.parameters:
            known = suggestion(name, self._base.parameters)
            raise UnknownParameter(entry.place, name=name, **known)
        return remove_parameter(files, name)

    def _with_rule(self, files: Files, name: str, entry: Entry) -> Files:
        if not _removes(entry):
            document = self._rule(files, name, entry)
            family = document.pop("family", None)
            return put_rule(files, document, family)
        if name not in self._base.rules:
            raise UnknownRule(entry.place, name=name, **suggestion(name, self._base.rules))
        return remove_rule(files, name)

    def _parameter(self, files: Files, name: str, entry: Entry) -> dict[str, Any]:
        path = ("parameters", name)
        self._written[path] = (entry.place, entry)
        given = entry.mapping()
        changed = {
            key: self._plain(part, (*path, key)) for key, part in given.items() if key != "values"
        }
        document: dict[str, Any] = {"citation": self._citation}
        if name in self._base.parameters:
            document = parameter_document(files, name)
        document = {"name": name, **document, **changed}
        if (values := given.get("values")) is not None:
            document["values"] = self._values(document.get("values", []), values, (*path, "values"))
        return document

    def _values(self, kept: list[dict[str, Any]], values: Entry, path: Path) -> list[Any]:
        self._written[path] = (values.place, values)
        merged = list(kept)
        for item in values.items():
            given, division = item.mapping(), item.mapping().get("division")
            new = given["from"].scalar, None if division is None else division.scalar
            same = (i for i, old in enumerate(merged) if _day_and_place(old) == new)
            position = next(same, len(merged))
            written = self._plain(item, (*path, position))
            merged[position : position + 1] = [
                {"citation": self._citation, "illustrative": True, **written}
            ]
        return merged

    def _rule(self, files: Files, name: str, entry: Entry) -> dict[str, Any]:
        path = ("rules", name)
        changed = self._plain(entry, path)
        entry.mapping()  # refuses what has no keys
        document = rule_document(files, name) if name in self._base.rules else {"id": name}
        if any(body in changed for body in _BODIES):
            document = {key: part for key, part in document.items() if key not in _BODIES}
        document = {**document, "citation": self._citation, **changed}
        if document["id"] != name:
            raise entry.mapping()["id"].refuse(
                f"与其键 {name} 相同", f"the same as its key, {name}"
            )
        return document

    def _plain(self, entry: Entry, path: Path, begins: Place | None = None) -> Any:
        """The entry as plain data, every part of it remembered under its path in the document."""
        self._written[path] = (begins or entry.place, entry)
        parts = [
            (key, self._plain(child, (*path, key), begins))
            for key, begins, child in _children(entry)
        ]
        match entry.node:
            case yaml.MappingNode():
                return dict(parts)
            case yaml.SequenceNode():
                return [part for _, part in parts]
            case _:
                return entry.plain()

    def in_reform(self, error: PolicyError, variant: Files) -> PolicyError:
        """The same failure at the place of the reform that brings it about."""
        name, path, found = _located(error.place, variant)
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self._written), ())
        if known:
            begins, written = self._written[known]
            if known == path and not _precedes(error.place, found.place):
                begins = _shifted(error.place, found, written)
            return type(error)(begins, **error.details)
        removed = self._reform.rules.get(str(error.details.get("name")))
        cause = self._reform.rules.get(name) or removed or self._reform.root
        return ReformBreaks(
            cause.place,
            where=error.place,
            reason_zh=error.message("zh"),
            reason_en=error.message("en"),
        )


@contextmanager
def _at(entry: Entry) -> Iterator[None]:
    """Place what the files refuse, which knows no place in the reform, at a part of the reform."""
    try:
        yield
    except PolicyError as error:
        if error.place.file == REFORM:
            raise
        raise type(error)(entry.place, **error.details) from None
    except EngineError as error:
        zh, en = error.message("zh"), error.message("en")
        raise ReformUnwritable(entry.place, reason_zh=zh, reason_en=en) from None


def _by_name(section: Entry | None, read: Callable[[Entry], str]) -> dict[str, Entry]:
    if section is None:
        return {}
    section.mapping()  # refuses what has no keys, and a key that is written twice
    return {
        read(Entry(section.file, "key", key)): Entry(section.file, key.value, node)
        for key, node in section.node.value
    }


def _removes(entry: Entry) -> bool:
    return entry.node.tag.endswith(":null")


def _day_and_place(value: Mapping[str, Any]) -> tuple[str, str | None]:
    """What tells the values of a parameter apart."""
    division = value.get("division")
    return str(value["from"]), None if division is None else str(division)


def _scalars(entry: Entry) -> Iterator[Entry]:
    if isinstance(entry.node, yaml.ScalarNode):
        yield entry
    for _, _, child in _children(entry):
        yield from _scalars(child)


def _children(entry: Entry) -> Iterator[tuple[str | int, Place, Entry]]:
    """The parts of an entry: the key or position of each, where that begins, and the part itself."""
    match entry.node:
        case yaml.MappingNode(value=pairs):
            entry.mapping()  # refuses a key that is written twice
            for key_node, node in pairs:
                key = Entry(entry.file, "key", key_node)
                yield key.scalar, key.place, Entry(entry.file, key.scalar, node)
        case yaml.SequenceNode(value=nodes):
            for position, node in enumerate(nodes):
                child = Entry(entry.file, entry.key, node)
                yield position, child.place, child


def _located(place: Place, files: Files) -> tuple[str, Path, Entry]:
    """The rule or parameter that a place of the policy's files belongs to, its path, and the entry there."""
    root = read_yaml(SourceFile(place.file, files[place.file]))
    path, entry = _deepest(root, (), place)
    if place.file.startswith("rules/"):
        name = root.mapping()["id"].scalar
        return name, ("rules", name, *path), entry
    match path:
        case ("parameters", int(position), *rest):
            item = list(root.mapping()["parameters"].items())[int(position)]
            name = item.mapping()["name"].scalar
            return name, ("parameters", name, *rest), entry
    return "", (), entry


def _deepest(entry: Entry, path: Path, place: Place) -> tuple[Path, Entry]:
    """The last and innermost part that begins no later than a place."""
    before = [
        (key, child) for key, begins, child in _children(entry) if not _precedes(place, begins)
    ]
    if not before:
        return path, entry
    key, child = before[-1]
    return _deepest(child, (*path, key), place)


def _shifted(place: Place, found: Entry, written: Entry) -> Place:
    """A place within an expression of the policy as the place within the reform's writing of it."""
    if not isinstance(found.node, yaml.ScalarNode) or written.key != found.key:
        return written.place
    inside, text = found.expression(), written.expression()
    if inside.text != text.text:
        return written.place
    line = text.line + place.line - inside.line
    return Place(REFORM, line, text.column + place.column - inside.column)


def _precedes(place: Place, other: Place) -> bool:
    return (place.line, place.column) < (other.line, other.column)
