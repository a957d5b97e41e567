"""Questions about stations. Reading only."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.drills import SERIALS
from db.models import Station


def station_by_name(session: Session, name: str) -> Station | None:
    """The station with this serial or portal id; case does not matter."""
    wanted = name.upper()
    query = select(Station)
    return (
        session.execute(
            query.where((func.upper(Station.serial) == wanted) | (func.upper(Station.portal_id) == wanted))
        )
        .scalars()
        .first()
    )


def station(session: Session, station_id: int) -> Station:
    """The station of this row, which must exist."""
    return session.get_one(Station, station_id)


def stations_ending_in(session: Session, end: str, most: int) -> list[Station]:
    """Stations whose serial, dashes left out, ends so; case does not matter. A drill's is typed in full."""
    bare = func.replace(func.upper(Station.serial), "-", "")
    wanted = end.upper().replace("-", "")
    real = bare.endswith(wanted, autoescape=True) & Station.serial.not_like(SERIALS)
    query = select(Station).where(real).order_by(Station.serial)
    return list(session.execute(query.limit(most)).scalars())


def serials_as_long_as(session: Session, name: str, most: int) -> list[str]:
    """Serials of about this length: those that a slip of the finger may have meant."""
    length = func.length(Station.serial)
    alike = length.between(len(name) - 1, len(name) + 1) & Station.serial.not_like(SERIALS)
    query = select(Station.serial).where(alike).limit(most)
    return [serial for serial in session.execute(query).scalars() if serial is not None]


def flagged_stations(session: Session) -> list[Station]:
    """The stations whose modem is flagged for the next scheduled visit, oldest flag first."""
    query = select(Station).where(Station.modem_flagged_at.is_not(None)).order_by(Station.modem_flagged_at)
    return list(session.execute(query).scalars())
