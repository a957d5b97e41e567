"""A wrong answer whose step cannot be entered again leaves a note, and the incident stays where it stands."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import correcting
from bot.incidents.rules import Rules
from bot.people import Person
from bot.runbook.model import Gate, Role
from bot.runbook.press import Press
from db.models import Incident
from tests.incidents.desk import ONE, REASON, RULES, STRANGER, TWO, Desk

WORDS = "it was another station"


async def answered(desk: Desk) -> Press:
    """Support went on without a restart and got no answer on the telephone; what a click carries now."""
    await desk.at_restart()
    await desk.press("skip", values=REASON)
    await desk.press("no-answer")
    incident = await desk.incident()
    return Press(incident.id, incident.turn, correcting.CORRECT)


def behind_a_lock(step: str) -> Rules:
    """The same procedure, in which this step is behind a lock."""
    steps = dict(RULES.runbook.steps)
    steps[step] = replace(steps[step], needs=frozenset({Gate.LOCK_ON}))
    return replace(RULES, runbook=replace(RULES.runbook, steps=steps))


async def test_back_to_its_step_where_that_can_be_entered(desk: Desk) -> None:
    pressed = await answered(desk)

    assert await desk.db.write(correcting.correct, pressed, pressed.turn - 1, WORDS, ONE, RULES, desk.now)

    assert (await desk.incident()).step == "call-support"


async def test_a_note_where_the_step_cannot_be_entered(desk: Desk) -> None:
    pressed = await answered(desk)
    before, rules = await desk.incident(), behind_a_lock("call-support")

    went_back = await desk.db.write(
        correcting.correct, pressed, pressed.turn - 1, WORDS, ONE, rules, desk.now
    )

    assert not went_back
    assert (await desk.incident()).step == before.step
    assert [said.value for said in await desk.answers() if said.name == "note"] == [WORDS]
    assert "lines/note.j2" in await desk.lines()


async def test_a_guest_on_their_visit_corrects_no_answer_of_others(desk: Desk) -> None:
    pressed = await answered(desk)
    guest = Person("U0GUEST", frozenset({Role.TECHNICIAN}), "Guest", guest=True)
    theirs = update(Incident).where(Incident.id == pressed.incident).values(technician=guest.user_id)
    await desk.db.write(lambda session: session.execute(theirs) and None)

    with pytest.raises(Refused, match="Nobody has answered anything"):
        await desk.db.read(correcting.correctable, pressed, guest, RULES)
    with pytest.raises(Refused, match="cannot be corrected"):
        await desk.db.write(correcting.correct, pressed, pressed.turn - 1, WORDS, guest, RULES, desk.now)


@pytest.mark.parametrize("turn", [0, 99])
async def test_what_is_no_answer_of_a_person_is_refused(desk: Desk, turn: int) -> None:
    pressed = await answered(desk)

    with pytest.raises(Refused, match="cannot be corrected"):
        await desk.db.write(correcting.correct, pressed, turn, WORDS, ONE, RULES, desk.now)


async def test_who_may_do_nothing_corrects_nothing(desk: Desk) -> None:
    pressed = await answered(desk)

    with pytest.raises(NotAllowed):
        await desk.db.write(correcting.correct, pressed, pressed.turn - 1, WORDS, STRANGER, RULES, desk.now)


async def test_the_second_of_two_is_stale(desk: Desk) -> None:
    pressed = await answered(desk)
    await desk.db.write(correcting.correct, pressed, pressed.turn - 1, WORDS, ONE, RULES, desk.now)

    with pytest.raises(StaleChoice) as stale:
        await desk.db.write(correcting.correct, pressed, pressed.turn - 1, WORDS, TWO, RULES, desk.now)

    assert stale.value.first is not None
    assert stale.value.first.actor == ONE.user_id
