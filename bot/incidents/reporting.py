"""Somebody reports a station by hand: that is an alert like any other, whose source is a person."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import NotAllowed, Refused
from bot.incidents import answers, first_day, intake
from bot.incidents.intake import AlertIn
from bot.incidents.rules import Rules
from bot.incidents.stations import StationSeen
from bot.messages import outbox
from bot.people import Person
from bot.portal.contract import Station, is_drill
from db import queries
from db import stations as db_stations


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: `opened`, `reopened` or `repeated` (it was open already)."""

    incident: int
    label: str
    reference: str
    outcome: str


def must_report(person: Person) -> None:
    """Raise NotAllowed unless this person may report stations and ask for them."""
    if not person.roles:
        raise NotAllowed("Only support, technicians and leads may report stations.")
    person.must_not_be_a_guest()


def known(session: Session, station_id: int) -> StationSeen:
    """A station Relink has, under the names by which it is found again."""
    station = db_stations.station(session, station_id)
    return StationSeen(serial=station.serial, id=station.portal_id)


def of_portal(station: Station) -> StationSeen:
    """A station Relink has never heard of, as the portal describes it."""
    said = {field.name: getattr(station, field.name) for field in fields(StationSeen)}
    return StationSeen(**said)


def report(
    session: Session, seen: StationSeen, person: Person, words: str, rules: Rules, now: datetime
) -> Reported:
    """Open the station's incident, or find it open. `words` are what the person saw; they may be empty.

    Raises NotAllowed, or Refused where the report changes nothing.
    """
    must_report(person)
    name = seen.serial or seen.id or ""
    if is_drill(name):
        raise Refused(f"{name} is a station of drills and cannot be reported. A drill begins with `drill`.")
    alert = AlertIn(
        alert_id=f"{now.isoformat()} {name}",
        code=rules.runbook.code,
        status="raised",
        station=seen,
        raised_at=now,
        cleared_at=None,
        last_communication=None,
    )
    (result,) = intake.take(session, f"person:{person.user_id}", [alert], rules, now)
    station = db_stations.station_by_name(session, name)
    incident = queries.last_incident(session, station.id, alert.code) if station else None
    if incident is None or incident.closed_at is not None:
        raise Refused(f"{name} was reported or closed this very moment. Its card shows how it stands.")
    incident = first_day.leave(session, incident, now)
    if words:
        said = {"note": words}
        answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    if result.outcome in {"opened", "reopened"} or words:
        key = f"{incident.id}:{incident.turn}:reported:{now.isoformat()}:{person.user_id}"
        payload = {"by": person.name, "note": words}
        outbox.add_line(session, incident.id, key, "lines/reported.j2", payload, now)
    return Reported(incident.id, incident.label, incident.reference, result.outcome)
