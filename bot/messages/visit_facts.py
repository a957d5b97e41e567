"""The facts that only the card of a visit tells: the way there, what was measured, what was entered on site."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.knowledge import came_by, stopped_by
from bot.messages.facts import outside, told_lock, volts_found
from db import locks, queries
from db import stations as db_stations
from db.queries import IncidentNow


def of_visit(session: Session, incident: IncidentNow) -> Mapping[str, Any]:
    """What only the technician of the visit is told besides: where the station is and how to get to it."""
    station = db_stations.station(session, incident.station_id)
    stop = stopped_by(session, incident)
    return {
        "address": outside(station.address),
        "access": outside(station.access),
        "panel": outside(station.panel),
        "circuits": station.circuits,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "came_by": came_by(session, incident),
        "stopped": stop is not None,
        "found": _found(session, incident) if stop is not None and stop.choice == "not-zero" else None,
        "next_circuit": _next_circuit(session, incident),
        "checked": {"bars": "", "wifi": "", "phone-carrier": "", **_checked(session, incident)},
        "power_at": incident.remedy_at if incident.origin_step == incident.step else None,
    }


def _found(session: Session, incident: IncidentNow) -> Mapping[str, Any] | None:
    """The last measurement that was not 0, and when; a circuit proved since then does not hide it."""
    measured = reversed(queries.answers_named(session, incident.id, "readings"))
    told = ({"at": row.at, "volts": volts_found(row.value)} for row in measured)
    return next((one for one in told if one["volts"]), None)


def _next_circuit(session: Session, incident: IncidentNow) -> Mapping[str, Any] | None:
    """The technician's own lock whose circuit is measured next; None once all are proved."""
    mine = [lock for lock in locks.standing(session, incident.id) if lock.technician == incident.technician]
    return next((told_lock(lock) for lock in mine if lock.measured_at is None), None)


def _checked(session: Session, incident: IncidentNow) -> Mapping[str, Any]:
    """What was last entered at the signal check; all of it was chosen from our answers but the phone's carrier."""
    rows = queries.answers_named(session, incident.id, "signal-check")
    said = dict(rows[-1].value) if rows else {}
    return said | {"phone-carrier": outside(said.get("phone-carrier"))}
