"""One station at a glance, for `/charger status`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.text import Outside
from bot.portal.contract import Station
from db import queries
from db import stations as db_stations


@dataclass(frozen=True, slots=True)
class StationNow:
    """What Relink knows of a station; `portal_name` is what the portal calls it."""

    portal_name: str
    words: Mapping[str, Any]
    incident: int | None = None
    """Its open incident."""


def of_portal(station: Station) -> StationNow:
    """A station that never failed: what the portal calls it is all there is."""
    words = {
        "label": station.serial,
        "name": Outside(station.name or ""),
        "site": Outside(station.site or ""),
        "flagged_at": None,
        "incident": None,
    }
    return StationNow(station.id, words)


def of_station(session: Session, station_id: int) -> StationNow:
    """A station Relink knows, with its open or last incident."""
    station = db_stations.station(session, station_id)
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
    still_open = last.id if last is not None and last.closed_at is None else None
    return StationNow(station.portal_id or station.serial or "", words, still_open)
