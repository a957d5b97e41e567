"""Questions to the database in the words of the product. Reading only; nothing here changes a row."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from db.models import Answer, Incident, Lockout, Move, Outgoing, Station, Timer
from db.statements import among, ready, table_of

LISTED, LEFT = "listed", "left"
"""The first day's list: the incident stands on it, or has left it for a card of its own."""
MEASURED = ("circuit-proved", "meter-not-proved")
"""The choices of a measurement that settles nothing: others are still to be made at the same station."""


class IncidentNow(NamedTuple):
    """An incident and its station as they stand in this transaction.

    A named tuple, because a click makes two of them and a frozen dataclass of so many fields takes five times as
    long; it is to be used by its names.
    """

    id: int
    station_id: int
    code: str
    step: str
    origin_step: str | None
    turn: int
    version: int
    opened_at: datetime
    raised_at: datetime
    last_communication: datetime | None
    entered_at: datetime
    deadline_at: datetime | None
    attempts: int
    looked_at: datetime | None
    rung_step: bool
    owner: str | None
    first_person_at: datetime | None
    remedy_at: datetime | None
    back_at: datetime | None
    restarts: int
    tried: bool
    promised_at: datetime | None
    technician: str | None
    technician_name: str | None
    visit: str | None
    planned_at: datetime | None
    parked_until: datetime | None
    zero_at: datetime | None
    spoke_at: datetime | None
    needs: str | None
    hazard: str | None
    fix: str | None
    finding: str | None
    reopenings: int
    drill: bool
    first_day: str | None
    closed_at: datetime | None
    restarted_at: datetime | None
    """When a restart of the station was last sent, over all its incidents."""
    locks: int
    """How many locks stand on its breakers."""
    serial: str | None
    portal_id: str | None
    name: str | None
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    modem_flagged_at: datetime | None
    modem_flag_reason: str | None
    portal_url: str | None
    muted_until: datetime | None
    mute_reason: str | None

    @property
    def reference(self) -> str:
        """The name people use: `I-2026-0001`."""
        return reference(self.id, self.opened_at)

    @property
    def label(self) -> str:
        """The station's serial, else the portal's id of it."""
        return self.serial or self.portal_id or "?"

    @property
    def listed(self) -> bool:
        """Is it a line of the first day's list, without a card of its own?"""
        return self.first_day == LISTED

    def is_muted(self, now: datetime) -> bool:
        """Is nobody called for this station now?"""
        return self.muted_until is not None and now < self.muted_until

    def quiet_until(self, now: datetime) -> datetime | None:
        """Until when nobody is called, muted or parked as it is; None if it may call now."""
        peace = (self.muted_until, self.parked_until)
        return max((until for until in peace if until is not None and now < until), default=None)

    @property
    def without_contact(self) -> timedelta | None:
        """From the last contact (else the alert) until the station was back (else the closing)."""
        until = self.back_at or self.closed_at
        return None if until is None else until - (self.last_communication or self.raised_at)


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of `moves`."""

    turn: int
    step: str
    choice: str
    to_step: str
    actor: str
    actor_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A row of `answers`."""

    turn: int
    name: str
    value: Any
    source: str
    actor: str | None
    as_of: datetime
    at: datetime


def reference(incident_id: int, opened_at: datetime) -> str:
    """The name people use for an incident: year of opening and number."""
    return f"I-{opened_at.year}-{incident_id:04d}"


_OF_STATION = {"serial", "portal_id", "name", "site", "area", "carrier", "generation"}
_OF_STATION |= {"modem_flagged_at", "modem_flag_reason", "portal_url", "muted_until", "mute_reason"}
_INCIDENTS, _STATIONS, _A, _M = table_of(Incident), table_of(Station), table_of(Answer).c, table_of(Move).c
_LOCKOUTS, _T = table_of(Lockout).c, table_of(Timer).c
_ALL = _INCIDENTS.alias()
_RESTARTED_AT = select(func.max(_ALL.c.remedy_at)).where(_ALL.c.station_id == _INCIDENTS.c.station_id)
_LOCKS = select(func.count()).where(_LOCKOUTS.incident_id == _INCIDENTS.c.id, _LOCKOUTS.off_at.is_(None))
_WHERE = (
    {column.name: column for column in _INCIDENTS.c}
    | {name: _STATIONS.c[name] for name in _OF_STATION}
    | {"restarted_at": _RESTARTED_AT.scalar_subquery(), "locks": _LOCKS.scalar_subquery()}
)
_MOVES = select(*(_M[field.name] for field in fields(Moved))).where(_M.incident_id == bindparam("incident"))
_MOVES_IN_ORDER = ready(_MOVES.order_by(_M.turn))
_MOVE_AT = ready(_MOVES.where(_M.turn == bindparam("turn")))
_LAST_BUT_MEASURED = ready(_MOVES.where(~among(_M.choice, MEASURED)).order_by(_M.turn.desc()).limit(1))
_ANSWERS = ready(
    select(*(_A[field.name] for field in fields(Said)))
    .where(_A.incident_id == bindparam("incident"))
    .order_by(_A.id)
)
_ANSWERS_NAMED = ready(_ANSWERS.where(_A.name == bindparam("name")))
_CIRCUMSTANCES = ready(_ANSWERS.where(among(_A.name, ("active_sessions", "nearby"))))
_ANY: Any = select(*(_WHERE[name] for name in IncidentNow._fields)).join_from(_INCIDENTS, _STATIONS)
_INCIDENT = ready(_ANY.where(_INCIDENTS.c.id == bindparam("incident")))
_LOCKED = select(_INCIDENTS.c.id).where(_INCIDENTS.c.id == bindparam("incident"))
_LOCKED = _LOCKED.with_for_update(key_share=True)
_NEWEST = ready(
    _ANY.where(_INCIDENTS.c.station_id == bindparam("station"))
    .order_by(_INCIDENTS.c.closed_at.is_not(None), _INCIDENTS.c.id.desc())
    .limit(1)
)
_NEWEST_OF_CODE = ready(_NEWEST.where(_INCIDENTS.c.code == bindparam("code")))
_BACK = (_M.incident_id == bindparam("incident"), _M.to_step == "verify-online", _M.at > bindparam("since"))
_RETURNS = ready(select(func.count()).select_from(table_of(Move)).where(*_BACK))
_BY_SOMEBODY = (_M.incident_id == bindparam("incident"), _M.actor != bindparam("nobody"))
_TOUCHED = ready(select(_M.id).where(*_BY_SOMEBODY).limit(1))
_NEXT_LOOK = ready(select(_T.due_at).where(_T.incident_id == bindparam("incident"), _T.kind == "look"))


def incident(session: Session, incident_id: int) -> IncidentNow | None:
    """The incident with this number."""
    row = session.execute(_INCIDENT, {"incident": incident_id}).first()
    return IncidentNow(*row) if row else None


def lock_incident(session: Session, incident_id: int) -> None:
    """Keep everybody else from changing this incident until the transaction ends; ask before reading it.

    Whoever decides by what they have read needs this. SQLite has one writer, so nothing is to be done there.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCKED, {"incident": incident_id})


def last_incident(session: Session, station_id: int, code: str) -> IncidentNow | None:
    """The open incident of this station and code, else the one that was opened last."""
    row = session.execute(_NEWEST_OF_CODE, {"station": station_id, "code": code}).first()
    return IncidentNow(*row) if row else None


def last_incident_of(session: Session, station_id: int) -> IncidentNow | None:
    """The station's open incident, else its newest, whatever the code."""
    row = session.execute(_NEWEST, {"station": station_id}).first()
    return IncidentNow(*row) if row else None


def move_at(session: Session, incident_id: int, turn: int) -> Moved | None:
    """The move that ended this turn."""
    row = session.execute(_MOVE_AT, {"incident": incident_id, "turn": turn}).first()
    return Moved(*row) if row else None


def last_but_measured(session: Session, incident_id: int) -> Moved | None:
    """The last move that is none of `MEASURED`, found from the end."""
    row = session.execute(_LAST_BUT_MEASURED, {"incident": incident_id}).first()
    return Moved(*row) if row else None


def moves(session: Session, incident_id: int) -> list[Moved]:
    """All moves of an incident in order."""
    return [Moved(*row) for row in session.execute(_MOVES_IN_ORDER, {"incident": incident_id})]


def answers(session: Session, incident_id: int) -> list[Said]:
    """All answers of an incident, oldest first."""
    return [Said(*row) for row in session.execute(_ANSWERS, {"incident": incident_id})]


def answers_named(session: Session, incident_id: int, name: str) -> list[Said]:
    """The answers of an incident to one question, oldest first."""
    return [Said(*row) for row in session.execute(_ANSWERS_NAMED, {"incident": incident_id, "name": name})]


def circumstances(session: Session, incident_id: int) -> list[Said]:
    """What was said of cars that charge at the station and of its neighbours, oldest first."""
    return [Said(*row) for row in session.execute(_CIRCUMSTANCES, {"incident": incident_id})]


def returns_since(session: Session, incident_id: int, since: datetime) -> int:
    """How often this incident's station was seen back after `since`."""
    return int(session.execute(_RETURNS, {"incident": incident_id, "since": since}).scalar_one())


def touched(session: Session, incident_id: int, by_nobody: str) -> bool:
    """Did a person make a move? `by_nobody` is the actor of the other moves."""
    return session.execute(_TOUCHED, {"incident": incident_id, "nobody": by_nobody}).first() is not None


def next_look(session: Session, incident_id: int) -> datetime | None:
    """When Relink looks at this incident again by itself."""
    moment: datetime | None = session.execute(_NEXT_LOOK, {"incident": incident_id}).scalar_one_or_none()
    return moment


def count_open(session: Session) -> int:
    """How many incidents are open, drills apart."""
    query = select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None), ~Incident.drill)
    return session.execute(query).scalar_one()


def steps_of_open(session: Session) -> list[str]:
    """The steps on which open incidents stand."""
    return list(
        session.execute(select(Incident.step).where(Incident.closed_at.is_(None)).distinct()).scalars()
    )


def open_of(session: Session, owner: str | None, most: int) -> list[IncidentNow]:
    """Open incidents of this owner, None for nobody's, oldest first."""
    theirs = _INCIDENTS.c.owner.is_not_distinct_from(owner) & _INCIDENTS.c.closed_at.is_(None)
    return [
        IncidentNow(*row) for row in session.execute(_ANY.where(theirs).order_by(_INCIDENTS.c.id).limit(most))
    ]


def card_place(session: Session, incident_id: int, technician: str | None = None) -> tuple[str, str] | None:
    """Channel and ts of an incident's card, or of the one its technician has; None before it is posted."""
    key = f"card:{incident_id}" if technician is None else f"visit:{incident_id}:{technician}"
    query = select(Outgoing.channel, Outgoing.ts).where(Outgoing.key == key)
    row = session.execute(query).first()
    return (row.channel, row.ts) if row and row.channel and row.ts else None


def visits_of(session: Session, incident_id: int) -> list[str]:
    """The technicians who have a card of a visit of this incident, whoever has the visit now."""
    query = select(Outgoing.payload).where(Outgoing.incident_id == incident_id, Outgoing.kind == "visit")
    return [str(row.payload["to"]) for row in session.execute(query.order_by(Outgoing.id))]
