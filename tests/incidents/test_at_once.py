"""PostgreSQL writes side by side; two who change one incident at the same moment still come one after the other."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import First, Refused, StaleChoice
from bot.incidents import intake, ownership, progress, timers
from bot.incidents.intake import AlertIn
from bot.incidents.values import Values
from bot.people import Person
from bot.runbook.press import Press
from db.models import Outgoing
from db.writer import Database
from tests.incidents.at_once import Unit, at_once
from tests.incidents.desk import (
    BY_HAND,
    ONE,
    REASON,
    REPAIR_LOG,
    RULES,
    SILENT_SINCE,
    TECHNICIAN,
    TWO,
    Desk,
    alert,
    readings,
)


@pytest.fixture
def desk(postgres_db: Database) -> Desk:
    """A desk on PostgreSQL only: SQLite has one writer, which makes two at once impossible."""
    return Desk(postgres_db)


def takes(desk: Desk, person: Person) -> Unit:
    """This person presses "Take"."""
    return partial(ownership.take, incident_id=1, person=person, rules=RULES, now=desk.now)


def presses(desk: Desk, turn: int, choice: str, person: Person, values: Values | None = None) -> Unit:
    """This person presses a button of the card of that turn."""

    def press(session: Session) -> None:
        pressed = Press(1, turn, choice)
        progress.press(session, pressed, person, values, desk.capabilities, RULES, desk.now)

    return press


async def looks(desk: Desk, kind: str = "look", **said: Any) -> Unit:
    """Relink hands in what the portal said for the timer of this kind that is due."""
    (due,) = [one for one in await desk.due() if one.kind == kind]
    found = readings(desk.now, **said)
    return partial(
        timers.looked, due=due, readings=found, capabilities=desk.capabilities, rules=RULES, now=desk.now
    )


def sends(desk: Desk, one: AlertIn) -> Unit:
    """A portal sends this alert."""
    return partial(intake.take, source="portal", alerts=(one,), rules=RULES, now=desk.now)


async def both_are_shown(desk: Desk, before: int) -> None:
    """Both changes count, and a card that goes out with the first of them is wanted once more for the second."""
    version = (await desk.incident()).version
    assert version == before + 2
    assert await desk.db.read(_wanted) == version


def _wanted(session: Session) -> int:
    return session.execute(select(Outgoing.wanted).where(Outgoing.key == "card:1")).scalar_one()


async def test_a_taking_and_a_move_at_once_are_two_edits_of_the_card(desk: Desk) -> None:
    await desk.at_restart()
    before = await desk.incident()

    done = await at_once(desk.db, takes(desk, ONE), presses(desk, before.turn, "skip", TWO, REASON))

    assert done == (None, None)
    assert (await desk.incident()).owner == ONE.user_id
    assert (await desk.moves())[-1].actor == TWO.user_id
    await both_are_shown(desk, before.version)


async def test_a_move_and_a_taking_at_once_are_two_edits_of_the_card(desk: Desk) -> None:
    """The technician on site moves it and does not own it."""
    await desk.back()
    await desk.db.write(ownership.release, 1, ONE, RULES, desk.now)
    before, desk.capabilities = await desk.incident(), BY_HAND

    done = await at_once(desk.db, presses(desk, before.turn, "online", TECHNICIAN), takes(desk, TWO))

    assert done == (None, None)
    assert (await desk.incident()).owner == TWO.user_id
    assert (await desk.moves())[-1].actor == TECHNICIAN.user_id
    await both_are_shown(desk, before.version)


@pytest.mark.parametrize("looked_first", [True, False], ids=["look first", "taking first"])
async def test_a_taking_and_a_look_with_news_at_once_are_two_edits(desk: Desk, looked_first: bool) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look()
    await desk.stands("wait-and-monitor")
    before = await desk.incident()
    desk.later(minutes=3)
    look, take = await looks(desk, online=False), takes(desk, ONE)

    done = await at_once(desk.db, *((look, take) if looked_first else (take, look)))

    assert set(done) == {True, None}
    assert (await desk.incident()).owner == ONE.user_id
    await desk.stands("wait-and-monitor")
    await both_are_shown(desk, before.version)


async def test_of_two_who_press_at_once_the_second_is_told_who_was_first(desk: Desk) -> None:
    await desk.at_restart()
    turn = (await desk.incident()).turn

    _, late = await at_once(
        desk.db, presses(desk, turn, "restart", ONE), presses(desk, turn, "skip", TWO, REASON)
    )

    assert isinstance(late, StaleChoice)
    assert late.first == First(ONE.user_id, "restart", desk.now)
    await desk.stands("wait-for-reconnect")


async def test_of_two_who_take_it_at_once_the_second_is_told_who_has_it(desk: Desk) -> None:
    await desk.at_restart()

    _, late = await at_once(desk.db, takes(desk, ONE), takes(desk, TWO))

    assert isinstance(late, StaleChoice)
    assert late.first == First(ONE.user_id, "take", desk.now)
    assert (await desk.incident()).owner == ONE.user_id


async def test_what_is_closed_at_the_same_moment_cannot_be_taken(desk: Desk) -> None:
    await desk.proved()
    await desk.db.write(ownership.release, 1, ONE, RULES, desk.now)
    turn, log = (await desk.incident()).turn, Values(REPAIR_LOG, {"fix": "modem power cycle"})

    _, late = await at_once(desk.db, presses(desk, turn, "log", ONE, log), takes(desk, TWO))

    assert isinstance(late, Refused)
    assert "closed" in late.sentence
    assert (await desk.incident()).owner == ONE.user_id


async def test_the_leads_are_not_called_for_what_is_taken_at_the_same_moment(desk: Desk) -> None:
    await desk.at_restart()
    desk.later(minutes=10)
    leads = await looks(desk, "take")

    done = await at_once(desk.db, takes(desk, ONE), leads)

    assert done == (None, False)
    assert "rings/not-taken.j2" not in await desk.lines()


async def test_of_two_alerts_at_once_the_later_contact_counts(desk: Desk) -> None:
    await desk.opened()
    newer, older = (
        alert(f"a-{minutes}", last_communication=SILENT_SINCE + timedelta(minutes=minutes))
        for minutes in (7, 5)
    )

    done = await at_once(desk.db, sends(desk, newer), sends(desk, older))

    assert [result.outcome for results in done for result in results] == ["repeated", "repeated"]
    assert (await desk.incident()).last_communication == newer.last_communication
