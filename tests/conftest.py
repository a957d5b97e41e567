"""What tests of several folders share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import memory
from tests import examples
from tests.places import IN_MEMORY

examples.use()

pytest_plugins = ["tests.db.fixtures"]

PRINTED = "printed"
"""A property of a test (`record_property`): what is printed after the run, also when it passed."""


def pytest_collection_finish() -> None:
    """What was collected stays: the garbage collector need not look at all of it again in every test."""
    memory.started_up()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured."""
    reports = [report for same in terminalreporter.stats.values() for report in same]
    for report in reports:
        if getattr(report, "when", None) == "call":
            for name, value in report.user_properties:
                if name == PRINTED:
                    terminalreporter.write_line(str(value))


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where there is one: the tests commit often, and those of `tests/db` do so on the disk."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield Path(folder)
