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
from services.rules.vocabulary.editing import (
    parameter_document,
    put_parameter,
    put_rule,
    remove_parameter,
    remove_rule,
    rule_document,
)
from services.rules.vocabulary.errors import DeclarationError
from services.rules.vocabulary.locating import (
    Path,
    children,
    entry_at,
    precedes,
    scalars,
    shifted,
)
from services.rules.vocabulary.policy import build_policy
from services.rules.vocabulary.yaml_reader import Entry, SourceFile, read_yaml

REFORM = "reform.yaml"
_BODIES = tuple(part.value for part in Combination)
FAMILIES = ("zero_out", "eligibility", "risk", "quality", "shown")
Files = Mapping[str, str]


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
    for scalar in scalars(root):
        if scalar.node.tag.endswith(":float"):
            raise scalar.refuse('整数或带引号的金额，如 "8000.00"', 'a whole number, or "8000.00"')
    mapping = root.mapping()
    mapping.only("title", "parameters", "rules")
    return Reform(
        root,
        mapping["title"].text(),
        _by_name(mapping.get("parameters"), Entry.name),
        _by_name(mapping.get("rules"), Entry.rule_name),
    )


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
        if not entry.is_null:
            return put_parameter(files, self._parameter(files, name, entry))
        if name not in self._base.parameters:
            known = suggestion(name, self._base.parameters)
            raise PolicyError("unknown-parameter", entry.place, name=name, **known)
        return remove_parameter(files, name)

    def _with_rule(self, files: Files, name: str, entry: Entry) -> Files:
        if not entry.is_null:
            document = self._rule(files, name, entry)
            family = entry.mapping().get("family")
            if family is None:
                return put_rule(files, document)
            del document["family"]
            return put_rule(files, document, family.choice(FAMILIES))
        if name not in self._base.rules:
            raise PolicyError(
                "unknown-rule", entry.place, name=name, **suggestion(name, self._base.rules)
            )
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
        if document["name"] != name:
            raise given["name"].refuse(f"与其键 {name} 相同", f"the same as its key, {name}")
        if (values := given.get("values")) is not None:
            document["values"] = self._values(document.get("values", []), values, (*path, "values"))
        return document

    def _values(self, kept: list[dict[str, Any]], values: Entry, path: Path) -> list[Any]:
        self._written[path] = (values.place, values)
        merged = list(kept)
        written_before = set[tuple[str, str | None]]()
        for item in values.items():
            given, division = item.mapping(), item.mapping().get("division")
            new = given["from"].scalar, None if division is None else division.scalar
            if new in written_before:
                raise DeclarationError(
                    "parameter-overlap", item.place, name=path[1], start=new[0], other=new[0]
                )
            written_before.add(new)
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
            for key, begins, child in children(entry)
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
        name, path, found = self._located(error.place, variant)
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self._written), ())
        if known:
            begins, written = self._written[known]
            if known == path and not precedes(error.place, found.place):
                begins = shifted(error.place, found, written)
            return error.at(begins)
        named = {name, *map(str, error.details.values())}
        parts = (*self._reform.rules.items(), *self._reform.parameters.items())
        cause = next((entry for part, entry in parts if part in named), self._reform.root)
        return DeclarationError(
            "reform-breaks",
            cause.place,
            where=error.place,
            reason_zh=error.message("zh"),
            reason_en=error.message("en"),
        )

    @staticmethod
    def _located(place: Place, files: Files) -> tuple[str, Path, Entry]:
        """The rule or parameter that a place of the policy's files belongs to, its path, and the entry there."""
        path, entry = entry_at(files, place)
        root = read_yaml(SourceFile(place.file, files[place.file])).mapping()
        if place.file.startswith("rules/"):
            name = root["id"].scalar
            return name, ("rules", name, *path), entry
        match path:
            case ("parameters", int(position), *rest):
                item = list(root["parameters"].items())[position]
                name = item.mapping()["name"].scalar
                return name, ("parameters", name, *rest), entry
        return "", (), entry


@contextmanager
def _at(entry: Entry) -> Iterator[None]:
    """Place what the files refuse, which knows no place in the reform, at a part of the reform."""
    try:
        yield
    except PolicyError as error:
        if error.place.file == REFORM:
            raise
        raise error.at(entry.place) from None
    except EngineError as error:
        zh, en = error.message("zh"), error.message("en")
        raise DeclarationError(
            "reform-unwritable", entry.place, reason_zh=zh, reason_en=en
        ) from None


def _by_name(section: Entry | None, read: Callable[[Entry], str]) -> dict[str, Entry]:
    if section is None:
        return {}
    section.mapping()  # refuses what has no keys, and a key that is written twice
    return {
        read(Entry(section.file, "key", key)): Entry(section.file, key.value, node)
        for key, node in section.node.value
    }


def _day_and_place(value: Mapping[str, Any]) -> tuple[str, str | None]:
    """What tells the values of a parameter apart."""
    division = value.get("division")
    return str(value["from"]), None if division is None else str(division)
