"""Open incidents for the Home tab, each of a station of its own, written as rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.people import Person
from bot.reports import home
from bot.reports.needing import Viewer
from db.models import Incident, Lockout, Outgoing, Station
from db.writer import Database
from tests.incidents.desk import NIGHT, RULES

LATER, SOON = NIGHT + timedelta(hours=4), NIGHT + timedelta(minutes=5)
STATIONS = frozenset({"name", "site", "area", "muted_until", "modem_flagged_at", "modem_flag_reason"})
"""What of a row's values belongs to its station."""

Values = Mapping[str, Any]


@dataclass
class Town:
    """A database, and how many stations it has by now."""

    db: Database
    rows: list[tuple[Values, Values]] = field(default_factory=list)

    def has(self, step: str = "restart-station", **values: Any) -> int:
        """An incident at this step, written with the next question; its number."""
        number = len(self.rows) + 1
        station = {"id": number, "serial": f"CT4G-{20000 + number}", "site": "Pier 9", "area": "north"}
        station |= {name: values.pop(name) for name in STATIONS & values.keys()}
        incident = {"id": number, "station_id": number, "step": step, **_BEFORE, **values}
        self.rows.append((station, incident))
        return number

    async def written(self) -> None:
        """Write what is not written yet."""

        def write(session: Session) -> None:
            for station, incident in self.rows:
                session.execute(insert(Station).values(station))
                session.execute(insert(Incident).values(incident))

        await self.db.write(write)

    async def overview(self, person: Person) -> Mapping[str, Any]:
        """The first page of this person's Home."""
        return await self.db.read(home.overview, viewer(person), RULES.runbook, NIGHT)

    async def listed(self, person: Person, which: str, at: int = 0) -> home.Listed[Any]:
        """One page of a list."""
        return await self.db.read(home.listed, viewer(person), which, at, RULES.runbook, NIGHT)

    async def whole(self, person: Person, which: str) -> list[int]:
        """The numbers of a list of incidents, over all its pages."""
        found: list[int] = []
        while True:
            page = await self.listed(person, which, len(found))
            found += [row.id for row in page.rows]
            if not page.left:
                return found

    async def lists(self, person: Person) -> Mapping[str, list[int]]:
        """The three lists of incidents."""
        return {which: await self.whole(person, which) for which in ("needs", "waiting", "open")}


def viewer(person: Person) -> Viewer:
    """Somebody as Home knows them."""
    return Viewer(person.user_id, person.roles)


async def add(db: Database, table: type[Any], rows: Sequence[Values]) -> None:
    """More rows."""
    write: Callable[[Session], object] = lambda session: session.execute(insert(table), list(rows)) and None  # noqa: E731
    await db.write(write)


def a_lock(incident: int, technician: str, circuit: int = 1) -> Values:
    """A lock that stands."""
    return {
        "incident_id": incident,
        "technician": technician,
        "circuit": circuit,
        "breaker": "14",
        "tag": "T-1",
        "on_at": NIGHT,
    }


def a_card(incident: int, key: str, ts: str | None) -> Values:
    """A card's row, posted or not."""
    row = {"key": key, "kind": "card", "incident_id": incident, "rank": 1, "payload": {}, "state": "sent"}
    return {
        **row,
        "wanted": 1,
        "delivered": 1,
        "attempts": 0,
        "created_at": NIGHT,
        "channel": "C0ALERTS",
        "ts": ts,
    }


LOCKS, CARDS = Lockout, Outgoing

_BEFORE: Values = {
    "code": RULES.runbook.code,
    "turn": 3,
    "version": 4,
    "runbook": RULES.runbook.digest,
    "opened_at": NIGHT - timedelta(hours=1),
    "raised_at": NIGHT - timedelta(hours=1),
    "last_communication": NIGHT - timedelta(hours=2),
    "entered_at": NIGHT - timedelta(minutes=30),
    "attempts": 0,
    "rung_step": True,
    "restarts": 0,
    "tried": False,
    "reopenings": 0,
}
