"""A service is imported without looking for garbage, and what it imports is never looked through."""

import gc
import runpy
import sys
from collections.abc import Iterator

import pytest

from shared.loading import loading
from tests.contract.services import SERVICES


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_garbage_is_looked_for_again_afterwards() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_imports_is_not_looked_through(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [service, "--help"])
    assert gc.get_freeze_count() == 0
    with pytest.raises(SystemExit):
        runpy.run_module(f"services.{service}", run_name="__main__")
    assert gc.get_freeze_count() > 0
