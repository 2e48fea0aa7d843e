"""The releases that judge: which one on a date, and its policy compiled once."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, and_, or_, select

from services.rules.engine import Policy
from services.rules.releases.checking import compile_files
from services.rules.releases.domain import DATED, ReleaseState
from services.rules.releases.installing import install
from services.rules.releases.storing import files_of
from services.rules.releases.tables import ReleaseRow
from services.rules.vocabulary import BUILT_IN, read_files
from shared.clock import Clock, SystemClock
from shared.db.database import Database
from shared.problems import NotFound
from shared.values.bilingual import Bilingual

REREAD_SECONDS = 1.0
COMPILED = 32

_JUDGES = or_(
    ReleaseRow.number == 1,
    and_(ReleaseRow.state.in_(DATED), ReleaseRow.in_force_from.is_not(None)),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    id: UUID
    number: int
    digest: str
    state: ReleaseState
    in_force_from: date | None


@dataclass(frozen=True, slots=True)
class Release(_Entry):
    """A release with its compiled policy; the first one has no ``in_force_from``."""

    policy: Policy


class Policies:
    """What was compiled, by digest: a policy follows from its files alone, whoever asks for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Policy] = OrderedDict()

    def get(self, digest: str) -> Policy | None:
        """Return the policy with a digest, if it is kept; it is then the last to be dropped."""
        policy = self._kept.get(digest)
        if policy is not None:
            self._kept.move_to_end(digest)
        return policy

    def keep(self, policy: Policy) -> None:
        """Keep a policy; of too many, the one that was asked for longest ago is dropped."""
        self._kept[policy.release] = policy
        if len(self._kept) > COMPILED:
            self._kept.popitem(last=False)


class Shelf:
    """The releases of a database, for whoever judges.

    Which release is in force on a date follows from dates alone, never from whether a worker has
    noted it. What is approved is re-read at most once a second; policies are kept by digest.
    """

    def __init__(
        self,
        database: Database,
        *,
        shipped: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        policies: Policies | None = None,
    ) -> None:
        """``shipped`` replaces the files that the service comes with (tests do).

        ``policies`` holds what was compiled already, by another shelf perhaps.
        """
        self._database = database
        self._shipped = shipped
        self._clock = clock or SystemClock()
        self._installed = False
        self._entries: list[_Entry] = []
        self._read_at = 0.0
        self._policies = policies or Policies()
        self._compiling = asyncio.Lock()

    async def in_force(self, as_of: date) -> Release:
        """Return the release that judges what held on a date: the last to take force by then."""
        entries = await self._judging()
        started = [e for e in entries if e.in_force_from is not None and e.in_force_from <= as_of]
        return await self._compiled(started[-1] if started else entries[0])

    async def get(self, release_id: UUID) -> Release:
        """Return any release.

        Raises:
            NotFound: there is none with this id.
            InvalidRequest: it does not check, as a draft may not; lists what is wrong.

        """
        for entry in await self._judging():
            if entry.id == release_id:
                return await self._compiled(entry)
        found = await self._read(ReleaseRow.id == release_id)
        if not found:
            raise _unknown(str(release_id))
        return await self._compiled(found[0])

    async def by_digest(self, digest: str) -> Release:
        """Return the release with a digest; of several with the same policy, one that judges.

        Raises:
            NotFound: there is none.
            InvalidRequest: it does not check, as a draft may not; lists what is wrong.

        """
        for entry in await self._judging():
            if entry.digest == digest:
                return await self._compiled(entry)
        found = await self._read(ReleaseRow.digest == digest)
        if not found:
            raise _unknown(digest)
        return await self._compiled(found[0])

    async def files(self, release_id: UUID) -> dict[str, str]:
        """Return the files of a release by path.

        Raises:
            NotFound: there is none with this id.

        """
        await self.ready()
        async with self._database.session() as session:
            files = await files_of(session, release_id)
            if not files and await session.get(ReleaseRow, release_id) is None:
                raise _unknown(str(release_id))
        return files

    async def ready(self) -> None:
        """Install the shipped policy if the database has not seen it."""
        if not self._installed:
            if self._shipped is None:
                self._shipped = await asyncio.to_thread(read_files, BUILT_IN)
            await install(self._database, self._shipped, self._clock)
            self._installed = True

    async def _judging(self) -> list[_Entry]:
        """Return the first release and those with a date, in the order of their dates."""
        now = asyncio.get_running_loop().time()
        if not self._entries or now - self._read_at >= REREAD_SECONDS:
            await self.ready()
            self._read_at = now  # others go on with what is there while this one reads
            self._entries = await self._read(_JUDGES)
            if not self._entries:
                # It was installed within a request that was refused, and is gone with it.
                self._installed = False
                await self.ready()
                self._entries = await self._read(_JUDGES)
        return self._entries

    async def _read(self, which: ColumnElement[bool]) -> list[_Entry]:
        row = ReleaseRow
        statement = (
            select(row.id, row.number, row.digest, row.state, row.in_force_from)
            .where(which)
            .order_by(row.in_force_from.nulls_first(), row.number)
        )
        async with self._database.session() as session:
            found = await session.execute(statement)
            return [
                _Entry(id_, number, digest, ReleaseState(state), start)
                for id_, number, digest, state, start in found
            ]

    async def _compiled(self, entry: _Entry) -> Release:
        policy = self._policies.get(entry.digest)
        if policy is None:
            # Read before it is this one's turn: whoever waits here may hold the last connection.
            files = await self.files(entry.id)
            async with self._compiling:
                policy = self._policies.get(entry.digest) or await self._compile(files)
        # A draft may have been edited since its entry was read: what is compiled names itself.
        return Release(
            entry.id, entry.number, policy.release, entry.state, entry.in_force_from, policy
        )

    async def _compile(self, files: Mapping[str, str]) -> Policy:
        policy = await asyncio.to_thread(compile_files, files)
        self._policies.keep(policy)
        return policy


def _unknown(name: str) -> NotFound:
    return NotFound(
        Bilingual(
            f"没有政策版本 {name}；请在 /v1/releases 中查询。",
            f"There is no release {name}; look it up in /v1/releases.",
        )
    )


async def shelf_in_use(request: Request) -> Shelf:
    """Return the shelf of the application, the shipped policy installed."""
    shelf: Shelf = request.app.state.shelf
    await shelf.ready()
    return shelf


ShelfInUse = Annotated[Shelf, Depends(shelf_in_use)]
"""The releases of the service's database."""
