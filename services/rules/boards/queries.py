"""The board: a division judged in columns."""

from datetime import date
from typing import Any

import polars as pl

from services.rules.boards.schemas import (
    Board,
    ChildBoard,
    Reason,
    UnclearedSubject,
)
from services.rules.clients.registry import RegistryClient
from services.rules.engine import OUTCOMES, Outcome, Policy
from services.rules.engine.tree import RuleReference
from services.rules.evaluations.divisions import cleared, division_counts, division_outcomes
from services.rules.evaluations.reasons import rule_outcome
from services.rules.evaluations.schemas import Counts, DivisionNamed, RuleTotal
from services.rules.judging.columns import JudgedColumns, facts_of_row
from services.rules.judging.kept import DivisionJudge
from services.rules.judging.tallies import Tallies, Tally, tally, total, weak_villages
from services.rules.subjects import ID_COLUMN, KINDS, WHOLE, SubjectKind
from shared.divisions import DivisionName, no_division
from shared.problems import InvalidRequest, NotFound
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel, level
from shared.web.pages import Page, PageRequest

FAMILY = "zero_out"
SHOWN_REASONS = 3


async def read_board(judging: DivisionJudge, division: str, as_of: date) -> Board:
    """Judge every household and village of a division and count, for it and each child.

    Raises:
        NotFound: there is no such division.

    """
    policy, registry = judging.policy, judging.registry
    named = await _division(registry, division)
    rules = {kind: _zero_out_rules(policy, kind) for kind in KINDS}
    # Villages are few, and which of them are relatively weak is counted although no rule asks.
    asked = {"household": rules["household"], "village": None}
    judged = {
        kind: (await judging.division(kind, division, as_of, asked[kind]))[0] for kind in KINDS
    }
    tallies = {kind: tally(judged[kind].outcomes, rules[kind], division) for kind in KINDS}
    weak = weak_villages(judged["village"].facts, judged["village"].outcomes)
    children = [] if level(division) is DivisionLevel.VILLAGE else await registry.children(division)
    figures = await registry.division_figures(division, as_of)
    households, villages = (total(tallies[kind], WHOLE[kind]) for kind in KINDS)
    whole = division_counts(households, villages, weak) | figures["facts"]
    return Board(
        division=DivisionNamed.model_validate(named),
        as_of=as_of,
        release=policy.release,
        households=judged["household"].outcomes.height,
        villages=judged["village"].outcomes.height,
        outcomes=division_outcomes(policy, division, whole, as_of),
        criteria=[
            RuleTotal.of(policy, kind, rule, total(tallies[kind], rule))
            for kind in KINDS
            for rule in rules[kind]
        ],
        children=[_child(policy, child, tallies, rules, as_of) for child in children],
    )


async def list_uncleared(
    judging: DivisionJudge,
    division: str,
    as_of: date,
    kind: SubjectKind,
    rule: str | None,
    wanted: list[Outcome],
    asked: PageRequest,
) -> Page[UnclearedSubject]:
    """Return a page of the subjects with the wanted outcomes of a rule, with their first reasons.

    Raises:
        InvalidRequest: the rule does not judge such subjects.

    """
    policy = judging.policy
    chosen, rules = rule or WHOLE[kind], policy.plan(kind).deciding
    if chosen not in rules:
        detail = Bilingual(
            f"规则 {chosen} 不判定此类对象；可用：{'、'.join(rules)}。",
            f"Rule {chosen} does not judge these; use one of {', '.join(rules)}.",
        )
        raise InvalidRequest(detail, errors=[("rule", "unknown-rule", detail)])
    # What was chosen is the reason itself; the whole zero-out is explained by its criteria.
    explained = _criteria(policy, kind) if chosen == WHOLE[kind] else [chosen]
    subject_id = ID_COLUMN[kind]
    order = f"judged,village_code,{subject_id}"
    feed_end, *last = asked.position(order) or (None,)
    judged, feed_end = await judging.division(kind, division, as_of, [chosen, *explained], feed_end)
    rows = _with_outcomes(judged, chosen, wanted)
    count = rows.height if asked.count else None
    if last:
        village, subject = last
        rows = rows.filter(
            (pl.col("village_code") > village)
            | ((pl.col("village_code") == village) & (pl.col(subject_id) > subject))
        )
    page = rows.sort("village_code", subject_id).head(asked.limit + 1).to_dicts()
    items = [
        UnclearedSubject(
            kind=kind,
            id=row[subject_id],
            village_code=row["village_code"],
            outcome=OUTCOMES[row[f"{chosen}:outcome"]],
            reasons=_reasons(policy, kind, row, as_of, explained),
        )
        for row in page[: asked.limit]
    ]
    cursor = None
    if len(page) > asked.limit:
        last_row = page[asked.limit - 1]
        cursor = asked.next_cursor(
            order, [feed_end, last_row["village_code"], last_row[subject_id]]
        )
    return Page(items=items, next=cursor, total=count)


def _with_outcomes(judged: JudgedColumns, rule: str, wanted: list[Outcome]) -> pl.DataFrame:
    """Return the facts of whom a rule gives one of the wanted outcomes, and ``RULE:outcome``."""
    truths = {outcome: truth for truth, outcome in OUTCOMES.items()}
    matching = pl.any_horizontal(
        pl.col(f"{rule}:outcome").eq_missing(truths[outcome]) for outcome in wanted
    )
    outcomes = judged.outcomes.select(pl.col(rule).alias(f"{rule}:outcome"))
    return pl.concat([judged.facts, outcomes], how="horizontal").filter(matching)


def _reasons(
    policy: Policy, kind: SubjectKind, row: dict[str, Any], as_of: date, explained: list[str]
) -> list[Reason]:
    facts = facts_of_row(policy, kind, row)
    explanation = policy.ruleset(kind, as_of, row["village_code"]).explain(facts)
    unmet = [rule for rule in explained if explanation.outcomes[rule] is not Outcome.MET]
    return [
        Reason.model_validate(rule_outcome(explanation, rule)) for rule in unmet[:SHOWN_REASONS]
    ]


def _criteria(policy: Policy, kind: SubjectKind) -> list[str]:
    """Return the rules that the zero-out of a household or village is made of."""
    return [
        condition.node.name
        for condition in policy.rules[WHOLE[kind]].conditions
        if isinstance(condition.node, RuleReference)
    ]


async def _division(registry: RegistryClient, code: str) -> DivisionName:
    named = await registry.division(code)
    if named is None:
        raise NotFound(no_division(code))
    return named


def _zero_out_rules(policy: Policy, kind: str) -> list[str]:
    return [name for name in policy.plan(kind).deciding if policy.rules[name].family == FAMILY]


def _child(
    policy: Policy,
    child: DivisionName,
    tallies: dict[SubjectKind, Tallies],
    rules: dict[SubjectKind, list[str]],
    as_of: date,
) -> ChildBoard:
    counts = {
        rule: tallies[kind].get(child["code"], {}).get(rule, Tally())
        for kind in KINDS
        for rule in rules[kind]
    }
    households, villages = counts[WHOLE["household"]], counts[WHOLE["village"]]
    return ChildBoard(
        division=DivisionNamed.model_validate(child),
        households=households.size,
        villages=villages.size,
        cleared=cleared(policy, child["code"], households, villages, as_of),
        counts={rule: Counts.of(tally) for rule, tally in counts.items()},
    )
