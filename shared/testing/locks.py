"""Waiting until somebody waits, where a test holds what others want."""

import asyncio

import asyncpg

from shared.db.connecting import connect_arguments

POLL_SECONDS, LONGEST_SECONDS = 0.01, 30
WAITS = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


async def until_one_waits(address: str) -> None:
    """Return once a session of a database waits for a lock of another. Raises TimeoutError."""
    connection = await asyncpg.connect(**connect_arguments(address))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await connection.fetchval(WAITS):  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(POLL_SECONDS)
    finally:
        await connection.close()
