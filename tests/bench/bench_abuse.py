"""What each process takes before, during and after its service is abused: memory and time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import chain

import psutil
import psycopg

from deploy.child import ChildRun, child_run, free_ports
from deploy.sample.load import XLSX
from services.registry.imports.columns import SHEETS
from shared.db.embedded import database_address
from tests.faults.conftest import START_SECONDS, folder_for_a_run
from tests.faults.load import reader
from tests.faults.slow import KINDS, connected, sent_by
from tests.registry.imports.packages import header_row, package, parts_of, text_cell
from tests.registry.samples import household

CLIENTS = 60
DURING_SECONDS = 10
MEGABYTE = 2**20


def main() -> None:
    """Abuse a system in each way in turn; print what every process takes and how others are served."""
    with (
        folder_for_a_run() as folder,
        child_run(folder, free_ports(), limit=START_SECONDS) as run,
    ):
        ways = chain(
            ((f"{CLIENTS} clients: {kind}", _connections(run, kind)) for kind in KINDS),
            ((f"import of {name}", _import(run, name, content)) for name, content in _files()),
            [("one transaction left open on the server", _open_transaction(run))],
        )
        for name, abused in ways:
            print(f"\n{name}")
            before = _taken(run)
            with abused:
                served = _served(run)
                during = _taken(run)
            time.sleep(2)
            _print(before, during, _taken(run), served)


def _connections(run: ChildRun, kind: str) -> AbstractContextManager[object]:
    return connected(run, CLIENTS, sent_by(kind, run))


def _files() -> Iterator[tuple[str, bytes]]:
    sheet = SHEETS[0]
    head = header_row(sheet)
    ranges = "<mergeCells>" + "<mergeCell ref='A2:XFD1048576'/>" * 20_000 + "</mergeCells>"
    yield "20,000 merged ranges", package(parts_of(sheet.name, head, ranges))
    far = head + f"<row r='1048576'>{text_cell('XFD1048576', 'x')}</row>"
    yield "a cell as far as a sheet goes", package(parts_of(sheet.name, far))
    yield "a line of 60 MB", f"{sheet.columns[0].header}\n".encode() + b"x" * (60 * MEGABYTE)


@contextmanager
def _import(run: ChildRun, name: str, content: bytes) -> Iterator[None]:
    file = f"{SHEETS[0].name}.csv" if "line" in name else "workbook.xlsx"
    with reader(run, "registry") as clerk:
        answer = clerk.post("/v1/imports", files={"files": (file, content, XLSX)})
        yield
        state = clerk.get(answer.headers["Location"]).json() if answer.is_success else answer.json()
        print(
            f"  answered {answer.status_code}, then {state.get('state')}: "
            f"{[each['code'] for each in state.get('problems', [])]}"
        )


@contextmanager
def _open_transaction(run: ChildRun) -> Iterator[None]:
    lines = (run.folder / "postgres" / "postmaster.pid").read_text().splitlines()
    server = f"postgresql://postgres:@/postgres?host={lines[4]}"
    with psycopg.connect(database_address(server, "qingling_rules")) as connection:
        connection.execute("SELECT pg_current_xact_id()")
        yield


def _served(run: ChildRun) -> Mapping[str, float]:
    """Read, write, and follow the feed as somebody else for a while; return what was done a second."""
    done = dict.fromkeys(("reads", "writes", "events"), 0)
    seconds = 0.0
    began = time.monotonic()
    with reader(run, "registry") as client:
        after = client.get("/v1/events", params={"limit": 1000}).headers["X-Next-Cursor"]
        while (seconds := time.monotonic() - began) < DURING_SECONDS:
            number = f"B-{time.monotonic_ns()}"
            done["writes"] += client.post(
                "/v1/households", json=household(number=number)
            ).is_success
            done["reads"] += client.get("/v1/households", params={"number": number}).is_success
            page = client.get("/v1/events", params={"after": after, "limit": 1000})
            if page.is_success:
                done["events"] += len(page.json())
                after = page.headers["X-Next-Cursor"]
    return {name: count / seconds for name, count in done.items()}


def _taken(run: ChildRun) -> dict[str, tuple[int, float]]:
    """Return memory in bytes and processors' seconds of each process, its children's included."""
    taken = {}
    for name, pid in run.pids().items():
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        if name == "postgres":
            continue  # its processes share most of their memory; their number is what others bound
        memory = sum(each.memory_info().rss for each in family)
        spent = sum(sum(each.cpu_times()[:2]) for each in family)
        taken[name] = (memory, spent)
    return taken


def _print(
    before: Mapping[str, tuple[int, float]],
    during: Mapping[str, tuple[int, float]],
    after: Mapping[str, tuple[int, float]],
    served: Mapping[str, float],
) -> None:
    done = ", ".join(f"{name} {rate:.0f}/s" for name, rate in served.items())
    print(f"  others meanwhile: {done}")
    for name, (memory, spent) in before.items():
        print(
            f"  {name:<18} memory {memory / MEGABYTE:5.0f} → {during[name][0] / MEGABYTE:5.0f} → "
            f"{after[name][0] / MEGABYTE:5.0f} MB, processors {during[name][1] - spent:5.1f} s"
        )
