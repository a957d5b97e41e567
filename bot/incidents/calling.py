"""Whose phone rings: a new line with a mention in the thread, or a line in the technician's direct message.

An edit never rings, and nobody is called for what is parked, or for a muted station, before its time.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.incidents import arming
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.runbook.model import Role
from db.queries import IncidentNow

ON_SITE = "on site"
"""How a visit stands whose technician is at the station."""
_FOR_A_TECHNICIAN = frozenset({Role.TECHNICIAN, Role.ASSIGNED})


def ring(
    session: Session,
    incident: IncidentNow,
    turn: int,
    template: str,
    rules: Rules,
    now: datetime,
) -> None:
    """Call whoever the incident's step needs; see `rows`."""
    outbox.put(session, rows(session, incident, incident.step, turn, template, rules, now))


def rows(
    session: Session,
    incident: IncidentNow,
    step: str,
    turn: int,
    template: str,
    rules: Rules,
    now: datetime,
    *,
    leads: bool = False,
) -> list[outbox.Row]:
    """The line that calls somebody for `step`: the technician who is there, else the owner, else support.

    Unowned, the leads follow after `take`. Empty where it is parked or its station muted, and for what is on the
    first day's list: the call is made up for later. `leads`: the template calls them, now and whatever rests, and
    the channel sees it too.
    """
    # With the version: on one turn it may call, be parked, and call again in the morning.
    key = f"{incident.id}:{turn}:ring:{incident.version}"
    if incident.listed:
        return []
    if leads:
        return [outbox.line(incident.id, key, template, {"turn": turn, "broadcast": True}, now)]
    quiet_until = incident.quiet_until(now)
    if quiet_until is not None:
        arming.arm(session, incident.id, arming.WAKE, turn, quiet_until)
        return []
    if incident.technician is not None and is_with_technician(incident, step, rules):
        return [to_technician(incident, incident.technician, key, template, turn, now)]
    if incident.owner is None:
        arming.arm(session, incident.id, arming.TAKE, turn, now + rules.timings["take"])
    return [outbox.line(incident.id, key, template, {"turn": turn}, now)]


def to_technician(
    incident: IncidentNow, technician: str, key: str, template: str, turn: int, now: datetime
) -> outbox.Row:
    """A line in the direct message of the visit: it rings by being there."""
    payload = {"turn": turn, "called": technician}
    under = outbox.visit_key(incident.id, technician)
    return outbox.line(incident.id, f"{key}:{technician}", template, payload, now, under=under)


def is_with_technician(incident: IncidentNow, step: str, rules: Rules) -> bool:
    """Is this step the business of a technician who stands at the station?"""
    return incident.visit == ON_SITE and bool(rules.runbook.steps[step].by & _FOR_A_TECHNICIAN)
