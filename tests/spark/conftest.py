"""Spark on this machine, started once; run by its name: `make test-spark`."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.rules.parquet.spark import spark_session


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Keep one session for every test; judging by Spark joins it."""
    with spark_session() as session:
        yield session
