"""How an incident begins, and begins again."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, update
from sqlalchemy.orm import Session

from bot.incidents import arming, first_day, learning, moving, practice
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.people import RELINK, Person
from bot.runbook.moves import automatic_of
from db.models import Incident, Move
from db.queries import LEFT, LISTED, IncidentNow, incident
from db.statements import Both, rows_changed, table_of

REOPENED = "reopened"
"""The choice of the move that re-opens an incident; no step declares it."""


def _open(insert: Any) -> Any:
    return insert(table_of(Incident)).on_conflict_do_nothing().returning(table_of(Incident).c.id)


_OPEN = Both(_open)


def open_incident(
    session: Session,
    station_id: int,
    raised_at: datetime,
    last_communication: datetime | None,
    rules: Rules,
    now: datetime,
    *,
    listed: bool = False,
) -> IncidentNow | None:
    """A new incident on the first step, with its card and its first look. None if one is open already.

    `listed`: a line of the first day's list instead of a card.
    """
    row = {
        "station_id": station_id,
        "code": rules.runbook.code,
        "step": rules.runbook.start,
        "turn": 0,
        "version": 1,
        "runbook": rules.runbook.digest,
        "opened_at": now,
        "raised_at": raised_at,
        "last_communication": _believable(last_communication, now),
        "entered_at": now,
        "attempts": 0,
        "rung_step": False,
        "restarts": 0,
        "tried": False,
        "reopenings": 0,
        "first_day": LISTED if listed else None,
    }
    opened: int | None = session.execute(_OPEN.of(session), row).scalar_one_or_none()
    if opened is None:
        return None
    _look_first(session, opened, 0, rules, now)
    if listed:
        outbox.put(session, [outbox.first_day(rules.channel, now)])
    else:
        outbox.show_cards(session, opened, 1, rules.channel, None, now)
    return incident(session, opened)


def reopen(
    session: Session,
    closed: IncidentNow,
    raised_at: datetime,
    last_communication: datetime | None,
    rules: Rules,
    now: datetime,
    by: Person = RELINK,
) -> IncidentNow | None:
    """The same incident again, on the first step, with its history and used restart budget.

    Somebody is called, unless a person opens it: then it is theirs. None if it was re-opened since it was read.
    Raises Refused for a drill.
    """
    practice.must_be_real(closed, "It is over; begin a new one.")
    turn, version = closed.turn + 1, closed.version + 1
    by_person = by is not RELINK
    owned = {"owner": by.user_id, "first_person_at": closed.first_person_at or now} if by_person else {}
    reopened = session.execute(
        update(Incident)
        .where(Incident.id == closed.id, Incident.turn == closed.turn)
        .values(
            step=rules.runbook.start,
            origin_step=None,
            turn=turn,
            version=version,
            raised_at=raised_at,
            # It was back since: a contact before that is none of this silence, and would count what was well as lost.
            last_communication=_believable(last_communication, now)
            or (None if closed.back_at else closed.last_communication),
            entered_at=now,
            deadline_at=None,
            attempts=0,
            rung_step=False,
            back_at=None,
            fix=None,
            finding=None,
            technician=None,
            technician_name=None,
            visit=None,
            planned_at=None,
            parked_until=None,
            closed_at=None,
            reopenings=closed.reopenings + 1,
            first_day=LEFT if closed.first_day else None,
            **owned,
        )
    )
    if rows_changed(reopened) == 0:
        return None
    learning.forget(session, closed.id)
    session.execute(
        insert(Move).values(
            incident_id=closed.id,
            turn=closed.turn,
            step="closed",
            choice=REOPENED,
            to_step=rules.runbook.start,
            actor=by.user_id,
            actor_name=by.name or None,
            at=now,
            runbook=rules.runbook.digest,
        )
    )
    _look_first(session, closed.id, turn, rules, now)
    # Who had a visit until now reads on their card that it is over.
    outbox.show_cards(session, closed.id, version, rules.channel, closed.technician, now)
    if closed.listed:
        outbox.put(session, [outbox.first_day(rules.channel, now)])
    key = f"{closed.id}:{turn}:reopened"
    if by_person:
        told = {"turn": closed.turn, "broadcast": True}
        outbox.add_line(session, closed.id, key, "lines/move.j2", told, now)
    elif not closed.is_muted(now):
        payload = {"turn": turn, "broadcast": True}
        outbox.add_line(session, closed.id, key, "rings/reopened.j2", payload, now)
    return incident(session, closed.id)


def heard_again(
    session: Session,
    still_open: IncidentNow,
    last_communication: datetime | None,
    rules: Rules,
    now: datetime,
) -> None:
    """The alert of an open incident came once more: keep a newer last communication and look at once."""
    heard = _believable(last_communication, now)
    known = still_open.last_communication
    if heard is not None and (known is None or heard > known):
        # Asked of the row as well: an alert that came at the same moment may have brought a later one.
        earlier = or_(Incident.last_communication.is_(None), Incident.last_communication < heard)
        changed = (
            update(Incident)
            .where(Incident.id == still_open.id, earlier)
            .values(last_communication=heard, version=Incident.version + 1)
            .returning(Incident.version)
        )
        if (version := session.execute(changed).scalar_one_or_none()) is not None:
            first_day.show(session, still_open, version, rules, now)
    moving.look_now(session, still_open, rules, now)


def _look_first(session: Session, incident_id: int, turn: int, rules: Rules, now: datetime) -> None:
    if automatic_of(rules.runbook, rules.runbook.start, frozenset()):
        arming.arm(session, incident_id, "look", turn, now)


def _believable(moment: datetime | None, now: datetime) -> datetime | None:
    # A time in the future is a wrong clock, not a fact (4.1 (2)).
    return moment if moment is not None and moment <= now else None
