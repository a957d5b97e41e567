"""The book of the process's lives: begun once, seen alive, begun anew after a sleep."""

from datetime import datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.deps import Deps
from bot.life import Gap, Life
from bot.metrics import Metrics
from db.lives import Run
from db.writer import Database
from tests.incidents.desk import NIGHT


class Supplies:
    """The supplies a life needs."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.metrics = Metrics()
        self.clock, self.real = MovableClock(NIGHT), MovableClock(NIGHT)

    def pass_by(self, length: timedelta, asleep: bool = False) -> None:
        """Time goes on for the procedure; on the machine too, unless the demo's clock was moved."""
        self.clock.move(length)
        if asleep:
            self.real.move(length)

    async def lives(self) -> list[tuple[datetime, datetime]]:
        """What is in the book."""
        return await self.db.read(_lives)


def _lives(session: Session) -> list[tuple[datetime, datetime]]:
    rows = session.execute(select(Run.started_at, Run.alive_at).order_by(Run.id))
    return [(started, alive) for started, alive in rows]


@pytest.fixture
def supplies(db: Database) -> Supplies:
    return Supplies(db)


async def test_it_begins_once_and_is_seen_alive(supplies: Supplies) -> None:
    life = Life(cast(Deps, supplies))
    await life.beat()
    assert await supplies.lives() == [], "nothing beats before it lives"
    await life.begin()
    await life.begin()
    supplies.pass_by(timedelta(hours=9))  # the demo's clock: nobody slept
    await life.beat()
    assert await supplies.lives() == [(NIGHT, NIGHT + timedelta(hours=9))]


async def test_without_its_database_it_misses_a_beat_and_nothing_ends(supplies: Supplies) -> None:
    life = Life(cast(Deps, supplies))
    await life.begin()
    await supplies.db.close()
    await life.beat()


async def test_after_a_sleep_it_lives_anew(supplies: Supplies) -> None:
    life = Life(cast(Deps, supplies))
    await life.begin()
    supplies.pass_by(timedelta(seconds=15), asleep=True)
    await life.beat()
    supplies.pass_by(timedelta(hours=5), asleep=True)
    await life.beat()
    woken = NIGHT + timedelta(hours=5, seconds=15)
    assert await supplies.lives() == [(NIGHT, NIGHT + timedelta(seconds=15)), (woken, woken)]


async def test_what_lay_before_it_is_known_unless_it_was_short_or_another_lived(supplies: Supplies) -> None:
    first = Life(cast(Deps, supplies))
    await first.begin()
    assert first.gap is None, "the very first of all"
    supplies.pass_by(timedelta(minutes=1), asleep=True)
    restarted = Life(cast(Deps, supplies))
    await restarted.begin()
    assert restarted.gap is None

    died = supplies.clock.now()
    supplies.pass_by(timedelta(minutes=75), asleep=True)
    late = Life(cast(Deps, supplies))
    await late.begin()
    assert late.gap == Gap(died, supplies.clock.now())
    beside = Life(cast(Deps, supplies))
    await beside.begin()
    assert beside.gap is None


async def test_lives_tell_each_other_what_came_back_from_slack(supplies: Supplies) -> None:
    """An event comes to any of several processes; after a restart it is known that they come at all."""
    others = Supplies(supplies.db)
    one, other = Life(cast(Deps, supplies)), Life(cast(Deps, others))
    await one.begin()
    assert not supplies.metrics.echoes.expected
    await other.begin()
    others.metrics.echoes.heard("C0ALERTS", "1795000000.000100")
    await other.beat()

    await one.beat()

    assert supplies.metrics.echoes.expected
    restarted = Supplies(supplies.db)
    await Life(cast(Deps, restarted)).begin()
    assert restarted.metrics.echoes.expected
