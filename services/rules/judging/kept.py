"""A division judged once for each state of the register, while its pages are read.

It is kept in this process by release, day and the end of the registry's feed, which the registry is
asked for before it is asked for facts: as long as that is the same, judging again would give the same.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.rules.clients.registry import RegistryClient
from services.rules.engine import Policy
from services.rules.judging.columns import JudgedColumns, judge_division
from services.rules.subjects import SubjectKind

MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """What is judged, by which release, and what the register was like."""

    release: str
    kind: SubjectKind
    division: str
    as_of: date
    rules: tuple[str, ...] | None
    feed_end: str


class KeptJudgements:
    """The divisions judged last, of so many bytes in all; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Question, JudgedColumns] = OrderedDict()

    def get(self, question: Question) -> JudgedColumns | None:
        """Return what was judged, if it is kept still."""
        judged = self._kept.get(question)
        if judged is not None:
            self._kept.move_to_end(question)
        return judged

    def keep(self, question: Question, judged: JudgedColumns) -> None:
        """Keep what was judged, and let go of what there is no more room for."""
        if judged.bytes <= self._most:
            self._kept[question] = judged
        while sum(each.bytes for each in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


@dataclass(frozen=True)
class DivisionJudge:
    """Judges divisions by one release, each once for each state of the register."""

    policy: Policy
    registry: RegistryClient
    kept: KeptJudgements

    async def division(
        self,
        kind: SubjectKind,
        division: str,
        as_of: date,
        rules: Sequence[str] | None = None,
        feed_end: str | None = None,
    ) -> tuple[JudgedColumns, str]:
        """Return a division judged, and where the registry's feed ended before it was.

        ``feed_end`` is that of an earlier page: what was judged then is returned if it is kept still,
        without asking the registry, and otherwise what is judged now.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        asked = None if rules is None else tuple(rules)

        def at(end: str) -> Question:
            return Question(self.policy.release, kind, division, as_of, asked, end)

        if feed_end is not None:
            judged = self.kept.get(at(feed_end))
            if judged is not None:
                return judged, feed_end
        now = await self.registry.feed_end()
        judged = self.kept.get(at(now))
        if judged is None:
            judged = await judge_division(self.policy, self.registry, kind, division, as_of, rules)
            self.kept.keep(at(now), judged)
        return judged, now
