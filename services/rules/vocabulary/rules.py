"""Reads `rules/**/*.yaml`: one rule a file, its expressions checked against dictionary, parameters and the rules it refers to."""

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from services.rules.engine import checker, language, tree
from services.rules.engine.declarations import Combination, Condition, Fact, Parameter, Rule
from services.rules.engine.errors import PolicyError
from services.rules.engine.language import Syntax
from services.rules.engine.units import Kind, Type
from services.rules.vocabulary.errors import DeclarationError, Refuse, each, stop
from services.rules.vocabulary.parameters import read_citation
from services.rules.vocabulary.yaml_reader import Entry, Mapping, SourceFile, read_yaml
from shared.values.bilingual import Bilingual

_KEYS = ("id", "subject", "title", "citation", "in_force", "all_of", "any_of", "value")
Facts = AbstractMapping[str, AbstractMapping[str, Fact]]
Parameters = AbstractMapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class _Line:
    """A condition whose expressions are parsed and not yet checked."""

    entry: Entry
    title: Bilingual | None
    syntax: Syntax
    shown: Syntax | None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rule that is read and not yet checked, because others must be checked before it."""

    name: str
    subject: str
    family: str
    mapping: Mapping
    combination: Combination
    lines: tuple[_Line, ...]


def read_rules(
    files: list[SourceFile], facts: Facts, parameters: Parameters, refuse: Refuse = stop
) -> dict[str, Rule]:
    """The rules of all files by id, each after those that it refers to."""
    drafts: dict[str, _Draft] = {}
    for file in files:
        with each(refuse):
            draft = _draft(file, facts)
            if draft.name in drafts:
                other = drafts[draft.name].mapping["id"].place
                raise DeclarationError(
                    "policy-name-taken", draft.mapping["id"].place, name=draft.name, other=other
                )
            drafts[draft.name] = draft
    order: list[str] = []
    with each(refuse):
        order = _order(drafts)
    rules: dict[str, Rule] = {}
    for name in order:
        with each(refuse):
            draft = drafts[name]
            rules[name] = _rule(draft, facts[draft.subject], parameters, rules)
    return rules


def family(file: str) -> str:
    """The family of the rules of a file: the folder below `rules/`, empty for a file that stands in none."""
    folders = file.split("/")[1:-1]
    return folders[0] if folders else ""


def _draft(file: SourceFile, facts: Facts) -> _Draft:
    mapping = read_yaml(file).mapping()
    mapping.only(*_KEYS)
    name = mapping["id"].rule_name()
    subject = mapping["subject"].choice(tuple(facts))
    bodies = [part for part in Combination if mapping.get(part.value) is not None]
    if len(bodies) != 1:
        raise DeclarationError("rule-without-conditions", mapping.entry.place, name=name)
    combination = bodies[0]
    body = mapping[combination.value]
    if combination is Combination.VALUE:
        lines: tuple[_Line, ...] = (_Line(body, None, language.parse(body.expression()), None),)
    else:
        lines = tuple(_line(item) for item in body.items())
    return _Draft(name, subject, family(file.name), mapping, combination, lines)


def _line(item: Entry) -> _Line:
    mapping = item.mapping()
    mapping.only("title", "value", "shown")
    title, shown = mapping.get("title"), mapping.get("shown")
    return _Line(
        mapping["value"],
        None if title is None else title.words(),
        language.parse(mapping["value"].expression()),
        None if shown is None else language.parse(shown.expression()),
    )


def _order(drafts: dict[str, _Draft]) -> list[str]:
    graph = {
        name: sorted(
            reference
            for line in draft.lines
            for syntax in (line.syntax, line.shown)
            if syntax is not None
            for reference in syntax.rule_names
            if reference in drafts
        )
        for name, draft in drafts.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = error.args[1]
        place = drafts[cycle[0]].mapping["id"].place
        raise PolicyError("rule-cycle", place, cycle=" → ".join(reversed(cycle))) from None


def _rule(
    draft: _Draft,
    facts: AbstractMapping[str, Fact],
    parameters: Parameters,
    rules: AbstractMapping[str, Rule],
) -> Rule:
    known = {rule.name: rule.node.type for rule in rules.values() if rule.subject == draft.subject}
    mapping = draft.mapping
    title = mapping["title"].words()
    conditions = tuple(
        _condition(line, draft, title, facts, parameters, known, rules) for line in draft.lines
    )
    nodes = tuple(condition.node for condition in conditions)
    node: tree.Node = nodes[0]
    if draft.combination is Combination.ALL_OF:
        node = tree.AllOf(nodes)
    elif draft.combination is Combination.ANY_OF:
        node = tree.AnyOf(nodes)
    in_force = mapping["in_force"].mapping()
    in_force.only("from", "to")
    start, end = in_force["from"].day(), in_force.get("to")
    if end is not None and end.day() < start:
        raise end.refuse(f"不早于 {start}", f"no earlier than {start}")
    return Rule(
        draft.name,
        draft.family,
        draft.subject,
        title,
        read_citation(mapping["citation"].mapping()),
        start,
        None if end is None else end.day(),
        draft.combination,
        conditions,
        node,
        mapping["id"].place,
    )


def _condition(
    line: _Line,
    draft: _Draft,
    rule_title: Bilingual,
    facts: AbstractMapping[str, Fact],
    parameters: Parameters,
    known: AbstractMapping[str, Type],
    rules: AbstractMapping[str, Rule],
) -> Condition:
    node = checker.check(line.syntax, facts, parameters, known)
    text = line.syntax.text.text.rstrip()
    if draft.combination is Combination.VALUE:
        if node.type.kind is not Kind.INTEGER:
            checker.expect(node, Kind.INTEGER, line.syntax.place(line.syntax.root), "value")
        return Condition(rule_title, text, node, None)
    checker.expect(node, Kind.BOOLEAN, line.syntax.place(line.syntax.root), draft.combination.value)
    title = line.title
    if title is None and isinstance(node, tree.RuleReference):
        title = rules[node.name].title
    if title is None:
        raise DeclarationError("policy-key-missing", line.entry.place, key="title")
    shown: tree.Comparison | None = None
    if line.shown is not None:
        shown = _shown(line.shown, checker.check(line.shown, facts, parameters, known), node)
    return Condition(title, text, node, shown)


def _shown(syntax: Syntax, shown: tree.Node, node: tree.Node) -> tree.Comparison:
    if (
        isinstance(shown, tree.Comparison)
        and isinstance(node, tree.Comparison)
        and shown.operator == node.operator
    ):
        return shown
    raise DeclarationError("rule-shown", syntax.place(syntax.root))
