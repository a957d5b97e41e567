"""What the walk itself knows: who did what, who has which incident, until when somebody wants peace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import locks, queries
from db.locks import Lock
from db.models import Incident, Outgoing, Timer
from db.queries import IncidentNow, Moved


@dataclass(frozen=True)
class Row:
    """A row of the outbox."""

    id: int
    key: str
    kind: str
    incident: int
    template: str
    payload: Mapping[str, Any]
    state: str
    created_at: datetime
    under: str | None
    wanted: int
    reason: str | None

    @property
    def ring(self) -> str | None:
        """Which ring this line is."""
        is_ring = self.kind == "line" and self.template.startswith("rings/")
        return self.template.removeprefix("rings/").removesuffix(".j2") if is_ring else None

    @property
    def turn(self) -> int:
        """The turn it speaks of; -1 for none."""
        return int(self.payload.get("turn", -1))


@dataclass(frozen=True)
class Snapshot:
    """The whole database at one moment."""

    incidents: Mapping[int, IncidentNow]
    moves: Mapping[int, list[Moved]]
    timers: Mapping[int, Mapping[str, datetime]]
    rows: list[Row]
    locks: Mapping[int, list[Lock]] = field(default_factory=dict)

    def step_at(self, incident: int, turn: int) -> str:
        """Where an incident stood in this turn."""
        return self.moves[incident][turn - 1].to_step if turn > 0 else "confirm-alert"

    def entered(self, incident: int, turn: int) -> datetime:
        """Since when it stood there."""
        return self.moves[incident][turn - 1].at if turn > 0 else self.incidents[incident].opened_at

    def lines(self, incident: int) -> list[Row]:
        """Every line about an incident, in order."""
        return [row for row in self.rows if row.incident == incident and row.kind == "line"]

    def commands(self, incident: int) -> list[Row]:
        """Its restarts, in order."""
        return [row for row in self.rows if row.incident == incident and row.kind == "command"]


def snapshot(session: Session) -> Snapshot:
    """Read everything."""
    numbers = list(session.scalars(select(Incident.id).order_by(Incident.id)))
    incidents = {number: queries.incident(session, number) for number in numbers}
    timers: dict[int, dict[str, datetime]] = {number: {} for number in numbers}
    for timer in session.execute(select(Timer.incident_id, Timer.kind, Timer.due_at)):
        timers[timer.incident_id][timer.kind] = timer.due_at
    names = (
        "id",
        "key",
        "kind",
        "incident_id",
        "template",
        "payload",
        "state",
        "created_at",
        "under",
        "wanted",
        "reason",
    )
    columns = [getattr(Outgoing, name) for name in names]
    rows = [
        Row(
            row.id,
            row.key,
            row.kind,
            row.incident_id or 0,
            row.template or "",
            row.payload,
            row.state,
            row.created_at,
            row.under,
            row.wanted,
            row.reason,
        )
        for row in session.execute(select(*columns).order_by(Outgoing.id))
    ]
    moves = {number: queries.moves(session, number) for number in numbers}
    standing = {number: locks.all_of(session, number) for number in numbers}
    known = {number: one for number, one in incidents.items() if one is not None}
    return Snapshot(known, moves, timers, rows, standing)


@dataclass(frozen=True)
class Deed:
    """The last thing that was done: by a person, the clock, the portal or an alert."""

    what: str
    incident: int = 0
    to: str | None = None


@dataclass
class Page:
    """One incident in the book."""

    owner: str | None = None
    owned_since: datetime | None = None
    """When `owner` became what it is."""
    parked: list[datetime] = field(default_factory=list)
    """Until when it was parked; empty once somebody of the desk moved it."""


@dataclass
class Book:
    """Every incident, every muted station, the last deed."""

    pages: dict[int, Page] = field(default_factory=dict)
    muted: dict[int, list[datetime]] = field(default_factory=dict)
    """The ends of each station's mutes; empty once it was unmuted."""
    deed: Deed = Deed("nothing")

    def page(self, incident: int) -> Page:
        """The incident's page."""
        return self.pages.setdefault(incident, Page())

    def owns(self, incident: int, owner: str | None, now: datetime) -> None:
        """Somebody else has it from now on."""
        page = self.page(incident)
        if page.owner != owner:
            page.owner, page.owned_since = owner, now

    def has_peace(self, incident: IncidentNow, now: datetime) -> bool:
        """Did somebody want that nobody is called for this yet?"""
        return any(now < end for end in self.ends(incident))

    def ends(self, incident: IncidentNow) -> list[datetime]:
        """When peace that somebody wanted for this incident ends, or ended."""
        return self.page(incident.id).parked + self.muted.get(incident.station_id, [])
