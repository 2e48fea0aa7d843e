"""The clock of the local run, shown and moved from the command line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.clock import app
from shared.clock import DemonstrationClock

BEGIN = datetime(2020, 10, 15, 1, tzinfo=UTC)


def said(folder: Path, *words: str) -> tuple[int, str]:
    """Return how the command ended and what it said."""
    done = CliRunner().invoke(app, ["--folder", str(folder), *words])
    return done.exit_code, done.output


def test_it_is_shown_and_moved(tmp_path: Path) -> None:
    DemonstrationClock.begun(tmp_path / "clock.json", BEGIN)
    assert said(tmp_path)[1].startswith("2020-10-15 09:0")
    for step, day in (("12h", "2020-10-15 21:0"), ("5d", "2020-10-20"), ("2w", "2020-11-03")):
        assert said(tmp_path, "advance", step)[1].startswith(day), step
    _, moved = said(tmp_path, "today")
    assert moved.startswith(str(datetime.now(UTC).year))


@pytest.mark.parametrize("step", ["-5d", "5", "5 days", "five", "99999d", "0.5d"])
def test_a_step_that_says_nothing_is_told(tmp_path: Path, step: str) -> None:
    DemonstrationClock.begun(tmp_path / "clock.json", BEGIN)
    code, refused = said(tmp_path, "advance", "--", step)
    assert code == 2
    assert "12h, 5d or 2w" in refused


def test_where_nothing_runs_there_is_no_clock(tmp_path: Path) -> None:
    code, refused = said(tmp_path, "advance", "5d")
    assert code == 2
    assert "make run" in refused
