"""The world of the stories."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.stories.pairs import PAIRS, NewWorld, Pair
from tests.world import World, a_world


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """What this telling of the story runs on."""
    database, _, transport = request.param.partition("-")
    return Pair(request.getfixturevalue(f"{database}_url"), transport == "socket")


@pytest.fixture
def new_world(tmp_path: Path, pair: Pair) -> NewWorld:
    """For stories that need a world with settings of its own."""
    return partial(a_world, tmp_path, database_url=pair.database_url, socket_mode=pair.socket_mode)


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """A world at 02:58 with every station sound."""
    async with new_world() as one:
        yield one


@pytest.fixture
async def world_by_hand(new_world: NewWorld) -> AsyncIterator[World]:
    """The same with PORTAL=manual: Relink can ask nobody but people."""
    async with new_world(by_hand=True) as one:
        yield one
