"""A desk at which the use cases are worked one by one: a database, a still clock, people, a portal's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import Timings
from bot.incidents import commands, intake, progress, timers
from bot.incidents.answers import Readings
from bot.incidents.intake import AlertIn, Result
from bot.incidents.rules import Rules
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.messages.render import Renderer
from bot.people import Person
from bot.portal.contract import (
    Alarm,
    Capabilities,
    Capability,
    Command,
    Nearby,
    Neighbour,
    Outcome,
    Signal,
    Status,
)
from bot.runbook.judge import RESULTS
from bot.runbook.load import PORTAL_VERBS, SHIPPED, load_runbook
from bot.runbook.model import Role
from bot.runbook.press import Press
from db import queries
from db import stations as db_stations
from db.models import Incident, Outgoing, Station, Timer
from db.queries import IncidentNow, Moved, Said
from db.writer import Database

TEMPLATES = Path(__file__).parents[2] / "templates"
CODE = "CP-ERR-WIFI"
SERIAL = "CT4G-20117"
NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
"""The alert comes in after ten minutes of silence."""
SILENT_SINCE = NIGHT - timedelta(minutes=10)

RENDER = Renderer(TEMPLATES)
RULES = Rules(
    load_runbook(
        SHIPPED,
        verbs=PORTAL_VERBS,
        judgements=frozenset(RESULTS),
        templates=RENDER.names(),
        timings=frozenset(Timings().by_name()),
    ),
    Timings().by_name(),
    "C0ALERTS",
)

ONE = Person("U0SUPPORT1", frozenset({Role.SUPPORT}), "Support 1")
TWO = Person("U0SUPPORT2", frozenset({Role.SUPPORT}), "Support 2")
TECHNICIAN = Person("U0TECH1", frozenset({Role.TECHNICIAN}), "Tech 1")
LEAD = Person("U0LEAD", frozenset({Role.LEAD}), "Lead")
STRANGER = Person("U0STRANGER", frozenset(), "Somebody")

AUTO = Capabilities(**dict.fromkeys(Capabilities.__dataclass_fields__, Capability.AUTO))
BY_HAND = Capabilities()

REASON = Values("reason", {"reason": "the site asked for it"})
REPAIR_LOG = "repair-log"


def alert(alert_id: str = "a-1", **changes: Any) -> AlertIn:
    """A raised alert of the one station, ten minutes after its last contact."""
    given: dict[str, Any] = {
        "code": CODE,
        "status": "raised",
        "station": StationSeen(serial=SERIAL, id=None),
        "raised_at": NIGHT,
        "cleared_at": None,
        "last_communication": SILENT_SINCE,
    }
    return AlertIn(alert_id, **(given | changes))


@dataclass
class Desk:
    """One database and one clock. Methods that act do so at `now`."""

    db: Database
    now: datetime = NIGHT
    real: datetime = field(default=NIGHT)
    capabilities: Capabilities = AUTO

    def later(self, **length: float) -> None:
        """Both clocks go on."""
        self.now += timedelta(**length)
        self.real += timedelta(**length)

    # Doing

    async def take(self, *alerts: AlertIn, source: str = "portal") -> tuple[Result, ...]:
        """These alerts come in as one batch."""
        return await self.db.write(intake.take, source, alerts, RULES, self.now)

    async def opened(self, **changes: Any) -> IncidentNow:
        """The incident a first alert opens."""
        (result,) = await self.take(alert(**changes))
        assert result.outcome == "opened"
        return await self.incident()

    async def press(
        self,
        choice: str,
        person: Person = ONE,
        values: Values | None = None,
        *,
        turn: int | None = None,
        incident: int = 1,
    ) -> None:
        """A person takes a choice, on a card drawn now unless `turn` says otherwise."""
        standing = await self.incident(incident)
        pressed = Press(incident, standing.turn if turn is None else turn, choice)
        await self.db.write(progress.press, pressed, person, values, self.capabilities, RULES, self.now)

    async def due(self) -> tuple[timers.Due, ...]:
        """Claim what is due."""
        return await self.db.write(timers.claim, RULES, self.now, self.real)

    async def look(self, **said: Any) -> None:
        """Every timer that is due runs once, and the portal says this each time (see `readings`)."""
        for one in await self.due():
            await self.looked(one, **said)

    async def looked(self, due: timers.Due, **said: Any) -> bool:
        """Hand in what the portal said for a claimed timer."""
        found = readings(self.now, **said)
        return await self.db.write(timers.looked, due, found, self.capabilities, RULES, self.now)

    async def answered(
        self, outcome: Outcome, *, turn: int | None = None, sent_at: datetime | None = None
    ) -> None:
        """The portal's answer to a restart comes back."""
        standing = await self.incident()
        await self.db.write(
            commands.answered,
            1,
            standing.turn if turn is None else turn,
            Command("c-1", outcome),
            sent_at or self.now,
            self.now,
            RULES,
        )

    async def stands(self, step: str, incident: int = 1) -> None:
        """Check where the incident stands."""
        assert (await self.incident(incident)).step == step

    # Ways to a step

    async def at_restart(self) -> None:
        """The station has been silent for half an hour: support is asked whether to restart."""
        await self.opened()
        await self.look(active=True)
        self.later(minutes=20)
        await self.look()
        await self.look()
        await self.stands("restart-station")

    async def restarted(self) -> IncidentNow:
        """Support has clicked the restart; the portal has not answered yet."""
        await self.at_restart()
        await self.press("restart")
        await self.stands("wait-for-reconnect")
        return await self.incident()

    async def back(self) -> None:
        """The restart helped."""
        await self.restarted()
        await self.answered(Outcome.ACCEPTED)
        self.later(minutes=3)
        await self.look(online=True)
        await self.stands("verify-online")

    async def proved(self) -> None:
        """Everything but the log is done."""
        await self.back()
        await self.look(online=True)
        await self.look(active=False)
        await self.look(milliseconds=840)
        await self.press("waive")
        await self.look(bars=4)
        await self.stands("log-repair")

    async def closed(self, fix: str = "modem power cycle") -> IncidentNow:
        """Logged and closed by support."""
        await self.proved()
        await self.press("log", values=Values(REPAIR_LOG, {"fix": fix}))
        return await self.incident()

    # Seeing

    async def incident(self, number: int = 1) -> IncidentNow:
        """The incident as it stands."""
        found = await self.db.read(queries.incident, number)
        assert found is not None
        return found

    async def incidents(self) -> list[tuple[str, bool]]:
        """Every incident: its station's serial or id, and whether it is open."""
        return await self.db.read(_incidents)

    async def moves(self, incident: int = 1) -> list[Moved]:
        """Its moves in order."""
        return await self.db.read(queries.moves, incident)

    async def choices(self) -> list[str]:
        """The choices taken, in order."""
        return [move.choice for move in await self.moves()]

    async def answers(self) -> list[Said]:
        """Everything that was said about the incident."""
        return await self.db.read(queries.answers, 1)

    async def timers(self, incident: int = 1) -> Mapping[str, datetime]:
        """When which of its timers is due."""
        return await self.db.read(_timers, incident)

    async def lines(self) -> list[str]:
        """The templates of the thread's lines in order."""
        return await self.db.read(_lines)

    async def count(self, table: type[Any]) -> int:
        """How many rows a table has."""
        return len(await self.db.read(_ids, table))

    async def station(self, name: str = SERIAL) -> Mapping[str, Any]:
        """What is known of a station."""
        return await self.db.read(_station, name)


def readings(now: datetime, **said: Any) -> Readings:
    """What the portal says: `online`, `sessions`, `heard` (the status), `active` (the alert), `bars`,
    `milliseconds`, `others` (are they online).

    A status is given when one of its parts is; what is not given was not read.
    """
    status = None
    if said.keys() & {"online", "sessions", "heard"}:
        heard = said.get("heard", now if said.get("online") else None)
        status = Status("1:1", said.get("online"), heard, said.get("sessions"), said.get("as_of", now))
    alarms = None
    if "active" in said:
        alarms = (Alarm("x-1", "1:1", CODE, NIGHT),) if said["active"] else ()
    signal = Signal(said["bars"], None, now) if "bars" in said else None
    command = None
    if "milliseconds" in said:
        command = Command("g-1", Outcome.ACCEPTED, round_trip_ms=said["milliseconds"])
    nearby = None
    if "others" in said:
        others = enumerate(said["others"])
        items = tuple(Neighbour(f"1:{n}", f"CT4G-{n}", None, online, None) for n, online in others)
        nearby = Nearby(items, complete=True)
    return Readings(status=status, alarms=alarms, signal=signal, configuration=command, nearby=nearby)


def _incidents(session: Session) -> list[tuple[str, bool]]:
    query = select(Station.serial, Station.portal_id, Incident.closed_at).join(
        Incident, Incident.station_id == Station.id
    )
    return [
        (serial or portal_id or "", closed is None)
        for serial, portal_id, closed in session.execute(query.order_by(Incident.id))
    ]


def _timers(session: Session, incident: int) -> dict[str, datetime]:
    rows = session.execute(select(Timer.kind, Timer.due_at).where(Timer.incident_id == incident))
    return {row.kind: row.due_at for row in rows}


def _lines(session: Session) -> list[str]:
    query = select(Outgoing.template).where(Outgoing.kind == "line").order_by(Outgoing.id)
    return [str(template) for template in session.scalars(query)]


def _ids(session: Session, table: type[Any]) -> list[Any]:
    return list(session.scalars(select(*table.__table__.primary_key.columns)))


def _station(session: Session, name: str) -> dict[str, Any]:
    found = db_stations.station_by_name(session, name)
    assert found is not None
    return {column.key: getattr(found, column.key) for column in Station.__table__.columns}
