"""One move a turn, whoever presses and however many at once."""

import asyncio

import pytest
from sqlalchemy.orm import Session

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import moving, ownership
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.people import Person
from bot.runbook.moves import move
from db.models import Answer, Move, Outgoing
from db.queries import IncidentNow
from tests.incidents.desk import (
    BY_HAND,
    LEAD,
    NIGHT,
    ONE,
    REASON,
    RULES,
    STRANGER,
    TECHNICIAN,
    TWO,
    Desk,
    alert,
)

PAIRS = 50


async def many(desk: Desk, count: int = PAIRS) -> range:
    """So many stations are down, and only people can tell; gives the incidents' numbers."""
    desk.capabilities = BY_HAND
    stations = (StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(count))
    await desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))
    return range(1, count + 1)


async def test_two_people_press_the_same_turn_and_exactly_one_moves_it(desk: Desk) -> None:
    for incident in await many(desk):
        outcomes = await asyncio.gather(
            desk.press("active", ONE, turn=0, incident=incident),
            desk.press("not-this-station", TWO, turn=0, incident=incident),
            return_exceptions=True,
        )
        (late,) = [each for each in outcomes if each is not None]
        assert isinstance(late, StaleChoice)
        (made,) = await desk.moves(incident)
        standing = await desk.incident(incident)
        assert (standing.turn, standing.step, standing.owner) == (1, made.to_step, made.actor)


async def test_fifty_pairs_at_once_are_fifty_moves(desk: Desk) -> None:
    presses = [
        desk.press(choice, person, turn=0, incident=incident)
        for incident in await many(desk)
        for choice, person in (("active", ONE), ("not-this-station", TWO))
    ]
    outcomes = await asyncio.gather(*presses, return_exceptions=True)
    assert [type(each) for each in outcomes if each is not None] == [StaleChoice] * PAIRS
    assert await desk.count(Move) == PAIRS


async def test_a_person_and_a_timer_at_once_make_one_move(desk: Desk) -> None:
    incidents = await many(desk, 20)
    claimed = {one.incident: one for one in await desk.due()}
    for incident in incidents:
        pressed, looked = await asyncio.gather(
            desk.press("active", turn=0, incident=incident),
            desk.looked(claimed[incident], active=False),
            return_exceptions=True,
        )
        assert (pressed is None) != (looked is True)
        assert len(await desk.moves(incident)) == 1


async def test_the_late_one_is_told_who_was_first(desk: Desk) -> None:
    await desk.opened()
    desk.capabilities = BY_HAND
    await desk.press("active", ONE, turn=0)
    with pytest.raises(StaleChoice) as late:
        await desk.press("active", TWO, turn=0)
    first = late.value.first
    assert first is not None
    assert (first.actor, first.choice, first.at) == (ONE.user_id, "active", NIGHT)


async def test_a_move_from_an_old_reading_of_the_incident_writes_nothing(desk: Desk) -> None:
    """The guard in the UPDATE itself, without the look that `press` takes before."""
    old = await desk.opened()
    desk.capabilities = BY_HAND
    await desk.press("active")
    before = [await desk.count(table) for table in (Move, Answer, Outgoing)]

    def enter(session: Session, standing: IncidentNow) -> None:
        taken = move(
            RULES.runbook,
            "confirm-alert",
            "not-this-station",
            facts={},
            gates=frozenset(),
            roles=None,
            origin=None,
        )
        moving.enter(session, standing, taken, TWO, RULES, NIGHT)

    with pytest.raises(StaleChoice):
        await desk.db.write(enter, old)
    assert [await desk.count(table) for table in (Move, Answer, Outgoing)] == before
    await desk.stands("check-last-communication")


async def test_the_first_action_takes_ownership_and_whoever_has_it_keeps_it(desk: Desk) -> None:
    await desk.opened()
    desk.capabilities = BY_HAND
    await desk.press("active", ONE)
    await desk.press("older", TWO)
    assert (await desk.incident()).owner == ONE.user_id


async def test_a_technician_acts_without_owning(desk: Desk) -> None:
    await desk.back()
    owner = (await desk.incident()).owner
    desk.capabilities = BY_HAND
    await desk.press("online", TECHNICIAN)
    assert (await desk.incident()).owner == owner
    assert (await desk.moves())[-1].actor == TECHNICIAN.user_id


@pytest.mark.parametrize("person", [STRANGER, TECHNICIAN])
async def test_who_may_not_changes_nothing(desk: Desk, person: Person) -> None:
    await desk.at_restart()
    before = await desk.incident()
    with pytest.raises(NotAllowed):
        await desk.press("restart", person)
    assert await desk.incident() == before


async def test_a_lead_may_do_what_support_may(desk: Desk) -> None:
    await desk.at_restart()
    await desk.press("restart", LEAD)
    assert (await desk.incident()).owner == LEAD.user_id


async def test_a_second_restart_needs_its_form_with_a_reason(desk: Desk) -> None:
    await desk.back()
    desk.later(minutes=3)
    await desk.look(online=False)
    await desk.stands("restart-station")
    with pytest.raises(Refused, match="reason"):
        await desk.press("restart")
    with pytest.raises(Refused, match="form"):
        await desk.press("restart-again")
    await desk.press("restart-again", values=REASON)
    assert (await desk.incident()).restarts == 2


async def test_a_form_of_another_button_is_not_taken(desk: Desk) -> None:
    await desk.at_restart()
    with pytest.raises(Refused, match="form"):
        await desk.press("skip", values=Values("repair-log", {"fix": "false alarm"}))


async def test_a_closed_incident_takes_no_press(desk: Desk) -> None:
    closed = await desk.closed()
    with pytest.raises(Refused):
        await desk.press("log", turn=closed.turn)
    assert (await desk.incident()) == closed


async def test_taking_an_incident_leaves_its_buttons_good(desk: Desk) -> None:
    incident = await desk.opened()
    desk.capabilities = BY_HAND
    await desk.db.write(ownership.take, 1, TWO, RULES, NIGHT)
    await desk.press("active", ONE, turn=incident.turn)
    standing = await desk.incident()
    assert (standing.owner, standing.turn) == (TWO.user_id, 1)


async def test_two_take_it_at_once_and_one_has_it(desk: Desk) -> None:
    await desk.opened()
    takes = [desk.db.write(ownership.take, 1, person, RULES, NIGHT) for person in (ONE, TWO)]
    outcomes = await asyncio.gather(*takes, return_exceptions=True)
    assert [type(each) for each in outcomes if each is not None] == [StaleChoice]
    assert (await desk.lines()) == ["lines/taken.j2"]
