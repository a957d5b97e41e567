"""Peace: an incident is parked until the morning, a station is muted until a day. Nobody is called before that."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.clock import next_time
from bot.errors import FieldsWrong, Refused, StaleChoice
from bot.incidents import answers, arming, calling, first_day, practice
from bot.incidents.progress import standing, still_open
from bot.incidents.rules import Rules
from bot.knowledge import waits_for_support
from bot.messages import outbox
from bot.people import Person
from bot.runbook.press import Press
from db.models import Incident, Station
from db.queries import IncidentNow, lock_incident
from db.statements import rows_changed

LONGEST_MUTE = timedelta(days=92)
"""A mute that nobody remembers hides a broken station."""


def park(session: Session, pressed: Press, person: Person, rules: Rules, now: datetime) -> None:
    """Leave what waits for support until the morning; whoever parks it has it, if nobody had.

    Raises NotAllowed, StaleChoice, or Refused where nobody is waited for.
    """
    person.must_own()
    lock_incident(session, pressed.incident)
    incident = first_day.leave(session, standing(session, pressed), now)
    if not waits_for_support(incident, rules.runbook):
        raise Refused("Nobody is waited for here. There is nothing to park.")
    until = next_time(rules.park_at, rules.zone, now)
    if incident.parked_until is not None and incident.parked_until >= until:
        raise StaleChoice("It is parked already. The card says until when.")
    values: dict[str, Any] = {"parked_until": until, "owner": incident.owner or person.user_id}
    values["first_person_at"] = incident.first_person_at or now
    _change(session, incident, values, rules, now)
    _wake_later(session, incident._replace(parked_until=until), now)
    said = {"parked": {"until": until.isoformat()}}
    answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    key = f"{incident.id}:{incident.turn}:parked:{incident.version}"
    payload = {"by": person.name, "until": until.isoformat()}
    outbox.add_line(session, incident.id, key, "lines/parked.j2", payload, now)


def mute(
    session: Session,
    incident_id: int,
    person: Person,
    day: str,
    reason: str,
    rules: Rules,
    now: datetime,
) -> None:
    """Call nobody for this station until the morning of `day` (YYYY-MM-DD).

    Raises NotAllowed, FieldsWrong, Refused.
    """
    person.must_own()
    lock_incident(session, incident_id)
    incident = first_day.leave(session, still_open(session, incident_id), now)
    practice.must_be_real(incident, "Its station rings nobody else; there is nothing to mute.")
    until = _last_day(day, rules, now)
    muted = {"muted_until": until, "mute_reason": reason}
    session.execute(update(Station).where(Station.id == incident.station_id).values(muted))
    _change(session, incident, {}, rules, now)
    _wake_later(session, incident._replace(muted_until=until), now)
    said = {"muted": {"until": until.isoformat(), "reason": reason}}
    answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    key = f"{incident.id}:{incident.turn}:muted:{incident.version}"
    payload = {"by": person.name, "note": reason, "until": until.isoformat()}
    outbox.add_line(session, incident.id, key, "lines/muted.j2", payload, now)


def unmute(session: Session, incident_id: int, person: Person, rules: Rules, now: datetime) -> None:
    """The station may call again at once, and does if somebody else is waited for. Raises NotAllowed, Refused."""
    person.must_own()
    lock_incident(session, incident_id)
    incident = first_day.leave(session, still_open(session, incident_id), now)
    if not incident.is_muted(now):
        raise Refused("This station is not muted.")
    unmuted = {"muted_until": None, "mute_reason": None}
    session.execute(update(Station).where(Station.id == incident.station_id).values(unmuted))
    _change(session, incident, {}, rules, now)
    arming.disarm(session, incident.id, arming.WAKE)
    key = f"{incident.id}:{incident.turn}:unmuted:{incident.version}"
    outbox.add_line(session, incident.id, key, "lines/unmuted.j2", {"by": person.name}, now)
    if incident.owner != person.user_id:
        _call_who_is_waited_for(session, incident._replace(muted_until=None), rules, now)
    else:
        _wake_later(session, incident._replace(muted_until=None), now)


def wake(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """The time is over: whoever is still waited for is called, and the card says so."""
    _change(session, incident, {"parked_until": None}, rules, now)
    _call_who_is_waited_for(session, incident._replace(parked_until=None), rules, now)


def _call_who_is_waited_for(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    if waits_for_support(incident, rules.runbook):
        # For this very step somebody may have been called before it was parked, perhaps more than once.
        calling.ring(session, incident, incident.turn, "rings/waking.j2", rules, now)


def _wake_later(session: Session, incident: IncidentNow, now: datetime) -> None:
    """Parked and muted, it calls when the later of both is over; until then nobody is missed."""
    arming.disarm(session, incident.id, arming.TAKE)
    if (until := incident.quiet_until(now)) is not None:
        arming.arm(session, incident.id, arming.WAKE, incident.turn, until)


def _last_day(day: str, rules: Rules, now: datetime) -> datetime:
    try:
        until = datetime.combine(date.fromisoformat(day), rules.park_at, rules.zone).astimezone(UTC)
    except ValueError:
        raise FieldsWrong({"until": "Please choose a day."}) from None
    if until <= now:
        raise FieldsWrong({"until": "This is over. Until when?"})
    if until - now > LONGEST_MUTE:
        raise FieldsWrong(
            {"until": f"At most {LONGEST_MUTE.days} days: a mute nobody remembers hides a station."}
        )
    return until


def _change(
    session: Session, incident: IncidentNow, values: dict[str, Any], rules: Rules, now: datetime
) -> None:
    """Write the values unless the incident moved on meanwhile (StaleChoice); the cards follow."""
    here = (Incident.id == incident.id) & (Incident.turn == incident.turn) & Incident.closed_at.is_(None)
    changed = session.execute(update(Incident).where(here).values(values | {"version": Incident.version + 1}))
    if rows_changed(changed) == 0:
        raise StaleChoice("Somebody was first. The card shows how it stands.")
    version = incident.version + 1
    first_day.show(session, incident, version, rules, now)
