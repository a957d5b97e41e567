"""The database's bad hours: everybody is told plainly, nothing is half done, and all goes on by itself."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from db import migrate
from db.base import Base
from db.models import Incident
from tests.db.postgres import Server
from tests.db.units import started
from tests.places import IN_MEMORY
from tests.stories.bad_databases import NAME, PostgresTroubles, SqliteTroubles, Trouble, small_disk
from tests.world import CHANNEL, STATION, SUPPORT, World, a_world

TOKEN = "a-long-word-of-the-monitoring"
NOT_DONE = "Relink cannot write this down right now, so nothing was done. Try again in a moment."
OTHERS = ("CT4G-20118", "CT4G-20544", "CT4G-11873")
PATIENCE = 20
"""Seconds for what takes one or two, on a machine that has much else to do."""


@dataclass(frozen=True)
class Place:
    """A world at the moment of a decision, and what can happen to its database."""

    world: World
    troubles: list[Trouble]

    async def alert(self, serial: str) -> tuple[int, str | None]:
        """Another station's alert; the status of the answer, and when to come back."""
        body = {
            "code": "CP-ERR-WIFI",
            "station": {"serial": serial},
            "raised_at": self.world.clock.now().isoformat(),
        }
        key = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession(headers=key) as session,
            session.post(f"{self.world.address}/alerts", json=body) as answer,
        ):
            return answer.status, answer.headers.get("Retry-After")

    async def pressed(self, label: str) -> str:
        """What somebody reads who presses a button of the card now."""
        slack, tasks = self.world.town.slack, self.world.house.deps.tasks
        await slack.press(SUPPORT, label, channel=CHANNEL, ts=self.world.card(STATION).ts)
        await tasks.drain()
        return self.world.whispers(SUPPORT)[-1]

    async def sent(self, note: str) -> list[str]:
        """What stands beside the field after the form that is open was sent."""
        slack = self.world.town.slack
        view = slack.open_view(SUPPORT)
        assert view is not None
        await slack.submit(SUPPORT, view.id, {"note": {"value": note}})
        return list(self.world.wrong(SUPPORT).values())

    async def written(self) -> Any:
        """How many rows there are of everything, and where the incidents stand."""
        return await self.world.house.deps.db.read(_written)


def _written(session: Session) -> Any:
    tables = Base.metadata.sorted_tables
    counts = {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables}
    return counts, session.execute(select(Incident.id, Incident.turn, Incident.version)).all()


@pytest.fixture
async def on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """Signed HTTP, and a file on a disk that can be filled."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk; tests/db/test_group_commit.py fills one without")
    monkeypatch.setattr("db.engine.LOCK_SECONDS", 0)
    with small_disk(tmp_path / "disk") as disk:
        troubles = SqliteTroubles(disk / "relink.db")
        async with a_world(disk, alert_tokens=f"noc:{TOKEN}") as world:
            await world.silent_for_30_minutes()
            yield Place(world, troubles.all())


@pytest.fixture
def server() -> Any:
    """A server that may be stopped."""
    with tempfile.TemporaryDirectory(prefix="relink-pg-", dir=IN_MEMORY) as folder:
        # It is stopped at once, and what was committed must be there when it is back.
        one = Server(Path(folder), synchronous_commit="on")
        one.command(f"CREATE DATABASE {NAME}")
        migrate.upgrade(one.url(NAME))
        yield one
        one.stop()


@pytest.fixture
async def on_postgres(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """Socket Mode, and a server of its own."""
    monkeypatch.setattr("db.engine.LOCK_SECONDS", 1)
    address, tokens = server.url(NAME), f"noc:{TOKEN}"
    async with a_world(tmp_path, socket_mode=True, database_url=address, alert_tokens=tokens) as world:
        await world.silent_for_30_minutes()
        yield Place(world, PostgresTroubles(server).all())


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    """The story is told on both."""
    found: Place = request.getfixturevalue(request.param)
    return found


async def test_whatever_happens_to_the_database_all_are_told_nothing_is_half_done_and_it_goes_on(
    place: Place,
) -> None:
    world = place.world
    await world.press(SUPPORT, "Add note")
    for number, (trouble, serial) in enumerate(zip(place.troubles, OTHERS, strict=True)):
        before = await place.written()
        async with trouble(world.house.deps.db):
            refused, read, beside = await asyncio.gather(
                place.alert(serial), place.pressed("Restart station"), place.sent(f"note {number}")
            )
        told = {"alert": refused, "press": read, "form": beside}
        assert told == {"alert": (503, "5"), "press": NOT_DONE, "form": [NOT_DONE]}, trouble
        assert await place.written() == before, trouble
        assert await place.alert(serial) == (202, None), trouble

    await world.fill(SUPPORT, note="it is well again")
    await world.press(SUPPORT, "Restart station")
    assert world.restarts() == 1
    await it_goes_on_by_itself(place, place.troubles[0])


async def it_goes_on_by_itself(place: Place, trouble: Trouble) -> None:
    """The promised check falls into the trouble: it is made when that is over, and few lines tell of it."""
    world, house = place.world, place.world.house
    house.ticker.start()
    with capture_logs() as logs:
        async with asyncio.timeout(PATIENCE), trouble(house.deps.db):
            world.later_at_once(minutes=3)
            house.nudge()
            while not any(entry["event"] == "round.postponed" for entry in logs):
                await started()
            for _ in range(50):
                house.nudge()
                await started()
        async with asyncio.timeout(PATIENCE):
            seen = world.town.slack.seq
            while not world.state().startswith("Back"):
                seen = await world.town.slack.changed(seen)
    await house.ticker.stop()
    told = [(entry["event"], entry.get("work")) for entry in logs if entry["log_level"] != "info"]
    assert len(told) == len(set(told)) <= 4, told
    assert world.restarts() == 1
