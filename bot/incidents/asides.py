"""What people do beside the procedure: leave a note, call for help. The incident stays where it stands."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import NotAllowed
from bot.incidents import answers, first_day
from bot.incidents.progress import roles_of, still_open
from bot.messages import outbox
from bot.people import Person
from db.queries import IncidentNow


def note(session: Session, incident_id: int, person: Person, words: str, now: datetime) -> None:
    """A note in the thread, kept with the incident. Raises NotAllowed, Refused."""
    incident = may_speak(session, incident_id, person)
    _say(session, incident, "note", words, person, now)
    key = f"{incident_id}:{incident.turn}:note:{now.isoformat()}:{person.user_id}"
    outbox.add_line(session, incident_id, key, "lines/note.j2", {"by": person.name, "note": words}, now)


def call_for_help(session: Session, incident_id: int, person: Person, words: str, now: datetime) -> None:
    """The leads are called, in the thread and in the channel, with what is needed. Raises NotAllowed, Refused."""
    incident = may_speak(session, incident_id, person)
    _say(session, incident, "help", words, person, now)
    key = f"{incident_id}:{incident.turn}:help:{now.isoformat()}:{person.user_id}"
    payload = {"by": person.name, "note": words, "broadcast": True}
    outbox.add_line(session, incident_id, key, "rings/help.j2", payload, now)


def may_speak(session: Session, incident_id: int, person: Person) -> IncidentNow:
    """The open incident on which this person may leave a note or call for help. Raises NotAllowed, Refused."""
    incident = still_open(session, incident_id)
    if not roles_of(person, incident):
        raise NotAllowed("Only support, technicians and leads may do this.")
    return incident


def _say(
    session: Session, incident: IncidentNow, what: str, words: str, person: Person, now: datetime
) -> None:
    incident = first_day.leave(session, incident, now)
    said = {what: words}
    answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
