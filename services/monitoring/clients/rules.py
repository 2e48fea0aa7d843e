"""What monitoring asks rules: how subjects are judged on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from shared.http import ServiceClient

SUBJECTS_AT_ONCE = 500


class Subject(NamedTuple):
    """A household by its id, or a village by its code."""

    kind: str
    id: str


class RulesClient(ServiceClient):
    """A client of rules."""

    async def evaluate(self, subjects: Iterable[Subject], as_of: date) -> list[dict[str, Any]]:
        """Return what became of each subject, in the order asked: see the batch of rules."""
        remaining = iter(subjects)
        items: list[dict[str, Any]] = []
        while chunk := list(islice(remaining, SUBJECTS_AT_ONCE)):
            items += await self._evaluate(chunk, as_of)
        return items

    async def _evaluate(self, subjects: Sequence[Subject], as_of: date) -> list[dict[str, Any]]:
        body = {
            "as_of": as_of.isoformat(),
            "subjects": [subject._asdict() for subject in subjects],
            "explain": True,
        }
        answer = (await self.post("/v1/evaluations:batch", body)).json()
        return [item | {"release": answer["release"]} for item in answer["items"]]
