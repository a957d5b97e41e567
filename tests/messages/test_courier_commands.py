"""A restart goes out once, whatever happens on the way."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import Busy
from bot.incidents.stations import StationSeen
from bot.messages.queue import COMMAND_LEASE
from bot.portal.contract import Outcome
from bot.portal.exchange import Timings
from bot.tasks import Tasks
from tests.incidents.desk import alert
from tests.messages.post_office import PostOffice, RecordingPortal

OTHER = StationSeen(serial="CT4G-11873", id=None)


async def test_a_restart_is_sent_once_and_its_answer_starts_the_three_minutes(office: PostOffice) -> None:
    await office.desk.restarted()
    await office.deliver()
    await office.deliver()
    assert office.portal.restarted == [f"command:1:{(await office.desk.incident()).turn}"]
    assert (await office.desk.timers())["look"] == office.desk.now + timedelta(minutes=3)


async def test_a_crash_while_a_restart_was_being_sent_never_sends_it_again(office: PostOffice) -> None:
    """Whether it went out is not known: the three minutes count from when it was sent."""
    await office.desk.restarted()
    sent_at = office.desk.now
    await office.claim()
    office.desk.later(minutes=2)
    office.later(COMMAND_LEASE.total_seconds() + 1)
    await office.deliver()
    assert office.portal.restarted == []
    said = [each.value["outcome"] for each in await office.desk.answers() if each.name == "restart"]
    assert said == [Outcome.UNKNOWN.value]
    assert (await office.desk.timers())["look"] == sent_at + timedelta(minutes=3)


async def test_a_restart_that_expired_before_it_could_be_sent_is_never_sent(office: PostOffice) -> None:
    await office.desk.restarted()
    office.desk.later(minutes=10, seconds=1)
    await office.deliver()
    assert office.portal.restarted == []
    assert (await office.desk.choices())[-1] == "not-delivered"


async def test_a_restart_at_the_edge_of_its_time_is_still_sent(office: PostOffice) -> None:
    await office.desk.restarted()
    office.desk.later(minutes=10)
    await office.deliver()
    assert len(office.portal.restarted) == 1


@pytest.mark.parametrize("outcome", Outcome)
async def test_every_outcome_ends_the_command(office: PostOffice, outcome: Outcome) -> None:
    office.portal.outcome = outcome
    await office.desk.restarted()
    await office.deliver()
    office.later(COMMAND_LEASE.total_seconds() + 1)
    await office.deliver()
    assert len(office.portal.restarted) == 1
    assert (await office.row(office.portal.restarted[0]))["state"] == "sent"


async def told(office: PostOffice) -> list[str]:
    """What became of the restarts, as the incident keeps it."""
    return [each.value["outcome"] for each in await office.desk.answers() if each.name == "restart"]


# A portal that takes its time


async def test_while_the_portal_holds_a_restart_the_cards_go_out(office: PostOffice) -> None:
    await office.desk.restarted()
    office.portal.stuck = asyncio.Event()
    await office.courier().run_due()
    await office.desk.take(alert("a-2", station=OTHER))

    async with asyncio.timeout(10):
        await office.courier().run_due()

    assert len(office.cards()) == 2
    assert (await told(office), "look" in await office.desk.timers()) == ([], False)
    office.portal.stuck.set()
    await office.deliver()
    assert (len(office.portal.restarted), await told(office)) == (1, [Outcome.ACCEPTED.value])


def test_a_command_is_held_longer_than_anybody_waits_for_its_answer() -> None:
    waits = Timings()
    assert timedelta(seconds=waits.connect + waits.restart + 10) <= COMMAND_LEASE


async def test_an_answer_after_somebody_has_taken_over_changes_nothing(office: PostOffice) -> None:
    """A process that was suspended hears at last what the other one has told as not known."""
    await office.desk.restarted()
    office.portal.stuck = asyncio.Event()
    await office.courier().run_due()
    office.later(COMMAND_LEASE.total_seconds() + 1)
    other, its_own = RecordingPortal(), Tasks()
    await office.courier(portal=other, spawn=its_own.spawn).run_due()
    await its_own.drain()

    office.portal.stuck.set()
    await office.deliver()

    assert other.restarted == []
    assert (len(office.portal.restarted), await told(office)) == (1, [Outcome.UNKNOWN.value])


async def test_an_answer_that_cannot_be_written_down_is_not_known_and_nothing_is_sent_again(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.desk.restarted()
    office.portal.stuck = asyncio.Event()
    await office.courier().run_due()
    write = office.db.write

    async def full(*_: object) -> None:
        raise Busy("the disk is full")

    monkeypatch.setattr(office.db, "write", full)
    office.portal.stuck.set()
    with capture_logs() as logs:
        await office.tasks.drain()
    monkeypatch.setattr(office.db, "write", write)
    assert [entry["event"] for entry in logs] == ["command.unwritten"]
    office.later(COMMAND_LEASE.total_seconds() + 1)
    await office.deliver()

    assert (len(office.portal.restarted), await told(office)) == (1, [Outcome.UNKNOWN.value])
