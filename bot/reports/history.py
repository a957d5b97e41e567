"""The incidents of one station, for `/charger history`, and those of one person, for `/charger mine`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.text import Outside
from db import queries
from db import stations as db_stations

MOST = 10
"""Incidents in one answer."""
MOST_FLAGGED = 10
"""Modems in one answer."""


def of_station(session: Session, station_id: int) -> Mapping[str, Any]:
    """The facts of the answer: the newest incidents first, `all` how many there are, `more` how many are left out."""
    station, count = db_stations.station(session, station_id), queries.count_of(session, station_id)
    return {
        "label": station.serial or station.portal_id,
        "name": Outside(station.name or ""),
        "site": Outside(station.site or ""),
        "incidents": [
            {
                "reference": each.reference,
                "opened_at": each.opened_at,
                "closed_at": each.closed_at,
                "fix": each.fix,
                "without_contact": each.without_contact,
                "reopenings": each.reopenings,
            }
            for each in queries.incidents_of(session, station_id, MOST)
        ],
        "all": count,
        "more": max(0, count - MOST),
    }


def flagged(session: Session) -> Mapping[str, Any]:
    """The facts of the answer: modems flagged for the next scheduled visit, oldest first; `more` are left out."""
    stations = db_stations.flagged_stations(session)
    return {
        "stations": [
            {
                "label": each.serial or each.portal_id,
                "site": Outside(each.site or ""),
                "at": each.modem_flagged_at,
                "reason": each.modem_flag_reason or "",
            }
            for each in stations[:MOST_FLAGGED]
        ],
        "more": max(0, len(stations) - MOST_FLAGGED),
    }


def owned_by(session: Session, user_id: str) -> list[int]:
    """The open incidents of this person, oldest first; at most `MOST` and one that tells that there are more."""
    return [each.id for each in queries.open_of(session, user_id, MOST + 1)]
