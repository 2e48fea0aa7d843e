"""A judgement kept as JSON and computed again by the policy compiled anew is the same judgement."""

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.determinations.domain import Judgement, differing_rules, judgement_of
from services.rules.engine import FactValue, Policy
from services.rules.engine.facts import wire_value
from services.rules.engine.units import is_money
from services.rules.vocabulary import load_policy
from shared.testing.depth import tries
from tests.rules.policy.rows import AS_OF, DIVISION, Row, rows

POLICY, ANEW = load_policy(), load_policy()
KINDS = ("household", "village")


def judged(policy: Policy, kind: str, facts: dict[str, dict[str, Any]]) -> Judgement:
    read = policy.read_facts(kind, facts)
    explanation = policy.ruleset(kind, AS_OF, DIVISION).explain(read)
    return judgement_of(policy.plan(kind), explanation)


def wire(kind: str, row: Row) -> dict[str, dict[str, Any]]:
    return {name: _wire(kind, name, fact) for name, fact in row.items()}


def _wire(kind: str, name: str, fact: FactValue) -> dict[str, Any]:
    type_ = POLICY.facts[kind][name].type
    value = wire_value(type_.kind, is_money(type_.dimension), fact.value)
    return {"value": value, "date": fact.date, "recorded_by": fact.recorded_by}


@given(data=st.data(), kind=st.sampled_from(KINDS))
@settings(max_examples=tries(25), deadline=None)
def test_a_replay_equals_what_is_stored(data: st.DataObject, kind: str) -> None:
    facts = wire(kind, data.draw(rows(POLICY, kind)))
    found = judged(POLICY, kind, facts)
    kept = orjson.loads(orjson.dumps({"facts": facts, "outcomes": dict(found.outcomes)}))
    replayed = judged(ANEW, kind, kept["facts"])
    assert replayed == found
    assert differing_rules(found, replayed) == []
    assert kept["outcomes"] == replayed.outcomes


@given(data=st.data(), kind=st.sampled_from(KINDS))
@settings(max_examples=tries(15), deadline=None)
def test_any_other_outcome_is_named(data: st.DataObject, kind: str) -> None:
    found = judged(POLICY, kind, wire(kind, data.draw(rows(POLICY, kind))))
    rule = data.draw(st.sampled_from(sorted(found.outcomes)))
    others = {"met", "not_met", "undetermined"} - {found.outcomes[rule]}
    other = data.draw(st.sampled_from(sorted(others)))
    tampered = replace(found, outcomes={**found.outcomes, rule: other})
    assert differing_rules(tampered, found) == [rule]
    gone = replace(found, outcomes={k: v for k, v in found.outcomes.items() if k != rule})
    assert differing_rules(gone, found) == [rule]


def test_masks_whose_bits_mean_something_else_are_not_compared() -> None:
    found = judged(POLICY, "household", {})
    other = replace(found, needs_digest="", missing={})
    assert differing_rules(other, found) == []
    assert differing_rules(replace(found, missing={}), found) == sorted(found.missing)
