"""The demonstration clock: moved forward for all who share it, and never read from where it says no time."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.clock import ClockUnreadable, DemonstrationClock, SystemClock, machine_time
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clock import FrozenClock
from shared.testing.plugin import settings_for

BEGIN = datetime(2020, 10, 15, 1, tzinfo=UTC)
MOMENT = timedelta(seconds=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def test_it_goes_on_from_where_it_was_set(file: Path) -> None:
    clock = DemonstrationClock.begun(file, BEGIN)
    assert BEGIN - MOMENT < clock.now() < BEGIN + MOMENT
    assert clock.now() >= clock.now() - MOMENT


def test_who_shares_it_is_moved_along(file: Path) -> None:
    ours, theirs = DemonstrationClock.begun(file, BEGIN), DemonstrationClock(file)
    before = ours.now()
    moved = theirs.advance(timedelta(days=5))
    assert timedelta(days=5) - MOMENT < moved - before < timedelta(days=5) + MOMENT
    assert moved <= ours.now() < moved + MOMENT
    assert DemonstrationClock(file).now() >= moved


def test_it_never_goes_back(file: Path) -> None:
    clock = DemonstrationClock.begun(file, BEGIN)
    with pytest.raises(ValueError, match="-1 day"):
        clock.advance(timedelta(days=-1))
    assert clock.now() >= BEGIN - MOMENT


@pytest.mark.parametrize(
    "said", ["", "2020-10-15", "[]", "{}", '{"offset_seconds": "soon"}', '{"offset_seconds": 1e30}']
)
def test_a_file_that_says_no_time_is_told(file: Path, said: str) -> None:
    file.write_text(said, encoding="utf-8")
    with pytest.raises(ClockUnreadable, match="offset_seconds"):
        DemonstrationClock(file)


def test_a_file_that_is_taken_away_is_told(file: Path) -> None:
    clock = DemonstrationClock.begun(file, BEGIN)
    file.unlink()
    with pytest.raises(ClockUnreadable):
        clock.now()


def test_what_takes_time_keeps_to_the_machines(file: Path) -> None:
    clock = DemonstrationClock.begun(file, BEGIN)
    assert abs(machine_time(clock).now() - datetime.now(UTC)) < MOMENT
    frozen = FrozenClock(BEGIN)
    assert machine_time(frozen) is frozen


def test_a_service_goes_by_the_machines_clock_unless_told(file: Path, issuer: LocalIssuer) -> None:
    plain = settings_for(ServiceSettings, "postgresql://x/y", issuer.public_keys)
    assert isinstance(plain.clock(), SystemClock)
    DemonstrationClock.begun(file, BEGIN)
    shown = settings_for(
        ServiceSettings, "postgresql://x/y", issuer.public_keys, demonstration_clock=file
    )
    assert shown.clock().now() < BEGIN + MOMENT


def test_nobody_else_relies_on_it(file: Path, issuer: LocalIssuer) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        settings_for(
            ServiceSettings,
            "postgresql://x/y",
            issuer.public_keys,
            demonstration_clock=file,
            public_url="https://example.invalid",
        )


def test_a_file_that_is_written_again_is_read_again(file: Path) -> None:
    clock = DemonstrationClock.begun(file, BEGIN)
    file.write_text('{"offset_seconds": 0}', encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert abs(clock.now() - datetime.now(UTC)) < MOMENT
