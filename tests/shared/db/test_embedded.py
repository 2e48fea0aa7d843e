"""PostgreSQL from a wheel, set up by several at the same time."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared.db import embedded


def test_a_server_is_set_up_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    most: list[int] = []

    def set_up(*_: Any, **__: Any) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()

    monkeypatch.setattr(embedded, "PostgresServer", set_up)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(embedded.EmbeddedServer, (tmp_path / str(each) for each in range(4))))

    assert most == [1, 1, 1, 1]
