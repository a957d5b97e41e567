"""From rows to facts: what a card, a line and a log say is what happened."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.incidents import asides
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.messages.facts import CardFacts
from bot.messages.queue import Parcel
from bot.messages.render import Message
from bot.messages.text import Outside
from bot.portal.contract import Outcome
from db.models import Outgoing
from db.writer import Database
from tests.incidents.desk import NIGHT, ONE, REASON, REPAIR_LOG, SERIAL, SILENT_SINCE, TWO, Desk, alert
from tests.messages import gallery
from tests.messages.rows import parcel_of
from tests.messages.test_templates import must_be_sound, shown


@pytest.fixture
def desk(sqlite_db: Database) -> Desk:
    """A desk; the kind of database makes no difference to words."""
    return Desk(sqlite_db)


async def facts(desk: Desk, incident: int = 1) -> CardFacts:
    """The facts of an incident now."""
    drawing = gallery.drawing(desk.db, desk.capabilities)
    drawing.clock.move(desk.now - NIGHT)  # type: ignore[attr-defined]  # a MovableClock
    known = await drawing.facts(incident)
    assert known is not None
    return known


async def words(desk: Desk, incident: int = 1) -> Any:
    """The facts a template gets."""
    return (await facts(desk, incident)).words


async def card(desk: Desk) -> str:
    """What the card says now."""
    message = gallery.drawing(desk.db, desk.capabilities).card(await facts(desk))
    return shown(message.blocks)


async def log(desk: Desk) -> Message:
    """The repair log, drawn now from its row."""
    row = await desk.db.read(_log_row)
    drawn = await gallery.drawing(desk.db)(row)
    assert drawn is not None
    return drawn.message


def _log_row(session: Session) -> Parcel:
    query = select(Outgoing).where(Outgoing.template == "log/repair-log.j2")
    return parcel_of(session.scalars(query).one())


# Three values


async def test_what_nobody_said_is_not_known_and_never_no(desk: Desk) -> None:
    await desk.opened(last_communication=None)
    told = await words(desk)
    assert (told["online"], told["alert_active"], told["nearby"]) == (None, None, None)
    assert told["charging"] == "not known"
    said = await card(desk)
    assert "Last communication: not known" in said
    assert "Others nearby: not known" in said


async def test_a_reading_of_not_known_is_not_known_either(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=None, sessions=None)
    told = await words(desk)
    assert (told["online"], told["sessions"], told["charging"]) == (None, None, "not known")
    assert told["alert_active"] is True


async def test_old_word_of_a_running_session_is_not_known_with_its_age(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    desk.later(minutes=20)
    await desk.look(online=False, sessions=1)
    await desk.stands("restart-station")
    assert (await words(desk))["charging"] == "running"
    read_at = desk.now
    desk.later(minutes=7)
    told = await words(desk)
    assert (told["charging"], told["sessions"], told["sessions_as_of"]) == ("not known", 1, read_at)
    assert "NOT KNOWN" in await card(desk)


# Names from outside


async def test_everything_somebody_else_wrote_is_marked_as_such(desk: Desk) -> None:
    seen = StationSeen(serial=SERIAL, id=None, name="N", site="S", area="A", carrier="C")
    await desk.opened(station=seen)
    told = await words(desk)
    assert all(isinstance(told[name], Outside) for name in ("name", "site", "area", "carrier"))


# The restart


async def test_a_restart_is_told_by_whom_when_and_what_the_portal_said(desk: Desk) -> None:
    await desk.opened()
    assert (await words(desk))["restart"]["by"] is None
    await desk.look(active=True)
    desk.later(minutes=20)
    await desk.look()
    await desk.look()
    await desk.press("restart")
    clicked_at = desk.now
    told = (await words(desk))["restart"]
    assert (told["by"], told["at"], told["outcome"], told["by_hand"]) == (
        ONE.user_id,
        clicked_at,
        None,
        False,
    )
    desk.later(seconds=40)
    await desk.answered(Outcome.QUEUED)
    told = (await words(desk))["restart"]
    assert (told["outcome"], told["answered_at"]) == ("queued", desk.now)


async def test_a_second_restart_does_not_boast_of_the_firsts_answer(desk: Desk) -> None:
    await desk.back()
    desk.later(minutes=3)
    await desk.look(online=False)
    await desk.press("restart-again", TWO, REASON)
    told = (await words(desk))["restart"]
    assert (told["by"], told["outcome"], told["count"]) == (TWO.user_id, None, 2)


# The checklist


async def test_the_checklist_shows_what_was_proved_since_the_station_came_back(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    proved = {check.step: check.choice for check in (await words(desk))["checks"]}
    assert list(proved.values()) == ["online", "cleared", "answered", None, None]


async def test_a_proof_that_starts_over_forgets_the_earlier_one(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    desk.later(minutes=16)
    await desk.look(active=True)
    await desk.press("still-active")
    assert {check.choice for check in (await words(desk))["checks"]} == {None}


# Times


async def test_time_without_contact_counts_from_the_last_contact_until_it_was_back(desk: Desk) -> None:
    await desk.back()
    incident = await desk.incident()
    assert incident.back_at is not None
    assert (await words(desk))["without_contact"] == incident.back_at - SILENT_SINCE


async def test_how_often_it_was_down_counts_thirty_days(desk: Desk) -> None:
    await desk.closed()
    desk.later(days=29)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    assert (await words(desk, 2))["times_down"] == 2
    desk.later(days=2)
    assert (await words(desk, 2))["times_down"] == 1


# The log


async def test_the_minutes_of_all_phases_are_the_whole_time_from_the_alert_to_the_closing(desk: Desk) -> None:
    closed = await desk.closed()
    assert closed.closed_at is not None
    said = shown((await log(desk)).blocks)
    assert "Minutes: waiting 20 min, remote 3 min, proof 0 min" in said
    assert closed.closed_at - closed.opened_at == timedelta(minutes=23)


async def test_the_log_tells_what_people_did_and_nothing_relink_did(desk: Desk) -> None:
    await desk.closed()
    said = shown((await log(desk)).blocks)
    assert "Support 1: Restart, sent once." in said
    assert "The alert is active" not in said


async def test_a_log_with_many_notes_and_deeds_still_fits(desk: Desk) -> None:
    """A long night must not end without its log."""
    await desk.proved()
    for number in range(60):
        note = f"{number} " + "x" * 490
        await desk.db.write(asides.note, 1, ONE, note, desk.now + timedelta(seconds=number))
    for _ in range(20):
        desk.capabilities = type(desk.capabilities)()
        await desk.press("not-yet")
        await desk.press("good")
    fields = {"fix": "modem power cycle", "note": "n" * 500, "follow-up": "f" * 200}
    await desk.press("log", values=Values(REPAIR_LOG, fields))
    must_be_sound(await log(desk))


async def test_a_log_that_went_out_late_still_tells_of_its_closing(desk: Desk) -> None:
    """Slack was down, the incident is open again: the log is that of the night before."""
    await desk.closed()
    at_once = await log(desk)
    desk.later(hours=2)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=desk.now))
    await desk.look(active=True)
    await desk.db.write(asides.note, 1, ONE, "down again", desk.now)
    late = await log(desk)
    assert (late.text, shown(late.blocks)) == (at_once.text, shown(at_once.blocks))
    assert "modem power cycle" in late.text
