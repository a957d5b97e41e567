"""The facts that only the card of a visit tells: the way there, what was measured, what was entered on site."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.facts import outside
from db import queries
from db import stations as db_stations
from db.queries import IncidentNow, Said


def of_visit(session: Session, incident: IncidentNow) -> Mapping[str, Any]:
    """What only the technician of the visit is told besides: where the station is and how to get to it."""
    station = db_stations.station(session, incident.station_id)
    return {
        "address": outside(station.address),
        "access": outside(station.access),
        "panel": outside(station.panel),
        "circuits": station.circuits,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "readings": _readings(queries.answers_named(session, incident.id, "readings")),
        "stopped": incident.origin_step == "verify-zero-volts" and _stopped(session, incident),
        "checked": {"bars": "", "wifi": "", "phone-carrier": "", **_checked(session, incident)},
        "power_at": incident.remedy_at if incident.origin_step == incident.step else None,
    }


def _readings(rows: Sequence[Said]) -> Mapping[str, Any]:
    """The last readings at the contactor input as they were typed, and when; `at` is None before the first."""
    if not rows:
        return {"at": None}
    return {
        "at": rows[-1].at,
        **{key.replace("-", "_"): outside(str(v)) for key, v in rows[-1].value.items()},
    }


def _checked(session: Session, incident: IncidentNow) -> Mapping[str, Any]:
    """What was last entered at the signal check; all of it was chosen from our answers but the phone's carrier."""
    rows = queries.answers_named(session, incident.id, "signal-check")
    said = dict(rows[-1].value) if rows else {}
    return said | {"phone-carrier": outside(said.get("phone-carrier"))}


def _stopped(session: Session, incident: IncidentNow) -> bool:
    """Did the last measurement find volts, or leave a doubt?"""
    last = queries.move_at(session, incident.id, incident.turn - 1)
    return last is not None and last.choice in {"not-zero", "in-doubt"}
