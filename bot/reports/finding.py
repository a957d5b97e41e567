"""Which station or incident somebody means by what they typed: a serial, its last digits, an incident's id."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.errors import Refused
from db import queries
from db import stations as db_stations
from db.models import Station

SHORTEST_END = 2
"""Characters of a serial's end that may stand for it."""
LISTED = 5
"""So many stations are named when several are meant."""
COMPARED = 5_000
"""So many serials are compared with one that is not known."""
ALIKE = 0.75
"""How alike two serials must be (0 to 1) to suggest one for the other."""

_REFERENCE = re.compile(r"I-([0-9]{4})-([0-9]{1,12})", re.IGNORECASE)
_LIKE_A_SERIAL = re.compile(
    r"(?=[^0-9]*[A-Z])(?=(?:[^0-9]*[0-9]){3})[A-Z0-9][A-Z0-9._-]{4,63}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a typed name means: one station (and the incident, if its id was typed), several, or none."""

    typed: str
    station: int | None = None
    label: str = ""
    incident: int | None = None
    several: tuple[str, ...] = ()
    near: str | None = None

    def one(self) -> int:
        """The station's row. Raises Refused with what to type instead."""
        if self.station is not None:
            return self.station
        if self.several:
            raise Refused(
                f"{self.typed} fits several stations: {_listed(self.several)}. Type more of the serial."
            )
        near = f" Did you mean {self.near}?" if self.near else ""
        raise Refused(
            f"Relink has not heard of {self.typed}.{near} The serial is on the station and in the portal."
        )


@dataclass(frozen=True, slots=True)
class Open:
    """An open incident and its station's label."""

    incident: int
    label: str


def meant(session: Session, typed: str) -> Meant:
    """What this name means; `typed` is as `handlers.typed` cleans it."""
    typed = typed[:64]
    reference = _REFERENCE.fullmatch(typed)
    incident = queries.incident(session, int(reference[2])) if reference else None
    if reference and incident is not None and incident.opened_at.year == int(reference[1]):
        return Meant(typed, incident.station_id, incident.label, incident.id)
    exact = db_stations.station_by_name(session, typed)
    if exact is not None:
        return _this(typed, exact)
    fitting: list[Station] = []
    if len(typed.replace("-", "")) >= SHORTEST_END:
        fitting = db_stations.stations_ending_in(session, typed, LISTED + 1)
    if len(fitting) == 1:
        return _this(typed, fitting[0])
    near = None if fitting else _nearest(session, typed)
    return Meant(typed, several=tuple(station.serial or "" for station in fitting), near=near)


def open_incident(session: Session, typed: str) -> Open:
    """The open incident this name means. Raises Refused where that is none, or not one."""
    found = meant(session, typed)
    station = found.one()
    known = (
        queries.incident(session, found.incident)
        if found.incident
        else queries.last_incident_of(session, station)
    )
    if known is None or known.closed_at is not None:
        raise Refused(f"Nothing is open for {found.label}.")
    return Open(known.id, known.label)


def only_one(session: Session, owner: str | None) -> Open:
    """The one open incident of this owner, or of nobody. Raises Refused where there are more, or none."""
    found = queries.open_of(session, owner, LISTED + 1)
    if len(found) == 1:
        return Open(found[0].id, found[0].label)
    whose = "Nobody's incidents" if owner is None else "Your incidents"
    if not found:
        raise Refused(f"{whose}: none is open.")
    raise Refused(f"{whose}: {_listed(each.label for each in found)}. Type the serial of the one you mean.")


def named_in(session: Session, words: Iterable[str]) -> str | None:
    """The first of these words that is a station's serial or id, else the first that looks like a serial."""
    candidates = [word for word in words if _LIKE_A_SERIAL.fullmatch(word)]
    known = (db_stations.station_by_name(session, word) for word in candidates)
    first = next((station for station in known if station is not None), None)
    return (first.serial or first.portal_id) if first else next(iter(candidates), None)


def _this(typed: str, station: Station) -> Meant:
    return Meant(typed, station.id, station.serial or station.portal_id or typed)


def _nearest(session: Session, typed: str) -> str | None:
    """The serial that is most like this one; two characters in the wrong order come before a wrong character."""
    wanted, serials = typed.upper(), db_stations.serials_as_long_as(session, typed, COMPARED)
    alike = difflib.get_close_matches(wanted, serials, n=LISTED, cutoff=ALIKE)
    return next(iter(sorted(alike, key=lambda serial: sorted(serial) != sorted(wanted))), None)


def _listed(labels: Iterable[str]) -> str:
    shown = list(labels)
    return ", ".join(shown[:LISTED]) + (" and more" if len(shown) > LISTED else "")
