"""Facts about an incident are kept one after the other and never changed; `bot.knowledge` says which one holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.portal.contract import Alarm, Command, Nearby, Signal, Station, Status
from db import queries
from db.models import Answer
from db.statements import ready, table_of

_KEEP = ready(insert(table_of(Answer)))


@dataclass(frozen=True, slots=True)
class Readings:
    """What the portal said at one look; None for what was not asked or not answered."""

    status: Status | None = None
    alarms: tuple[Alarm, ...] | None = None
    signal: Signal | None = None
    nearby: Nearby | None = None
    configuration: Command | None = None
    station: Station | None = None


def record(
    session: Session,
    incident: queries.IncidentNow,
    facts: Mapping[str, Any],
    *,
    source: str,
    actor: str | None,
    as_of: datetime,
    now: datetime,
) -> None:
    """Keep these facts as said by this source."""
    rows = [
        {
            "incident_id": incident.id,
            "turn": incident.turn,
            "name": name,
            "value": value,
            "source": source,
            "actor": actor,
            "as_of": as_of,
            "at": now,
        }
        for name, value in facts.items()
    ]
    if rows:
        session.execute(_KEEP, rows)


def record_readings(
    session: Session, incident: queries.IncidentNow, readings: Readings, now: datetime
) -> bool:
    """Keep what the portal said where it differs from what was said last. True if anything was new."""
    # A person's answer counts: the portal's old one, read again after it, is news.
    said_last = {row.name: row.value for row in queries.answers(session, incident.id)}
    new = {
        name: value
        for name, value in _facts(readings, incident.code).items()
        if name not in said_last or said_last[name] != value
    }
    as_of = readings.status.as_of if readings.status else now
    record(session, incident, new, source="portal", actor=None, as_of=min(as_of, now), now=now)
    return bool(new)


def _facts(readings: Readings, code: str) -> Mapping[str, Any]:
    facts: dict[str, Any] = {}
    if (status := readings.status) is not None:
        facts |= {"online": status.online, "active_sessions": status.active_sessions}
    if readings.alarms is not None:
        facts["alert_active"] = any(
            alarm.code == code and alarm.cleared_at is None for alarm in readings.alarms
        )
    if (signal := readings.signal) is not None:
        facts["signal"] = {"bars": signal.bars, "weak": signal.weak}
    if (nearby := readings.nearby) is not None:
        facts["nearby"] = _count(nearby)
    if (command := readings.configuration) is not None:
        facts["configuration"] = {"outcome": command.outcome.value, "ms": command.round_trip_ms}
    return facts


def _count(nearby: Nearby) -> Mapping[str, Any]:
    online = [neighbour.online for neighbour in nearby.items]
    return {
        "all": len(online),
        "down": online.count(False),
        "not_known": online.count(None),
        "complete": nearby.complete,
    }
