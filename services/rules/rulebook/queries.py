"""Reads of the rulebook: pure views of a checked policy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from services.rules.engine import Citation, Fact, Parameter, ParameterValue, Policy, Rule, tree
from services.rules.engine.facts import wire_value
from services.rules.engine.plan import Resolution, resolve
from services.rules.engine.units import Kind, is_money
from services.rules.rulebook.schemas import (
    CaseShown,
    CitationShown,
    CodeShown,
    ConditionShown,
    DatedValue,
    FactDeclared,
    FactDictionary,
    FactUsed,
    ParameterInForce,
    ParameterSheet,
    Rulebook,
    RuleSheet,
    Words,
)
from services.rules.rulebook.sentences import (
    Sentences,
    resolved_in_words,
    truth_of,
)
from services.rules.vocabulary import Case, read_cases
from shared.problems import NotFound
from shared.values.bilingual import Bilingual
from shared.values.money import format_fen

JOINED = {
    "all_of": (Bilingual("须同时满足：", "All of these hold: "), "；", "; "),
    "any_of": (Bilingual("满足其一即可：", "At least one of these holds: "), "；或", "; or "),
    "value": (Bilingual("按下式计算：", "Computed as: "), "", ""),
}


class Reader:
    """Reads one policy on a date, in a division (None: the values that hold everywhere)."""

    def __init__(
        self, policy: Policy, files: Mapping[str, str], as_of: date, division: str | None
    ) -> None:
        self._policy = policy
        self._as_of = as_of
        self._division = division
        self._cases: dict[str, list[Case]] = defaultdict(list)
        for case in read_cases(policy, files):
            self._cases[case.rule].append(case)
        self._resolutions = {
            subject: resolve(plan, as_of, division) for subject, plan in policy.plans.items()
        }
        self._users: dict[str, list[str]] = defaultdict(list)
        for rule in policy.rules.values():
            for name in _references(rule):
                self._users[name].append(rule.name)

    def rulebook(self, number: int, family: str | None, subject: str | None) -> Rulebook:
        """Return the sheets of the release's rules, or of one family or subject, by subject and name."""
        return Rulebook(
            release=self._policy.release,
            release_number=number,
            as_of=self._as_of,
            division=self._division,
            rules=[
                self._sheet(rule)
                for rule in sorted(self._policy.rules.values(), key=_order)
                if family in (None, rule.family) and subject in (None, rule.subject)
            ],
        )

    def sheet(self, name: str) -> RuleSheet:
        """Return a rule's sheet.

        Raises:
            NotFound: the release has no such rule.

        """
        if (rule := self._policy.rules.get(name)) is None:
            raise NotFound(
                Bilingual(
                    f"该版本没有规则 {name}；请在 /v1/rules 中查看全部规则。",
                    f"The release has no rule {name}; see /v1/rules for all of them.",
                )
            )
        return self._sheet(rule)

    def _sheet(self, rule: Rule) -> RuleSheet:
        resolution = self._resolutions[rule.subject]
        sentences = Sentences(self._policy, rule.subject, resolution.parameters)
        conditions = [
            ConditionShown(
                title=Words.model_validate(part.title),
                sentence=Words.model_validate(truth_of(part.node, sentences.of(part.node))),
                expression=part.text,
            )
            for part in rule.conditions
        ]
        uses = self._policy.plan(rule.subject).uses[rule.name]
        return RuleSheet(
            rule=rule.name,
            family=rule.family,
            subject=rule.subject,
            title=Words.model_validate(rule.title),
            decides=rule.decides,
            combination=rule.combination.value,
            sentence=_whole(rule.combination.value, conditions),
            conditions=conditions,
            citation=_citation(rule.citation),
            in_force_from=rule.start,
            in_force_to=rule.end,
            in_force=rule.in_force(self._as_of),
            parameters=[
                _in_force(parameter, resolution)
                for parameter in self._policy.plan(rule.subject).parameters
                if ("parameter", parameter.name) in uses
            ],
            facts=[
                FactUsed(
                    name=fact.name,
                    title=Words.model_validate(fact.title),
                    unit=fact.unit,
                    stated_by=fact.stated_by,
                    fresh_for=fact.fresh_for,
                )
                for fact in self._policy.plan(rule.subject).facts
                if ("fact", fact.name) in uses
            ],
            refers_to=_references(rule),
            used_by=sorted(self._users[rule.name]),
            cases=[
                CaseShown(title=case.title, as_of=case.as_of, outcome=case.outcome)
                for case in self._cases[rule.name]
            ],
        )


def parameter_sheet(policy: Policy, name: str) -> ParameterSheet:
    """Return a parameter with all its values, by division and date.

    Raises:
        NotFound: the release has no such parameter.

    """
    if (parameter := policy.parameters.get(name)) is None:
        raise NotFound(
            Bilingual(
                f"该版本没有参数 {name}；规则所用参数见 /v1/rules。",
                f"The release has no parameter {name}; /v1/rules shows those that rules use.",
            )
        )
    return ParameterSheet(
        name=name,
        title=Words.model_validate(parameter.title),
        unit=parameter.unit,
        release=policy.release,
        values=[
            DatedValue(
                value=_wire(parameter, value),
                words=Words.model_validate(resolved_in_words(parameter, value)),
                in_force_from=value.start,
                in_force_to=value.end,
                division=value.division,
                citation=_citation(value.citation),
                illustrative=value.illustrative,
            )
            for value in parameter.values
        ],
    )


def fact_dictionary(policy: Policy) -> FactDictionary:
    """Return every fact that the policy declares."""
    return FactDictionary(
        release=policy.release,
        subjects={
            subject: [_declared(fact) for fact in facts.values()]
            for subject, facts in policy.facts.items()
        },
    )


def _declared(fact: Fact) -> FactDeclared:
    type_ = fact.type
    money = is_money(type_.dimension)
    bounded = type_.kind is Kind.INTEGER
    return FactDeclared(
        name=fact.name,
        title=Words.model_validate(fact.title),
        type="money" if money else type_.kind.value,
        unit=fact.unit,
        min=(format_fen(type_.low) if money else type_.low) if bounded else None,
        max=(format_fen(type_.high) if money else type_.high) if bounded else None,
        codes=[
            CodeShown(code=code, title=Words.model_validate(title))
            for code, title in fact.code_titles
        ],
        dated_by=fact.dated_by,
        fresh_for=fact.fresh_for,
        stated_by=fact.stated_by,
        at_least=fact.at_least,
    )


def _in_force(parameter: Parameter, resolution: Resolution) -> ParameterInForce:
    resolved = resolution.parameters[parameter.name]
    return ParameterInForce(
        name=parameter.name,
        title=Words.model_validate(parameter.title),
        unit=parameter.unit,
        value=None if resolved is None else _wire(parameter, resolved),
        words=Words.model_validate(resolved_in_words(parameter, resolved)),
        in_force_from=None if resolved is None else resolved.start,
        in_force_to=None if resolved is None else resolved.end,
        division=None if resolved is None else resolved.division,
        citation=None if resolved is None else _citation(resolved.citation),
        illustrative=resolved is not None and resolved.illustrative,
    )


def _wire(parameter: Parameter, value: ParameterValue) -> str | int | bool | None:
    type_ = parameter.type
    written = wire_value(type_.kind, is_money(type_.dimension), value.value)
    return written if isinstance(written, str | int) else None


def _citation(citation: Citation) -> CitationShown:
    return CitationShown.model_validate(citation)


def _whole(combination: str, conditions: Sequence[ConditionShown]) -> Words:
    """Return a rule as one sentence."""
    begin, zh, en = JOINED[combination]
    return Words(
        zh=begin.zh + zh.join(part.sentence.zh for part in conditions) + "。",
        en=begin.en + en.join(part.sentence.en for part in conditions) + ".",
    )


def _references(rule: Rule) -> list[str]:
    names = (part.name for part in tree.walk(rule.node) if isinstance(part, tree.RuleReference))
    return list(dict.fromkeys(names))


def _order(rule: Rule) -> tuple[str, str, str]:
    return rule.subject, rule.family, rule.name
