"""An alert comes in: it opens, repeats, re-opens or clears an incident, or is kept as ignored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.incidents import first_day, moving, opening
from bot.incidents.rules import Rules
from bot.incidents.stations import StationSeen, station_of
from bot.portal.contract import is_drill
from db.models import Alert
from db.queries import IncidentNow, last_incident
from db.statements import Both, table_of

_ALERTS = table_of(Alert)


def _keep_once(insert: Any) -> Any:
    unique = ["source", "alert_id", "status"]
    return insert(_ALERTS).on_conflict_do_nothing(index_elements=unique).returning(_ALERTS.c.id)


_KEEP = Both(_keep_once)
_REMEMBER = update(_ALERTS).where(_ALERTS.c.id == bindparam("row"))
_CLEARED_BEFORE = select(_ALERTS.c.id).where(
    _ALERTS.c.source == bindparam("source"),
    _ALERTS.c.alert_id == bindparam("alert_id"),
    _ALERTS.c.status == "cleared",
)


@dataclass(frozen=True, slots=True)
class AlertIn:
    """One alert as it was sent; times are aware. `end_id`: under which id its end is told, if that is another."""

    alert_id: str
    code: str
    status: Literal["raised", "cleared"]
    station: StationSeen
    raised_at: datetime
    cleared_at: datetime | None
    last_communication: datetime | None
    end_id: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one alert; `incident` is its reference."""

    alert_id: str
    incident: str | None
    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Fate:
    outcome: str
    incident: IncidentNow | None = None
    reason: str | None = None


def take(
    session: Session, source: str, alerts: Sequence[AlertIn], rules: Rules, now: datetime
) -> tuple[Result, ...]:
    """Take a batch in the order sent. The same alert of the same source a second time changes nothing."""
    return tuple(_take_one(session, source, alert, rules, now) for alert in alerts)


def _take_one(session: Session, source: str, alert: AlertIn, rules: Rules, now: datetime) -> Result:
    kept = _keep(session, source, alert, now)
    if kept is None:
        return Result(alert.alert_id, None, "duplicate")
    if alert.code != rules.runbook.code:
        fate = _Fate("ignored", reason=f"no runbook for {alert.code}"[:100])
    elif is_drill(alert.station.serial) or is_drill(alert.station.id):
        # Not before the door: a portal may have said that this is the station's other name.
        fate = _Fate("ignored", reason="this name is for the stations of drills")
    else:
        station_id = station_of(session, alert.station, rules.generation_of)
        fate = _fate(session, source, alert, station_id, rules, now)
    _remember(session, kept, fate)
    return Result(
        alert.alert_id, fate.incident.reference if fate.incident else None, fate.outcome, fate.reason
    )


def _fate(
    session: Session, source: str, alert: AlertIn, station_id: int, rules: Rules, now: datetime
) -> _Fate:
    last = last_incident(session, station_id, alert.code)
    still_open = last is not None and last.closed_at is None
    if alert.status == "cleared":
        if last is None or not still_open:
            return _Fate("ignored", reason="nothing is open for this station")
        # The sender may be wrong or early: the portal is asked, nothing is believed here.
        moving.look_now(session, last, rules, now)
        return _Fate("cleared", last)
    if _was_cleared_before(session, source, alert):
        return _Fate("ignored", reason="this alert was already cleared")
    if last is not None and still_open:
        opening.heard_again(session, last, alert.last_communication, rules, now)
        return _Fate("repeated", last)
    if last is not None and last.closed_at is not None and alert.raised_at <= last.closed_at:
        return _Fate("ignored", last, reason="older than the end of the incident")
    if last is not None and last.closed_at is not None and now - last.closed_at <= rules.timings["reopen"]:
        begun = opening.reopen(session, last, alert.raised_at, alert.last_communication, rules, now)
        outcome = "reopened"
    else:
        raised_at, spoke = alert.raised_at, alert.last_communication
        listed = first_day.belongs(session, raised_at, spoke, now)
        begun = opening.open_incident(session, station_id, raised_at, spoke, rules, now, listed=listed)
        outcome = "opened"
    if begun is not None:
        return _Fate(outcome, begun)
    # Another alert of the same station was committed between our look and our write.
    return _Fate("repeated", last_incident(session, station_id, alert.code))


def _keep(session: Session, source: str, alert: AlertIn, now: datetime) -> int | None:
    row = {
        "source": source,
        "alert_id": alert.alert_id,
        "status": alert.status,
        "code": alert.code,
        "outcome": "",
        "raised_at": alert.raised_at,
        "cleared_at": alert.cleared_at,
        "last_communication": alert.last_communication,
        "received_at": now,
    }
    kept: int | None = session.execute(_KEEP.of(session), row).scalar_one_or_none()
    return kept


def _remember(session: Session, alert_row: int, fate: _Fate) -> None:
    values: dict[str, Any] = {"row": alert_row, "outcome": fate.outcome}
    if fate.incident is not None:
        values |= {"incident_id": fate.incident.id, "station_id": fate.incident.station_id}
    session.execute(_REMEMBER, values)


def _was_cleared_before(session: Session, source: str, alert: AlertIn) -> bool:
    end = {"source": source, "alert_id": alert.end_id or alert.alert_id}
    return session.execute(_CLEARED_BEFORE, end).first() is not None
