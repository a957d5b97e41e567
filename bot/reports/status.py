"""One station at a glance, for `/charger status`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.text import Outside
from db import queries


@dataclass(frozen=True, slots=True)
class StationNow:
    """What Relink knows of a station; `portal_name` is what the portal calls it."""

    portal_name: str
    words: Mapping[str, Any]


def of_station(session: Session, name: str) -> StationNow | None:
    """The station with this serial or portal id, with its open or last incident; None if Relink never heard of it."""
    station = queries.station_by_name(session, name)
    if station is None:
        return None
    last = queries.last_incident_of(session, station.id)
    words = {
        "label": station.serial or station.portal_id,
        "name": Outside(station.name or ""),
        "site": Outside(station.site or ""),
        "flagged_at": station.modem_flagged_at,
        "incident": None
        if last is None
        else {
            "reference": last.reference,
            "step": last.step.replace("-", " "),
            "owner": last.owner,
            "closed_at": last.closed_at,
            "fix": last.fix,
            "last_communication": last.last_communication,
        },
    }
    return StationNow(station.portal_id or station.serial or "", words)
