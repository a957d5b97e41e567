"""The world of the stories."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.world import World, a_world

MEMORY = Path("/dev/shm")  # noqa: S108 (only as the place for a temporary folder)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where there is one: the stories commit often, and the disk has tests of its own."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world at 02:58 with every station sound."""
    async with a_world(tmp_path) as one:
        yield one


@pytest.fixture
async def world_by_hand(tmp_path: Path) -> AsyncIterator[World]:
    """The same with PORTAL=manual: Relink can ask nobody but people."""
    async with a_world(tmp_path, by_hand=True) as one:
        yield one
