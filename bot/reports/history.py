"""The incidents of one station, for `/charger history`, and those of one person, for `/charger mine`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.likely import POWER_CYCLE
from bot.messages.text import Outside
from db import history as db_history
from db import queries
from db import stations as db_stations
from db.history import Past

SEEN_BEFORE = timedelta(days=30)
MOST = 10
"""Incidents in one answer."""
MOST_FLAGGED = 10
"""Modems in one answer."""


def of_station(session: Session, station_id: int, now: datetime) -> Mapping[str, Any]:
    """The facts of the answer: what the station went through in sums, then its newest incidents.

    `all`: how many there are, `more`: how many are left out, `lost`: the time without contact, over all of them.
    """
    station = db_stations.station(session, station_id)
    sums = db_history.sums_of(session, station_id, POWER_CYCLE)
    last = db_history.last_of(session, station_id)
    visits = db_history.visits_of(session, station_id)
    return {
        "label": station.serial or station.portal_id,
        "name": Outside(station.name or ""),
        "site": Outside(station.site or ""),
        "flagged_at": station.modem_flagged_at,
        "flag_reason": station.modem_flag_reason or "",
        "times_down": db_history.times_down(session, station_id, now - SEEN_BEFORE),
        "last_fix": last.fix or "" if last else "",
        "last_closed_at": last.closed_at if last else None,
        "lost": timedelta(seconds=sums.lost_seconds),
        "restarts": sums.restarts,
        "tried": sums.tried,
        "helped": sums.helped,
        "replaced": sums.replaced,
        "replaced_at": sums.replaced_at,
        "visits": sum(visits.values()),
        "incidents": [
            _told(each, visits.get(each.id, 0)) for each in db_history.newest_of(session, station_id, MOST)
        ],
        "all": sums.incidents,
        "more": max(0, sums.incidents - MOST),
    }


def _told(past: Past, visits: int) -> Mapping[str, Any]:
    """One incident of the answer; `restart`: `helped`, `failed`, or empty where none was sent or it is open."""
    helped = past.fix == POWER_CYCLE and past.technician is None
    return {
        "reference": past.reference,
        "opened_at": past.opened_at,
        "closed_at": past.closed_at,
        "fix": past.fix,
        "lost": timedelta(seconds=past.lost_seconds or 0) if past.closed_at else None,
        "restart": ("helped" if helped else "failed") if past.restarts and past.closed_at else "",
        "visits": visits,
        "reopenings": past.reopenings,
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
