"""A division judged once for each state of the register, while its pages are read.

It is kept in this process by release, day and the place in the registry's feed that rules has read to: as
long as nothing new was told, judging again would give the same.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.clients.registry import RegistryClient
from services.rules.engine import Policy
from services.rules.judging.columns import JudgedColumns, judge_division
from services.rules.subjects import SubjectKind
from shared.journal.tables import FeedPosition

MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """What is judged, by which release, and what the register was like."""

    release: str
    kind: SubjectKind
    division: str
    as_of: date
    rules: tuple[str, ...] | None
    position: str


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
class Judging:
    """Judges divisions by one release, each once for each state of the register."""

    policy: Policy
    registry: RegistryClient
    kept: KeptJudgements
    position: str | None
    """Where in the registry's feed rules is; None before it followed any, when nothing is kept."""

    async def division(
        self,
        kind: SubjectKind,
        division: str,
        as_of: date,
        rules: Sequence[str] | None = None,
        position: str | None = None,
    ) -> tuple[JudgedColumns, str | None]:
        """Return a division judged, and the place in the feed at which it was.

        ``position`` is that of an earlier page: what was judged then is returned if it is kept still,
        and otherwise what is judged now.
        """
        asked = None if rules is None else tuple(rules)
        for place in (position, self.position):
            if place is not None:
                question = Question(self.policy.release, kind, division, as_of, asked, place)
                judged = self.kept.get(question)
                if judged is not None:
                    return judged, place
        judged = await judge_division(self.policy, self.registry, kind, division, as_of, rules)
        if self.position is not None:
            now = Question(self.policy.release, kind, division, as_of, asked, self.position)
            self.kept.keep(now, judged)
        return judged, self.position


async def feed_position(session: AsyncSession) -> str | None:
    """Return where in the registry's feed rules is, None before it followed any."""
    read = select(FeedPosition.cursor).where(FeedPosition.source == "registry")
    return await session.scalar(read) or None
