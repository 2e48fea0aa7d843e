"""No statement grows with its input: lists travel as arrays, however many ids they hold."""

import ast
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import URL
from starlette.responses import Response

from services.monitoring.clients.rules import NotEvaluated, Subject
from services.monitoring.zero_outs.domain import ItemState
from services.monitoring.zero_outs.judging import AnswersOfRules, carry_out
from services.monitoring.zero_outs.pending import keep_pending, settle_pending
from services.monitoring.zero_outs.queries import ItemFilter, ItemOrder, list_items
from services.registry.allowances.domain import Guess
from services.registry.allowances.usecases import count_guesses
from services.registry.conflicts.queries import persons_in_conflict
from services.registry.facts.queries import look_up_facts
from services.registry.households.members.kind import MEMBER
from services.registry.households.moving import take_along
from services.registry.households.tables import MemberRow
from services.registry.imports import register
from services.registry.imports.voided import read_voided
from services.registry.income.tables import IncomeEntryRow
from services.registry.recording.held import require_never_voided
from services.registry.values.sealing import Sealer
from services.rules.determinations.places import take_along as take_determinations_along
from shared.db.database import Database, driver_of
from shared.ids import new_id
from shared.journal.feed import Cursor, read_events
from shared.security.access import Caller
from shared.testing.databases import Databases
from shared.testing.depth import DEEP
from shared.web.idempotency import IdempotencyKey, still_within
from shared.web.pages import PageRequest
from shared.web.work import Work

ROOT = Path(__file__).parents[2]
# More than a statement has places for parameters.
MANY = 100_000 if DEEP else 40_000
PROVINCE, VILLAGE = "330000000000", "330127100219"
DAY = date(2020, 10, 1)
NOW = datetime(2020, 10, 1, tzinfo=UTC)
CALLER = Caller("tester", "（虚构）", PROVINCE, frozenset())
SOURCES = [
    path
    for folder in ("services", "shared")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.name != "versions"
]
HELPER = "shared/db/lists.py"
TAKES_LISTS = re.compile(r"\b(any_of|any_row_of|insert_all)\(|\bANY ?\(|\bunnest\(")

Walk = Callable[[AsyncSession], Awaitable[object]]


def subjects() -> list[Subject]:
    return [Subject("household", f"{number:036}") for number in range(MANY)]


def ids() -> list[UUID]:
    return [UUID(int=number) for number in range(MANY)]


def texts() -> list[str]:
    return [f"{number:012}" for number in range(MANY)]


def refused() -> list[NotEvaluated]:
    return [NotEvaluated(one, "broken", {"zh": "坏", "en": "broken"}) for one in subjects()]


def work(session: AsyncSession) -> Work:
    return Work(session, "tester", NOW, "request-1")


async def judged(session: AsyncSession) -> None:
    divisions = dict.fromkeys(subjects(), VILLAGE)
    await carry_out(work(session), AnswersOfRules(refused(), divisions, NOW, DAY))


async def pending(session: AsyncSession) -> None:
    await keep_pending(work(session), refused(), dict.fromkeys(subjects(), VILLAGE))
    assert len(await settle_pending(session, subjects())) == MANY


async def guesses(session: AsyncSession) -> None:
    many = [Guess(text.encode(), text[:8].encode()) for text in texts()]
    counted = await count_guesses(work(session), many, 10)
    assert [len(each) for each in counted] == [10] * (MANY // 10_000)


async def moved(session: AsyncSession) -> None:
    await take_along(work(session), dict.fromkeys(ids(), VILLAGE))


async def moved_in_rules(session: AsyncSession) -> None:
    await take_determinations_along(work(session), dict.fromkeys(map(str, ids()), VILLAGE))


async def in_conflict(session: AsyncSession) -> None:
    assert not await persons_in_conflict(session, [text.encode() for text in texts()], PROVINCE)


async def states(session: AsyncSession) -> None:
    narrow = ItemFilter(state=[ItemState.OPEN] * MANY)
    await list_items(
        session,
        CALLER,
        narrow,
        ItemOrder.NEWEST,
        PageRequest(1, None, False, b"key", URL("/"), Response()),
    )


async def events(session: AsyncSession) -> None:
    async with Database(session.info["address"]) as database:
        await read_events(
            database,
            "urn:test",
            Cursor(0, 0),
            division=PROVINCE,
            types=texts(),
            limit=1,
            wait=0,
        )


async def never_voided(session: AsyncSession) -> None:
    rows = [MemberRow(id=each) for each in ids()]
    await require_never_voided(session, MEMBER, rows, {})


def of_driver(act: Callable[[Any], Awaitable[object]]) -> Walk:
    async def walk(session: AsyncSession) -> None:
        await act(await driver_of(session))

    return walk


PLACE = register.Place("330000000000", "340000000000", frozenset())


async def kept(session: AsyncSession) -> None:
    given = IdempotencyKey(division=PROVINCE, subjects=[["household", one] for one in texts()])
    assert await still_within(session, CALLER, given)


WALKS: dict[str, tuple[str, list[Walk]]] = {
    "services/monitoring/zero_outs/judging.py": ("monitoring", [judged]),
    "services/monitoring/zero_outs/pending.py": ("monitoring", [pending]),
    "services/monitoring/zero_outs/queries.py": ("monitoring", [states]),
    "services/registry/allowances/usecases.py": ("registry", [guesses]),
    "services/registry/conflicts/queries.py": ("registry", [in_conflict]),
    "services/registry/facts/statement.py": (
        "registry",
        [
            of_driver(lambda driver: look_up_facts(driver, "household", ids(), CALLER, DAY)),
            of_driver(lambda driver: look_up_facts(driver, "village", texts(), CALLER, DAY)),
        ],
    ),
    "services/registry/households/moving.py": ("registry", [moved]),
    "services/registry/imports/register.py": (
        "registry",
        [
            of_driver(lambda driver: register.lock_counties(driver, PROVINCE, [], texts())),
            of_driver(lambda driver: register.lock_households(driver, dict.fromkeys(ids(), 1))),
            of_driver(lambda driver: register.read_place(driver, PROVINCE, texts(), DAY)),
            of_driver(lambda driver: register.read_households(driver, PLACE, texts(), texts())),
            of_driver(
                lambda driver: register.read_memberships(
                    driver, [text.encode() for text in texts()], ids()
                )
            ),
            of_driver(lambda driver: register.read_entries(driver, IncomeEntryRow, (), ids())),
        ],
    ),
    "services/registry/imports/voided.py": (
        "registry",
        [
            of_driver(
                lambda driver: read_voided(
                    driver, MEMBER, Sealer({1: bytes(32)}, 1), PROVINCE, ("household_id",), ids()
                )
            )
        ],
    ),
    "services/registry/recording/held.py": ("registry", [never_voided]),
    "services/rules/determinations/places.py": ("rules", [moved_in_rules]),
    "shared/journal/feed.py": ("monitoring", [events]),
    "shared/web/idempotency.py": ("rules", [kept]),
}
BOUNDED = MappingProxyType(
    {
        "services/rules/runs/parts/earlier.py": "the divisions above one",
        "services/rules/runs/results/queries.py": "the divisions above one",
        "shared/journal/watching.py": "the feeds that a service follows",
    }
)


@pytest.mark.parametrize(
    ("service", "walk"),
    [
        pytest.param(service, walk, id=f"{module}-{place}")
        for module, (service, walks) in WALKS.items()
        for place, walk in enumerate(walks)
    ],
)
async def test_however_many_make_one_statement(
    databases: Databases, service: str, walk: Walk
) -> None:
    with databases.clone(service) as address:
        async with Database(address) as database, database.session() as session:
            session.info["address"] = address
            await walk(session)


def test_every_statement_that_takes_a_list_is_walked() -> None:
    taking = {
        name
        for path in SOURCES
        if (name := str(path.relative_to(ROOT))) != HELPER
        and TAKES_LISTS.search(path.read_text(encoding="utf-8"))
    }
    assert taking == WALKS.keys() | BOUNDED.keys()


def test_no_list_is_written_out() -> None:
    written_out = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if (name := str(path.relative_to(ROOT))) != HELPER:
            written_out += [(name, ast.unparse(one)) for one in _calls(tree) if _grows(one, tree)]
    assert written_out == [], "use shared.db.lists"


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _grows(call: ast.Call, tree: ast.AST) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name in {"in_", "not_in", "notin_"}:
        return not _is_closed(call.args[0], tree)
    return name == "values" and any(
        isinstance(one, ast.List | ast.ListComp | ast.GeneratorExp) for one in call.args
    )


def _is_closed(values: ast.expr, tree: ast.AST) -> bool:
    """Tell whether it is a constant, codes written out, or a query."""
    match values:
        case ast.Name(id=name):
            return name.isupper() or name in _queries(tree)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return all(isinstance(one, ast.Attribute | ast.Constant) for one in elements)
        case ast.Call(func=ast.Name(id="select")):
            return True
        case ast.Call(func=ast.Attribute(value=inner)):
            return _is_closed(inner, tree)
        case _:
            return False


def _queries(tree: ast.AST) -> set[str]:
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_closed(node.value, ast.Module([], []))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


async def test_rows_are_inserted_whatever_their_types(databases: Databases) -> None:
    """The types of the columns arrive as they are, null and long text included."""
    with databases.clone("monitoring") as address:
        async with Database(address) as database, database.session() as session:
            one = Subject("household", str(new_id()))
            answer = NotEvaluated(one, "broken", {"zh": "坏", "en": "x" * 5000})
            await keep_pending(work(session), [answer], {one: VILLAGE})
            await keep_pending(work(session), [answer], {one: VILLAGE})
            assert await settle_pending(session, [one]) == {one}
            assert await settle_pending(session, []) == frozenset()
