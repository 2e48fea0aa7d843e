"""A follower applies every event once: across crashes, beside another one, through outages."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import Text, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.clock import SystemClock
from shared.db.database import Database
from shared.http import ServiceClient
from shared.journal import follower as following
from shared.journal.applying import Apply, Plan
from shared.journal.feed import Cursor, read_events
from shared.journal.follower import Follower
from shared.journal.tables import SetAsideEvent, SetAsideState
from shared.problems import PASSING, DatabaseUnavailable, Problem, TooLongAtOnce
from shared.values.bilingual import Bilingual
from tests.shared.journal.conftest import Entry

SOURCE = "urn:qingling:test"


class EffectsBase(DeclarativeBase):
    pass


class Effect(EffectsBase):
    """What an event led to; nothing keeps it from being written twice."""

    __tablename__ = "effects"

    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Killed(BaseException):
    """The process ends here."""


class OwnFeed:
    """The database's own feed, in batches of two."""

    def __init__(self, database: Database, types: list[str] | None = None) -> None:
        self._database = database
        self._types = types
        self.asked: list[str] = []

    async def events(
        self, after: str, wait: float, most: int | None = None
    ) -> tuple[list[dict[str, Any]], str]:
        self.asked.append(after)
        batch = await read_events(
            self._database,
            SOURCE,
            Cursor.parse(after),
            division="330000000000",
            types=self._types,
            limit=most or 2,
            wait=min(wait, 0.1),
        )
        return batch.events, str(batch.next)


async def write_effects(events: list[dict[str, Any]]) -> Apply:
    async def apply(session: AsyncSession) -> None:
        session.add_all(Effect(name=event["data"]["state"]["name"]) for event in events)
        await session.flush()

    return apply


@pytest.fixture
async def database(database: Database, entry: Entry) -> Database:
    async with database.engine.begin() as connection:
        await connection.run_sync(EffectsBase.metadata.create_all)
    for name in "abcde":
        async with database.session() as session:
            entry(session, name)
    return database


def follow(
    database: Database,
    plan: Callable[[list[dict[str, Any]]], Awaitable[Apply]] = write_effects,
    feed: OwnFeed | None = None,
) -> Follower:
    return Follower(database, "test", feed or OwnFeed(database), plan, SystemClock())


async def effects(database: Database) -> str:
    async with database.session() as session:
        return "".join(await session.scalars(select(Effect.name).order_by(Effect.place)))


async def settle(*followers: Follower) -> None:
    """Let the followers advance together until none has anything left."""
    while any(await asyncio.gather(*(one.advance() for one in followers))):
        pass


async def test_every_event_is_applied_once_and_in_order(database: Database) -> None:
    follower = follow(database)
    assert [await follower.advance() for _ in range(4)] == [2, 2, 1, 0]
    assert await effects(database) == "abcde"


async def test_a_crash_before_the_commit_applies_nothing(database: Database) -> None:
    async def crash_after_the_effect(events: list[dict[str, Any]]) -> Apply:
        write = await write_effects(events)

        async def apply(session: AsyncSession) -> None:
            await write(session)
            raise Killed

        return apply

    with pytest.raises(Killed):
        await follow(database, crash_after_the_effect).advance()
    assert await effects(database) == ""
    await settle(follow(database))
    assert await effects(database) == "abcde"


async def test_a_crash_after_the_commit_repeats_nothing(database: Database) -> None:
    # Nothing is left to do after the commit; another process takes over from there.
    await follow(database).advance()
    feed = OwnFeed(database)
    await settle(follow(database, feed=feed))
    assert "" not in feed.asked
    assert await effects(database) == "abcde"


async def test_a_connection_lost_in_the_transaction_applies_nothing(database: Database) -> None:
    async def lose_the_connection(events: list[dict[str, Any]]) -> Apply:
        write = await write_effects(events)

        async def apply(session: AsyncSession) -> None:
            await write(session)
            raw = await (await session.connection()).get_raw_connection()
            raw.driver_connection.terminate()  # type: ignore[union-attr]

        return apply

    with pytest.raises(DatabaseUnavailable):
        await follow(database, lose_the_connection).advance()
    assert await effects(database) == ""
    await settle(follow(database))
    assert await effects(database) == "abcde"


async def test_two_followers_at_once_apply_every_event_once(database: Database) -> None:
    both_planned = asyncio.Barrier(2)

    async def plan_together(events: list[dict[str, Any]]) -> Apply:
        async with asyncio.timeout(5):
            await both_planned.wait()
        return await write_effects(events)

    pair = [follow(database, plan_together) for _ in range(2)]
    applied = await asyncio.gather(*(one.advance() for one in pair))
    assert sorted(applied) == [0, 2]
    await settle(*(follow(database) for _ in range(2)))
    assert await effects(database) == "abcde"


async def test_an_outage_is_waited_out(
    database: Database, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.01)
    feed = OwnFeed(database)
    failures = iter([OSError("down"), TimeoutError("slow")])
    answer = feed.events
    done = asyncio.Event()

    async def unreliable(
        after: str, wait: float, most: int | None = None
    ) -> tuple[list[dict[str, Any]], str]:
        for failure in failures:
            raise failure
        return await answer(after, wait, most)

    async def plan(events: list[dict[str, Any]]) -> Apply:
        if events[-1]["data"]["state"]["name"] == "f":
            done.set()
        return await write_effects(events)

    monkeypatch.setattr(feed, "events", unreliable)
    running = asyncio.create_task(follow(database, plan, feed).run())
    async with database.session() as session:
        entry(session, "f")
    async with asyncio.timeout(10):
        await done.wait()
    running.cancel()  # perhaps in the middle of the last batch
    await asyncio.gather(running, return_exceptions=True)
    await settle(follow(database))
    assert await effects(database) == "abcdef"


def refusing(*names: str, error: type[Exception] = ValueError) -> Plan:
    """A plan whose effects fail on events of these names, with words that must not be told."""

    async def plan(events: list[dict[str, Any]]) -> Apply:
        write = await write_effects(events)

        async def apply(session: AsyncSession) -> None:
            await write(session)
            if any(event["data"]["state"]["name"] in names for event in events):
                raise error("330127200001011234")

        return apply

    return plan


async def set_aside(database: Database) -> list[SetAsideEvent]:
    async with database.session() as session:
        return list(await session.scalars(select(SetAsideEvent).order_by(SetAsideEvent.since)))


@pytest.mark.parametrize("faulty", ["a", "c", "e", "bd", "abcde"])
async def test_an_event_that_fails_is_set_aside_and_the_rest_goes_on(
    database: Database, faulty: str
) -> None:
    await settle(follow(database, refusing(*faulty)))
    assert await effects(database) == "".join(sorted(set("abcde") - set(faulty)))
    found = await set_aside(database)
    assert [row.subject for row in found] == [f"note/{name}" for name in faulty]
    assert {(row.error, row.state, row.attempts) for row in found} == {
        ("ValueError", "set_aside", 1)
    }


async def nothing_is_set_aside(database: Database, plan: Plan) -> None:
    follower = follow(database, plan)
    await follower.advance()
    for _ in range(3):
        with pytest.raises(Problem):
            await follower.advance()
    assert (await effects(database), await set_aside(database)) == ("ab", [])
    await settle(follow(database))
    assert await effects(database) == "abcde"


@pytest.mark.parametrize("error", [*PASSING, TooLongAtOnce])
async def test_an_outage_sets_nothing_aside(database: Database, error: type[Exception]) -> None:
    plan = refusing("c", error=lambda _: error(Bilingual("–", "–")))  # type: ignore[arg-type]
    await nothing_is_set_aside(database, plan)


def answering(status: int) -> ServiceClient:
    """A client of a service that answers so whatever it is asked."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    return ServiceClient("rules", "http://rules", lambda: "none", transport=transport)


def answered(status: int) -> Plan:
    """A plan that asks another service about the events, which answers so of the one named c."""
    client = answering(status)

    async def plan(events: list[dict[str, Any]]) -> Apply:
        if any(event["data"]["state"]["name"] == "c" for event in events):
            await client.get("/v1/judged")
        return await write_effects(events)

    return plan


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 429, 500, 502])
async def test_an_answer_to_any_event_alike_sets_nothing_aside(
    database: Database, status: int
) -> None:
    await nothing_is_set_aside(database, answered(status))


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_what_another_service_refuses_is_set_aside(database: Database, status: int) -> None:
    await settle(follow(database, answered(status)))
    (row,) = await set_aside(database)
    assert (row.subject, row.error) == ("note/c", "ServiceAnswer")
    assert await effects(database) == "abde"


async def test_what_takes_too_long_at_once_is_done_in_parts(database: Database) -> None:
    async def one_at_a_time(events: list[dict[str, Any]]) -> Apply:
        if len(events) > 1:
            raise TooLongAtOnce.of_database()
        return await write_effects(events)

    await settle(follow(database, one_at_a_time))
    assert (await effects(database), await set_aside(database)) == ("abcde", [])


async def test_a_set_aside_event_is_tried_again_when_asked(database: Database) -> None:
    await settle(follow(database, refusing("b")))
    await ask_again(database)
    await settle(follow(database, refusing("b")))
    (row,) = await set_aside(database)
    assert (row.state, row.attempts) == (SetAsideState.SET_ASIDE, 2)
    await settle(follow(database))
    assert await effects(database) == "acde"
    await ask_again(database)
    await settle(*(follow(database) for _ in range(2)))
    (row,) = await set_aside(database)
    assert (row.state, row.settled_at is not None) == (SetAsideState.SETTLED, True)
    assert sorted(await effects(database)) == list("abcde")


@pytest.mark.parametrize(
    ("status", "state", "attempts"),
    [(400, SetAsideState.SET_ASIDE, 2), (404, "retrying", 1), (500, "retrying", 1)],
)
async def test_a_source_that_refuses_what_is_tried_again_stops_nothing_else(
    database: Database, entry: Entry, status: int, state: str, attempts: int
) -> None:
    class Refusing(OwnFeed):
        async def events(
            self, after: str, wait: float, most: int | None = None
        ) -> tuple[list[dict[str, Any]], str]:
            if most is not None:
                await answering(status).get("/v1/events")
            return await super().events(after, wait, most)

    await settle(follow(database, refusing("b")))
    await ask_again(database)
    async with database.session() as session:
        entry(session, "f")
    await settle(follow(database, feed=Refusing(database)))
    assert await effects(database) == "acdef"
    (row,) = await set_aside(database)
    assert (row.state, row.attempts) == (state, attempts)


async def test_what_waits_for_an_outage_lets_others_be_tried(database: Database) -> None:
    await settle(follow(database, refusing("b", "d")))
    await ask_again(database)
    slow = refusing("b", error=lambda _: TooLongAtOnce.of_database())  # type: ignore[arg-type]
    follower = follow(database, slow)
    for _ in range(2):
        await follower.advance()
    assert await effects(database) == "aced"
    assert [row.state for row in await set_aside(database)] == ["retrying", "settled"]
    await settle(follow(database))
    assert await effects(database) == "acedb"


CREATED = ["qingling.test.note.created"]


@pytest.mark.parametrize("behind", ["", "g"])
async def test_what_its_source_shows_no_more_is_settled_as_gone(
    database: Database, entry: Entry, behind: str
) -> None:
    async with database.session() as session:
        entry(session, "f", kind="amended")
    await settle(follow(database, refusing("f")))
    async with database.session() as session:
        for name in behind:
            entry(session, name)
    await ask_again(database)
    await settle(follow(database, feed=OwnFeed(database, CREATED)))
    (row,) = await set_aside(database)
    assert (row.state, row.error) == (SetAsideState.SETTLED, "EventGone")
    assert row.settled_at is not None
    assert await effects(database) == "abcde" + behind


async def test_what_is_tried_again_is_found_behind_what_was_not_shown_before(
    database: Database, entry: Entry
) -> None:
    async with database.session() as session:
        entry(session, "f", kind="amended")
        entry(session, "g")
    await settle(follow(database, refusing("g"), OwnFeed(database, CREATED)))
    await ask_again(database)
    await settle(follow(database))
    assert [row.state for row in await set_aside(database)] == ["settled"]
    assert await effects(database) == "abcdeg"


async def ask_again(database: Database) -> None:
    async with database.session() as session:
        await session.execute(update(SetAsideEvent).values(state=SetAsideState.RETRYING))
