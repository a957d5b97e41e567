"""Incidents as rows, for reports over many of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event, insert, select, text
from sqlalchemy.orm import Session

from db.models import Answer, Incident, Move, Station
from db.statements import table_of
from tests.incidents.desk import CODE, NIGHT

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def add_station(session: Session, number: int = 1, **changes: Any) -> int:
    """A station of its own; its number."""
    row = {"serial": f"CT4G-{20000 + number}", "portal_id": f"1:{number}", "site": "Pier 9", **changes}
    return int(session.execute(insert(Station).values(row).returning(Station.id)).scalar_one())


def add_closed(session: Session, station: int, ended: datetime = NIGHT, **changes: Any) -> int:
    """A row as `closed_row` makes it; its number."""
    row = closed_row(station, ended, **changes)
    return int(session.execute(insert(Incident).values(row).returning(Incident.id)).scalar_one())


def closed_row(station: int, ended: datetime, **changes: Any) -> dict[str, Any]:
    """An incident that lasted an hour and was back with its closing."""
    silent = changes.get("last_communication", ended - HOUR)
    lost = int((ended - silent).total_seconds()) if silent else None
    row = {"station_id": station, "code": CODE, "step": "log-repair", "runbook": "0", "turn": 2}
    row |= dict.fromkeys(("opened_at", "raised_at"), ended - HOUR / 2)
    row |= dict.fromkeys(("entered_at", "back_at", "closed_at"), ended)
    row |= {"last_communication": silent, "lost_seconds": lost, "fix": "modem power cycle"}
    return row | changes


def add_move(session: Session, incident: int, turn: int, *move: str, **changes: Any) -> None:
    """A row as `move_row` makes it."""
    session.execute(insert(Move).values(move_row(incident, turn, *move, **changes)))


def move_row(incident: int, turn: int, *move: str, **changes: Any) -> dict[str, Any]:
    """One move of Relink's: `move` is step, choice and where that led."""
    step, choice, to = move
    row = {"incident_id": incident, "turn": turn, "step": step, "choice": choice, "to_step": to}
    return {**row, "actor": "relink", "at": NIGHT, "runbook": "0", **changes}


def add_answer(session: Session, incident: int, name: str, value: Any) -> None:
    """A row as `answer_row` makes it."""
    session.execute(insert(Answer).values(answer_row(incident, name, value)))


def answer_row(incident: int, name: str, value: Any) -> dict[str, Any]:
    """One answer of the portal as a row."""
    row = {"incident_id": incident, "turn": 0, "name": name, "value": value}
    return {**row, "source": "portal", "as_of": NIGHT, "at": NIGHT}


def flood(session: Session, stations: Sequence[int], count: int, began: datetime = NIGHT) -> None:
    """So many closed incidents of these stations, a minute apart, each with two moves."""
    rows = [closed_row(stations[number % len(stations)], began + number * MINUTE) for number in range(count)]
    session.execute(insert(table_of(Incident)), rows)
    ids = list(session.scalars(select(Incident.id)))
    made = (("confirm-alert", "recovered", "verify-online"), ("verify-online", "online", "closed"))
    moves = [move_row(one, turn, *move, at=began) for turn, move in enumerate(made) for one in ids]
    session.execute(insert(table_of(Move)), moves)
    answers = [answer_row(one, "signal", {"bars": 4, "weak": False}) for one in ids]
    session.execute(insert(table_of(Answer)), answers)
    session.execute(text("ANALYZE"))


def plans(session: Session, work: Callable[..., Any], *args: Any) -> list[list[str]]:
    """How the database answers each statement that `work` asks, a line a step."""
    connection = session.connection()
    asked = asked_by(connection, work, *args)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return [
        [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, given)]
        for statement, given in asked
    ]


def asked_by(bind: Connection | Engine, work: Callable[..., Any], *args: Any) -> list[tuple[str, Any]]:
    """The statements that `work` asks a session, with their values.

    In a session of SQLAlchemy's own: in a unit's, what is `ready` goes past everybody who listens.
    """
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        asked.append((statement, given))

    event.listen(bind, "before_cursor_execute", note)
    try:
        with Session(bind) as plain:
            work(plain, *args)
    finally:
        event.remove(bind, "before_cursor_execute", note)
    return asked
