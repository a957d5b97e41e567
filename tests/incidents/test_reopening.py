"""A closed incident is opened again by a person: by whom, how long, what stays, whose it is, who is called."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import reopening
from bot.incidents.values import Values
from bot.people import Person
from bot.runbook.press import Press
from db.models import Incident, Outgoing
from tests.incidents.desk import (
    BY_HAND,
    LEAD,
    ONE,
    REASON,
    REPAIR_LOG,
    RULES,
    SILENT_SINCE,
    STRANGER,
    TECHNICIAN,
    TWO,
    Desk,
    alert,
)

WHY = "closed the wrong one"
DAY = timedelta(hours=24)


async def reopen(desk: Desk, person: Person = TWO, *, turn: int | None = None, incident: int = 1) -> None:
    """Somebody presses "Reopen", says yes and why, on a card drawn now unless `turn` says otherwise."""
    standing = await desk.incident(incident)
    pressed = Press(incident, standing.turn if turn is None else turn, "reopen")
    await desk.db.read(reopening.may_reopen, pressed, person, "/charger", RULES, desk.now)
    await desk.db.write(reopening.by_hand, pressed, person, WHY, "/charger", RULES, desk.now)


async def payloads(desk: Desk, template: str) -> list[object]:
    """What the lines of this template were written with."""

    def read(session: Session) -> list[object]:
        return list(session.scalars(select(Outgoing.payload).where(Outgoing.template == template)))

    return await desk.db.read(read)


@pytest.mark.parametrize("person", [ONE, TWO, LEAD], ids=lambda person: person.name)
async def test_support_and_leads_open_it_again_and_have_it(desk: Desk, person: Person) -> None:
    closed = await desk.closed()
    rings = [line for line in await desk.lines() if line.startswith("rings/")]
    desk.later(hours=1)

    await reopen(desk, person)

    again = await desk.incident()
    assert (again.step, again.closed_at, again.owner) == (RULES.runbook.start, None, person.user_id)
    assert (again.reopenings, again.fix, again.back_at) == (1, None, None)
    assert (again.restarts, again.tried) == (closed.restarts, True), "its restart budget stays used"
    assert [line for line in await desk.lines() if line.startswith("rings/")] == rings, "nobody is called"
    assert {"turn": closed.turn, "broadcast": True} in await payloads(desk, "lines/move.j2")
    assert await desk.timers() == {"look": desk.now}
    last = (await desk.moves())[-1]
    assert (last.step, last.choice, last.to_step) == ("closed", "reopened", RULES.runbook.start)
    assert (last.actor, last.actor_name, last.turn) == (person.user_id, person.name, closed.turn)
    said = (await desk.answers())[-1]
    assert (said.name, said.value, said.actor) == ("reopened", {"reason": WHY}, person.user_id)


@pytest.mark.parametrize("person", [TECHNICIAN, STRANGER], ids=lambda person: person.name)
async def test_nobody_else_does(desk: Desk, person: Person) -> None:
    closed = await desk.closed()

    with pytest.raises(NotAllowed):
        await reopen(desk, person)

    assert await desk.incident() == closed


async def test_a_late_press_and_a_second_one_are_told_who_was_first(desk: Desk) -> None:
    closed = await desk.closed()
    await reopen(desk, ONE)

    with pytest.raises(StaleChoice) as late:
        await reopen(desk, TWO, turn=closed.turn)
    with pytest.raises(StaleChoice, match="It is open"):
        await reopen(desk, TWO)

    assert late.value.first is not None
    assert (late.value.first.actor, late.value.first.choice) == (ONE.user_id, "reopened")
    assert (await desk.incident()).owner == ONE.user_id


async def test_an_alert_that_was_first_wins(desk: Desk) -> None:
    closed = await desk.closed()
    desk.later(hours=1)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))

    with pytest.raises(StaleChoice):
        await reopen(desk, TWO, turn=closed.turn)

    assert (await desk.incident()).owner == ONE.user_id


async def test_it_can_be_done_for_a_day_and_then_there_is_another_way(desk: Desk) -> None:
    await desk.closed()
    desk.later(hours=24, seconds=1)
    with pytest.raises(Refused, match=r"more than 24 hours ago\. .* type /charger open CT4G-20117\."):
        await reopen(desk)
    assert (await desk.incident()).closed_at is not None

    desk.later(seconds=-1)
    await reopen(desk)
    assert (await desk.incident()).closed_at is None


async def test_not_while_another_incident_of_the_station_is_open(desk: Desk) -> None:
    await desk.closed()
    desk.later(hours=30)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))

    with pytest.raises(Refused, match="I-2026-0002 of this station is open"):
        await reopen(desk)


async def test_what_a_removed_lock_left_open_stays_open(desk: Desk) -> None:
    """Closing is refused while there is a hazard; should one stand on a closed incident all the same, it is kept."""
    await desk.closed()
    left = update(Incident).values(hazard="not known to be so: panel closed")
    await desk.db.write(lambda session: session.execute(left) and None)

    await reopen(desk)

    assert (await desk.incident()).hazard == "not known to be so: panel closed"
    desk.capabilities = BY_HAND
    await desk.press("give-up", values=REASON)
    with pytest.raises(Refused):
        await desk.press("log", values=Values(REPAIR_LOG, {"fix": "could not complete"}))


def lost_seconds(session: Session) -> int | None:
    """What the incident lost over all its closings."""
    return session.scalars(select(Incident.lost_seconds)).one()


async def close_by_hand(desk: Desk) -> None:
    """Given up and logged."""
    desk.capabilities = BY_HAND
    await desk.press("give-up", values=REASON)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": "could not complete"}))


@pytest.mark.parametrize("again", [reopen, None], ids=["by hand", "by an alert"])
async def test_no_minute_without_contact_is_counted_twice(
    desk: Desk, again: Callable[[Desk], None] | None
) -> None:
    """Never back, closed after an hour, open again four hours later, closed after one more: six hours in all."""
    await desk.opened(last_communication=SILENT_SINCE)
    desk.now = SILENT_SINCE + timedelta(hours=1)
    await close_by_hand(desk)
    assert await desk.db.read(lost_seconds) == 3600
    desk.later(hours=4)
    if again is None:
        await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    else:
        await reopen(desk)
    desk.later(hours=1)
    await close_by_hand(desk)

    assert await desk.db.read(lost_seconds) == 6 * 3600


@pytest.mark.parametrize("again", [reopen, None], ids=["by hand", "by an alert"])
async def test_the_hours_in_which_it_was_well_are_not_lost(
    desk: Desk, again: Callable[[Desk], None] | None
) -> None:
    """Back and closed, open again five hours later, seen online a minute after that."""
    await desk.closed()
    before = await desk.db.read(lost_seconds) or 0
    desk.later(hours=5)
    if again is None:
        await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    else:
        await reopen(desk)
    desk.later(minutes=1)
    await desk.look(active=False, online=True)
    await close_by_hand(desk)

    assert await desk.db.read(lost_seconds) == before + 60


async def test_it_is_proved_and_closed_like_any_other_with_all_of_it_in_the_log(desk: Desk) -> None:
    await desk.closed()
    desk.later(hours=1)
    await reopen(desk)
    await desk.look(active=False, online=True)
    await desk.stands("verify-online")
    desk.later(minutes=1)
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    await desk.press("waive", TWO)
    await desk.look(bars=4)
    await desk.press("log", TWO, Values(REPAIR_LOG, {"fix": "false alarm"}))

    assert (await desk.incident()).closed_at == desk.now
    assert (await desk.lines()).count("log/repair-log.j2") == 2
