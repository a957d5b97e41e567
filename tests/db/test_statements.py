"""Statements that are ready: they skip SQLAlchemy's way to the driver, and nobody can tell."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from db.models import Answer, Incident, Station
from db.prepared import Rows
from db.statements import Both, ready, table_of
from db.writer import Database

NOON = datetime(2026, 11, 22, 12, 0, 0, 7, tzinfo=UTC)
STATIONS, INCIDENTS, ANSWERS = table_of(Station), table_of(Incident), table_of(Answer)
ADD_STATION = ready(insert(STATIONS))
ADD_ONCE = Both(lambda insert: insert(STATIONS).on_conflict_do_nothing().returning(STATIONS.c.id))
ADD_INCIDENT = ready(insert(INCIDENTS))
KEEP = ready(insert(ANSWERS))
RENAME = ready(update(STATIONS).where(STATIONS.c.serial == bindparam("old")))
OF_STATION = select(STATIONS).where(STATIONS.c.serial == bindparam("name")).order_by(STATIONS.c.id)
READY_OF_STATION = ready(OF_STATION.limit(9))
ALL_ANSWERS = select(ANSWERS).order_by(ANSWERS.c.id)
READY_ANSWERS = ready(ALL_ANSWERS.limit(9))


def opened(session: Session, serial: str = "CT4G-1") -> int:
    """A station with an incident, written with statements that are ready; its number."""
    session.execute(ADD_STATION, {"serial": serial, "modem_flagged_at": NOON})
    station = session.execute(READY_OF_STATION, {"name": serial}).one().id
    row = {
        "station_id": station,
        "code": "CP-ERR-WIFI",
        "step": "confirm-alert",
        "runbook": "0",
        "opened_at": NOON,
        "raised_at": NOON,
        "entered_at": NOON,
    }
    session.execute(ADD_INCIDENT, row)
    return session.execute(select(Incident.id)).scalar_one()


def answer(incident: int, value: Any, at: datetime = NOON) -> dict[str, Any]:
    """One fact about an incident."""
    fact = {"turn": 0, "name": "signal", "value": value, "source": "portal", "actor": None}
    return {"incident_id": incident, **fact, "as_of": at, "at": at}


async def test_a_ready_statement_goes_straight_to_the_driver(db: Database) -> None:
    def straight(session: Session) -> tuple[bool, bool]:
        marked, plain = session.execute(READY_ANSWERS), session.execute(ALL_ANSWERS)
        return isinstance(marked, Rows), isinstance(plain, Rows)

    for call in (db.write, db.read):
        assert await call(straight) == (True, False)


async def test_what_went_in_comes_out_the_same_either_way(db: Database) -> None:
    """Times of any zone with their microseconds, JSON of any shape, and nothing at all."""
    values = [{"bars": 2, "weak": None}, [1, "zwei"], "\u00fc", 0, None]
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    def write(session: Session) -> list[bool]:
        incident = opened(session)
        session.execute(KEEP, [answer(incident, value, elsewhere) for value in values])
        session.execute(KEEP, answer(incident, "one alone"))
        pairs = [(READY_ANSWERS, ALL_ANSWERS, {}), (READY_OF_STATION, OF_STATION, {"name": "CT4G-1"})]
        return [
            [row._asdict() for row in session.execute(marked, given)]
            == [row._asdict() for row in session.execute(plain, given)]
            for marked, plain, given in pairs
        ]

    def read(session: Session) -> list[Any]:
        return [(row.value, row.at) for row in session.execute(READY_ANSWERS)]

    assert await db.write(write) == [True, True]
    assert await db.read(read) == [(value, NOON) for value in [*values, "one alone"]]


async def test_a_change_says_how_many_rows_it_changed(db: Database) -> None:
    def rename(session: Session, old: str) -> Any:
        changed: Any = session.execute(RENAME, {"old": old, "name": "Garage B 4", "site": None})
        return changed.rowcount

    await db.write(opened)
    assert await db.write(rename, "CT4G-1") == 1
    assert await db.write(rename, "CT4G-2") == 0


async def test_one_statement_takes_other_names_each_time(db: Database) -> None:
    def change(session: Session, /, **values: Any) -> tuple[Any, ...]:
        session.execute(RENAME, {"old": "CT4G-1", **values})
        row = session.execute(READY_OF_STATION, {"name": "CT4G-1"}).one()
        return row.name, row.site

    await db.write(opened)
    assert await db.write(change, name="Garage B 4") == ("Garage B 4", None)
    assert await db.write(change, site="Pier 9") == ("Garage B 4", "Pier 9")


async def test_a_second_of_its_kind_is_left_out_and_tells_no_number(db: Database) -> None:
    def add(session: Session) -> Any:
        row = {"serial": "CT4G-1"}
        return [session.execute(ADD_ONCE.of(session), row).scalar_one_or_none() for _ in range(2)]

    number, nothing = await db.write(add)
    assert isinstance(number, int)
    assert nothing is None


async def test_a_value_the_table_makes_by_itself_is_made(db: Database) -> None:
    def version(session: Session) -> int:
        opened(session)
        return session.execute(select(Incident.version)).scalar_one()

    assert await db.write(version) == 1


async def test_what_is_refused_is_refused_in_the_same_words(db: Database) -> None:
    """And a unit that raised has written nothing."""

    def add_twice(session: Session) -> None:
        for _ in range(2):
            session.execute(ADD_STATION, {"serial": "CT4G-1"})

    def without_a_zone(session: Session) -> None:
        session.execute(ADD_STATION, {"serial": "CT4G-2", "modem_flagged_at": NOON.replace(tzinfo=None)})

    def without_its_name(session: Session) -> None:
        session.execute(READY_OF_STATION, {})

    with pytest.raises(IntegrityError):
        await db.write(add_twice)
    with pytest.raises(StatementError, match="without a zone"):
        await db.write(without_a_zone)
    with pytest.raises(StatementError, match="name"):
        await db.write(without_its_name)

    def left(session: Session) -> list[int]:
        return list(session.scalars(select(Station.id)))

    assert await db.read(left) == []


async def test_it_sees_what_the_unit_added_before_as_an_object(db: Database) -> None:
    def add_and_look(session: Session) -> int:
        session.add(Station(serial="CT4G-1"))
        return len(session.execute(READY_OF_STATION, {"name": "CT4G-1"}).all())

    assert await db.write(add_and_look) == 1
