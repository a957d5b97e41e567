"""A report by hand, as a use case: an alert whose source is a person."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotAllowed
from bot.incidents import reporting
from bot.incidents.reporting import Reported
from bot.incidents.stations import StationSeen
from bot.people import Person
from db.models import Alert, Incident
from tests.incidents.desk import ONE, RULES, SERIAL, STRANGER, TECHNICIAN, Desk


async def report(desk: Desk, person: Person = ONE, words: str = "") -> Reported:
    seen = StationSeen(serial=SERIAL, id=None)
    return await desk.db.write(reporting.report, seen, person, words, RULES, desk.now)


def _sources(session: Session) -> list[str]:
    return list(session.scalars(select(Alert.source).order_by(Alert.id)))


async def test_it_is_kept_as_an_alert_of_that_person(desk: Desk) -> None:
    reported = await report(desk)

    assert (reported.outcome, reported.label, reported.reference) == ("opened", SERIAL, "I-2026-0001")
    assert await desk.db.read(_sources) == [f"person:{ONE.user_id}"]
    assert (await desk.incident()).raised_at == desk.now


async def test_what_was_seen_is_kept_for_the_log(desk: Desk) -> None:
    await report(desk, TECHNICIAN, "antenna is off")

    (said,) = [each for each in await desk.answers() if each.name == "note"]
    assert (said.value, said.source, said.actor) == ("antenna is off", "person", TECHNICIAN.user_id)
    assert await desk.lines() == ["lines/reported.j2"]


async def test_of_something_open_it_changes_only_that_it_is_looked_at(desk: Desk) -> None:
    await desk.opened()

    reported = await report(desk)

    assert reported.outcome == "repeated"
    assert await desk.count(Incident) == 1
    assert await desk.lines() == []


async def test_who_has_no_role_reports_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await report(desk, STRANGER)

    assert await desk.count(Incident) == 0
