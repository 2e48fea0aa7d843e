"""The client of rules: whole batches, and one bad subject that stops no other."""

import json
from datetime import date
from typing import Any

import httpx
import pytest

from services.monitoring.clients.rules import (
    REFUSED,
    SUBJECTS_AT_ONCE,
    Evaluated,
    NotEvaluated,
    RulesClient,
    Subject,
)
from shared.http import ServiceAnswer
from shared.problems import DependencyUnavailable
from tests.monitoring.fakes import VILLAGE, outcome

DAY = date(2020, 10, 1)
FOUND = [outcome("household.housing", "not_met")]


class RulesOnTheWire:
    """Answers as rules does; some subjects are unreadable, and make it refuse a whole batch."""

    def __init__(self, *unreadable: str, status: int = 422) -> None:
        self._unreadable = set(unreadable)
        self._status = status
        self.batches: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer secret"
        asked: dict[str, Any] = json.loads(request.content)
        assert asked["as_of"] == "2020-10-01"
        self.batches.append(len(asked["subjects"]))
        if self._unreadable & {one["id"] for one in asked["subjects"]}:
            return httpx.Response(self._status, json={"detail": "a fact out of its range"})
        items = [
            {"subject": one | {"division": VILLAGE}, "status": "evaluated", "outcomes": FOUND}
            if one["id"] != "gone"
            else {"subject": one, "status": "failed", "code": "not-found", "detail": {"en": "–"}}
            for one in asked["subjects"]
        ]
        return httpx.Response(200, json={"as_of": "2020-10-01", "release": "r1", "items": items})


def client(rules: RulesOnTheWire) -> RulesClient:
    return RulesClient(
        "rules", "http://rules", lambda: "secret", transport=httpx.MockTransport(rules)
    )


def subjects(count: int) -> list[Subject]:
    return [Subject("household", str(number)) for number in range(count)]


async def test_answers_come_in_the_order_asked_from_batches_of_bounded_size() -> None:
    rules = RulesOnTheWire()
    asked = subjects(SUBJECTS_AT_ONCE + 1)
    answers = await client(rules).evaluate(asked, DAY)
    assert [answer.subject for answer in answers] == asked
    assert rules.batches == [SUBJECTS_AT_ONCE, 1]
    assert answers[0] == Evaluated(asked[0], VILLAGE, "r1", FOUND)


async def test_nothing_to_ask_asks_nothing() -> None:
    rules = RulesOnTheWire()
    assert await client(rules).evaluate([], DAY) == []
    assert rules.batches == []


async def test_a_subject_that_has_left_is_told_apart() -> None:
    (answer,) = await client(RulesOnTheWire()).evaluate([Subject("household", "gone")], DAY)
    assert answer == NotEvaluated(Subject("household", "gone"), "not-found", {"en": "–"})


async def test_one_unreadable_subject_does_not_stand_in_the_others_way() -> None:
    rules = RulesOnTheWire("3", "77")
    asked = subjects(100)
    answers = await client(rules).evaluate(asked, DAY)
    assert [answer.subject for answer in answers] == asked
    failed = [answer for answer in answers if isinstance(answer, NotEvaluated)]
    assert [(one.subject.id, one.code) for one in failed] == [("3", REFUSED), ("77", REFUSED)]
    assert len(rules.batches) < 40


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_this_service_itself_is_no_fault_of_a_subject(status: int) -> None:
    rules = RulesOnTheWire("3", status=status)
    with pytest.raises(ServiceAnswer):
        await client(rules).evaluate(subjects(5), DAY)
    assert rules.batches == [5]


async def test_rules_out_of_order_is_unavailable() -> None:
    with pytest.raises(DependencyUnavailable):
        await client(RulesOnTheWire("3", status=500)).evaluate(subjects(5), DAY)
