"""A database that goes down to an older version keeps nothing that version would take for something else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from db import migrate
from db.engine import database_url as address
from db.engine import migration_engine
from db.models import Answer, Incident, Lockout, Move, Outgoing, Station, Timer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REAL, OPEN_DRILL, CLOSED_DRILL = 1, 2, 3
AT = {REAL: "lock-out", OPEN_DRILL: "restart-station", CLOSED_DRILL: "log-repair"}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Plain access to a migrated database, past the writer."""
    engine = migration_engine(address(database_url))
    with engine.begin() as connection:
        fill(connection)
    yield engine
    engine.dispose()


def fill(connection: Connection) -> None:
    """A station down under a lock, a drill that is open and one that is over; digest, chart and list beside them."""
    for number, step in AT.items():
        connection.execute(insert(Station).values(id=number, serial=f"CT4G-{number}"))
        times = dict.fromkeys(("opened_at", "raised_at", "entered_at"), NOW)
        over: dict[str, Any] = {"closed_at": NOW, "fix": "SIM reseat"} if number == CLOSED_DRILL else {}
        row = {"code": "CP-ERR-WIFI", "step": step, "runbook": "abc", "drill": number != REAL}
        connection.execute(insert(Incident).values(id=number, station_id=number, **row, **times, **over))
        made = {"incident_id": number, "turn": 0, "at": NOW}
        move = {"step": "confirm-alert", "choice": "active", "to_step": step, "actor": "U1"}
        connection.execute(insert(Move).values(runbook="abc", **move, **made))
        said = {"name": "online", "value": False, "source": "portal", "as_of": NOW}
        connection.execute(insert(Answer).values(**said, **made))
        connection.execute(outgoing(f"card:{number}", "card", number, "sent"))
    for number, kinds in {REAL: ("look",), OPEN_DRILL: ("look", "drill")}.items():
        for kind in kinds:
            timer = {"incident_id": number, "kind": kind, "turn": 1, "due_at": NOW}
            connection.execute(insert(Timer).values(timer))
    connection.execute(outgoing("line:real", "line", REAL))
    connection.execute(outgoing("line:drill", "line", OPEN_DRILL))
    connection.execute(outgoing("command:drill", "command", OPEN_DRILL))
    for kind in ("list", "digest", "chart", "note", "gap", "self"):
        connection.execute(outgoing(f"{kind}:new", kind))
        connection.execute(outgoing(f"{kind}:sent", kind, state="sent"))
    lock = {"technician": "U0TECH1", "circuit": 1, "breaker": "14", "tag": "T-114", "on_at": NOW}
    connection.execute(insert(Lockout).values(incident_id=REAL, **lock))


def outgoing(key: str, kind: str, incident: int | None = None, state: str = "new") -> Any:
    """A row of the outbox."""
    row = {"rank": 0, "payload": {}, "state": state, "created_at": NOW}
    return insert(Outgoing).values(key=key, kind=kind, incident_id=incident, **row)


def keys(connection: Connection) -> set[str]:
    """What the outbox holds."""
    return set(connection.scalars(text("SELECT key FROM outgoing")))


def timers(connection: Connection) -> set[tuple[int, str]]:
    """Whose timers there are."""
    return {(row.incident_id, row.kind) for row in connection.execute(select(Timer.incident_id, Timer.kind))}


def ends(connection: Connection) -> dict[int, tuple[str, str | None, bool]]:
    """Of each incident its step, its fix, and whether it is closed."""
    rows = connection.execute(text("SELECT id, step, fix, closed_at FROM incidents"))
    return {row.id: (row.step, row.fix, row.closed_at is not None) for row in rows}


def test_before_the_first_day_there_is_no_list_and_no_forgotten_drill(
    database_url: str, engine: Engine
) -> None:
    migrate.downgrade(database_url, "0005")
    with engine.connect() as connection:
        kinds = set(connection.scalars(text("SELECT kind FROM outgoing")))
        assert kinds == {"card", "line", "command", "digest", "chart"}
        assert timers(connection) == {(REAL, "look"), (OPEN_DRILL, "look")}
        assert not ends(connection)[OPEN_DRILL][2]


def test_before_the_mornings_no_drill_is_open_and_no_digest_waits(database_url: str, engine: Engine) -> None:
    migrate.downgrade(database_url, "0003")
    with engine.connect() as connection:
        assert keys(connection) == {"card:1", "card:2", "card:3", "line:real"}
        assert timers(connection) == {(REAL, "look")}
        assert ends(connection) == {
            REAL: ("lock-out", None, False),
            OPEN_DRILL: ("log-repair", "could not complete", True),
            CLOSED_DRILL: ("log-repair", "SIM reseat", True),
        }


def test_up_again_what_was_ended_is_over_and_the_record_is_still_kept(
    database_url: str, engine: Engine
) -> None:
    migrate.downgrade(database_url, "0003")
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        told = connection.execute(select(Incident.id, Incident.closed_at).order_by(Incident.id)).all()
        assert [closed is None for _, closed in told] == [True, False, False]
        assert told[1].closed_at.tzinfo is not None
        assert len(connection.scalars(select(Move.id)).all()) == len(AT)
    for change, why in (
        ("UPDATE moves SET turn = 7", "append-only"),
        ("DELETE FROM answers", "append-only"),
        ("DELETE FROM lockouts", "a lock is a record"),
        ("UPDATE incidents SET step = 'dispatch' WHERE id = 1", "a lock is on"),
    ):
        with pytest.raises(IntegrityError, match=why), engine.begin() as connection:
            connection.execute(text(change))
