"""What `/charger history` tells of a station, asked of rows in both databases."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Connection, Executable, Select, insert, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from bot.messages import past
from bot.reports import history
from db import history as db_history
from db import queries
from db.engine import database_url as address
from db.engine import migration_engine
from db.models import Incident, Move, Station
from db.writer import Database
from tests.incidents.desk import NIGHT, RENDER, RULES
from tests.made_up import fleet, give_past
from tests.messages.gallery import ENEMY
from tests.messages.test_templates import must_be_sound, shown

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = NIGHT + 100 * DAY


def add_station(session: Session, **values: Any) -> int:
    row = {"serial": "CT4G-20117", "name": "Garage B 4", "site": "Pier 9"} | values
    return int(session.execute(insert(Station).values(**row).returning(Station.id)).scalar_one())


def add(session: Session, station: int, days_ago: int, **values: Any) -> int:
    """An incident of that day, an hour without contact, closed by a modem power cycle unless told otherwise."""
    at = NOW - days_ago * DAY
    row = {
        "station_id": station,
        "code": "CP-ERR-WIFI",
        "step": "log-repair",
        "runbook": "x",
        "opened_at": at,
        "raised_at": at,
        "entered_at": at,
        "closed_at": at + HOUR,
        "lost_seconds": 3600,
        "fix": "modem power cycle",
        "restarts": 1,
    } | values
    return int(session.execute(insert(Incident).values(**row).returning(Incident.id)).scalar_one())


def visited(session: Session, incident: int, turn: int, choice: str = "on-site") -> None:
    move = {"turn": turn, "step": "dispatch", "choice": choice, "to_step": "check-signal"}
    session.execute(insert(Move).values(incident_id=incident, actor="U0TECH1", at=NOW, runbook="x", **move))


async def told(db: Database, fill: Any) -> tuple[Mapping[str, Any], list[str]]:
    """The facts and the lines of the answer for the station that `fill` makes."""
    station = await db.write(fill)
    facts = await db.read(history.of_station, station, NOW)
    message = RENDER.message("answers/history.j2", facts)
    must_be_sound(message)
    return facts, shown(message.blocks).splitlines()


async def test_a_station_that_never_failed_says_so(db: Database) -> None:
    facts, lines = await told(db, add_station)
    assert (facts["all"], facts["lost"], facts["visits"]) == (0, timedelta(0), 0)
    assert lines == ["CT4G-20117 · Garage B 4 · Pier 9", "No incident yet"]


async def test_one_incident_is_told_with_its_restart_its_minutes_and_since_when(db: Database) -> None:
    def fill(session: Session) -> int:
        station = add_station(session, modem_flagged_at=NOW - 3 * DAY, modem_flag_reason="hung")
        add(session, station, 3)
        return station

    _, lines = await told(db, fill)
    assert lines[1] == "*1 incident · 1 h 00 min without contact*"
    assert lines[2].startswith("Last fix: modem power cycle, ")
    assert lines[3] == "Restarts: 1 sent, helped in 1 of 1 incident"
    assert lines[4].startswith("Modem flagged since ")
    assert lines[4].endswith(": hung")
    assert lines[5].endswith("modem power cycle, 1 h 00 min without contact, restart helped")
    assert len(lines) == 6


async def test_many_are_summed_up_and_the_newest_ten_are_listed(db: Database) -> None:
    def fill(session: Session) -> int:
        station, other = add_station(session), add_station(session, serial="CT4G-1")
        for days in range(40, 26, -1):
            add(session, station, days, fix="recovered by itself", restarts=0, lost_seconds=600)
        on_site = {"fix": "antenna reconnection", "technician": "U0TECH1", "reopenings": 2}
        twice = add(session, station, 20, **on_site)
        visited(session, twice, 3)
        visited(session, twice, 9)
        paper = add(session, station, 10, fix="modem replaced")
        visited(session, paper, 4, "put-right")
        add(session, station, 5, fix="modem power cycle", technician="U0TECH1")
        add(session, station, 1, drill=True)
        add(session, station, 0, closed_at=None, fix=None, lost_seconds=None, restarts=0)
        visited(session, add(session, other, 2), 1)
        return station

    facts, lines = await told(db, fill)
    assert (facts["all"], facts["more"], len(facts["incidents"])) == (18, 8, 10)
    assert facts["lost"] == 14 * timedelta(minutes=10) + 3 * HOUR
    assert (facts["restarts"], facts["tried"], facts["helped"]) == (3, 3, 0), "a technician was there"
    assert (facts["visits"], facts["replaced"], facts["replaced_at"]) == (3, 1, NOW - 10 * DAY + HOUR)
    assert facts["last_fix"] == "modem power cycle"
    assert facts["times_down"] == 7
    assert lines[-1] == "and 8 older"
    newest, *_ = incidents = [line for line in lines if line.startswith("I-2027")]
    assert newest.endswith("still open")
    assert "restart did not help, 2 visits, opened again 2" in incidents[3]
    assert "modem replaced, 1 h 00 min without contact, restart did not help, visit" in incidents[2]


async def test_an_enemys_names_change_nothing(db: Database) -> None:
    def fill(session: Session) -> int:
        station = add_station(session, name=ENEMY[:200], site=ENEMY[:200])
        add(session, station, 3)
        return station

    _, lines = await told(db, fill)
    assert lines[1] == "*1 incident · 1 h 00 min without contact*"


# Plans


@pytest.fixture
def filled(database_url: str) -> Iterator[Connection]:
    """A database in which looking at everything is dearer than looking things up."""
    give_past(database_url, fleet(60), NOW, incidents=1_800, trail=300)
    engine = migration_engine(address(database_url))
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        yield connection
    engine.dispose()


class Explaining(Session):
    """Asks the database how it answers each question before it asks the question."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.plans: list[str] = []

    def execute(self, statement: Any, params: Any = None, **more: Any) -> Any:
        """The answer; the plan is kept."""
        if isinstance(statement, Select):
            rows = self.connection().execute(Explain(statement), params)
            self.plans.append("\n".join(str(row[-1]) for row in rows))
        return super().execute(statement, params, **more)


class Explain(Executable, ClauseElement):
    """How the database would answer a question."""

    inherit_cache = False

    def __init__(self, question: Select[Any]) -> None:
        self.question = question


@compiles(Explain)
def _explain(element: Explain, compiler: Any, **more: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{word} {compiler.process(element.question, **more)}"


def test_no_question_about_a_station_looks_at_all_rows(filled: Connection) -> None:
    session = Explaining(filled)
    incident = queries.last_incident_of(session, 7)
    assert incident is not None
    session.plans.clear()
    standing = incident._replace(step="restart-station", opened_at=NOW, closed_at=None)

    history.of_station(session, 7, NOW)
    past.seen_before(session, standing, NOW)
    assert past.likely(session, standing, RULES.runbook) is not None

    plans = [plan for plan in session.plans if "incidents" in plan or "tallies" in plan]
    assert len(plans) == 8
    for plan in plans:
        assert re.search("index|primary key", plan, re.IGNORECASE), plan
        assert not re.search(r"^SCAN |Seq Scan", plan, re.MULTILINE), plan


async def test_the_station_before_is_found_by_its_own_rows(db: Database) -> None:
    """The last one that was closed, itself left out."""

    def fill(session: Session) -> tuple[int, int]:
        station = add_station(session)
        add(session, station, 9, fix="SIM reseat")
        add(session, station, 4, drill=True, fix="antenna replaced")
        return station, add(session, station, 1)

    station, newest = await db.write(fill)
    last = await db.read(db_history.last_of, station, newest)
    assert last is not None
    assert (last.fix, last.closed_at) == ("SIM reseat", NOW - 9 * DAY + HOUR)
    newer = await db.read(db_history.last_of, station)
    assert newer is not None
    assert newer.fix == "modem power cycle"
