"""The short soak: killed at every named point, then at random moments under load; nothing lost, nothing doubled."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PRINTED
from tests.soak.judge import judge
from tests.soak.lives import lives_of
from tests.soak.points import IN_ORDER, STATIONS, Ways
from tests.soak.report import told
from tests.stories.failpoints import POINTS
from tests.stories.pairs import Pair

AT_RANDOM = 5
MORE_STATIONS = 4
"""That are sound when the random part begins."""
SETTLES_IN = 6


def test_every_named_point_is_on_the_way() -> None:
    assert sorted(IN_ORDER) == sorted(POINTS)


@pytest.mark.timeout(600)
async def test_killed_wherever_it_may_be_it_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, pair: Pair, record_property: Callable[[str, object], None]
) -> None:
    async with lives_of(tmp_path, pair, stations=STATIONS + MORE_STATIONS, seed=6) as lives:
        ways = Ways(lives)
        for point in IN_ORDER:
            await ways.to(point)
        for _ in range(AT_RANDOM):
            await lives.one_dies()
        await lives.recovers()
        await lives.settle(SETTLES_IN)
        verdict = await judge(lives.world, lives.ledger, lives.db)
        name = "PostgreSQL, Socket Mode" if pair.socket_mode else "SQLite, signed HTTP"
        record_property(PRINTED, told(name, lives.deaths, verdict, lives.ledger))

    assert lives.deaths == len(IN_ORDER) + AT_RANDOM
    assert verdict.wrong == []
    assert verdict.counts["digests"] == 1
