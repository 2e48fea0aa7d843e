"""What differs between two policies, condition by condition and value by value: pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

from services.rules.engine import Fact, Parameter, ParameterValue, Policy, Rule
from services.rules.engine.declarations import SOURCES, Citation, StatedBy
from services.rules.engine.units import unit_in_words
from services.rules.rulebook.schemas import Difference
from services.rules.rulebook.sentences import Sentences, resolved_in_words
from shared.values.bilingual import Bilingual

Declared = TypeVar("Declared", Rule, Parameter, Fact)
Values = Mapping[tuple[str, date], ParameterValue]

_COMBINATIONS = {
    "all_of": Bilingual("同时满足", "all of the conditions"),
    "any_of": Bilingual("满足其一", "any of the conditions"),
    "value": Bilingual("数额", "a figure"),
}
_OPEN = Bilingual("至今", "open")


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Return every difference: rules by name with their conditions, parameters with their values, facts."""
    return [
        *_rules(before, after),
        *_parameters(before.parameters, after.parameters),
        *(
            found
            for subject in sorted(before.facts.keys() | after.facts.keys())
            for found in _facts(before.facts.get(subject, {}), after.facts.get(subject, {}))
        ),
    ]


def _rules(before: Policy, after: Policy) -> Iterator[Difference]:
    for name, old, new in _pairs(before.rules, after.rules):
        yield from _declared("rule", name, old, new, _RULE_PARTS)
        yield from _conditions(name, _lines(before, old), _lines(after, new))


class _Line(NamedTuple):
    """A condition as it reads: its title, its expression on one line, both in words."""

    title: Bilingual
    text: str
    words: Bilingual


def _lines(policy: Policy, rule: Rule | None) -> list[_Line]:
    if rule is None:
        return []
    sentences = Sentences(policy, rule.subject, {})
    result = []
    for part in rule.conditions:
        text, words = " ".join(part.text.split()), sentences.of(part.node)
        result.append(
            _Line(part.title, text, Bilingual(f"{words.zh}〔{text}〕", f"{words.en} [{text}]"))
        )
    return result


def _conditions(name: str, old: list[_Line], new: list[_Line]) -> Iterator[Difference]:
    """Match conditions by title, in their order; one that keeps its title and changes is a change."""
    matcher = SequenceMatcher(
        a=[line.title for line in old], b=[line.title for line in new], autojunk=False
    )
    for tag, first, past, begin, end in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(old[first:past], new[begin:end], strict=True):
                if one.text != other.text:
                    yield _difference(
                        "condition", name, one.title.en, one.title, one.words, other.words
                    )
            continue
        for line in old[first:past]:
            yield _difference("condition", name, line.title.en, line.title, line.words, None)
        for line in new[begin:end]:
            yield _difference("condition", name, line.title.en, line.title, None, line.words)


def _parameters(
    before: Mapping[str, Parameter], after: Mapping[str, Parameter]
) -> Iterator[Difference]:
    for name, old, new in _pairs(before, after):
        yield from _declared("parameter", name, old, new, _PARAMETER_PARTS)
        yield from _values(name, old, new)


def _values(name: str, old: Parameter | None, new: Parameter | None) -> Iterator[Difference]:
    whole = new or old
    assert whole is not None  # noqa: S101 - one of the two declares it
    values = [_by_start(old), _by_start(new)]
    for division, start in sorted(values[0].keys() | values[1].keys()):
        one, other = (part.get((division, start)) for part in values)
        place = f" in {division}" if division else ""
        sides = [
            None if value is None or parameter is None else _value(parameter, value)
            for parameter, value in ((old, one), (new, other))
        ]
        yield from _changed(
            "value", name, f"value from {start}{place}", whole.title, sides[0], sides[1]
        )


def _by_start(parameter: Parameter | None) -> Values:
    values = () if parameter is None else parameter.values
    return {(value.division or "", value.start): value for value in values}


def _value(parameter: Parameter, value: ParameterValue) -> Bilingual:
    words = resolved_in_words(parameter, value)
    end = _OPEN if value.end is None else Bilingual(f"至 {value.end}", f"to {value.end}")
    cited = f"{value.citation.document} {value.citation.article}"
    mark = Bilingual("，示例", ", illustrative") if value.illustrative else Bilingual("", "")
    return Bilingual(
        f"{words.zh}（{end.zh}，{cited}{mark.zh}）", f"{words.en} ({end.en}, {cited}{mark.en})"
    )


def _facts(before: Mapping[str, Fact], after: Mapping[str, Fact]) -> Iterator[Difference]:
    for name, old, new in _pairs(before, after):
        yield from _declared("fact", name, old, new, _FACT_PARTS)
        if old is not None and new is not None and _codes(old) == _codes(new):
            # Codes that keep their titles differ only as they are written.
            written = [_same(", ".join(fact.type.codes)) for fact in (old, new)]
            yield from _changed("fact", name, "codes as written", new.title, *written)


def _pairs(
    before: Mapping[str, Declared], after: Mapping[str, Declared]
) -> Iterator[tuple[str, Declared | None, Declared | None]]:
    for name in sorted(before.keys() | after.keys()):
        yield name, before.get(name), after.get(name)


def _declared(
    kind: str,
    name: str,
    old: Declared | None,
    new: Declared | None,
    parts: Mapping[str, Callable[[Declared], Bilingual]],
) -> Iterator[Difference]:
    """What of a declaration differs, or that it appears or goes."""
    if old is not None and new is not None:
        for what, words in parts.items():
            yield from _changed(kind, name, what, new.title, words(old), words(new))
    elif new is not None:
        yield _difference(kind, name, kind, new.title, None, new.title)
    elif old is not None:
        yield _difference(kind, name, kind, old.title, old.title, None)


def _changed(
    kind: str,
    name: str,
    what: str,
    title: Bilingual,
    before: Bilingual | None,
    after: Bilingual | None,
) -> Iterator[Difference]:
    if before != after:
        yield _difference(kind, name, what, title, before, after)


def _difference(
    kind: str,
    name: str,
    what: str,
    title: Bilingual,
    before: Bilingual | None,
    after: Bilingual | None,
) -> Difference:
    return Difference.model_validate(
        {"kind": kind, "name": name, "what": what, "title": title, "before": before, "after": after}
    )


def _same(text: object) -> Bilingual:
    return Bilingual(str(text), str(text))


def _cited(citation: Citation) -> Bilingual:
    place, source = f"{citation.document} {citation.article}", SOURCES[citation.source]
    return Bilingual(f"{place}（{source.zh}）", f"{place} ({source.en})")


def _codes(fact: Fact) -> Bilingual:
    titles = [title for _, title in fact.code_titles]
    return Bilingual(
        "、".join(title.zh for title in titles), ", ".join(title.en for title in titles)
    )


def _until(end: date | None) -> Bilingual:
    return _OPEN if end is None else _same(end)


_STATED_BY = {
    StatedBy.REGISTRY: Bilingual("登记", "the registry"),
    StatedBy.ASKER: Bilingual("申请判定的一方", "whoever asks"),
}
_AT_LEAST = {
    False: Bilingual("确切人数", "exactly"),
    True: Bilingual("已知人数", "those who are known"),
}
_RULE_PARTS: Mapping[str, Callable[[Rule], Bilingual]] = {
    "title": lambda rule: rule.title,
    "citation": lambda rule: _cited(rule.citation),
    "in force from": lambda rule: _same(rule.start),
    "in force to": lambda rule: _until(rule.end),
    "combination": lambda rule: _COMBINATIONS[rule.combination.value],
}
_PARAMETER_PARTS: Mapping[str, Callable[[Parameter], Bilingual]] = {
    "title": lambda parameter: parameter.title,
    "unit": lambda parameter: unit_in_words(parameter.unit),
}
_FACT_PARTS: Mapping[str, Callable[[Fact], Bilingual]] = {
    "title": lambda fact: fact.title,
    "unit": lambda fact: unit_in_words(fact.unit),
    "range": lambda fact: _same(f"{fact.type.low} – {fact.type.high}"),
    "codes": _codes,
    "dated by": lambda fact: _same(fact.dated_by or "–"),
    "fresh for": lambda fact: _same(fact.fresh_for or "–"),
    "stated by": lambda fact: _STATED_BY[fact.stated_by],
    "counts": lambda fact: _AT_LEAST[fact.at_least],
}
