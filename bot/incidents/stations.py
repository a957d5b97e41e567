"""Which station an alert speaks of. A sender of serials and a sender of the portal's ids meet in one row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.incidents import learning
from bot.portal.contract import Station as PortalStation
from db.models import Alert, Incident, Station
from db.statements import Both, table_of


@dataclass(frozen=True, slots=True)
class StationSeen:
    """What an alert says of its station. At least one of `serial` and `id` (the portal's) is there."""

    serial: str | None
    id: str | None
    name: str | None = None
    site: str | None = None
    area: str | None = None
    carrier: str | None = None
    generation: int | None = None
    latitude: float | None = None
    longitude: float | None = None


_DESCRIBED = (
    *("name", "site", "area", "carrier", "generation", "latitude", "longitude"),
    *("comms", "radio_group", "portal_url", "address", "access", "panel", "circuits"),
)
"""What a portal's station may say that our row keeps."""
_SAID = tuple(field.name for field in fields(StationSeen) if field.name not in {"serial", "id"})
_STATIONS = table_of(Station)
_BY_SERIAL = select(_STATIONS).where(_STATIONS.c.serial == bindparam("serial"))
_BY_ID = select(_STATIONS).where(_STATIONS.c.portal_id == bindparam("id"))
_BY_ROW = select(_STATIONS).where(_STATIONS.c.id == bindparam("row"))
_ADD = Both(lambda insert: insert(_STATIONS).on_conflict_do_nothing().returning(_STATIONS.c.id))


def station_of(session: Session, seen: StationSeen, generation_of: Callable[[str | None], int | None]) -> int:
    """The row of the station an alert speaks of, made or completed; what the alert does not say stays.

    `generation_of` a serial is what is taken where nobody tells the generation.
    """
    said = {name: value for name in _SAID if (value := getattr(seen, name)) is not None}
    by_serial, by_id = _known(session, seen)
    if by_id is not None and by_serial is None and seen.serial and by_id.serial:
        # The portal's id belongs to another serial: the alert mixes two stations, and the serial is on the door.
        by_id, seen = None, StationSeen(seen.serial, None)
    found = by_serial or by_id
    if found is None:
        told = generation_of(seen.serial)
        return _add(session, seen, ({"generation": told} if told else {}) | said)
    if by_serial is not None and by_id is not None and by_serial.id != by_id.id:
        if by_id.serial is None and _merge(session, by_id.id, into=by_serial.id):
            said["portal_id"] = seen.id
    else:
        said |= _names(found, seen)
    _complete(session, found, said)
    return int(found.id)


def describe(session: Session, station_id: int, said: PortalStation) -> bool:
    """Keep what the portal says of a station; what it does not say stays. True if anything was new."""
    found = session.execute(_BY_ROW, {"row": station_id}).one()
    values = {name: value for name in _DESCRIBED if (value := _short(name, getattr(said, name))) is not None}
    before = {name: getattr(found, name) for name in values}
    _complete(session, found, values)
    return before != values


def say_generation(session: Session, station_id: int, generation: int) -> None:
    """Keep what somebody read off the station, where nobody has told its generation."""
    unknown = (Station.id == station_id) & Station.generation.is_(None)
    session.execute(update(Station).where(unknown).values(generation=generation))


def _short(name: str, value: Any) -> Any:
    """The value at the length its column takes; an address of the web is whole or it is none."""
    longest = getattr(_STATIONS.c[name].type, "length", None)
    if not isinstance(value, str) or longest is None or len(value) <= longest:
        return value
    return None if name == "portal_url" else value[:longest]


def unnamed(session: Session, seen: list[StationSeen]) -> list[str]:
    """Those of these stations, known to an alert by one name, of which no other name is known either."""
    return [
        one.serial or one.id or ""
        for one in seen
        if not any(row and row.serial and row.portal_id for row in _known(session, one))
    ]


def _known(session: Session, seen: StationSeen) -> tuple[Row[Any] | None, Row[Any] | None]:
    """The row with this serial and the row with this portal id; often the same one."""
    by_serial = session.execute(_BY_SERIAL, {"serial": seen.serial}).first() if seen.serial else None
    by_id = session.execute(_BY_ID, {"id": seen.id}).first() if seen.id else None
    return by_serial, by_id


def _names(found: Row[Any], seen: StationSeen) -> Mapping[str, str]:
    pairs = (("serial", seen.serial), ("portal_id", seen.id))
    return {column: value for column, value in pairs if value and getattr(found, column) is None}


def _complete(session: Session, found: Row[Any], said: Mapping[str, Any]) -> None:
    changed = {name: value for name, value in said.items() if getattr(found, name) != value}
    if changed:
        session.execute(update(Station).where(Station.id == found.id).values(changed))


def _merge(session: Session, other: int, *, into: int) -> bool:
    """Give the history of `other` to `into` and forget the row. False while an incident is open there."""
    still_open = select(Incident.id).where(Incident.station_id == other, Incident.closed_at.is_(None))
    if session.execute(still_open).first() is not None:
        return False
    moved = session.scalars(select(Incident.id).where(Incident.station_id == other)).all()
    for incident in moved:
        learning.forget(session, incident)
    for table in (Incident, Alert):
        session.execute(update(table).where(table.station_id == other).values(station_id=into))
    for incident in moved:
        learning.learn(session, incident)
    _keep_marks(session, other, into)
    session.execute(delete(Station).where(Station.id == other))
    return True


def _keep_marks(session: Session, other: int, into: int) -> None:
    """A flagged modem stays flagged and a muted station muted, whichever of the two rows said so."""
    rows = {
        row.id: row for row in session.execute(select(_STATIONS).where(_STATIONS.c.id.in_((other, into))))
    }
    for first, beside in (("modem_flagged_at", "modem_flag_reason"), ("muted_until", "mute_reason")):
        if getattr(rows[into], first) is None and getattr(rows[other], first) is not None:
            marks = {name: getattr(rows[other], name) for name in (first, beside)}
            session.execute(update(Station).where(Station.id == into).values(marks))


def _add(session: Session, seen: StationSeen, said: Mapping[str, Any]) -> int:
    row = {"serial": seen.serial, "portal_id": seen.id, **said}
    added = session.execute(_ADD.of(session), row).scalar_one_or_none()
    if added is not None:
        return int(added)
    # Another alert of the same new station was committed between our look and our insert.
    return next(int(row.id) for row in _known(session, seen) if row is not None)
