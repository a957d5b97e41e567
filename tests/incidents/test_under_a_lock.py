"""While a lock is on: no restart, no new visit, no closing, whatever is asked; what a removed lock leaves open."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import answers, asides, correcting
from bot.incidents.values import Values
from bot.messages import outbox
from bot.portal.contract import Outcome
from bot.runbook.press import Press
from db.models import Incident, Outgoing
from db.queries import IncidentNow
from tests.incidents.desk import LEAD, ONE, REASON, RULES, TECHNICIAN, Desk
from tests.incidents.on_site import CHOSEN, at_lock_out, at_the_station, lock, open_gate

REMOVED = Values("lock-removed", {"reason": "owner gone", "panel": "yes", "power": "not known"})


def commands(session: Session) -> list[tuple[str, str | None]]:
    """State and reason of every command."""
    rows = session.scalars(select(Outgoing).where(Outgoing.kind == "command"))
    return [(row.state, row.reason) for row in rows]


def set_incident(session: Session, /, **values: Any) -> None:
    """Write straight into the row."""
    session.execute(update(Incident).values(values))


def told(session: Session, incident: IncidentNow, said: Outcome, desk: Desk) -> None:
    """The portal said this of a restart."""
    fact = {"restart": {"outcome": said.value, "detail": ""}}
    answers.record(session, incident, fact, source="portal", actor=None, as_of=desk.now, now=desk.now)


def put_command(session: Session, desk: Desk, state: str) -> None:
    """A restart that is not delivered."""
    row = outbox.command(1, 3, "restart", "1:1", desk.now + timedelta(minutes=10), desk.now)
    outbox.put(session, [row | {"state": state}])


@pytest.mark.parametrize("state", ["new", "retry"])
async def test_a_restart_that_was_not_sent_is_cancelled_by_the_lock(desk: Desk, state: str) -> None:
    await at_lock_out(desk)
    await desk.db.write(put_command, desk, state)

    await lock(desk)

    assert await desk.db.read(commands) == [("dead", "a lock was put on")]
    await desk.stands("verify-zero-volts")


async def test_a_restart_on_its_way_is_waited_for(desk: Desk) -> None:
    await at_lock_out(desk)
    await desk.db.write(put_command, desk, "sending")

    with pytest.raises(Refused, match="on its way to the portal"):
        await lock(desk)

    assert (await desk.incident()).locks == 0


@pytest.mark.parametrize("outcome", [Outcome.QUEUED, Outcome.TIMEOUT, Outcome.UNKNOWN])
async def test_a_restart_that_may_lie_in_the_portal_is_waited_for(desk: Desk, outcome: Outcome) -> None:
    await at_lock_out(desk)
    incident = await desk.incident()
    for said in (outcome, Outcome.REJECTED):
        await desk.db.write(told, incident, said, desk)

    desk.later(minutes=9, seconds=59)
    with pytest.raises(Refused, match="Wait 1 min before you lock out"):
        await lock(desk)
    assert (await desk.incident()).locks == 0

    desk.later(seconds=1)
    await lock(desk)
    assert (await desk.incident()).locks == 2


@pytest.mark.parametrize(
    "values",
    [{"step": "dispatch"}, {"step": "restart-station"}, {"step": "wait-for-reconnect"}, {"closed_at": "now"}],
)
async def test_the_database_itself_refuses_what_must_not_be_under_a_lock(
    desk: Desk, values: dict[str, Any]
) -> None:
    await open_gate(desk)
    before = await desk.incident()

    with pytest.raises(DBAPIError, match="a lock is on"):
        await desk.db.write(lambda session: set_incident(session, **values | _now(values, desk)))
    with pytest.raises(DBAPIError, match="a lock is on"):
        await desk.db.write(put_command, desk, "new")

    assert await desk.incident() == before


def _now(values: dict[str, Any], desk: Desk) -> dict[str, Any]:
    return {"closed_at": desk.now} if "closed_at" in values else {}


async def test_no_choice_of_the_desk_gets_past_a_lock(desk: Desk) -> None:
    await open_gate(desk)
    before = await desk.moves()
    choices = ("restart", "restart-again", "restart-anyway", "when-it-ends", "sent-by-hand", "choose", "log")
    for choice in (
        *choices,
        "give-up",
        "others-too",
        "no-access",
        "stop-here",
        "cannot-lock",
        "accept",
        "paper",
    ):
        for who in (ONE, LEAD, TECHNICIAN):
            for values in (None, REASON, CHOSEN):
                with pytest.raises((Refused, NotAllowed, StaleChoice)):
                    await desk.press(choice, who, values)
    assert await desk.moves() == before


async def test_a_correction_under_a_lock_becomes_a_note(desk: Desk) -> None:
    await open_gate(desk)
    before = await desk.moves()
    wrong = next(move.turn for move in before if move.choice == "skip")
    pressed = Press(1, (await desk.incident()).turn, "correct")

    went_back = await desk.db.write(
        correcting.correct, pressed, wrong, "it was no hang", ONE, RULES, desk.now
    )

    assert went_back is False
    assert await desk.moves() == before
    assert (await desk.lines())[-1] == "lines/note.j2"


async def test_what_a_removed_lock_left_open_forbids_every_restart_until_it_is_settled(desk: Desk) -> None:
    await open_gate(desk)
    await desk.press("lock-removed", LEAD, REMOVED)
    incident = await desk.incident()
    assert (incident.step, incident.locks, incident.zero_at) == ("dispatch", 0, None)
    assert incident.hazard == "not known to be so: power on"
    await desk.db.write(set_incident, step="restart-station")

    with pytest.raises(Refused, match="power on"):
        await desk.press("restart")
    await desk.look(sessions=1)
    with pytest.raises(Refused, match="power on"):
        await desk.press("when-it-ends")
    desk.capabilities = type(desk.capabilities)()
    with pytest.raises(Refused, match="power on"):
        await desk.press("sent-by-hand")
    assert await desk.db.read(commands) == []

    await desk.press("settled", values=REASON)
    assert (await desk.incident()).hazard is None
    await desk.press("sent-by-hand")
    await desk.stands("wait-for-reconnect")


async def test_a_lead_who_is_sure_of_panel_and_power_leaves_nothing_open(desk: Desk) -> None:
    await open_gate(desk)

    await desk.press("lock-removed", LEAD, Values("lock-removed", {**REMOVED.fields, "power": "yes"}))

    assert (await desk.incident()).hazard is None


async def test_a_note_or_a_call_for_help_takes_nothing_off(desk: Desk) -> None:
    await open_gate(desk)

    await desk.db.write(asides.call_for_help, 1, TECHNICIAN, "It sparks", desk.now)

    assert (await desk.incident()).locks == 2
    assert (await desk.lines())[-1] == "rings/help.j2"


async def test_without_a_lock_the_way_back_is_open(desk: Desk) -> None:
    await at_the_station(desk)

    await desk.press("no-access", TECHNICIAN, REASON)

    await desk.stands("dispatch")
