"""Ended under load, process by process and PostgreSQL too: nothing acknowledged is lost or doubled."""

import os
import signal
from functools import partial

from deploy.child import ChildRun, child_run, free_ports
from tests.faults.conftest import START_SECONDS, Size, folder_for_a_run
from tests.faults.load import Writers, items_of, recount
from tests.faults.patience import wait_for, wait_for_another, wait_until_ready


async def test_nothing_acknowledged_is_lost_or_doubled(system: ChildRun, size: Size) -> None:
    # How a process ends: at once, or asked to; SIGINT is how PostgreSQL is restarted.
    endings = [
        *((name, signal.SIGKILL) for name in size.killed),
        *((name, signal.SIGINT) for name in size.stopped),
    ]
    writers = Writers(system, "E")
    async with writers.at_work(size.writers) as acknowledged:
        for _ in range(size.rounds):
            for name, ending in endings:
                await writers.get_on()
                pid = system.pids()[name]
                os.kill(pid, ending)
                await wait_for_another(system, name, pid)
                await wait_until_ready(system)
        await writers.get_on()
    assert 500 not in acknowledged.answers
    recount(system, acknowledged, "E")
    homes = {str(each) for each in acknowledged.ids["household"]}
    wait_for("items of all", lambda: homes <= items_of(system).keys())
    items = items_of(system)
    assert {items[home] for home in homes} == {1}


async def test_a_run_that_is_killed_itself_goes_on_where_it_was() -> None:
    ports = free_ports()
    with folder_for_a_run() as folder:
        run = partial(child_run, folder, ports, limit=START_SECONDS, sample=False)
        with run() as first:
            writers = Writers(first, "R")
            async with writers.at_work(2) as acknowledged:
                await writers.get_on()
                left = first.pids()
                first.process.kill()
                first.process.wait()
        # The block above ends what it can; what the killed run had started goes on.
        with run() as second:
            own = {pid for name, pid in second.pids().items() if name != "postgres"}
            assert not own & {*left.values()}
            recount(second, acknowledged, "R")
