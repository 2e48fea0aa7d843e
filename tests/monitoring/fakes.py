"""The edges of monitoring in tests: rules and the registry's feed, told what to answer."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.monitoring.clients.registry import RegistryClient
from services.monitoring.clients.rules import (
    NOT_IN_REGISTER,
    Answer,
    Evaluated,
    NotEvaluated,
    RulesClient,
    Subject,
)
from shared.divisions import DivisionName
from shared.problems import DependencyUnavailable
from shared.values.bilingual import Bilingual
from shared.values.divisions import ancestors, level

VILLAGE = "330127100219"
OTHER_VILLAGE = "330127100231"
TOWNSHIP = "330127100000"
OTHER_TOWNSHIP = "330127101000"
COUNTY = "330127000000"
HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
DOWN = DependencyUnavailable(Bilingual("rules 服务暂不可用", "rules is unavailable"))


def outcome(rule: str, found: str, day: str | None = "2020-06-10") -> dict[str, Any]:
    """Return a rule's outcome as rules answers it; met and not met rest on a fact of a day."""
    known = found != "undetermined"
    fact = {
        "name": "a_fact",
        "title": {"zh": "事实", "en": "fact"},
        "value": found,
        "date": day,
        "recorded_by": "li.ming",
    }
    return {
        "rule": rule,
        "outcome": found,
        "reason": {"zh": f"判定为 {found}", "en": f"it is {found}"},
        "missing": [] if known else ["a_fact"],
        "stale": [],
        "facts": [fact] if known else [],
    }


class FakeRegistry(RegistryClient):
    """A registry that has only the divisions of these tests."""

    def __init__(self) -> None:
        super().__init__("registry", "http://registry", lambda: "none")

    async def division(self, code: str) -> DivisionName | None:
        known = {OTHER_VILLAGE, VILLAGE, *ancestors(VILLAGE), *ancestors(OTHER_VILLAGE)}
        if code not in known | {OTHER_TOWNSHIP}:
            return None
        return DivisionName(code=code, name=code, level=level(code).value)


class FakeRules(RulesClient):
    """Rules that answers what ``answers`` holds; whoever is not in it is not in the register."""

    def __init__(self) -> None:
        super().__init__("rules", "http://rules", lambda: "none")
        self.answers: dict[Subject, Answer] = {}
        self.asked: list[tuple[list[Subject], date]] = []
        self.down = False

    async def evaluate(self, subjects: Iterable[Subject], as_of: date) -> list[Answer]:
        if self.down:
            raise DOWN
        wanted = list(subjects)
        self.asked.append((wanted, as_of))
        gone = {"zh": "不在册", "en": "gone"}
        return [self.answers.get(one, NotEvaluated(one, NOT_IN_REGISTER, gone)) for one in wanted]

    def find(
        self,
        subject: Subject,
        division: str,
        *,
        day: str | None = "2020-06-10",
        **outcomes: str,
    ) -> None:
        """Set how a subject is judged: ``find(subject, village, housing="not_met")``."""
        self.answers[subject] = Evaluated(
            subject,
            division,
            "release-1",
            [outcome(f"{subject.kind}.{rule}", found, day) for rule, found in outcomes.items()],
        )

    def refuse(self, subject: Subject) -> None:
        """Let rules fail to judge a subject that is in the register."""
        self.answers[subject] = NotEvaluated(subject, "broken", {"zh": "数据有误", "en": "broken"})


class FakeFeed:
    """The registry's feed: a list, and cursors that count its events."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.down = False

    async def events(
        self, after: str, wait: float, most: int | None = None
    ) -> tuple[list[dict[str, Any]], str]:
        if self.down:
            raise DOWN
        events = self.listed[int(after or 0) :][:most]
        return events, str(int(after or 0) + len(events))

    def tell(self, subject: Subject, division: str, what: str = "amended") -> None:
        """Add an event about a household itself, or about a village's account."""
        kind = "household" if subject.kind == "household" else "village_account"
        self.listed.append(
            {
                "id": f"event-{len(self.listed) + 1}",
                "cursor": str(len(self.listed) + 1),
                "type": f"qingling.registry.{kind}.{what}",
                "subject": f"{kind}/{subject.id}",
                "concerns": f"{subject.kind}/{subject.id}",
                "division": division,
                "data": {"changes": {}, "state": {}},
            }
        )
