"""A disk that fills up: requests are told so, nothing is lost, and all goes on when there is room."""

import asyncio

from deploy.child import child_run, free_ports
from tests.faults.conftest import START_SECONDS, folder_for_a_run
from tests.faults.disks import disk_on
from tests.faults.load import Writers, recount
from tests.faults.patience import wait_for, wait_until_ready

NO_ROOM = (503, 507)


async def test_a_full_disk_is_told_and_nothing_is_lost() -> None:
    with (
        folder_for_a_run() as folder,
        disk_on(folder) as disk,
        child_run(folder, free_ports(), limit=START_SECONDS, sample=False) as run,
    ):
        writers = Writers(run, "F")
        async with writers.at_work(4) as acknowledged:
            await writers.get_on()
            disk.fill(run)
            answers = acknowledged.answers
            await asyncio.to_thread(
                wait_for,
                "told that there is no room",
                lambda: any(answers[each] for each in NO_ROOM),
            )
            disk.free(run)
            await writers.get_on()
            await wait_until_ready(run)
        assert 500 not in acknowledged.answers
        recount(run, acknowledged, "F")
