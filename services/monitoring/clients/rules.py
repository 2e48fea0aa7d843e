"""What monitoring asks rules: how subjects are judged on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import structlog

from shared.http import ServiceClient

log = structlog.get_logger(__name__)
NEEDED = ("evaluations:create",)
"""The scopes that monitoring needs there."""
SUBJECTS_AT_ONCE = 500
NOT_IN_REGISTER = "not-found"
REFUSED = "refused"
WHY_REFUSED = {
    "zh": "规则服务无法判定此对象；请核对其登记内容",
    "en": "rules cannot judge this subject; check what is recorded of it",
}


class Subject(NamedTuple):
    """A household by its id, or a village by its code."""

    kind: str
    id: str


@dataclass(frozen=True)
class Evaluated:
    """A subject that rules judged.

    ``outcomes`` are rule, outcome, reason, missing, stale and facts as rules answers them;
    ``division`` is the village that the subject belongs to now.
    """

    subject: Subject
    division: str
    release: str
    outcomes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class NotEvaluated:
    """A subject that rules did not judge, and why: NOT_IN_REGISTER, or what keeps it from it."""

    subject: Subject
    code: str
    detail: dict[str, str]


Answer = Evaluated | NotEvaluated


class RulesClient(ServiceClient):
    """A client of rules."""

    async def evaluate(self, subjects: Iterable[Subject], as_of: date) -> list[Answer]:
        """Return what became of each subject, in the order asked.

        Raises:
            DependencyUnavailable: rules, or the registry behind it, cannot be asked now.
            ServiceAnswer: rules refuses this service itself.

        """
        remaining = iter(subjects)
        answers: list[Answer] = []
        while chunk := list(islice(remaining, SUBJECTS_AT_ONCE)):
            answers += await self._evaluate(chunk, as_of)
        return answers

    async def _evaluate(self, subjects: Sequence[Subject], as_of: date) -> list[Answer]:
        body = {
            "as_of": as_of.isoformat(),
            "subjects": [subject._asdict() for subject in subjects],
            "explain": True,
        }
        response = await self.post("/v1/evaluations:batch", body, expected={422})
        if response.status_code == 422:
            if len(subjects) == 1:
                log.warning("subject refused by rules", subject=subjects[0])
                return [NotEvaluated(subjects[0], REFUSED, WHY_REFUSED)]
            # One subject with facts that rules cannot read must not stand in the others' way.
            half = len(subjects) // 2
            first = await self._evaluate(subjects[:half], as_of)
            return first + await self._evaluate(subjects[half:], as_of)
        answer = response.json()
        return [_answer(item, answer["release"]) for item in answer["items"]]


def _answer(item: Mapping[str, Any], release: str) -> Answer:
    subject = Subject(item["subject"]["kind"], item["subject"]["id"])
    if item["status"] == "evaluated":
        return Evaluated(subject, item["subject"]["division"], release, item["outcomes"])
    return NotEvaluated(subject, item["code"], item["detail"])
