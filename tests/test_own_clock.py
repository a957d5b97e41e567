"""Somebody sets the machine's clock: Relink's own goes on, no wait is cut short, nothing is blocked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.clock import MovableClock, SteadyClock
from bot.deps import Deps
from bot.life import Life
from bot.metrics import Metrics
from bot.watch import Watch
from db.clocks import LEASE
from db.models import Outgoing, Pace, Timer
from db.writer import Database
from tests.incidents.desk import NIGHT
from tests.reports.nights import incident

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DUE = {"check": timedelta(minutes=2), "look": timedelta(minutes=40), "parked": 4 * HOUR}


class Machine:
    """A machine whose clock can be set, and Relink's clock on it."""

    def __init__(self) -> None:
        self.shows = MovableClock(NIGHT)
        self.seconds = 0.0
        self.clock = SteadyClock(self.shows, lambda: self.seconds)

    def passes(self, length: timedelta) -> None:
        """Time goes by; the machine may be asleep."""
        self.seconds += length.total_seconds()
        self.shows.move(length)


class Supplies:
    """What the watch needs to keep time."""

    def __init__(self, db: Database, machine: Machine) -> None:
        self.db, self.clock, self.real = db, machine.clock, machine.clock
        self.metrics = Metrics(lambda: machine.seconds)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
async def watch(db: Database, machine: Machine) -> Watch:
    deps = cast(Deps, Supplies(db, machine))
    await db.write(fill)
    return Watch(deps, Life(deps))


def fill(session: Session) -> None:
    """Checks to come and one that is overdue; a pace that is booked, a message to be tried again, two leases."""
    number = incident(session)
    lease = {"lease": "a", "lease_until": NIGHT + LEASE}
    for kind, wait in (DUE | {"late": -SECOND}).items():
        row = {"incident_id": number, "kind": kind, "turn": 0, "due_at": NIGHT + wait}
        session.execute(insert(Timer).values(row | lease))
    session.execute(insert(Pace).values(key="post:C0ALERTS", free_at=NIGHT + SECOND))
    row = {"kind": "card", "rank": 1, "payload": {}, "created_at": NIGHT, "next_at": NIGHT + 5 * SECOND}
    session.execute(insert(Outgoing).values(key="card:1", state="retry", **row, **lease))


def waits(session: Session, now: datetime) -> dict[str, timedelta]:
    """How long each check still waits."""
    return {row.kind: row.due_at - now for row in session.execute(select(Timer.kind, Timer.due_at))}


def blocked(session: Session) -> list[datetime]:
    """Until when anything rests or is leased."""
    row = session.execute(select(Outgoing.next_at, Outgoing.lease_until)).one()
    leases = session.execute(select(Timer.lease_until)).scalars()
    return [session.execute(select(Pace.free_at)).scalar_one(), *row, *leases]


def said(logs: list[Any], event: str) -> list[Mapping[str, Any]]:
    """The log lines of this name."""
    return [line for line in logs if line["event"] == event]


def test_it_goes_on_whatever_the_machine_shows_and_through_its_sleep(machine: Machine) -> None:
    machine.shows.move(HOUR)
    assert (machine.clock.now(), machine.clock.step) == (NIGHT, HOUR)
    machine.passes(5 * HOUR)
    assert machine.clock.now() == NIGHT + 5 * HOUR
    machine.clock.follow()
    assert (machine.clock.now(), machine.clock.step) == (NIGHT + 6 * HOUR, timedelta(0))


def test_the_real_one_shows_the_machines_time_and_does_not_stand() -> None:
    clock = SteadyClock()
    assert abs(clock.step) < SECOND
    first = clock.now()
    while clock.now() == first:
        pass
    assert clock.now() > first


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["an hour forward", "an hour back"])
async def test_a_clock_set_wrongly_moves_nothing_and_is_told_once(
    watch: Watch, machine: Machine, db: Database, by: timedelta
) -> None:
    watch._deps.metrics.ahead_of_slack = timedelta(0)
    machine.shows.move(by)
    with capture_logs() as logs:
        for _ in range(3):
            await watch.keep_time()

    assert machine.clock.now() == NIGHT
    assert await db.read(waits, NIGHT) == DUE | {"late": -SECOND}
    (line,) = said(logs, "clock.set")
    assert line["seconds"] == by.total_seconds()
    assert watch.clock_off() == by


async def test_a_clock_that_is_put_right_forward_cuts_no_wait_short(
    watch: Watch, machine: Machine, db: Database
) -> None:
    watch._deps.metrics.ahead_of_slack = -HOUR
    machine.shows.move(HOUR)
    with capture_logs() as logs:
        await watch.keep_time()
        await watch.keep_time()

    now = machine.clock.now()
    assert now == NIGHT + HOUR
    kept = {"check": DUE["check"], "look": timedelta(minutes=30), "parked": DUE["parked"] - HOUR}
    assert await db.read(waits, now) == kept | {"late": -HOUR - SECOND}
    assert len(said(logs, "clock.followed")) == 1


async def test_a_clock_that_is_put_right_back_leaves_nothing_blocked(
    watch: Watch, machine: Machine, db: Database
) -> None:
    watch._deps.metrics.ahead_of_slack = HOUR
    machine.shows.move(-HOUR)

    await watch.keep_time()

    now = machine.clock.now()
    assert now == NIGHT - HOUR
    assert max(await db.read(blocked)) <= now + LEASE
    assert (await db.read(waits, now))["check"] == DUE["check"] + HOUR, "late, never early"


async def test_small_corrections_are_followed_without_a_word(watch: Watch, machine: Machine) -> None:
    machine.shows.move(-SECOND)
    with capture_logs() as logs:
        await watch.keep_time()

    assert (machine.clock.now(), logs) == (NIGHT - SECOND, [])


async def test_a_clock_set_back_between_two_lives_leaves_nothing_blocked(
    db: Database, machine: Machine
) -> None:
    await db.write(fill)
    machine.shows.move(-HOUR)
    machine.clock.follow()

    await Life(cast(Deps, Supplies(db, machine))).begin()

    assert max(await db.read(blocked)) <= NIGHT - HOUR + LEASE
