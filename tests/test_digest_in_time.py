"""A digest goes out in time, whoever takes long to say what it would like to know."""

import asyncio
from collections.abc import Sequence
from datetime import time
from functools import partial
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from bot import mornings
from bot.clock import MovableClock
from bot.deps import Abilities, Deps
from bot.messages import queue
from bot.people import Membership
from bot.portal.contract import Capabilities, Capability, Status
from bot.portal.manual import ManualPortal
from bot.schedule import DigestPlace
from db.writer import Database
from tests.incidents.desk import RULES
from tests.reports.nights import MINUTE, SEVEN, ZONE, incident, station

PLACE = DigestPlace("C0ALERTS", time(7), ZONE)


class SlowPortal(ManualPortal):
    """A portal that never finishes."""

    async def statuses(self, station_ids: Sequence[str]) -> tuple[Status, ...]:
        """Never."""
        await asyncio.Event().wait()
        return ()


class Crowd:
    """People of whom nobody is named before all were asked for; "U0NOBODY" never is."""

    def __init__(self, expected: int) -> None:
        self._all = asyncio.Barrier(expected)

    async def member(self, user_id: str) -> Membership | None:
        """Who it is, once everybody was asked for."""
        if user_id == "U0NOBODY":
            await asyncio.Event().wait()
        await self._all.wait()
        return Membership(user_id, "T0DEMO", False, False, f"Name of {user_id}", frozenset())


class Supplies:
    """What the facts of a digest need."""

    def __init__(self, db: Database, crowd: Crowd) -> None:
        self.db, self.directory, self.rules = db, crowd, RULES
        self.clock, self.portal = MovableClock(SEVEN), SlowPortal()
        self.abilities = Abilities(Capabilities(status=Capability.AUTO))


async def facts(db: Database, crowd: Crowd) -> Any:
    """What the digest would say now."""
    async with asyncio.timeout(5):
        return await mornings.facts_now(cast(Deps, Supplies(db, crowd)), PLACE)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for long; in service it is for half a lease."""
    assert queue.LEASE.total_seconds() / 2 >= mornings.PATIENCE_SECONDS
    monkeypatch.setattr(mornings, "PATIENCE_SECONDS", 0.05)


@pytest.mark.usefixtures("hurry")
async def test_a_portal_that_takes_too_long_has_not_said(db: Database) -> None:
    await db.write(partial(station, portal_id="EV-1"))
    told = await facts(db, Crowd(1))
    assert (told["known"], told["heard"]) == (1, None)


async def test_owners_are_asked_for_at_once(db: Database) -> None:
    def fill(session: Session) -> None:
        for owner in ("U0ONE", "U0TWO", None):
            incident(session, owner=owner, opened_at=SEVEN - MINUTE)

    await db.write(fill)
    told = await facts(db, Crowd(2))
    owners = [each["owner"] for group in told["decide"] for each in group]
    assert sorted(owners) == ["", "Name of U0ONE", "Name of U0TWO"]


@pytest.mark.usefixtures("hurry")
async def test_an_owner_slack_does_not_name_in_time_is_not_named(db: Database) -> None:
    await db.write(partial(incident, owner="U0NOBODY"))
    told = await facts(db, Crowd(1))
    assert told["decide"][0][0]["owner"] == "an owner Slack does not name"
