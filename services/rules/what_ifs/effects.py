"""What of a what-if changes nothing, and why: pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.rules.effects import (
    NoEffect,
    effect_missed_by_parameter,
    effect_missed_by_rule,
    names_used,
)
from services.rules.engine import Policy
from services.rules.what_ifs.domain import VILLAGE, ChangedFacts, Cohort
from shared.values.bilingual import Bilingual

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
    used = names_used(
        (policy.plan(cohort.kind), wanted) for policy in policies for cohort in cohorts
    )
    places = {code for cohort in cohorts for code in cohort.before[VILLAGE].unique()}
    return [
        *_of_policy(policies, supposed, used, places, as_of),
        *_facts(supposed.facts, cohorts, used, as_of),
    ]


def _of_policy(
    policies: tuple[Policy, Policy],
    supposed: Supposed,
    used: Collection[str],
    places: Collection[str],
    as_of: date,
) -> Iterator[Unchanged]:
    for name in supposed.parameters:
        why = effect_missed_by_parameter(policies, name, used, places, as_of)
        if why is not None:
            yield Unchanged(f"/changes/reform/parameters/{name}", name, why)
    for name in supposed.rules:
        why = effect_missed_by_rule(policies, name, used, as_of)
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
