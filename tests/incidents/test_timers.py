"""Timers come due: late once, never early, never twice."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.incidents import arming, ownership, timers
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.portal.contract import Outcome
from db.models import Timer
from tests.incidents.desk import NIGHT, ONE, REASON, RULES, Desk, alert

MOMENT = timedelta(microseconds=1)


async def waiting(desk: Desk) -> datetime:
    """An incident that waits; gives the time of its next look."""
    await desk.opened()
    await desk.look(active=True)
    await desk.look()
    await desk.look()
    await desk.stands("wait-and-monitor")
    return (await desk.timers())["look"]


async def armed(desk: Desk, kind: str, turn: int) -> None:
    """A timer is left over from earlier."""
    await desk.db.write(arming.arm, 1, kind, turn, desk.now)


async def test_a_timer_is_not_claimed_before_it_is_due(desk: Desk) -> None:
    at = await waiting(desk)
    desk.now = at - MOMENT
    assert await desk.due() == ()
    desk.now = at
    (one,) = await desk.due()
    assert (one.incident, one.kind, one.due_at, one.does) == (1, "look", at, ("status",))


async def test_a_claimed_timer_is_left_alone_until_its_lease_is_over(desk: Desk) -> None:
    await desk.opened()
    (first,) = await desk.due()
    desk.real += timers.LEASE
    assert await desk.due() == ()
    desk.real += MOMENT
    (second,) = await desk.due()
    assert second.lease != first.lease


async def test_a_jump_of_the_procedures_clock_ends_no_lease(desk: Desk) -> None:
    await desk.opened()
    await desk.due()
    desk.now += timedelta(hours=5)
    assert await desk.due() == ()


async def test_whoever_lost_the_lease_comes_too_late(desk: Desk) -> None:
    await desk.opened()
    (first,) = await desk.due()
    desk.real += timers.LEASE + MOMENT
    (second,) = await desk.due()
    assert await desk.looked(first, active=True) is False
    assert await desk.moves() == []
    assert await desk.looked(second, active=True) is True
    assert await desk.choices() == ["active"]


async def test_the_same_claim_acts_once(desk: Desk) -> None:
    await desk.opened()
    (one,) = await desk.due()
    outcomes = await asyncio.gather(*(desk.looked(one, active=True) for _ in range(5)))
    assert sorted(outcomes) == [False] * 4 + [True]
    assert await desk.choices() == ["active"]


async def test_a_look_that_a_person_overtook_changes_nothing(desk: Desk) -> None:
    await waiting(desk)
    desk.later(minutes=3)
    (one,) = await desk.due()
    await desk.press("stop-waiting")
    moved = await desk.incident()
    assert await desk.looked(one, online=True) is False
    assert await desk.incident() == moved
    assert "look" in await desk.timers()


async def test_the_timer_of_a_closed_incident_is_dropped(desk: Desk) -> None:
    closed = await desk.closed()
    await armed(desk, "look", closed.turn)
    assert await desk.due() == ()
    assert await desk.timers() == {}


async def test_a_look_claimed_before_the_closing_changes_nothing(desk: Desk) -> None:
    await desk.proved()
    desk.later(minutes=3)
    (one,) = await desk.due()
    await desk.press("log", values=Values("repair-log", {"fix": "modem power cycle"}))
    closed = await desk.incident()
    assert await desk.looked(one, online=False) is False
    assert await desk.incident() == closed


async def test_a_timer_of_an_earlier_turn_is_dropped(desk: Desk) -> None:
    incident = await desk.opened()
    await desk.look(active=True)
    await armed(desk, "look", incident.turn)
    assert await desk.due() == ()
    assert await desk.timers() == {}


async def test_claimers_at_the_same_time_share_nothing_and_leave_nothing(desk: Desk) -> None:
    stations = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(60)]
    await desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))
    claims = [desk.db.write(timers.claim, RULES, desk.now, desk.real, 20) for _ in range(6)]
    claimed = [one.incident for batch in await asyncio.gather(*claims) for one in batch]
    while rest := await desk.due():
        claimed += [one.incident for one in rest]
    assert sorted(claimed) == list(range(1, 61))


async def test_the_oldest_are_claimed_first_and_no_more_than_asked(desk: Desk) -> None:
    stations = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(5)]
    await desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))

    def spread(session: Session) -> None:
        for number in range(1, 6):
            due = NIGHT - timedelta(minutes=number)
            session.execute(update(Timer).where(Timer.incident_id == number).values(due_at=due))

    await desk.db.write(spread)
    claimed = await desk.db.write(timers.claim, RULES, desk.now, desk.real, 2)
    assert [one.incident for one in claimed] == [5, 4]


async def test_next_due_is_the_soonest_timer(desk: Desk) -> None:
    assert await desk.db.read(timers.next_due) is None
    at = await waiting(desk)
    assert await desk.db.read(timers.next_due) == at


async def test_a_crash_between_claim_and_look_runs_it_again_late_and_once(desk: Desk) -> None:
    restarted = await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    await desk.due()
    desk.later(minutes=5)
    await desk.look(online=True)
    assert (await desk.choices())[-1] == "back"
    assert len(await desk.moves()) == restarted.turn + 1


# Nobody takes it


async def test_the_leads_are_called_when_nobody_has_taken_it_for_ten_minutes(desk: Desk) -> None:
    await desk.at_restart()
    rung_at = desk.now
    assert (await desk.timers())["take"] == rung_at + timedelta(minutes=10)
    desk.later(minutes=10)
    await desk.look(online=False)
    assert (await desk.lines())[-1] == "rings/not-taken.j2"
    assert "take" not in await desk.timers()


async def test_the_leads_are_not_called_for_what_somebody_has(desk: Desk) -> None:
    await desk.at_restart()
    await desk.db.write(ownership.take, 1, ONE, RULES, desk.now)
    assert "take" not in await desk.timers()
    await armed(desk, "take", 0)
    desk.later(minutes=10)
    assert all(one.kind == "look" for one in await desk.due())


async def test_the_leads_are_not_called_when_it_was_taken_between_claim_and_look(desk: Desk) -> None:
    await desk.at_restart()
    desk.later(minutes=10)
    (call,) = [one for one in await desk.due() if one.kind == "take"]
    await desk.db.write(ownership.take, 1, ONE, RULES, desk.now)
    assert await desk.looked(call) is False
    assert "rings/not-taken.j2" not in await desk.lines()


async def test_closing_takes_every_timer_away(desk: Desk) -> None:
    await desk.at_restart()
    assert set(await desk.timers()) == {"look", "take"}
    await desk.press("give-up", values=REASON)
    await armed(desk, "take", 0)
    await desk.press("log", values=Values("repair-log", {"fix": "could not complete"}))
    assert await desk.timers() == {}
