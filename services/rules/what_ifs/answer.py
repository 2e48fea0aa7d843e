"""From judgements before and after to what is answered: counts, flips, and where they are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from services.rules.engine import OUTCOMES, Policy
from services.rules.engine.flips import flip_counts
from services.rules.evaluations.schemas import Counts, DivisionNamed
from services.rules.judging.tallies import Tallies, tally, total
from services.rules.releases.shelf import Release
from services.rules.subjects import PROVINCE
from services.rules.what_ifs.domain import KEY, VILLAGE, Cohort, flipped_subjects, rules_of
from services.rules.what_ifs.effects import Unchanged
from services.rules.what_ifs.schemas import (
    ChangeWithoutEffect,
    ChildImpact,
    Explained,
    NotJudged,
    RuleImpact,
    SupposedFlip,
    SupposedFlipCount,
    TitledRuleImpact,
    WhatIf,
    WhatIfRequest,
)
from services.rules.what_ifs.variants import Variant
from services.rules.words import in_two_languages
from shared.divisions import DivisionName
from shared.values.divisions import digits_below


@dataclass
class Compared:
    """Everybody judged twice; ``division`` and its children for a whole division."""

    cohorts: list[Cohort]
    division: str | None = None
    children: Sequence[DivisionName] = ()
    not_judged: list[NotJudged] = field(default_factory=list)
    explained: Explained | None = None
    without_effect: Sequence[Unchanged] = ()


class _Counted:
    """A cohort counted by the divisions directly below one."""

    def __init__(self, cohort: Cohort, division: str) -> None:
        self.before = tally(cohort.before, rules_of(cohort.before), division)
        self.after = tally(cohort.after, rules_of(cohort.after), division)
        self.rules = list(dict.fromkeys([*rules_of(cohort.before), *rules_of(cohort.after)]))
        self._added = set(self.rules) - set(rules_of(cohort.before))
        self._removed = set(self.rules) - set(rules_of(cohort.after))
        self._flips: dict[tuple[str | None, str], Counter[tuple[bool | None, bool | None]]] = (
            defaultdict(Counter)
        )
        for row in flip_counts(cohort.flips, digits_below(division)).iter_rows(named=True):
            for place in (None, row["division"]):
                flip = row["before"], row["after"]
                self._flips[place, row["rule"]][flip] += row["subjects"]

    def impact(self, rule: str, division: str | None) -> RuleImpact:
        """What becomes of a rule in one of the divisions, or in all of them."""
        return RuleImpact(
            rule=rule,
            before=None if rule in self._added else _counts(self.before, rule, division),
            after=None if rule in self._removed else _counts(self.after, rule, division),
            flips=[
                SupposedFlipCount(before=OUTCOMES[before], after=OUTCOMES[after], subjects=subjects)
                for (before, after), subjects in self._flips[division, rule].items()
            ],
        )


def answer(base: Release, variant: Variant, compared: Compared, asked: WhatIfRequest) -> WhatIf:
    """Return what is answered to a what-if."""
    division = compared.division or PROVINCE
    counted = [_Counted(cohort, division) for cohort in compared.cohorts]
    digits = digits_below(division)
    flipped = flipped_subjects([cohort.flips for cohort in compared.cohorts], digits)
    flips = [flip for cohort in compared.cohorts for flip in _listed(cohort, asked.limit)]
    total = sum(cohort.flips.height for cohort in compared.cohorts)
    return WhatIf(
        as_of=asked.as_of,
        release_id=base.id,
        release=base.digest,
        variant=variant.policy.release,
        title=variant.title,
        subjects=sum(cohort.before.height for cohort in compared.cohorts),
        flipped=sum(flipped.values()),
        rules=[
            _titled(one.impact(rule, None), base.policy, variant.policy)
            for one in counted
            for rule in one.rules
        ],
        children=[
            _child(child, compared.cohorts, counted, flipped, digits) for child in compared.children
        ],
        flips=flips[: asked.limit],
        truncated=total > asked.limit,
        not_judged=compared.not_judged,
        without_effect=[
            ChangeWithoutEffect(
                pointer=one.pointer,
                name=one.name,
                code=one.why,
                detail=in_two_languages(one.words),
            )
            for one in compared.without_effect
        ],
        explained=compared.explained,
    )


def _child(
    child: DivisionName,
    cohorts: Sequence[Cohort],
    counted: Sequence[_Counted],
    flipped: dict[str, int],
    digits: int,
) -> ChildImpact:
    code = child["code"]
    inside = pl.col(VILLAGE).str.starts_with(code[:digits])
    return ChildImpact(
        division=DivisionNamed(code=code, name=child["name"], level=child["level"]),
        subjects=sum(cohort.before.filter(inside).height for cohort in cohorts),
        flipped=flipped.get(code, 0),
        rules=[one.impact(rule, code) for one in counted for rule in one.rules],
    )


def _listed(cohort: Cohort, limit: int) -> list[SupposedFlip]:
    rows = cohort.flips.sort(VILLAGE, KEY, "rule").head(limit)
    return [
        SupposedFlip(
            kind=cohort.kind,
            id=row[KEY],
            village_code=row[VILLAGE],
            rule=row["rule"],
            before=OUTCOMES[row["before"]],
            after=OUTCOMES[row["after"]],
        )
        for row in rows.iter_rows(named=True)
    ]


def _titled(impact: RuleImpact, base: Policy, variant: Policy) -> TitledRuleImpact:
    title = (variant.rules.get(impact.rule) or base.rules[impact.rule]).title
    return TitledRuleImpact(
        rule=impact.rule,
        before=impact.before,
        after=impact.after,
        flips=impact.flips,
        title=in_two_languages(title),
    )


def _counts(tallies: Tallies, rule: str, division: str | None) -> Counts:
    found = tallies if division is None else {division: tallies.get(division, {})}
    return Counts.of(total(found, rule))
