"""Stations and incidents written straight into the tables, as a night or a year left them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.messages.render import Message
from bot.reports import digest
from bot.reports.digest import Morning
from db.lives import Run
from db.models import Incident, Move, Station
from db.writer import Database
from tests.incidents.desk import RENDER, RULES

ZONE = ZoneInfo("America/New_York")
SEVEN = datetime(2026, 11, 24, 7, 0, tzinfo=ZONE).astimezone(UTC)
"""Tuesday morning, when the digest is due."""
YESTERDAY = SEVEN - timedelta(days=1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TUESDAY = Morning("C0ALERTS", ZONE, date(2026, 11, 24), SEVEN, YESTERDAY, SEVEN)
WAITING = digest.waiting_of(RULES.runbook)

_numbers = count(1)


def station(session: Session, **values: Any) -> int:
    """One station; its row."""
    serial = f"CT4G-{20_000 + next(_numbers)}"
    row = insert(Station).values({"serial": serial, "site": "Pier 9", "area": "north", **values})
    return int(session.execute(row.returning(Station.id)).scalar_one())


def incident(session: Session, at: int | None = None, **values: Any) -> int:
    """One incident, open at `restart-station` for an hour unless `values` say otherwise; its station."""
    at = station(session) if at is None else at
    session.execute(insert(Incident).values(an_incident(at, values.get("opened_at")) | values))
    return at


def an_incident(at: int, opened: datetime | None = None) -> dict[str, Any]:
    """The row of an incident of this station, open since `opened` or for an hour."""
    opened = opened or SEVEN - HOUR
    times = dict.fromkeys(("opened_at", "raised_at", "last_communication", "entered_at"), opened)
    return {"station_id": at, "code": "CP-ERR-WIFI", "step": "restart-station", "runbook": "r", **times}


def closed(session: Session, fix: str, minutes: int = 30, at: int | None = None, **values: Any) -> int:
    """One incident that was closed an hour ago, with so many minutes without contact; its station."""
    given = {
        "step": "log-repair",
        "fix": fix,
        "lost_seconds": 60 * minutes,
        "opened_at": SEVEN - 3 * HOUR,
        "back_at": SEVEN - 2 * HOUR,
        "closed_at": SEVEN - HOUR,
    }
    return incident(session, at, **(given | values))


def came_back(session: Session, at: int, step: str) -> None:
    """This station was seen online while its incident stood on that step."""
    number = session.scalars(select(Incident.id).where(Incident.station_id == at)).one()
    move = {"incident_id": number, "turn": 1, "step": step, "choice": "recovered", "to_step": "verify-online"}
    session.execute(insert(Move).values(actor="relink", at=SEVEN, runbook="r", **move))


def life(session: Session, started_at: datetime, alive_at: datetime, late: int = 0) -> None:
    """One life of the process; so many checks had waited for it."""
    session.execute(insert(Run).values(started_at=started_at, alive_at=alive_at, late=late))


async def facts(db: Database, morning: Morning = TUESDAY, now: datetime = SEVEN) -> Mapping[str, Any]:
    """The facts of the digest."""
    return await db.read(digest.of_morning, morning, WAITING, now)


async def message(db: Database, morning: Morning = TUESDAY, now: datetime = SEVEN, **more: Any) -> Message:
    """The digest, its owners known by their ids; without a word of the portal where nothing is down."""
    told = dict(await facts(db, morning, now))
    for name in ("decide", "wait"):
        told[name] = [[{**each, "gone": False} for each in group] for group in told[name]]
    return RENDER.message("digest/digest.j2", {"known": 0, "heard": None, **told, **more})
