"""What holds for any facts: unknown stays unknown, batches answer as single requests do, and changes do turn a rule."""

import asyncio
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import FactValue, Outcome, StatedBy
from services.rules.engine.wording import wire_of
from services.rules.evaluations.batches import evaluate_batch
from services.rules.evaluations.schemas import BatchRequest, EvaluationRequest, Family
from services.rules.evaluations.usecases import evaluate, explain
from services.rules.releases.domain import ReleaseState
from services.rules.releases.shelf import Release
from services.rules.vocabulary import load_policy
from shared.security.access import Caller
from shared.testing.depth import tries
from shared.testing.plugin import PROVINCE
from tests.rules.conftest import VILLAGE
from tests.rules.fakes import FakeRegistry
from tests.rules.policy.rows import AS_OF, Row, presumed, rows

POLICY = load_policy()
SUBJECTS = sorted(POLICY.facts)
INCOMES = ("wages_income", "property_income", "transfer_income")
CALLER = Caller("official", "official", PROVINCE, frozenset())
ASKED = [family.value for family in Family]


@cache
def release() -> Release:
    return Release(UUID(int=1), 1, POLICY.release, ReleaseState.IN_FORCE, None, POLICY)


def wire(subject: str, row: Row) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": wire_of(POLICY.facts[subject][name].type)(fact.value),
            "date": None if fact.date is None else fact.date.isoformat(),
            "recorded_by": fact.recorded_by,
        }
        for name, fact in row.items()
    }


def registered(row: Row) -> Row:
    dictionary = POLICY.facts["household"]
    return {n: one for n, one in row.items() if dictionary[n].stated_by is StatedBy.REGISTRY}


@given(given_rows=st.lists(rows(POLICY, "household"), min_size=1, max_size=6))
@settings(max_examples=tries(12), deadline=None)
def test_a_batch_answers_as_single_evaluations_do(given_rows: list[Row]) -> None:
    registry = FakeRegistry(POLICY)
    ids = [str(UUID(int=number)) for number in range(len(given_rows))]
    for subject_id, row in zip(ids, given_rows, strict=True):
        facts = wire("household", registered(row))
        registry.subjects["household", subject_id] = (VILLAGE, facts)
    subjects = [{"kind": "household", "id": one} for one in ids]

    async def both() -> tuple[bytes, list[Any]]:
        asked = {"as_of": AS_OF, "families": ASKED}
        many = BatchRequest.model_validate({**asked, "subjects": subjects})
        ones = [EvaluationRequest.model_validate({**asked, "subject": one}) for one in subjects]
        singly = [await evaluate(release(), registry, CALLER, one, "zh") for one in ones]
        return await evaluate_batch(release(), registry, CALLER, many), singly

    batch, singly = asyncio.run(both())
    for item, one in zip(orjson.loads(batch)["items"], singly, strict=True):
        outcomes = {answer["rule"]: answer["outcome"] for answer in item["outcomes"]}
        assert outcomes == {rule["rule"]: rule["outcome"] for rule in one["rules"]}
        assert item["figures"] == {figure["rule"]: figure["value"] for figure in one["figures"]}
        for answer, rule in zip(item["outcomes"], one["rules"], strict=True):
            assert answer["missing"] == rule["missing_facts"]
            for state in ("stale", "later", "undated"):
                assert answer[state] == rule[f"{state}_facts"]
            assert answer["reason"]["zh"]


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(40), deadline=None)
def test_an_answer_rests_on_nothing_that_is_missing(subject: str, data: st.DataObject) -> None:
    """However the missing facts turn out, what was met stays met, and what was not met stays so."""
    known = data.draw(rows(POLICY, subject, known=True))
    other = data.draw(rows(POLICY, subject, known=True))
    kept = data.draw(st.sets(st.sampled_from(sorted(known)))) | (presumed(POLICY) & known.keys())
    some = {name: known[name] for name in kept}
    before = explain(POLICY, subject, VILLAGE, wire(subject, some), AS_OF).outcomes
    for whole in (known, {**other, **some}):
        after = explain(POLICY, subject, VILLAGE, wire(subject, whole), AS_OF).outcomes
        for rule, outcome in before.items():
            assert outcome in (Outcome.UNDETERMINED, after[rule])


@given(
    row=rows(POLICY, "household", known=True),
    source=st.sampled_from(INCOMES),
    more=st.integers(0, 10**10),
)
@settings(max_examples=tries(60), deadline=None)
def test_more_income_never_loses_the_line(row: Row, source: str, more: int) -> None:
    amount = row[source].value
    assert isinstance(amount, int)
    richer = {**row, source: row[source]._replace(value=min(amount + more, 10**12))}
    ruleset = POLICY.ruleset("household", AS_OF, VILLAGE)
    before, after = ruleset.judge(row), ruleset.judge(richer)
    for line in ("household.income_line", "household.income_line_with_one_off"):
        if before[line] is Outcome.MET:
            assert after[line] is Outcome.MET


@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
@settings(max_examples=tries(40), deadline=None)
def test_every_change_turns_the_whole_rule_and_none_is_larger_than_need_be(
    subject: str, data: st.DataObject
) -> None:
    row = data.draw(rows(POLICY, subject))
    ruleset = POLICY.ruleset(subject, AS_OF, VILLAGE)
    explanation = ruleset.explain(row)
    opposites = {Outcome.MET: Outcome.NOT_MET, Outcome.NOT_MET: Outcome.MET}
    for rule, outcome in explanation.outcomes.items():
        changes = list(explanation.changes(rule))
        assert len({change.fact.name for change in changes}) == len(changes)
        assert explanation.smallest_change(rule) == (changes[0] if changes else None)
        assert outcome in opposites or not changes
        for fact, current, values in changes:
            for value in values:
                turned = {**row, fact.name: row[fact.name]._replace(value=value)}
                assert ruleset.judge(turned)[rule] is opposites[outcome], (rule, fact.name)
            [*_, last] = values
            if isinstance(last, int) and not isinstance(last, bool):
                assert isinstance(current, int)
                closer = last - 1 if last > current else last + 1
                short = {**row, fact.name: row[fact.name]._replace(value=closer)}
                assert ruleset.judge(short)[rule] is not opposites[outcome], (rule, fact.name)


def test_an_undetermined_rule_has_no_change_and_names_what_it_waits_for() -> None:
    row: Row = {"housing_grade": FactValue("C", date(2020, 9, 1))}
    explanation = POLICY.ruleset("household", AS_OF, VILLAGE).explain(row)
    rendered = explanation.render_rule("household.housing", "zh")
    assert rendered["outcome"] == "undetermined"
    assert rendered["smallest_change"] is None
    assert rendered["missing_facts"] == ["only_home"]
