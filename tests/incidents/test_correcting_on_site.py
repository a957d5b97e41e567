"""A wrong answer is put right by a new move, never under a lock, and never what cannot be unsaid. Notes and calls."""

from functools import partial

import pytest

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import asides, correcting
from bot.people import Person
from bot.runbook.press import Press
from tests.incidents import site
from tests.incidents.desk import BY_HAND, LEAD, ONE, REASON, RULES, STRANGER, TECHNICIAN, TWO, Desk
from tests.incidents.site import TECH, form


async def correct(desk: Desk, turn: int, person: Person = ONE, at: int | None = None) -> bool:
    """Put the answer of this turn right, on a card drawn now unless `at` says otherwise."""
    pressed = Press(1, (await desk.incident()).turn if at is None else at, "correct")
    return await desk.db.write(
        correcting.correct, pressed, turn, "it was the other one", person, RULES, desk.now
    )


async def may_be(desk: Desk, person: Person = ONE) -> list[str]:
    """The answers that may be put right, newest first."""
    pressed = Press(1, (await desk.incident()).turn, "correct")
    found = await desk.db.read(partial(correcting.correctable, rules=RULES), pressed, person)
    return [one.choice for one in found]


async def by_hand(desk: Desk) -> None:
    """Support has answered twice; nobody was asked to restart yet."""
    await desk.opened()
    desk.capabilities = BY_HAND
    await desk.press("active")
    await desk.press("older")


async def test_it_goes_back_to_the_answers_step_by_a_new_move(desk: Desk) -> None:
    await by_hand(desk)
    assert await may_be(desk) == ["older", "active"]
    assert await correct(desk, 0)

    await desk.stands("confirm-alert")
    assert await desk.choices() == ["active", "older", "correct"]
    (said,) = [row for row in await desk.answers() if row.name == "correct"]
    assert (said.value, said.actor, said.turn) == ({"reason": "it was the other one"}, ONE.user_id, 2)


async def test_what_a_correction_led_back_from_may_be_put_right_too(desk: Desk) -> None:
    await by_hand(desk)
    await correct(desk, 0)
    assert await may_be(desk) == ["older", "active"]
    assert await correct(desk, 1, TWO)
    await desk.stands("check-last-communication")


async def test_a_restart_and_what_relink_said_cannot_be_unsaid(desk: Desk) -> None:
    await desk.restarted()
    restart = (await desk.incident()).turn - 1
    with pytest.raises(Refused, match="Nobody has answered"):
        await may_be(desk)
    for turn in range(restart + 2):
        with pytest.raises(Refused, match="cannot be corrected"):
            await correct(desk, turn)
    await desk.stands("wait-for-reconnect")


async def test_under_a_lock_it_is_a_note(desk: Desk) -> None:
    await site.locked(desk)
    moves = await desk.moves()
    (signal,) = [move.turn for move in moves if move.choice == "to-lock-out"]
    assert not await correct(desk, signal, TECH)

    assert await desk.moves() == moves
    await desk.stands("verify-zero-volts")
    assert (await desk.lines())[-1] == "lines/note.j2"


async def test_a_lock_a_measurement_and_a_lock_off_are_no_opinions(desk: Desk) -> None:
    await site.at_restore(desk)
    await desk.press("unlock", TECH, form("unlock", site.UNLOCK))
    done = {"locked", "all-proved", "closed-up", "power-on"}
    assert not done & set(await may_be(desk, TECH))
    for move in await desk.moves():
        if move.choice in done:
            with pytest.raises(Refused, match="cannot be corrected"):
                await correct(desk, move.turn, TECH)


@pytest.mark.parametrize("choice", ["opened", "sim-fine", "antenna-fine"])
async def test_after_the_visit_no_correction_leads_back_inside(desk: Desk, choice: str) -> None:
    await site.at_restore(desk)
    await desk.press("unlock", TECH, form("unlock", site.UNLOCK))
    (inside,) = [move.turn for move in await desk.moves() if move.choice == choice]
    assert not await correct(desk, inside, TECH)

    await desk.stands("wait-for-boot")
    assert (await desk.lines())[-1] == "lines/note.j2"


async def test_from_an_old_card_or_by_a_stranger_nothing_is_corrected(desk: Desk) -> None:
    await by_hand(desk)
    with pytest.raises(StaleChoice):
        await correct(desk, 0, at=1)
    with pytest.raises(NotAllowed):
        await correct(desk, 0, STRANGER)
    with pytest.raises(NotAllowed):
        await may_be(desk, STRANGER)
    assert len(await desk.moves()) == 2


async def test_the_button_alone_corrects_nothing(desk: Desk) -> None:
    await by_hand(desk)
    with pytest.raises(Refused):
        await desk.press("correct")
    await desk.stands("restart-station")


async def test_a_button_without_a_form_takes_none(desk: Desk) -> None:
    """So no form of a lock-out can come with another button's click."""
    await site.asked(desk)
    with pytest.raises(Refused, match="has no form"):
        await desk.press("accept", TECH, form("lock-out", site.ONE_LOCK))
    assert await site.locks_of(desk) == []


# Notes and calls for help


@pytest.mark.parametrize("person", [ONE, LEAD, TECHNICIAN])
async def test_a_note_stands_in_the_thread_and_with_the_incident(desk: Desk, person: Person) -> None:
    await desk.opened()
    before = await desk.incident()
    await desk.db.write(asides.note, 1, person, "gate code changed", desk.now)

    (said,) = await desk.answers()
    assert (said.name, said.value, said.source, said.actor) == (
        "note",
        "gate code changed",
        "person",
        person.user_id,
    )
    assert await desk.lines() == ["lines/note.j2"]
    assert await desk.incident() == before


async def test_a_call_for_help_is_seen_in_the_channel_too(desk: Desk) -> None:
    await site.locked(desk)
    await desk.db.write(asides.call_for_help, 1, TECH, "the breaker does not stay off", desk.now)

    (line,) = [row for row in await site.rows(desk, "line") if row["template"] == "rings/help.j2"]
    assert line["payload"] == {"by": "Tech 1", "note": "the breaker does not stay off", "broadcast": True}
    await desk.stands("verify-zero-volts")


@pytest.mark.parametrize("say", [asides.note, asides.call_for_help])
async def test_a_stranger_says_nothing_and_nobody_on_a_closed_incident(desk: Desk, say: site.Say) -> None:
    await desk.at_restart()
    with pytest.raises(NotAllowed):
        await desk.db.write(say, 1, STRANGER, "x", desk.now)
    await desk.press("give-up", values=REASON)
    await desk.press("log", values=form("repair-log", {"fix": "could not complete"}))
    with pytest.raises(Refused, match="closed"):
        await desk.db.write(say, 1, ONE, "x", desk.now)
