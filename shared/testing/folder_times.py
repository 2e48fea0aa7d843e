"""The seconds that the tests of each folder take, for whoever adds some: printed after the tests."""

from collections import defaultdict
from operator import itemgetter
from pathlib import PurePosixPath

import pytest


class FolderTimes:
    """Adds up what each test took, its fixtures included, whichever process ran it."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a part of a test."""
        folder = PurePosixPath(report.location[0]).parent
        self._seconds[str(folder)] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the folders, the slowest first."""
        terminalreporter.section("seconds by folder")
        for folder, seconds in sorted(self._seconds.items(), key=itemgetter(1), reverse=True):
            terminalreporter.write_line(f"{seconds:8.1f}  {folder}")
