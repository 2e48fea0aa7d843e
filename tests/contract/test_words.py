"""The words of failures: every reason that is given has some, and none is without use."""

import ast
import importlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

import pytest

import services
import shared
from shared.values.words import Words, words_in

ELSEWHERE = {"FileRefused": "FileRefusal"}
"""What carries a reason to its family out of a process that does not load the words."""
ADDED = {"FileRefused": {"file"}}
"""Details that are added on the way."""


class Family(NamedTuple):
    """Failures that differ in words alone, with the names of the classes that give its reasons."""

    name: str
    file: Path
    givers: set[str]


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in (services, shared):
        folder = Path(package.__path__[0])
        for path in folder.rglob("*.py"):
            module = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
            yield module, ast.parse(path.read_text(encoding="utf-8"))


TREES = dict(sources())
NODES = [node for tree in TREES.values() for node in ast.walk(tree)]
CALLS = [node for node in NODES if isinstance(node, ast.Call)]
TEXTS = {node.value for node in NODES if isinstance(node, ast.Constant)}


def families() -> Iterator[Family]:
    defined = {
        (module, node.name)
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and "file" in set(map(_member, node.body))
    }
    for module, name in sorted(defined):
        base: Any = getattr(importlib.import_module(module), name)
        file = vars(base).get("file")
        if isinstance(file, Path):
            heirs = {heir.__name__ for heir in _heirs(base) if heir.file == file}
            carriers = {carrier for carrier, family in ELSEWHERE.items() if family == name}
            yield Family(name, file, heirs | carriers)


def _member(part: ast.stmt) -> str:
    match part:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _heirs(base: type[Any]) -> set[type[Any]]:
    return {base, *chain.from_iterable(map(_heirs, base.__subclasses__()))}


FAMILIES = list(families())


def placeholders(words: Words) -> set[str]:
    fields = Formatter().parse("".join((words.zh, words.en, *(words.cell or ()))))
    return {name for _, name, _, _ in fields if name is not None}


def test_there_are_families() -> None:
    assert {family.name for family in FAMILIES} >= {"MoneyRefusal", "RowRefusal", "EngineError"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_reason_given_has_words_that_its_details_fill(family: Family) -> None:
    words = words_in(family.file)
    for call in CALLS:
        giver = _giver(call)
        if giver not in family.givers or not call.args:
            continue
        given = {word.arg for word in call.keywords} | ADDED.get(giver, set())
        for reason in _texts(call.args[0]):
            asked = placeholders(words[reason])
            assert given - {None} <= asked | ADDED.get(giver, set()), ast.unparse(call)
            assert None in given or asked <= given, ast.unparse(call)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_reason_with_words_is_given(family: Family) -> None:
    assert not set(words_in(family.file)) - TEXTS


def _giver(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _texts(reason: ast.expr) -> set[str]:
    """Return what a reason may be; a condition that chooses one is none itself."""
    if isinstance(reason, ast.IfExp):
        return _texts(reason.body) | _texts(reason.orelse)
    match reason:
        case ast.Constant(value=str(text)):
            return {text}
    return set()
