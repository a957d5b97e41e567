"""What the morning asks of a database with a long history: digest, Home and a station's history, on both kinds."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from bot.reports import digest, history, home
from bot.reports.digest import Morning
from bot.reports.needing import Viewer
from bot.runbook.model import Role
from bot.schedule import DigestPlace, digest_of
from db import migrate
from db.engine import database_url, migration_engine, read_engine
from db.jobs import UnitSession
from db.models import Incident
from tests.bench.report import Line
from tests.db.postgres import Server
from tests.incidents.desk import RULES
from tests.made_up import fleet, give_past
from tests.reports.rows import asked_by

STATIONS, OPEN = 2_000, 1_000
"""So many stations have made the history, and so many of them are down now."""
ROUNDS = 7
DIGEST_RATIO, ASKED_MS = 2.0, 50.0
GROWTH_MB = 20.0
PAGE = os.sysconf("SC_PAGE_SIZE")
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

Question = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of the whole call, and of its statements alone in the same round; medians."""

    whole: float
    raw: float


def measure(folder: Path, incidents: int) -> list[Line]:
    """Both databases, one after the other."""
    lines = _lines("SQLite", f"sqlite:///{folder / 'history.db'}", incidents)
    with tempfile.TemporaryDirectory(prefix="relink-pg-") as place:
        server = Server(Path(place))
        try:
            server.command("CREATE DATABASE history")
            return lines + _lines("PostgreSQL", server.url("history"), incidents)
        finally:
            server.stop()


def _lines(kind: str, url: str, incidents: int) -> list[Line]:
    _fill(url, incidents)
    engine = read_engine(database_url(url), 1)
    try:
        with engine.connect() as connection:
            station = connection.execute(select(Incident.station_id).order_by(Incident.id.desc())).scalar()
        morning, waiting = _morning(), digest.waiting_of(RULES.runbook)
        support = Viewer("U0SUPPORT1", frozenset({Role.SUPPORT}))
        questions: dict[str, Question] = {
            "digest": lambda session: digest.of_morning(session, morning, waiting, NOW),
            "Home": lambda session: home.overview(session, support, RULES.runbook, NOW),
            "history": lambda session: history.of_station(session, int(station or 0), NOW),
        }
        took = {name: _ask(engine, question) for name, question in questions.items()}
        before = _megabytes()
        for question in questions.values():
            _ask(engine, question)
        grown = _megabytes() - before
    finally:
        engine.dispose()
    of = {"incidents": float(incidents)}
    found = took["digest"]
    details = of | {"whole_ms": round(found.whole, 1), "sql_ms": round(found.raw, 1)}
    return [
        Line(f"digest, {kind}", found.whole / found.raw, "of its SQL", at_most=DIGEST_RATIO, details=details),
        *(
            Line(f"{name}, {kind}", took[name].raw, "ms of SQL", at_most=ASKED_MS, details=of)
            for name in ("Home", "history")
        ),
        Line(f"grown while asked, {kind}", grown, "MB", at_most=GROWTH_MB),
    ]


def _fill(url: str, incidents: int) -> None:
    """A history without trails, and as many stations down as OPEN says."""
    migrate.upgrade(url)
    stations = fleet(STATIONS)
    give_past(url, stations, NOW, incidents=incidents, trail=0)
    engine = migration_engine(database_url(url))
    last = func.max(Incident.id)
    down = {"closed_at": None, "step": "restart-station", "rung_step": True, "owner": None, "back_at": None}
    with engine.begin() as connection:
        newest = select(last).group_by(Incident.station_id).order_by(last.desc()).limit(OPEN)
        ids = connection.scalars(newest).all()
        connection.execute(update(Incident).where(Incident.id.in_(ids)).values(down))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _morning() -> Morning:
    place = DigestPlace("C0ALERTS", NOW.time(), ZoneInfo("UTC"))
    return Morning.asked_for(digest_of(place, (NOW - timedelta(days=1)).date()), NOW)


def _ask(engine: Engine, question: Question) -> Took:
    """The first round, in which statements are built, is not counted."""
    statements = asked_by(engine, question)
    rounds = [_round(engine, question, statements) for _ in range(ROUNDS + 1)][1:]
    return Took(statistics.median(one.whole for one in rounds), statistics.median(one.raw for one in rounds))


def _round(engine: Engine, question: Question, statements: Sequence[tuple[str, Any]]) -> Took:
    with UnitSession(engine) as session:
        begun = time.perf_counter()
        question(session)
        whole = time.perf_counter() - begun
    driver: Any = engine.raw_connection()
    try:
        cursor = driver.cursor()
        begun = time.perf_counter()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        raw = time.perf_counter() - begun
    finally:
        driver.close()
    return Took(whole * 1000, raw * 1000)


def _megabytes() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 1024**2
