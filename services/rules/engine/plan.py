"""What one subject's rules need, in a fixed order: the slots and bits that every backend shares."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from services.rules.engine import tree
from services.rules.engine.declarations import Fact, Parameter, ParameterValue, Rule
from services.rules.engine.errors import EngineError
from services.rules.engine.units import BOOLEAN

BITS_A_WORD = 64


class Need(NamedTuple):
    """Something an undetermined answer waits for: a fact, the value of a parameter, or a rule not in force."""

    kind: Literal["fact", "parameter", "rule"]
    name: str


@dataclass(frozen=True)
class Plan:
    """Facts, parameters and rules (referenced rules first) of one subject; bit i of a mask is `needs[i]`."""

    subject: str
    facts: tuple[Fact, ...]
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    needs: tuple[Need, ...]

    @cached_property
    def fact_named(self) -> Mapping[str, Fact]:
        return {fact.name: fact for fact in self.facts}

    @cached_property
    def rule_named(self) -> Mapping[str, Rule]:
        return {rule.name: rule for rule in self.rules}

    def bit(self, kind: Literal["fact", "parameter", "rule"], name: str) -> int:
        return self._bits[kind, name]

    @cached_property
    def _bits(self) -> dict[tuple[str, str], int]:
        return {(need.kind, need.name): 1 << position for position, need in enumerate(self.needs)}

    def named(self, mask: int) -> Iterator[Need]:
        """The needs whose bits are set in a mask."""
        while mask:
            lowest = mask & -mask
            yield self.needs[lowest.bit_length() - 1]
            mask ^= lowest

    def mask(self, name: str, row: Mapping[str, Any]) -> int:
        """The whole mask of a row of outcomes: `missing:<rule>` or `stale`, from whichever of its words have columns.

        A word is unsigned, or signed as SQL has it.
        """
        words = (row.get(mask_column(name, word)) or 0 for word in range(self.words))
        return sum(
            bits % (1 << BITS_A_WORD) << (word * BITS_A_WORD) for word, bits in enumerate(words)
        )

    @property
    def deciding(self) -> tuple[str, ...]:
        """The rules that answer met or not met."""
        return tuple(rule.name for rule in self.rules if rule.decides)

    @property
    def varying(self) -> tuple[Parameter, ...]:
        """The parameters that have values for some divisions of their own."""
        return tuple(parameter for parameter in self.parameters if parameter.varies_by_division)

    def narrowed(self, rules: Iterable[str]) -> "Plan":
        """Only the named rules, those that they refer to, and what these need; bits stay where they are.

        Raises an EngineError where a rule is unknown.
        """
        wanted = set(rules)
        if unknown := sorted(wanted - self.positions.keys()):
            raise EngineError("rule-undeclared", subject=self.subject, names=", ".join(unknown))
        for rule in reversed(self.rules):
            if rule.name in wanted:
                wanted |= {
                    part.name
                    for part in tree.walk(rule.node)
                    if isinstance(part, tree.RuleReference)
                }
        kept = [rule for rule in self.rules if rule.name in wanted]
        narrow = plan(self.subject, self.facts, {part.name: part for part in self.parameters}, kept)
        return replace(narrow, needs=self.needs)

    @cached_property
    def leaves(self) -> tuple[tuple[tree.Node, ...], ...]:
        """The leaves of every condition, rule by rule."""
        return tuple(
            tuple(tree.leaves(part.node)) for rule in self.rules for part in rule.conditions
        )

    @cached_property
    def leaf_positions(self) -> Mapping[tree.Node, tuple[int, int]]:
        """Where a leaf stands in a trace: its condition, and its place in the condition."""
        return {
            leaf: (condition, place)
            for condition, leaves in enumerate(self.leaves)
            for place, leaf in enumerate(leaves)
        }

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of every rule by its id."""
        return {rule.name: position for position, rule in enumerate(self.rules)}

    @cached_property
    def first_conditions(self) -> tuple[int, ...]:
        """A rule each: where its conditions begin among those of all rules."""
        return tuple(accumulate((len(rule.conditions) for rule in self.rules), initial=0))[:-1]

    @cached_property
    def unit_of(self) -> Mapping[str, int]:
        """By fact, a number that facts of the same kind and unit have in common."""
        units: dict[tuple[object, object], int] = {}
        return {
            fact.name: units.setdefault((fact.type.kind, fact.type.dimension), len(units))
            for fact in self.facts
        }

    def facts_of(self, node: tree.Node) -> frozenset[str]:
        """The facts that a node is computed from, itself or through the rules that it refers to."""
        if (known := self._facts_of.get(node)) is None:
            found: set[str] = set()
            for part in tree.walk(node):
                if isinstance(part, tree.FactReference):
                    found.add(part.name)
                elif isinstance(part, tree.RuleReference):
                    found |= self.facts_of(self.rule_named[part.name].node)
            known = self._facts_of[node] = frozenset(found)
        return known

    @cached_property
    def _facts_of(self) -> dict[tree.Node, frozenset[str]]:
        return {}

    @cached_property
    def uses(self) -> Mapping[str, frozenset[Need]]:
        """By rule, the facts and parameters of its conditions and of the figures (not the criteria) they refer to."""
        result: dict[str, frozenset[Need]] = {}
        fresh_for = {fact.name: fact.fresh_for for fact in self.facts}
        for rule in self.rules:
            needs: set[Need] = set()
            for part in tree.walk(rule.node):
                match part:
                    case tree.FactReference():
                        needs.add(Need("fact", part.name))
                        if (freshness := fresh_for[part.name]) is not None:
                            needs.add(Need("parameter", freshness))
                    case tree.ParameterReference():
                        needs.add(Need("parameter", part.name))
                    case tree.RuleReference() if part.type != BOOLEAN:
                        needs |= result[part.name]
            result[rule.name] = frozenset(needs)
        return result

    @cached_property
    def used_facts(self) -> Mapping[str, tuple[Fact, ...]]:
        """By rule, the facts of `uses`."""
        return {
            rule: tuple(fact for fact in self.facts if ("fact", fact.name) in used)
            for rule, used in self.uses.items()
        }

    @cached_property
    def used_parameters(self) -> Mapping[str, tuple[Parameter, ...]]:
        """By rule, the parameters of `uses`."""
        return {
            rule: tuple(one for one in self.parameters if ("parameter", one.name) in used)
            for rule, used in self.uses.items()
        }

    @property
    def words(self) -> int:
        """How many 64-bit columns a mask takes."""
        return -(-len(self.needs) // BITS_A_WORD)


def mask_column(name: str, word: int) -> str:
    """The column of a mask's word; the first word carries the bare name."""
    return name if word == 0 else f"{name}:{word}"


def plan(
    subject: str, facts: Iterable[Fact], parameters: Mapping[str, Parameter], rules: Iterable[Rule]
) -> Plan:
    """The plan of a subject; `rules` come in an order in which referenced rules stand first."""
    rules = tuple(rules)
    used = [part for rule in rules for part in tree.walk(rule.node)]
    fact_names = {part.name for part in used if isinstance(part, tree.FactReference)}
    used_facts = tuple(fact for fact in facts if fact.name in fact_names)
    parameter_names = {part.name for part in used if isinstance(part, tree.ParameterReference)}
    parameter_names |= {fact.fresh_for for fact in used_facts if fact.fresh_for is not None}
    used_parameters = tuple(
        parameter for name, parameter in parameters.items() if name in parameter_names
    )
    needs = (
        *(Need("fact", fact.name) for fact in used_facts),
        *(Need("parameter", parameter.name) for parameter in used_parameters),
        *(Need("rule", rule.name) for rule in rules),
    )
    return Plan(subject, used_facts, used_parameters, rules, needs)


@dataclass(frozen=True)
class Resolution:
    """A plan's parameters and rules as of a date in a division."""

    as_of: date
    division: str | None
    parameters: Mapping[str, ParameterValue | None]
    in_force: tuple[bool, ...]

    @cached_property
    def values(self) -> Mapping[str, int | bool | None]:
        """Parameters by name; None when no value is in force or nobody has set it."""
        return {
            name: None if resolved is None else resolved.value
            for name, resolved in self.parameters.items()
        }


def resolve(plan: Plan, as_of: date, division: str | None) -> Resolution:
    """What is in force on a date in a 12-digit division (None: the values that hold everywhere)."""
    return Resolution(
        as_of,
        division,
        {parameter.name: parameter.at(as_of, division) for parameter in plan.parameters},
        tuple(rule.in_force(as_of) for rule in plan.rules),
    )


def oldest_fresh(as_of: date, days: int | None) -> date:
    """The oldest date that is still fresh; with no freshness decided nothing is (date.max)."""
    if days is None:
        return date.max
    return as_of - timedelta(days=min(days, as_of.toordinal() - 1))
