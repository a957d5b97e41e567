"""The collector leaves alone what start-up made, and nothing else."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import serve
from bot import memory
from bot.clock import MovableClock
from bot.demo.town import HOST, found_town
from handlers.web import start

PATIENCE = 30


class Ring:
    """Something only the collector can free: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The collector as it was, for the tests that follow."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_a_full_collection_has_nothing_to_look_at_but_what_came_later() -> None:
    memory.started_up()

    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1_000


def test_what_start_up_threw_away_is_not_kept() -> None:
    thrown_away = weakref.ref(Ring())

    memory.started_up()

    assert thrown_away() is None


def test_rings_made_later_are_freed_without_being_asked_for() -> None:
    memory.started_up()
    first = weakref.ref(Ring())

    rings = [Ring() for _ in range(2 * memory.YOUNG)]

    assert rings
    assert first() is None


async def test_a_bot_that_serves_has_done_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = asyncio.Event()
    monkeypatch.setattr(memory, "started_up", done.set)
    town = found_town(MovableClock(datetime.now(UTC), running=True))
    outside = town.slack.app()
    outside.add_subapp("/portal", town.portal.app())
    runner, port = await start(outside, HOST, 0)

    serving = asyncio.create_task(serve(town.settings(f"http://{HOST}:{port}", tmp_path, port=0)))
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    serving.cancel()
    await asyncio.wait([serving])
    await runner.cleanup()

    assert serving.cancelled()
