"""The portal's answer to a restart comes back, at once, late, or never."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.incidents import progress
from bot.portal.contract import Outcome
from bot.runbook.press import Press
from db.models import Move
from db.writer import Database
from tests.db.units import PATIENCE
from tests.incidents.desk import AUTO, ONE, REASON, RULES, Desk

TAKEN = (Outcome.ACCEPTED, Outcome.QUEUED)
NOTHING_HAPPENED = (Outcome.REJECTED, Outcome.NOT_CONNECTED, Outcome.UNSUPPORTED)
NOT_KNOWN = (Outcome.TIMEOUT, Outcome.UNKNOWN)
THREE_MINUTES = timedelta(minutes=3)


def test_every_outcome_has_a_story_here() -> None:
    assert set(TAKEN) | set(NOTHING_HAPPENED) | set(NOT_KNOWN) == set(Outcome)


async def test_nothing_is_armed_before_the_portal_has_answered(desk: Desk) -> None:
    incident = await desk.restarted()
    assert await desk.timers() == {}
    assert incident.deadline_at is None


@pytest.mark.parametrize("outcome", TAKEN)
async def test_taken_the_three_minutes_count_from_the_answer(desk: Desk, outcome: Outcome) -> None:
    await desk.restarted()
    sent_at = desk.now
    desk.later(seconds=40)
    await desk.answered(outcome, sent_at=sent_at)
    assert await desk.timers() == {"look": desk.now + THREE_MINUTES}
    incident = await desk.incident()
    assert (incident.step, incident.remedy_at) == ("wait-for-reconnect", desk.now)
    assert incident.restarts == 1


@pytest.mark.parametrize("outcome", NOT_KNOWN)
async def test_not_known_the_three_minutes_count_from_the_sending(desk: Desk, outcome: Outcome) -> None:
    await desk.restarted()
    sent_at = desk.now
    desk.later(seconds=40)
    await desk.answered(outcome, sent_at=sent_at)
    assert await desk.timers() == {"look": sent_at + THREE_MINUTES}
    assert (await desk.incident()).restarts == 1


@pytest.mark.parametrize("outcome", NOTHING_HAPPENED)
async def test_surely_nothing_happened_it_goes_on_at_once_and_rings(desk: Desk, outcome: Outcome) -> None:
    await desk.restarted()
    await desk.answered(outcome)
    assert (await desk.choices())[-1] == "not-delivered"
    assert (await desk.lines())[-1] == "rings/not-delivered.j2"
    incident = await desk.incident()
    step = RULES.runbook.steps["wait-for-reconnect"].choice("not-delivered")
    assert step is not None
    assert (incident.step, incident.restarts, incident.remedy_at) == (step.to, 0, None)


@pytest.mark.parametrize("outcome", Outcome)
async def test_an_answer_is_kept_with_its_source(desk: Desk, outcome: Outcome) -> None:
    await desk.restarted()
    await desk.answered(outcome)
    said = [each for each in await desk.answers() if each.name == "restart"]
    assert [(each.value["outcome"], each.source) for each in said] == [(outcome.value, "portal")]


@pytest.mark.parametrize("outcome", Outcome)
async def test_an_answer_for_an_incident_that_moved_on_changes_nothing(desk: Desk, outcome: Outcome) -> None:
    restarted = await desk.restarted()
    await desk.press("give-up", values=REASON)
    moved, moves, timers = await desk.incident(), await desk.count(Move), await desk.timers()
    await desk.answered(outcome, turn=restarted.turn)
    assert await desk.incident() == moved
    assert (await desk.count(Move), await desk.timers()) == (moves, timers)
    assert "restart" not in {each.name for each in await desk.answers()}


async def test_an_answer_for_a_closed_incident_changes_nothing(desk: Desk) -> None:
    closed = await desk.closed()
    await desk.answered(Outcome.ACCEPTED, turn=closed.turn)
    assert await desk.incident() == closed
    assert await desk.timers() == {}


async def test_a_restart_that_did_nothing_leaves_the_earlier_one_counted(desk: Desk) -> None:
    """What is verified later must still be newer than the restart that did happen."""
    await desk.back()
    first = (await desk.incident()).remedy_at
    desk.later(minutes=3)
    await desk.look(online=False)
    await desk.stands("restart-station")
    await desk.press("restart-again", values=REASON)
    await desk.answered(Outcome.NOT_CONNECTED)
    incident = await desk.incident()
    assert (incident.restarts, incident.remedy_at) == (1, first)


async def test_a_restart_by_hand_waits_three_minutes_from_the_press(desk: Desk) -> None:
    await desk.at_restart()
    desk.capabilities = type(desk.capabilities)()
    await desk.press("sent-by-hand")
    assert await desk.timers() == {"look": desk.now + THREE_MINUTES}


async def test_an_answer_and_a_person_at_the_same_moment_leave_the_next_step_its_timer(
    postgres_db: Database,
) -> None:
    """The person's move is not committed yet when the answer comes in; only PostgreSQL writes side by side."""
    desk = Desk(postgres_db)
    restarted = await desk.restarted()
    written, commit = threading.Event(), threading.Event()

    def give_up(session: Session) -> None:
        pressed = Press(1, restarted.turn, "give-up")
        progress.press(session, pressed, ONE, REASON, AUTO, RULES, desk.now)
        session.flush()
        written.set()
        commit.wait(PATIENCE)

    moving = asyncio.create_task(desk.db.write(give_up))
    await asyncio.to_thread(written.wait, PATIENCE)
    answering = asyncio.create_task(desk.answered(Outcome.ACCEPTED, turn=restarted.turn))
    while not await desk.db.read(somebody_waits_for_a_lock):
        assert not answering.done()
    commit.set()
    await asyncio.gather(moving, answering)
    incident = await desk.incident()
    assert (incident.step, incident.deadline_at) == ("log-repair", None)
    claimed = await desk.due()
    assert [one.turn for one in claimed if one.kind == "look"] == [incident.turn]


def somebody_waits_for_a_lock(session: Session) -> bool:
    """Does a statement of this database wait for another transaction?"""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(session.execute(text(query)).scalar_one())
