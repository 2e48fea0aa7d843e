"""Reads `*.cases.yaml`: what a rule must answer for given facts, and which facts an undetermined answer must name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.rules.engine import EngineError, FactValue, Outcome, Place, Policy
from services.rules.engine.facts import read_value
from services.rules.vocabulary.errors import DeclarationError
from services.rules.vocabulary.policy import CASES
from services.rules.vocabulary.yaml_reader import Entry, SourceFile, read_yaml
from services.rules.vocabulary.yaml_reader import Mapping as YamlMapping

_KEYS = (
    *("title", "as_of", "division", "facts", "without", "outcome"),
    *("missing", "stale", "later", "undated"),
)
_UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `missing` names facts, parameters and rules; `stale`, `later` and `undated` those of the facts that are recorded."""

    rule: str
    title: str
    as_of: date
    division: str | None
    facts: Mapping[str, FactValue]
    outcome: Outcome
    missing: frozenset[str]
    stale: frozenset[str]
    later: frozenset[str]
    undated: frozenset[str]
    place: Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy answers to a case."""

    outcome: Outcome
    missing: frozenset[str]
    stale: frozenset[str]
    later: frozenset[str]
    undated: frozenset[str]


def read_cases(policy: Policy, files: Mapping[str, str]) -> list[Case]:
    """All cases of a policy's files. Raises a PolicyError."""
    return [
        case
        for name, text in sorted(files.items())
        if name.endswith(CASES)
        for case in _cases(policy, SourceFile(name, text))
    ]


def require_cases(policy: Policy, cases: list[Case]) -> None:
    """Raises a DeclarationError unless every deciding rule has a case for each outcome."""
    for missing in missing_cases(policy, cases):
        raise missing


def missing_cases(policy: Policy, cases: list[Case]) -> Iterator[DeclarationError]:
    """What require_cases raises, for every outcome of every deciding rule that has no case."""
    seen = {(case.rule, case.outcome) for case in cases}
    for rule in policy.rules.values():
        for outcome in Outcome:
            if rule.decides and (rule.name, outcome) not in seen:
                yield DeclarationError(
                    "rule-without-cases", rule.place, name=rule.name, outcome=outcome.value
                )


def run(policy: Policy, case: Case) -> Answer:
    """What the policy answers; equal to `expected_answer` when the case passes."""
    subject = policy.rules[case.rule].subject
    ruleset = policy.ruleset(subject, case.as_of, case.division)
    explanation = ruleset.explain(case.facts)
    return Answer(
        ruleset.judge(case.facts)[case.rule],
        frozenset(need.name for need in explanation.missing(case.rule)),
        frozenset(explanation.stale(case.rule)),
        frozenset(explanation.later(case.rule)),
        frozenset(explanation.undated(case.rule)),
    )


def expected_answer(case: Case) -> Answer:
    """What the case says that the policy must answer."""
    return Answer(case.outcome, case.missing, case.stale, case.later, case.undated)


def _cases(policy: Policy, file: SourceFile) -> Iterator[Case]:
    mapping = read_yaml(file).mapping()
    mapping.only("rule", "as_of", "given", "cases")
    name = mapping["rule"]
    rule = policy.rules.get(name.rule_name())
    if rule is None or not rule.decides:
        raise DeclarationError(
            "case-refused",
            name.place,
            reason_zh=f"没有判定规则 {name.scalar}",
            reason_en=f"there is no deciding rule {name.scalar}",
        )
    as_of, given = mapping["as_of"].day(), mapping.get("given")
    for item in mapping["cases"].items():
        yield _case(policy, rule.subject, rule.name, as_of, given, item.mapping())


def _case(
    policy: Policy, subject: str, rule: str, as_of: date, given: Entry | None, mapping: YamlMapping
) -> Case:
    mapping.only(*_KEYS)
    own_date, division, own = mapping.get("as_of"), mapping.get("division"), mapping.get("facts")
    day = as_of if own_date is None else own_date.day()
    facts: dict[str, FactValue] = {}
    for part in (given, own):
        if part is not None:
            facts.update(_facts(policy, subject, day, part.mapping()))
    for name in _names(mapping, "without"):
        if name not in facts:
            raise DeclarationError(
                "case-refused",
                mapping["without"].place,
                reason_zh=f"without 里的 {name} 本来就没有给出",
                reason_en=f"{name} in without is not given in the first place",
            )
        del facts[name]
    return Case(
        rule,
        mapping["title"].text(),
        day,
        None if division is None else division.text(),
        facts,
        Outcome(mapping["outcome"].choice(tuple(outcome.value for outcome in Outcome))),
        _names(mapping, "missing"),
        _names(mapping, "stale"),
        _names(mapping, "later"),
        _names(mapping, "undated"),
        mapping.entry.place,
    )


def _facts(
    policy: Policy, subject: str, as_of: date, mapping: YamlMapping
) -> Iterator[tuple[str, FactValue]]:
    """A plain value holds on the case's own date; `{value: …, date: …}` says when, `date: undated` that nobody knows."""
    for name, entry in mapping.items():
        fact = policy.facts[subject].get(name)
        if fact is None:
            raise DeclarationError(
                "case-refused",
                entry.place,
                reason_zh=f"事实字典中没有 {name}",
                reason_en=f"the dictionary has no fact {name}",
            )
        value: Entry = entry
        day: date | None = as_of
        if entry.is_mapping:
            dated = entry.mapping()
            dated.only("value", "date")
            value, given = dated["value"], dated["date"]
            day = None if given.scalar == _UNDATED else given.day()
        try:
            yield name, FactValue(read_value(fact, value.plain()), day)
        except EngineError as error:
            raise DeclarationError(
                "case-refused",
                entry.place,
                reason_zh=error.message("zh"),
                reason_en=error.message("en"),
            ) from None


def _names(mapping: YamlMapping, key: str) -> frozenset[str]:
    entry = mapping.get(key)
    return frozenset() if entry is None else frozenset(item.text() for item in entry.items())
