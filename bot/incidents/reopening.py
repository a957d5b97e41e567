"""A person opens a closed incident again: the same one, with its history, within `reopen` of its closing."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.errors import Refused, StaleChoice
from bot.incidents import answers, opening, practice
from bot.incidents.progress import late
from bot.incidents.rules import Rules
from bot.people import Person
from bot.runbook.press import Press
from db import queries
from db.queries import IncidentNow


def by_hand(
    session: Session, pressed: Press, person: Person, why: str, command: str, rules: Rules, now: datetime
) -> None:
    """Open it again; it is the presser's then, and nobody is called. `command` is the slash command's name.

    Raises NotAllowed, StaleChoice (somebody was first), Refused; nothing is changed then.
    """
    queries.lock_incident(session, pressed.incident)
    closed = may_reopen(session, pressed, person, command, rules, now)
    said = {opening.REOPENED: {"reason": why}}
    answers.record(session, closed, said, source="person", actor=person.user_id, as_of=now, now=now)
    if opening.reopen(session, closed, now, None, rules, now, by=person) is None:
        raise StaleChoice("Somebody was first. The card shows how things stand.")


def may_reopen(
    session: Session, pressed: Press, person: Person, command: str, rules: Rules, now: datetime
) -> IncidentNow:
    """The closed incident this person may open again. Raises as `by_hand` does."""
    person.must_own()
    incident = queries.incident(session, pressed.incident)
    if incident is None:
        raise Refused("This incident does not exist.")
    practice.must_be_real(incident, "It is over; begin a new one.")
    if incident.turn != pressed.turn:
        raise late(session, incident, pressed.turn)
    if incident.closed_at is None:
        raise StaleChoice("It is open. The card shows how things stand.")
    other = queries.last_incident(session, incident.station_id, incident.code)
    if other is not None and other.closed_at is None:
        raise Refused(f"{other.reference} of this station is open: the work goes on there.")
    if now - incident.closed_at > rules.timings["reopen"]:
        hours = rules.timings["reopen"] // timedelta(hours=1)
        raise Refused(
            f"It was closed more than {hours} hours ago. For a new incident type {command} open {incident.label}."
        )
    return incident
