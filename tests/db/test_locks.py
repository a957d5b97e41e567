"""While a lock stands the database itself refuses what would endanger whoever hung it, and a lock is a record."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, Executable, delete, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from db import migrate
from db.base import Base
from db.engine import database_url as address
from db.engine import migration_engine
from db.migrations.helpers import altered
from db.models import Answer, Incident, Lockout, Move, Outgoing, Station, Timer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=40)
LOCKED, OTHER = 1, 2
"""The incident with a lock on, and one of another station that has none."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Plain access to a migrated database, past the writer."""
    engine = migration_engine(address(database_url))
    yield engine
    engine.dispose()


def fill(connection: Connection) -> None:
    """Two incidents, each with a command that waits; on the breaker of the first hangs a lock."""
    for number in (LOCKED, OTHER):
        connection.execute(insert(Station).values(id=number, serial=f"CT4G-{number}"))
        row = {"code": "CP-ERR-WIFI", "step": "lock-out", "runbook": "abc"}
        times = dict.fromkeys(("opened_at", "raised_at", "entered_at"), NOW)
        connection.execute(insert(Incident).values(id=number, station_id=number, **row, **times))
        connection.execute(command(number, f"command:{number}:0"))
        of_the_incident = {"incident_id": number, "turn": 0, "at": NOW}
        move = {"step": "check-signal", "choice": "to-lock-out", "to_step": "lock-out", "actor": "U1"}
        connection.execute(insert(Move).values(runbook="abc", **move, **of_the_incident))
        said = {"name": "online", "value": False, "source": "portal", "as_of": NOW}
        connection.execute(insert(Answer).values(**said, **of_the_incident))
    connection.execute(insert(Lockout).values(**lock()))


def lock(**changes: Any) -> dict[str, Any]:
    """A lock of the first incident."""
    there = {"id": 1, "incident_id": LOCKED, "technician": "U0TECH1", "technician_name": "Tech 1"}
    return there | {"circuit": 1, "breaker": "14", "tag": "T-114", "on_at": NOW} | changes


def command(incident: int, key: str, state: str = "new") -> Executable:
    """A restart that waits to be sent."""
    row = {"kind": "command", "rank": 0, "payload": {}, "state": state, "created_at": NOW}
    return insert(Outgoing).values(key=key, incident_id=incident, **row)


def step(incident: int, to: str) -> Executable:
    """The incident goes to this step."""
    return update(Incident).where(Incident.id == incident).values(step=to)


DANGERS: Mapping[str, Callable[[int], Executable]] = {
    "closing": lambda of: update(Incident).where(Incident.id == of).values(closed_at=NOW),
    "a new visit": lambda of: step(of, "dispatch"),
    "asking for a restart": lambda of: step(of, "restart-station"),
    "waiting for a restart": lambda of: step(of, "wait-for-reconnect"),
    "a command": lambda of: command(of, f"command:{of}:1"),
    "sending a command": lambda of: (
        update(Outgoing).where(Outgoing.incident_id == of, Outgoing.kind == "command").values(state="sending")
    ),
}


@pytest.mark.parametrize("danger", DANGERS)
def test_it_is_refused_while_a_lock_stands_and_allowed_after(engine: Engine, danger: str) -> None:
    with engine.begin() as connection:
        fill(connection)
    with pytest.raises(IntegrityError, match="a lock is on"), engine.begin() as connection:
        connection.execute(DANGERS[danger](LOCKED))
    with engine.begin() as connection:
        connection.execute(update(Lockout).values(off_at=LATER, off_by="U0TECH1"))
        connection.execute(DANGERS[danger](LOCKED))


@pytest.mark.parametrize("danger", DANGERS)
def test_a_lock_of_one_station_hinders_no_other(engine: Engine, danger: str) -> None:
    with engine.begin() as connection:
        fill(connection)
        connection.execute(DANGERS[danger](OTHER))


@pytest.mark.parametrize("danger", DANGERS)
def test_one_lock_of_two_is_enough(engine: Engine, danger: str) -> None:
    with engine.begin() as connection:
        fill(connection)
        connection.execute(insert(Lockout).values(lock(id=2, circuit=2, tag="T-115")))
        connection.execute(update(Lockout).where(Lockout.id == 1).values(off_at=LATER))
    with pytest.raises(IntegrityError, match="a lock is on"), engine.begin() as connection:
        connection.execute(DANGERS[danger](LOCKED))


def test_what_endangers_nobody_goes_on_under_a_lock(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
        for to in ("verify-zero-volts", "open-cabinet", "close-cabinet", "restore-power"):
            connection.execute(step(LOCKED, to))
        waiting = update(Outgoing).where(Outgoing.incident_id == LOCKED)
        connection.execute(waiting.values(state="dead", reason="a lock was put on"))
        line = {"kind": "line", "rank": 2, "payload": {}, "created_at": NOW}
        connection.execute(insert(Outgoing).values(key="line:1", incident_id=LOCKED, state="sending", **line))


# A lock is a record


@pytest.mark.parametrize(
    "changes",
    [
        {"incident_id": OTHER},
        {"technician": "U0TECH2"},
        {"technician_name": None},
        {"circuit": 2},
        {"breaker": "16"},
        {"tag": "T-999"},
        {"on_at": LATER},
        {"id": 7},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_was_recorded_when_it_was_put_on_stays(engine: Engine, changes: dict[str, Any]) -> None:
    with engine.begin() as connection:
        fill(connection)
    for also in ({}, {"off_at": LATER, "off_by": "U0TECH1"}):
        with pytest.raises(IntegrityError, match="a lock is a record"), engine.begin() as connection:
            connection.execute(update(Lockout).values(**changes, **also))


def test_it_is_measured_measured_anew_and_taken_off_once(engine: Engine) -> None:
    off = {"off_at": LATER, "off_by": "U0LEAD", "off_why": "the key was lost"}
    with engine.begin() as connection:
        fill(connection)
        for values in ({"measured_at": NOW}, {"measured_at": None}, {"measured_at": LATER}, off):
            connection.execute(update(Lockout).values(values))
    for change in ({"off_at": None}, {"off_by": "U0TECH1"}, {"off_why": None}, {"measured_at": NOW}):
        with pytest.raises(IntegrityError, match="a lock is a record"), engine.begin() as connection:
            connection.execute(update(Lockout).values(change))
    with engine.connect() as connection:
        row = connection.execute(select(Lockout.off_at, Lockout.off_by, Lockout.off_why)).one()
    assert row == tuple(off.values())


@pytest.mark.parametrize("off", [None, LATER])
def test_it_is_never_deleted(engine: Engine, off: datetime | None) -> None:
    rows = Base.metadata.tables["lockouts"]
    replaced: Executable = insert(rows).prefix_with("OR REPLACE").from_select(rows.c.keys(), select(rows))
    if engine.dialect.name == "postgresql":
        replaced = text("TRUNCATE lockouts")
    with engine.begin() as connection:
        fill(connection)
        connection.execute(update(Lockout).values(off_at=off))
    for removal in (delete(Lockout), replaced):
        with pytest.raises(IntegrityError, match="a lock is a record"), engine.begin() as connection:
            connection.execute(removal)


def test_one_lock_of_a_person_on_a_circuit_stands_at_a_time(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
        connection.execute(insert(Lockout).values(lock(id=2, technician="U0TECH2")))
        connection.execute(insert(Lockout).values(lock(id=3, circuit=2)))
    with pytest.raises(IntegrityError, match=r"uq_lockouts_standing|UNIQUE"), engine.begin() as connection:
        connection.execute(insert(Lockout).values(lock(id=4, tag="T-7")))
    with engine.begin() as connection:
        connection.execute(update(Lockout).where(Lockout.id == 1).values(off_at=LATER))
        connection.execute(insert(Lockout).values(lock(id=5, tag="T-7")))


# Migrations


def triggers(connection: Connection) -> dict[str, str]:
    """Every trigger on SQLite by its name, as it was made."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {row.name: row.sql for row in rows}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("incidents", "runbook"),
        ("outgoing", "state"),
        ("lockouts", "breaker"),
        ("moves", "actor"),
        ("answers", "source"),
        ("timers", "turn"),
    ],
)
def test_an_altered_table_keeps_every_trigger_there_is(engine: Engine, table: str, column: str) -> None:
    lite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        fill(connection)
        before = triggers(connection) if lite else {}
        with Operations.context(MigrationContext.configure(connection)), altered(table) as batch:
            batch.alter_column(column, nullable=True)
        after = triggers(connection) if lite else {}
        columns = {each["name"]: each for each in inspect(connection).get_columns(table)}
    assert columns[column]["nullable"]
    assert after == before
    assert len(after) == (10 if lite else 0)
    for danger in DANGERS.values():
        with pytest.raises(IntegrityError, match="a lock is on"), engine.begin() as connection:
            connection.execute(danger(LOCKED))
    for record in (Move, Answer, Lockout):
        with pytest.raises(IntegrityError, match=r"append-only|a record"), engine.begin() as connection:
            connection.execute(delete(record))


def test_down_and_up_again_with_locks_gates_and_forms_inside(empty_url: str) -> None:
    engine = migration_engine(address(empty_url))
    migrate.upgrade(empty_url)
    with engine.begin() as connection:
        fill(connection)
        connection.execute(update(Incident).values(zero_at=NOW, spoke_at=NOW, needs="sim", hazard="panel"))
        for kind in ("look", "gate", "silent"):
            connection.execute(insert(Timer).values(incident_id=LOCKED, kind=kind, turn=1, due_at=NOW))
        for kind in ("view", "visit", "card"):
            row = {"kind": kind, "rank": 0, "payload": {"to": "U0TECH1"}, "state": "new", "created_at": NOW}
            connection.execute(insert(Outgoing).values(key=f"{kind}:1", incident_id=LOCKED, **row))

    migrate.downgrade(empty_url, "0001")

    assert "lockouts" not in inspect(engine).get_table_names()
    with engine.begin() as connection:
        assert set(connection.scalars(select(Timer.kind))) == {"look"}
        assert set(connection.scalars(text("SELECT kind FROM outgoing"))) == {"card", "command"}
        # What 0001 promised holds there; of locks it knows nothing.
        connection.execute(text("UPDATE incidents SET step = 'dispatch'"))
        connection.execute(text("UPDATE outgoing SET state = 'sending' WHERE kind = 'command'"))
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(delete(Move))

    migrate.upgrade(empty_url)

    with engine.begin() as connection:
        assert connection.scalars(select(Incident.zero_at)).all() == [None, None]
        assert connection.scalars(select(Move.choice)).all() == ["to-lock-out"] * 2
        connection.execute(insert(Lockout).values(lock()))
    for danger in DANGERS.values():
        with pytest.raises(IntegrityError, match="a lock is on"), engine.begin() as connection:
            connection.execute(danger(LOCKED))
    for record in (Move, Answer, Lockout):
        with pytest.raises(IntegrityError, match=r"append-only|a record"), engine.begin() as connection:
            connection.execute(delete(record))
    engine.dispose()
