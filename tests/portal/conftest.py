"""A simulated fleet behind real HTTP, a clock that stands still, and a portal that never really waits."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.clock import MovableClock
from bot.demo.fleet import Fleet
from bot.demo.portal import PortalSimulator
from bot.demo.stories import demo_stations
from bot.portal.exchange import Timings
from bot.portal.http import HttpPortal
from tests.portal.servers import serving

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOKEN = "canary-token-7f3a"
QUICK = Timings(read=0.2, restart=0.3, connect=0.4, margin=0.1)
"""Short enough that a test of a timeout takes no time."""

OpenPortal = Callable[..., AbstractAsyncContextManager[HttpPortal]]


class Naps(list[float]):
    """Every pause that was asked for, in seconds; none is slept."""

    async def __call__(self, seconds: float) -> None:
        """Take note instead of sleeping."""
        self.append(seconds)


@pytest.fixture
def clock() -> MovableClock:
    """Stands at 03:00 UTC until a test moves it."""
    return MovableClock(START)


@pytest.fixture
def fleet(clock: MovableClock) -> Fleet:
    """The demo's twelve stations."""
    return Fleet(demo_stations(), clock)


@pytest.fixture
def simulator(fleet: Fleet) -> PortalSimulator:
    """The portal in front of them, five items a page so that every list has several."""
    return PortalSimulator(fleet, TOKEN, page=5)


@pytest.fixture
async def address(simulator: PortalSimulator) -> AsyncIterator[str]:
    """Where the simulator answers."""
    async with serving(simulator.app()) as url:
        yield url


@pytest.fixture
def naps() -> Naps:
    """The pauses between repeats."""
    return Naps()


@pytest.fixture
def open_portal(naps: Naps) -> OpenPortal:
    """Opens a connector to an address and closes it at the end of the block."""

    @asynccontextmanager
    async def opened(
        url: str,
        token: str = TOKEN,
        *,
        timings: Timings | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> AsyncIterator[HttpPortal]:
        portal = HttpPortal(url, token, timings=timings, sleep=naps, monotonic=monotonic)
        try:
            yield portal
        finally:
            await portal.close()

    return opened


@pytest.fixture
async def portal(address: str, open_portal: OpenPortal) -> AsyncIterator[HttpPortal]:
    """The connector to the simulator, with little patience."""
    async with open_portal(address, timings=QUICK) as opened:
        yield opened
