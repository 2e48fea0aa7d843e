"""A subject that rules refuses stands in nobody's way; a refusal of the service itself is told."""

from datetime import date

import httpx
import orjson
import pytest

from services.monitoring.clients.rules import (
    REFUSED,
    Evaluated,
    NotEvaluated,
    RulesClient,
    Subject,
)
from shared.http import ServiceAnswer

DAY = date(2020, 10, 1)
VILLAGE = "330127100219"


def households(*ids: str) -> list[Subject]:
    return [Subject("household", each) for each in ids]


def rules_refusing(*refused: str, status: int = 422) -> RulesClient:
    """Return a client of rules that refuses a whole batch for the sake of some subjects."""

    def answer(request: httpx.Request) -> httpx.Response:
        subjects = orjson.loads(request.content)["subjects"]
        if any(subject["id"] in refused for subject in subjects):
            return httpx.Response(status)
        items = [
            {"subject": subject | {"division": VILLAGE}, "status": "evaluated", "outcomes": []}
            for subject in subjects
        ]
        return httpx.Response(200, json={"release": "release-1", "items": items})

    return RulesClient("rules", "http://rules", "none", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize("refused", [["c"], ["a", "e"], ["a", "b", "c", "d", "e"]])
async def test_only_the_subjects_refused_are_not_evaluated(refused: list[str]) -> None:
    asked = households("a", "b", "c", "d", "e")
    answers = await rules_refusing(*refused).evaluate(asked, DAY)
    assert [answer.subject for answer in answers] == asked
    for answer in answers:
        if answer.subject.id in refused:
            assert isinstance(answer, NotEvaluated)
            assert answer.code == REFUSED
        else:
            assert isinstance(answer, Evaluated)


async def test_a_refusal_of_the_service_itself_is_not_laid_to_a_subject() -> None:
    with pytest.raises(ServiceAnswer):
        await rules_refusing("a", status=403).evaluate(households("a", "b"), DAY)
