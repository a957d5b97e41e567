"""Locks on breakers: put on, measured, taken off (manual 2, 4.3 (1) and 5 (1)).

A record beside the procedure: it says what was done and refuses what must not happen under a lock. It never takes
a lock off by itself, and a gate that is shut leaves the locks as they are.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bot.errors import FieldsWrong, NotAllowed, Refused
from bot.incidents.rules import Rules
from bot.knowledge import STOPPED
from bot.messages import outbox
from bot.people import Person
from bot.portal.contract import Outcome
from bot.runbook.judge_forms import same_tag
from bot.runbook.moves import Taken
from db import locks, queries
from db.locks import Lock
from db.models import Incident, Lockout, Outgoing
from db.queries import IncidentNow, Said
from db.statements import rows_changed

PROVED = frozenset({"circuit-proved", "all-proved"})
"""The choices at verify-zero-volts that make a circuit's proof."""


def follow(
    session: Session,
    incident: IncidentNow,
    taken: Taken,
    form: str | None,
    fields: Mapping[str, str],
    person: Person,
    rules: Rules,
    now: datetime,
) -> Mapping[str, Any]:
    """What a person's move does to the locks; the incident's new values. Raises FieldsWrong, Refused.

    Runs before the move is made, in its transaction: a move that is refused leaves no lock behind.
    """
    kept: dict[str, Any] = {}
    match form:
        case "lock-out":
            _put_on(session, incident, fields, person, rules, now)
        case "unlock":
            _take_off(session, incident, fields, person, now)
        case "lock-removed":
            kept["hazard"] = _removed(session, incident, fields, person, now)
    if taken.choice in PROVED:
        _proved(session, incident, person, now)
    if taken.choice in STOPPED:
        measure_anew(session, incident.id)
    return kept


def measure_anew(session: Session, incident_id: int) -> None:
    """No circuit counts as proved any more."""
    here = (Lockout.incident_id == incident_id) & Lockout.off_at.is_(None)
    session.execute(update(Lockout).where(here).values(measured_at=None))


def take_off_own(
    session: Session,
    incident_id: int,
    fields: Mapping[str, str],
    person: Person,
    rules: Rules,
    now: datetime,
) -> None:
    """Whoever handed the visit over takes their own locks off, once the successor's are on.

    Raises NotAllowed, FieldsWrong, Refused.
    """
    queries.lock_incident(session, incident_id)
    incident = may_take_off_own(session, incident_id, person)
    mine = _own(locks.standing(session, incident.id), person)
    _close(session, mine, fields, person, now)
    version = incident.version + 1
    session.execute(update(Incident).where(Incident.id == incident.id).values(version=version))
    rows = [outbox.card(incident.id, version, rules.channel, now)]
    rows += [outbox.visit(incident.id, one, version, now) for one in queries.visits_of(session, incident.id)]
    key = f"{incident.id}:{incident.turn}:own-locks:{incident.version}"
    rows.append(outbox.line(incident.id, key, "lines/own-locks.j2", {"by": person.name}, now))
    outbox.put(session, rows)


def keep_view(session: Session, incident_id: int, view: str, now: datetime) -> None:
    """Remember a form of a gated step, before it is opened and after; if the gate is shut it is blanked at once."""
    incident = queries.incident(session, incident_id)
    shut = incident is None or incident.zero_at is None
    outbox.keep_view(session, incident_id, view, shut, now)


def may_take_off_own(session: Session, incident_id: int, person: Person) -> IncidentNow:
    """The incident on which this person, who handed it over, may take own locks off. Raises NotAllowed, Refused."""
    incident = queries.incident(session, incident_id)
    standing = locks.standing(session, incident_id)
    if incident is None or not _own(standing, person):
        raise NotAllowed("You have no lock here.")
    if incident.technician == person.user_id:
        raise Refused("It is your visit: take your locks off at the step that restores the power.")
    followed = {lock.circuit for lock in standing if lock.technician == incident.technician}
    if not {lock.circuit for lock in _own(standing, person)} <= followed:
        raise Refused("Not before the lock of whoever follows you is on. The card says when.")
    return incident


def _put_on(
    session: Session,
    incident: IncidentNow,
    fields: Mapping[str, str],
    person: Person,
    rules: Rules,
    now: datetime,
) -> None:
    _no_restart_may_follow(session, incident, rules, now)
    standing = locks.standing(session, incident.id)
    mine = {lock.circuit: lock for lock in _own(standing, person)}
    others = [lock for lock in standing if lock.technician != person.user_id]
    wrong = _not_own(others, fields)
    for circuit in range(1, int(fields["circuits"]) + 1):
        breaker, tag = fields[f"breaker-{circuit}"], fields[f"tag-{circuit}"]
        there = mine.pop(circuit, None)
        if there is None:
            row = {"incident_id": incident.id, "technician": person.user_id, "technician_name": person.name}
            row |= {"circuit": circuit, "breaker": breaker, "tag": tag, "on_at": now}
            session.execute(insert(Lockout).values(row))
        elif not same_tag(there.tag, tag):
            wrong[f"tag-{circuit}"] = (
                f"Your lock {there.tag} is recorded here. Type that, or leave and take it off."
            )
    if mine:
        wrong["circuits"] = (
            "Your lock on the second breaker is recorded. Enter both, or leave and take it off."
        )
    if wrong:
        raise FieldsWrong(wrong)
    measure_anew(session, incident.id)


def _not_own(others: list[Lock], fields: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a lock-out beside the standing locks of somebody else, field by field."""
    wrong = {
        name: f"This is the lock of {lock.technician_name or 'somebody else'}. Put your own on, too."
        for name in ("tag-1", "tag-2")
        for lock in others
        if same_tag(lock.tag, fields.get(name, ""))
    }
    if max((lock.circuit for lock in others), default=1) > int(fields["circuits"]):
        wrong["circuits"] = "Two circuits are locked out here already. Your own lock belongs on both."
    return wrong


def _no_restart_may_follow(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """Cancel a restart that has not left yet; refuse the lock while one may still reach the station."""
    for row in locks.commands_on_their_way(session, incident.id):
        # A courier may claim it at this very moment: whoever changes the row first has it.
        waits = (Outgoing.id == row) & (Outgoing.state != "sending")
        gone = {"state": "dead", "reason": "a lock was put on"}
        stopped = session.execute(update(Outgoing).where(waits).values(gone))
        if rows_changed(stopped) == 0:
            raise Refused(
                "A restart is on its way to the portal right now. Wait a minute, then enter it again."
            )
    # Also one whose fate nobody knows may lie there; each is gone when it has expired.
    queued = [one for one in queries.answers_named(session, incident.id, "restart") if _may_follow(one)]
    until = max((one.at + rules.timings["restart-expiry"] for one in queued), default=now)
    if now < until:
        left = math.ceil((until - now) / timedelta(minutes=1))
        raise Refused(f"A restart may still be queued in the portal. Wait {left} min before you lock out.")


def _may_follow(told: Said) -> bool:
    """Might the station still get this restart, after what the portal said of it?"""
    return Outcome(told.value["outcome"]) in {Outcome.QUEUED, Outcome.TIMEOUT, Outcome.UNKNOWN}


def _proved(session: Session, incident: IncidentNow, person: Person, now: datetime) -> None:
    open_ones = [lock for lock in _own(locks.standing(session, incident.id), person) if not lock.measured_at]
    if not open_ones:
        raise Refused("No lock of yours is on. Lock out first.")
    session.execute(update(Lockout).where(Lockout.id == open_ones[0].id).values(measured_at=now))


def _take_off(
    session: Session, incident: IncidentNow, fields: Mapping[str, str], person: Person, now: datetime
) -> None:
    standing = locks.standing(session, incident.id)
    if len(_own(standing, person)) < len(standing):
        raise FieldsWrong({"others": "Somebody else's lock is recorded here. Its owner takes it off first."})
    _close(session, standing, fields, person, now)


def _close(
    session: Session, mine: list[Lock], fields: Mapping[str, str], person: Person, now: datetime
) -> None:
    wrong = {
        f"tag-{lock.circuit}": "This is not the tag that was put on."
        for lock in mine
        if not same_tag(lock.tag, fields.get(f"tag-{lock.circuit}", ""))
    }
    if wrong:
        raise FieldsWrong(wrong)
    off = {"off_at": now, "off_by": person.user_id}
    session.execute(update(Lockout).where(Lockout.id.in_([lock.id for lock in mine])).values(off))


def _removed(
    session: Session, incident: IncidentNow, fields: Mapping[str, str], person: Person, now: datetime
) -> str | None:
    """A lead's record of what the employer's procedure did; what it left open, None if nothing."""
    off = {"off_at": now, "off_by": person.user_id, "off_why": fields["reason"]}
    here = (Lockout.incident_id == incident.id) & Lockout.off_at.is_(None)
    session.execute(update(Lockout).where(here).values(off))
    left = {"panel": "panel closed", "power": "power on"}
    unsure = [words for name, words in left.items() if fields[name] != "yes"]
    return f"not known to be so: {', '.join(unsure)}" if unsure else None


def _own(standing: list[Lock], person: Person) -> list[Lock]:
    return [lock for lock in standing if lock.technician == person.user_id]
