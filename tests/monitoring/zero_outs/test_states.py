"""What moves an item: no way leads to closed past three people, and nothing unproven is signed."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.monitoring.zero_outs.domain import (
    IN_SIGNING,
    ItemState,
    Judgement,
    Move,
    Outcome,
    Refused,
    Signature,
    Step,
    move_on_false_evidence,
    move_on_judgement,
    move_on_leaving,
    needs_check,
    newest_date,
    sign,
)
from shared.testing.depth import tries
from shared.values.divisions import DivisionLevel, level
from tests.monitoring.fakes import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE

PEOPLE = st.sampled_from(["an", "bo", "chen", "ding"])
DIVISIONS = st.sampled_from(
    [VILLAGE, OTHER_VILLAGE, TOWNSHIP, OTHER_TOWNSHIP, COUNTY, "330100000000", "330000000000"]
)
DAYS = st.dates(date(2020, 1, 1), date(2020, 12, 31))


def judged(outcome: Outcome, *days: date | None) -> Judgement:
    evidence = [{"name": "a_fact", "date": day.isoformat() if day else None} for day in days]
    return Judgement(outcome, {}, [], [], evidence, "release-1", date(2020, 10, 1))


class Item(RuleBasedStateMachine):
    """An item to which anything happens in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state: ItemState | None = None
        self.outcome: Outcome | None = None
        self.evidence_after: date | None = None
        self.evidence_day: date | None = None
        self.signatures: list[tuple[DivisionLevel, str]] = []

    @rule(outcome=st.sampled_from(Outcome), day=DAYS)
    def judge(self, outcome: Outcome, day: date) -> None:
        self.outcome, self.evidence_day = outcome, day
        self._follow(move_on_judgement(self.state, judged(outcome, day), self.evidence_after))

    @rule(signer=PEOPLE, division=DIVISIONS)
    def sign(self, signer: str, division: str) -> None:
        if self.state is None:
            return
        given_by = [who for _, who in self.signatures]
        signature = sign(self.state, given_by, signer, division, VILLAGE)
        if isinstance(signature, Signature):
            assert self.outcome is Outcome.MET
            self.signatures.append((level(division), signer))
            self.state = signature.state

    @precondition(lambda self: self.state is not None)
    @rule()
    def leave(self) -> None:
        assert self.state is not None
        self._follow(move_on_leaving(self.state))

    @precondition(lambda self: self.state is not None)
    @rule()
    def prove_false(self) -> None:
        assert self.state is not None
        move = move_on_false_evidence(self.state)
        if move is not None:
            self.evidence_after = self.evidence_day
        self._follow(move)

    def _follow(self, move: Move | None) -> None:
        if move is not None:
            self.state = move.state
            self.signatures = []

    @invariant()
    def closed_by_three_people_of_the_right_levels(self) -> None:
        if self.state is ItemState.CLOSED:
            levels, people = zip(*self.signatures, strict=True)
            assert levels == ("village", "township", "county")
            assert len(set(people)) == 3
            assert self.outcome is not Outcome.NOT_MET

    @invariant()
    def waiting_for_a_signature_only_while_met_by_evidence_that_stands(self) -> None:
        if self.state in IN_SIGNING or (self.state, self.outcome) == (
            ItemState.CLOSED,
            Outcome.MET,
        ):
            assert self.outcome is Outcome.MET
            if self.evidence_after is not None:
                assert self.evidence_day is not None
                assert self.evidence_day > self.evidence_after


TestItem = Item.TestCase
TestItem.settings = settings(max_examples=tries(50), deadline=None)


@given(st.sampled_from([Outcome.MET, Outcome.UNDETERMINED]), DAYS)
def test_only_what_is_not_met_opens_an_item(outcome: Outcome, day: date) -> None:
    assert move_on_judgement(None, judged(outcome, day), None) is None
    assert move_on_judgement(None, judged(Outcome.NOT_MET, day), None) == (
        ItemState.OPEN,
        Step.OPENED,
    )


@pytest.mark.parametrize("state", [state for state in ItemState if state is not ItemState.OPEN])
def test_whatever_is_not_met_is_open_again(state: ItemState) -> None:
    move = move_on_judgement(state, judged(Outcome.NOT_MET), None)
    assert move == (ItemState.OPEN, Step.REOPENED)


def test_what_becomes_undetermined_is_not_signed_further() -> None:
    for state in IN_SIGNING:
        move = move_on_judgement(state, judged(Outcome.UNDETERMINED), None)
        assert move == (ItemState.OPEN, Step.REOPENED)


def test_what_is_closed_and_becomes_undetermined_needs_a_check() -> None:
    assert move_on_judgement(ItemState.CLOSED, judged(Outcome.UNDETERMINED), None) is None
    flagged = {pair for pair in product(ItemState, Outcome) if needs_check(*pair)}
    assert flagged == {(ItemState.CLOSED, Outcome.UNDETERMINED)}


def test_an_undated_fact_is_no_new_evidence() -> None:
    refused = date(2020, 6, 10)
    met = judged(Outcome.MET, None, refused)
    assert move_on_judgement(ItemState.OPEN, met, refused) is None
    assert move_on_judgement(ItemState.OPEN, judged(Outcome.MET), refused) is None
    later = judged(Outcome.MET, None, date(2020, 6, 11))
    assert move_on_judgement(ItemState.OPEN, later, refused) == (ItemState.READY, Step.READIED)


def test_a_household_that_comes_back_on_refused_evidence_is_open() -> None:
    met = judged(Outcome.MET, date(2020, 6, 10))
    move = move_on_judgement(ItemState.WITHDRAWN, met, date(2020, 6, 10))
    assert move == (ItemState.OPEN, Step.REOPENED)


def test_an_item_that_falls_back_on_refused_evidence_is_open_again() -> None:
    refused = date(2020, 6, 10)
    for state in (*IN_SIGNING, ItemState.CLOSED):
        move = move_on_judgement(state, judged(Outcome.MET, refused), refused)
        assert move == (ItemState.OPEN, Step.REOPENED)


def test_leaving_withdraws_what_is_not_closed() -> None:
    left = {state: move_on_leaving(state) for state in ItemState}
    gone = (ItemState.WITHDRAWN, Step.WITHDRAWN)
    assert left == {
        ItemState.OPEN: gone,
        ItemState.READY: gone,
        ItemState.SIGNED_VILLAGE: gone,
        ItemState.SIGNED_TOWNSHIP: gone,
        ItemState.CLOSED: None,
        ItemState.WITHDRAWN: None,
    }


def test_the_newest_date_of_evidence() -> None:
    assert newest_date([]) is None
    assert newest_date([{"name": "household_size", "date": None}]) is None
    dates: list[dict[str, Any]] = [{"date": "2020-06-10"}, {"date": "2020-01-01"}, {"value": 3}]
    assert newest_date(dates) == date(2020, 6, 10)


@given(PEOPLE, DIVISIONS, st.sampled_from([ItemState.OPEN, ItemState.CLOSED, ItemState.WITHDRAWN]))
def test_nobody_signs_what_waits_for_nobody(who: str, division: str, state: ItemState) -> None:
    assert sign(state, [], who, division, VILLAGE) is Refused.NOT_IN_SIGNING
