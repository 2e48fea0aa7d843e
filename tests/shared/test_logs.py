"""What is logged of a failure: its kind and its place, and never a value that it was about."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from io import StringIO

import asyncpg
import psycopg
import pytest
import structlog
from adbc_driver_postgresql import dbapi
from pydantic import BaseModel
from sqlalchemy import text

from shared.db.connecting import connect_arguments
from shared.db.database import Database
from shared.logs import configure_logs, log_what_nobody_catches, told
from shared.testing.databases import Databases

NUMBER, NAME = "330127196305120011", "（虚构）张三丰"
PLANTED = (NUMBER, NAME, "张三")


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What the process logs, as either style writes it."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    configure_logs(request.param)
    log_what_nobody_catches()
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    handler.setStream(written)
    yield written
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    configure_logs("console")


class Person(BaseModel):
    age: int


def by_words() -> None:
    raise ValueError(f"{NAME} {NUMBER}")


def by_cause() -> None:
    try:
        by_words()
    except ValueError as error:
        raise RuntimeError(NAME) from error


def by_context() -> None:
    try:
        by_words()
    finally:
        int(NAME)


def by_group() -> None:
    raise ExceptionGroup(NAME, [ValueError(NUMBER), KeyError(NAME)])


def by_note() -> None:
    error = ValueError()
    error.add_note(NAME)
    raise error


def by_model() -> None:
    Person.model_validate({"age": NAME})


FAILURES = [by_words, by_cause, by_context, by_group, by_note, by_model]


@pytest.mark.parametrize("fail", FAILURES)
def test_an_exception_is_told_without_its_words(log: StringIO, fail: Callable[[], None]) -> None:
    try:
        fail()
    except Exception:
        structlog.get_logger("ours").exception("request failed")
        logging.getLogger("theirs").exception("it failed\nbecause of %s", NAME)
    said = log.getvalue()
    assert not any(planted in said for planted in PLANTED)
    assert said.count(fail.__name__) >= 2
    assert "request failed" in said
    assert "it failed" in said


def test_a_number_in_any_member_of_a_line_is_masked(log: StringIO) -> None:
    structlog.get_logger("ours").info("found", path=f"/v1/members/{NUMBER}", phone="13812345678")
    logging.getLogger("theirs").warning("no such person %s", NUMBER)
    said = log.getvalue()
    assert NUMBER not in said
    assert "13812345678" not in said
    assert "/v1/members/***" in said
    assert "no such person ***" in said


async def test_what_nobody_awaits_is_told_without_its_words(log: StringIO) -> None:
    async def fail() -> None:
        by_words()

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(0)
    thread = threading.Thread(target=by_words)
    thread.start()
    thread.join()
    said = log.getvalue()
    assert not any(planted in said for planted in PLANTED)
    assert "Task exception was never retrieved" in said
    assert "a thread ended" in said


def test_a_process_that_fails_says_where_and_not_over_what() -> None:
    script = (
        "from shared.logs import configure_logs, log_what_nobody_catches\n"
        f"configure_logs('json')\nlog_what_nobody_catches()\nint('{NAME}')"
    )
    ended = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert not any(planted in ended.stderr for planted in PLANTED)
    assert "builtins.ValueError" in ended.stderr


UNIQUE = "CREATE TEMP TABLE people (name text PRIMARY KEY, born date)"


async def by_mapper(address: str) -> None:
    async with Database(address) as database, database.session() as session:
        await session.execute(text(UNIQUE))
        for _ in range(2):
            await session.execute(text("INSERT INTO people VALUES (:name)"), {"name": NAME})


async def by_driver(address: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(address))
    try:
        await connection.execute(UNIQUE)
        await connection.copy_records_to_table("people", records=[(NAME, None), (NAME, None)])
    finally:
        await connection.close()


async def by_bad_value(address: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(address))
    try:
        await connection.fetch("SELECT $1::date", NAME)
    finally:
        await connection.close()


async def by_queue(address: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("SELECT %s::date", [NAME])


async def by_arrow(address: str) -> None:
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT '{NAME}'::date")


@pytest.mark.parametrize("fail", [by_mapper, by_driver, by_bad_value, by_queue, by_arrow])
async def test_a_statement_is_told_without_its_values(
    databases: Databases, fail: Callable[[str], Awaitable[None]]
) -> None:
    with databases.clone("monitoring") as address:
        try:
            await fail(address)
        except Exception as error:
            said = told((type(error), error, error.__traceback__))
    assert not any(planted in said for planted in PLANTED)
    assert fail.__name__ in said
