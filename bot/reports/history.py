"""The incidents of one station, for `/charger history`, and those of one person, for `/charger mine`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.text import Outside
from db import queries

MOST = 10
"""Incidents in one answer."""


def of_station(session: Session, station_id: int) -> Mapping[str, Any]:
    """The facts of the answer: the newest incidents first, `all` how many there are, `more` how many are left out."""
    station, count = queries.station(session, station_id), queries.count_of(session, station_id)
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


def owned_by(session: Session, user_id: str) -> list[int]:
    """The open incidents of this person, oldest first; at most `MOST` and one that tells that there are more."""
    return [each.id for each in queries.open_of(session, user_id, MOST + 1)]
