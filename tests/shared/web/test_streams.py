"""Long answers: the source never waits for a slow reader longer than agreed, and ends with the reader."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from shared.problems import ServiceBusy, TooManyRequests
from shared.values.bilingual import Bilingual
from shared.web.slots import Slots
from shared.web.streams import NobodyReads, Write, read_ahead

MUCH = bytes(range(256)) * 4096


async def all_of(parts: AsyncGenerator[bytes, None]) -> bytes:
    async with asyncio.timeout(20), aclosing(parts):
        return b"".join([part async for part in parts])


@pytest.mark.parametrize("most", [1, 7, 1000, len(MUCH), 2 * len(MUCH)])
async def test_everything_written_is_read_in_order(most: int) -> None:
    content = MUCH if most > 7 else MUCH[:100]

    def produce(write: Write) -> None:
        for place in range(0, len(content), 5000):
            write(content[place : place + 5000])

    assert await all_of(read_ahead(produce, most=most, patience=20)) == content


async def test_the_source_is_done_before_anybody_reads_on() -> None:
    done = threading.Event()

    def produce(write: Write) -> None:
        write(MUCH)
        done.set()

    async with aclosing(read_ahead(produce, most=len(MUCH), patience=20)) as parts:
        first = await anext(parts)
        assert await asyncio.to_thread(done.wait, 20)
        assert first + b"".join([part async for part in parts]) == MUCH


async def test_a_full_disk_is_waited_for_and_then_the_source_ends() -> None:
    ended = threading.Event()

    def produce(write: Write) -> None:
        try:
            write(MUCH)
        finally:
            ended.set()

    async with asyncio.timeout(20), aclosing(read_ahead(produce, most=10, patience=0.05)) as parts:
        await anext(parts)
        assert await asyncio.to_thread(ended.wait, 20)
        with pytest.raises(NobodyReads):
            await all_of(parts)


async def test_a_reader_who_leaves_ends_the_source() -> None:
    ended = threading.Event()

    def produce(write: Write) -> None:
        try:
            while True:
                write(MUCH)
        finally:
            ended.set()

    async with aclosing(read_ahead(produce, most=len(MUCH), patience=60)) as parts:
        await anext(parts)
    assert ended.is_set()


async def test_what_fails_is_raised_behind_what_was_written() -> None:
    def produce(write: Write) -> None:
        write(b"before")
        raise ValueError("broken")

    async with aclosing(read_ahead(produce, most=10, patience=20)) as parts:
        assert await anext(parts) == b"before"
        with pytest.raises(ValueError, match="broken"):
            await anext(parts)


async def test_places_are_bounded_by_caller_and_in_all_and_given_back() -> None:
    places = Slots(Bilingual("事", "things"), a_caller=2, at_once=3)
    with places.taken("a"), places.taken("a"), places.taken("b"):
        with pytest.raises(TooManyRequests) as refused, places.taken("a"):
            pass
        assert refused.value.headers == {"Retry-After": "5"}
        with pytest.raises(ServiceBusy), places.taken("b"):
            pass
    with places.taken("a"), places.taken("a"), places.taken("c"):
        pass
