"""Connections that answer in Arrow, lent again and again."""

from collections.abc import Iterator

import psycopg
import pytest

from shared.db.arrow import KEPT, MOST, ArrowConnections
from shared.db.connecting import SessionLimits
from shared.problems import ServiceBusy
from shared.testing.databases import Databases

OWN = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
def address(databases: Databases) -> Iterator[str]:
    with databases.clone("rules") as cloned:
        yield cloned


@pytest.fixture
def connections(address: str) -> Iterator[ArrowConnections]:
    opened = ArrowConnections(address, "tests", SessionLimits())
    yield opened
    opened.close()


def ask(connections: ArrowConnections, statement: str, count: int = 1) -> list[int]:
    answers = []
    with connections.lend(count) as lent:
        for connection in lent:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                answers += cursor.fetch_arrow_table().column(0).to_pylist()
    return answers


def test_a_connection_is_lent_again_without_its_transaction(
    connections: ArrowConnections,
) -> None:
    first = ask(connections, OWN)
    with connections.lend(1) as (connection,), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("CREATE TEMP TABLE left_behind (id integer)")
    assert ask(connections, OWN) == first
    assert ask(connections, "SELECT count(*) FROM pg_class WHERE relname = 'left_behind'") == [0]


def test_a_connection_that_failed_or_died_is_replaced(
    connections: ArrowConnections, address: str
) -> None:
    (first,) = ask(connections, OWN)
    with pytest.raises(RuntimeError), connections.lend(1):
        raise RuntimeError
    (second,) = ask(connections, OWN)
    assert second != first
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [second])
    assert second not in ask(connections, OWN, 2)


def test_only_a_few_are_kept(connections: ArrowConnections) -> None:
    lent = ask(connections, OWN, KEPT + 2)
    assert len(set(lent)) == KEPT + 2
    assert len(set(ask(connections, OWN, KEPT + 2)) & set(lent)) == KEPT


def test_more_than_the_most_are_not_lent_and_nobody_waits(connections: ArrowConnections) -> None:
    with connections.lend(MOST), pytest.raises(ServiceBusy), connections.lend(1):
        raise AssertionError("not reached")
    assert ask(connections, "SELECT 1 AS one") == [1]


def test_each_session_has_its_limits(connections: ArrowConnections) -> None:
    for name, value in SessionLimits().settings("tests").items():
        setting = f"SELECT current_setting('{name}') AS value"
        with connections.lend(1) as (connection,), connection.cursor() as cursor:
            cursor.execute(setting)
            (found,) = cursor.fetch_arrow_table().column(0).to_pylist()
        assert found in {value, f"{int(value) // 1000 if value.isdecimal() else value}s", "1min"}
