"""Drills: a marked incident with a simulated station, which rings nobody but whoever began it.

Each person has a station of their own for it, so one drill at a time. It is worked like any incident; what counts
incidents leaves it out by `incidents.drill`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.incidents import answers, arming, looking, opening
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.people import Person
from bot.portal.contract import EVERYTHING
from db import queries
from db.drills import SERIALS
from db.models import Incident, Station
from db.queries import IncidentNow
from db.statements import Both, table_of

SILENT_FOR = timedelta(minutes=31)
"""So long the simulated station has been silent when a drill begins: somebody is asked for a decision at once."""
ALERTED_FOR = timedelta(minutes=21)
FORGOTTEN = "Nobody ended this drill for {hours} hours."

_STATIONS = table_of(Station)
_ADD = Both(lambda insert: insert(_STATIONS).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Begun:
    """A drill that has just begun."""

    incident: int
    label: str
    reference: str


def begin(session: Session, person: Person, rules: Rules, now: datetime) -> Begun:
    """A drill begins, and it is this person's. Raises NotAllowed, or Refused while one of theirs is running."""
    person.must_own()
    station = _station_of(session, person)
    opened = opening.open_incident(session, station, now - ALERTED_FOR, now - SILENT_FOR, rules, now)
    if opened is None:
        running = queries.last_incident_of(session, station)
        raise Refused(
            f"Your drill {running.label if running else ''} is still running. "
            'End it first: "Close with reason" behind "More" on its card.'
        )
    marked = {"drill": True, "owner": person.user_id}
    session.execute(update(Incident).where(Incident.id == opened.id).values(marked))
    arming.arm(session, opened.id, arming.DRILL, opened.turn, now + rules.timings["drill"])
    payload = {"by": person.name}
    outbox.add_line(session, opened.id, f"{opened.id}:drill", "lines/drill.j2", payload, now)
    return Begun(opened.id, opened.label, opened.reference)


def forget(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """Nobody has ended this drill: Relink gives it up, says so in the thread, and closes it."""
    if rules.runbook.lies_before(incident.step, "log-repair"):
        hours = rules.timings["drill"] // timedelta(hours=1)
        said = {"reason": {"reason": FORGOTTEN.format(hours=hours)}}
        answers.record(session, incident, said, source="relink", actor=None, as_of=now, now=now)
        looking.go_on(session, incident, "give-up", EVERYTHING, rules, now)
        incident = queries.incident(session, incident.id) or incident
    looking.go_on(session, incident, "log", EVERYTHING, rules, now)


def _station_of(session: Session, person: Person) -> int:
    """The row of this person's simulated station, made for their first drill."""
    name = f"drill:{person.user_id}"
    mine = select(Station.id).where(Station.portal_id == name)
    number = session.execute(select(func.count()).where(Station.serial.like(SERIALS))).scalar_one()
    while (found := session.execute(mine).scalar_one_or_none()) is None:
        # Somebody else may get the same number at this moment; then the next one is tried.
        number += 1
        row = {"serial": f"DRILL-{number:04}", "portal_id": name, "generation": 2}
        session.execute(_ADD.of(session), row | {"name": f"Practice station of {person.name}"[:200]})
    return int(found)
