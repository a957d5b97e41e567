"""The first day: what was down before Relink was first started is one list, and nobody is rung for it.

A listed incident is worked like any other but has no card, no thread and no ring. It leaves the list, for a card
of its own, when a person acts on it or when its station was back and fails again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.incidents import arming
from bot.incidents.rules import Rules
from bot.messages import outbox
from db import queries
from db.models import Incident, Outgoing
from db.queries import LEFT, IncidentNow, lock_incident
from db.runs import first_start
from db.statements import ready, table_of

LASTS = timedelta(days=1)
"""So long after its first start Relink takes what was down before for what an installer connects."""
JUST_DROPPED = timedelta(minutes=30)
"""Manual 4.1 (2): a shorter silence is waited for as ever."""

_INCIDENTS = table_of(Incident)
_EARLIER = ready(
    select(_INCIDENTS.c.id).where(
        _INCIDENTS.c.opened_at < bindparam("first", type_=_INCIDENTS.c.opened_at.type)
    )
)


def belongs(
    session: Session, raised_at: datetime, last_communication: datetime | None, now: datetime
) -> bool:
    """Does an alert that opens an incident now tell of something that was down at the first start?

    Where an incident was opened before, Relink is no newcomer and nothing is listed.
    """
    first = first_start(session)
    if first is None or now - first > LASTS:
        return False
    # When it spoke last decides: whoever alerts at once has raised what had only just dropped.
    down = raised_at < first if last_communication is None else last_communication + JUST_DROPPED <= first
    if not down:
        return False
    return session.execute(_EARLIER, {"first": first}).first() is None


def leave(session: Session, incident: IncidentNow, now: datetime) -> IncidentNow:
    """A person acts on it: from now on it has a card. The incident as it is then; unchanged if it had one.

    A call that was due while it was listed is made up for by the next tick, unless they take it with what they do.
    """
    if not incident.listed:
        return incident
    # Read once more under the lock: a look may have changed it meanwhile, and it stands where the look left it.
    lock_incident(session, incident.id)
    incident = queries.incident(session, incident.id) or incident
    version = incident.version + 1
    values: dict[str, Any] = {"first_day": LEFT, "version": version}
    session.execute(update(Incident).where(Incident.id == incident.id).values(values))
    query = select(Outgoing.channel).where(Outgoing.key == outbox.FIRST_DAY)
    channel = str(session.execute(query).scalar_one())
    outbox.put(session, [outbox.first_day(channel, now), outbox.card(incident.id, version, channel, now)])
    if incident.rung_step:
        arming.arm(session, incident.id, arming.WAKE, incident.turn, now)
    return incident._replace(**values)


def show(session: Session, incident: IncidentNow, version: int, rules: Rules, now: datetime) -> None:
    """Show how it stands: on its cards, or on the list while it has none."""
    if incident.listed:
        outbox.put(session, [outbox.first_day(rules.channel, now)])
    else:
        outbox.show_cards(session, incident.id, version, rules.channel, incident.technician, now)
