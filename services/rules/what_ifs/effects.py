"""What of a what-if changes nothing, and why: pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.rules.engine import Policy
from services.rules.engine.declarations import Parameter, ParameterValue
from services.rules.what_ifs.domain import VILLAGE, ChangedFacts, Cohort
from shared.values.bilingual import Bilingual


class NoEffect(StrEnum):
    """没有改动 nothing_changed, 晚于判定日 begins_after, 与现行相同 equal, 无对象适用 no_subject, 未用到 not_used."""

    NOTHING_CHANGED = "nothing_changed"
    BEGINS_AFTER = "begins_after"
    EQUAL = "equal"
    NO_SUBJECT = "no_subject"
    NOT_USED = "not_used"


WORDS: Mapping[NoEffect, Bilingual] = {
    NoEffect.NOTHING_CHANGED: Bilingual(
        "没有提出任何改动；请在 changes 中写明要假设的事实、参数或规则。",
        "Nothing is supposed to be different; put facts, parameters or rules into changes.",
    ),
    NoEffect.BEGINS_AFTER: Bilingual(
        "{name} 的改动自判定日以后才生效，对这一天没有影响；请改用更晚的 as_of 或更早的起始日期。",
        "The change of {name} begins after the day judged and has no effect on it; ask as of a later "
        "day, or let it begin earlier.",
    ),
    NoEffect.EQUAL: Bilingual(
        "{name} 与现有的相同，没有改变什么。",
        "{name} is what it is already, so it changes nothing.",
    ),
    NoEffect.NO_SUBJECT: Bilingual(
        "所判定的对象都不适用 {name} 的改动；请核对其区划。",
        "The change of {name} applies to nobody who was judged; check its division.",
    ),
    NoEffect.NOT_USED: Bilingual(
        "所判定的规则都用不到 {name}；请在 rules 或 families 中加上用到它的规则。",
        "None of the rules judged uses {name}; add to rules or families one that does.",
    ),
}


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A change without effect: where it is written, its name, and why."""

    pointer: str
    name: str
    why: NoEffect

    @property
    def words(self) -> Bilingual:
        said = WORDS[self.why]
        return Bilingual(said.zh.format(name=self.name), said.en.format(name=self.name))


@dataclass(frozen=True, slots=True)
class Supposed:
    """All that a what-if writes: names of parameters and rules, and facts."""

    parameters: Collection[str]
    rules: Collection[str]
    facts: ChangedFacts


def without_effect(
    policies: tuple[Policy, Policy],
    supposed: Supposed,
    cohorts: Collection[Cohort],
    wanted: Collection[str] | None,
    as_of: date,
) -> list[Unchanged]:
    """Return the changes that cannot have made any answer another."""
    if not (supposed.parameters or supposed.rules or supposed.facts):
        return [Unchanged("/changes", "changes", NoEffect.NOTHING_CHANGED)]
    used = _used(policies, cohorts, wanted)
    places = {code for cohort in cohorts for code in cohort.before[VILLAGE].unique()}
    return [
        *_parameters(policies, supposed.parameters, used, places, as_of),
        *_rules(policies, supposed.rules, used, as_of),
        *_facts(supposed.facts, cohorts, used, as_of),
    ]


def _parameters(
    policies: tuple[Policy, Policy],
    names: Collection[str],
    used: Collection[str],
    places: Collection[str],
    as_of: date,
) -> Iterator[Unchanged]:
    for name in names:
        before, after = (policy.parameters.get(name) for policy in policies)
        why = _why_not(before, after, places, as_of)
        if why is None and name not in used:
            why = NoEffect.NOT_USED
        if why is not None:
            yield Unchanged(f"/changes/reform/parameters/{name}", name, why)


def _why_not(
    before: Parameter | None, after: Parameter | None, places: Collection[str], as_of: date
) -> NoEffect | None:
    if before is None or after is None:
        return None
    written = {_figure(value): value for value in after.values}
    changed = [written[key] for key in written.keys() - set(map(_figure, before.values))]
    if not changed and len(written) == len(before.values):
        return NoEffect.EQUAL
    if any(_value(before, as_of, place) != _value(after, as_of, place) for place in places):
        return None
    if changed and all(value.start > as_of for value in changed):
        return NoEffect.BEGINS_AFTER
    divisions = {value.division for value in changed}
    if any(_value(before, as_of, one) != _value(after, as_of, one) for one in divisions):
        return NoEffect.NO_SUBJECT
    return NoEffect.EQUAL


def _figure(value: ParameterValue) -> tuple[object, ...]:
    return value.value, value.start, value.end, value.division


def _value(parameter: Parameter, as_of: date, place: str | None) -> object:
    found = parameter.at(as_of, place)
    return None if found is None else found.value


def _rules(
    policies: tuple[Policy, Policy], names: Collection[str], used: Collection[str], as_of: date
) -> Iterator[Unchanged]:
    for name in names:
        versions = [policy.rules[name] for policy in policies if name in policy.rules]
        why = None
        if len({tuple(part.text for part in one.conditions) for one in versions}) == 1 and (
            len(versions) == 2
            and len({(one.start, one.end, one.combination) for one in versions}) == 1
        ):
            why = NoEffect.EQUAL
        elif not any(one.in_force(as_of) for one in versions):
            why = NoEffect.BEGINS_AFTER
        elif name not in used:
            why = NoEffect.NOT_USED
        if why is not None:
            yield Unchanged(f"/changes/reform/rules/{name}", name, why)


def _facts(
    facts: ChangedFacts, cohorts: Collection[Cohort], used: Collection[str], as_of: date
) -> Iterator[Unchanged]:
    for name, fact in facts.items():
        why = None
        if fact is not None and fact.date is not None and fact.date > as_of:
            why = NoEffect.BEGINS_AFTER
        elif name not in used:
            why = NoEffect.NOT_USED
        elif not sum(cohort.before.height for cohort in cohorts):
            why = NoEffect.NO_SUBJECT
        elif all(name in cohort.same for cohort in cohorts):
            why = NoEffect.EQUAL
        if why is not None:
            yield Unchanged(f"/changes/facts/{name}", name, why)


def _used(
    policies: tuple[Policy, Policy], cohorts: Collection[Cohort], wanted: Collection[str] | None
) -> set[str]:
    """Return the facts, parameters and rules that the rules judged rest on, before or after."""
    names: set[str] = set()
    for policy in policies:
        for cohort in cohorts:
            plan = policy.plan(cohort.kind)
            judged = [rule for rule in plan.deciding if wanted is None or rule in wanted]
            narrow = plan.narrowed(judged)
            for group in (narrow.facts, narrow.parameters, narrow.rules):
                names |= {one.name for one in group}
    return names
