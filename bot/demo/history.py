"""Writes a made-up history into a database, as plain rows in bulk: for the demo, for tests, for benchmarks.

    seed_history(session, stations, until, incidents=1_000_000, trail=10_000)

The rows are consistent with the procedure and with each other (incidents, moves, answers, locks, flags, evidence
and tallies), so every reader of a history finds what it would find after that time in service. What came in as
an alert or went out to Slack is not made up.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import JSON, bindparam, select, text, update
from sqlalchemy.orm import Session

from bot.demo.past.course import Course
from bot.demo.past.failures import Temper, failures
from bot.demo.past.kinds import course_of
from bot.demo.past.shapes import Shapes
from bot.likely import POWER_CYCLE, Case, Restart, evidence_of, keys_of, quarter_of
from bot.portal.contract import Station as PortalStation
from db import migrate
from db.base import Base, as_text
from db.engine import database_url, migration_engine
from db.models import Answer, Incident, Lockout, Move, Station
from db.statements import table_of
from db.tallies import Evidence, Tally

AT_ONCE: Final = 2_000
"""So many incidents are written at once: nothing more is held in memory."""
NO_PROCEDURE: Final = "made up"
"""In place of the procedure's digest."""
FLAG_REASON: Final = "back after a power cycle, no hardware issue found"
DEMO_INCIDENTS: Final = 120
DEMO_DAYS: Final = 180
DEMO_SEED: Final = 573
DEMO_TEMPERS: Final[Mapping[str, Temper]] = {
    "CT4G-20117": Temper("hang", 1.2),
    "CT4G-11874": Temper("blip", 2.2),
    "CT4G-20545": Temper("antenna"),
    "CT4G-21331": Temper("cap"),
    "CT4G-10290": Temper("loose SIM"),
}
"""The demo's past: one modem that hangs, one weak signal that keeps coming back, a few of the rest."""

_DESCRIBED: Final = (
    *("serial", "name", "site", "area", "carrier", "generation", "latitude", "longitude"),
    *("comms", "radio_group", "portal_url", "address", "access", "panel", "circuits"),
)


@dataclass(slots=True)
class _Learned:
    """What stays of all incidents so far: tallies, how each station's last restart ended, and its modem's flag."""

    tallies: dict[tuple[str, str], int] = field(default_factory=dict)
    restarts: dict[int, Restart] = field(default_factory=dict)
    flags: dict[int, datetime | None] = field(default_factory=dict)

    def evidence(self, row: Mapping[str, Any], station: PortalStation) -> dict[str, Any] | None:
        """The row of evidence of a closed incident, counted; None if it says nothing."""
        here, fix = row["station_id"], row["fix"]
        restart = self.restarts.get(here, "none")
        if row["restarts"]:
            helped = fix == POWER_CYCLE and row["technician"] is None
            self.restarts[here] = "helped" if helped else "failed"
        if fix == POWER_CYCLE:
            self.flags[here] = row["closed_at"]
        elif fix == "modem replaced":
            self.flags[here] = None
        cause = evidence_of(fix, row["lost_seconds"])
        if cause is None:
            return None
        place = (station.site, station.area, station.carrier, station.generation)
        case = Case(here, *place, quarter_of(row["last_communication"]), restart)
        for key in keys_of(case).values():
            self.tallies[key, cause] = self.tallies.get((key, cause), 0) + 1
        names = ("site", "area", "carrier", "generation", "quarter", "restart")
        told = {name: getattr(case, name) for name in names}
        return {"incident_id": row["id"], "station_id": here, "cause": cause, **told}


def give_a_past(url: str, stations: Sequence[PortalStation], until: datetime) -> None:
    """Bring the demo's database up to date and, where it is new, write half a year of history into it.

    Raises ConfigWrong, Busy as migrating does.
    """
    if not migrate.is_current(url):
        migrate.upgrade(url)
    engine = migration_engine(database_url(url))
    try:
        with Session(engine) as session, session.begin():
            if session.execute(select(Incident.id).limit(1)).first() is None:
                seed_history(
                    session,
                    stations,
                    until,
                    incidents=DEMO_INCIDENTS,
                    days=DEMO_DAYS,
                    tempers=DEMO_TEMPERS,
                    seed=DEMO_SEED,
                )
    finally:
        engine.dispose()


def seed_history(
    session: Session,
    stations: Sequence[PortalStation],
    until: datetime,
    *,
    incidents: int,
    days: int = 0,
    tempers: Mapping[str, Temper] | None = None,
    trail: int | None = None,
    seed: int = 5,
) -> None:
    """Write so many closed incidents of these stations, the last of them two days before `until`.

    The database must hold no incidents yet; stations it does not know are added. They fill `days` days, or as many
    more as it takes to keep a station's incidents six days apart. `trail`: only so many of the newest get moves,
    answers and locks (None: all), which is most of the work. Commit is the caller's.
    """
    rows = _stations(session, stations)
    chance, learned = random.Random(seed), _Learned()  # noqa: S311 (a story, no secret)
    plan = failures(stations, until, incidents, days=days, tempers=tempers, seed=seed)
    numbered = enumerate(plan, start=1)
    shapes = Shapes(NO_PROCEDURE, chance)
    without = islice(numbered, 0 if trail is None else max(incidents - trail, 0))
    while some := list(islice(without, AT_ONCE)):
        made = [shapes.row(failure, number, rows[failure.station]) for number, failure in some]
        _write_incidents(session, made, [stations[failure.station] for _, failure in some], learned)
    while some := list(islice(numbered, AT_ONCE)):
        courses = [
            course_of(failure, number, rows[failure.station], NO_PROCEDURE, chance)
            for number, failure in some
        ]
        made = [course.row for course in courses]
        _write_incidents(session, made, [stations[failure.station] for _, failure in some], learned)
        _write_trail(session, courses)
    _write_learned(session, learned)
    if session.get_bind().dialect.name == "postgresql":
        # Ids that are written do not move the counter that gives the next one.
        counter = "SELECT setval(pg_get_serial_sequence('incidents', 'id'), greatest(:last, 1), :last > 0)"
        session.execute(text(counter), {"last": incidents})


def _stations(session: Session, stations: Sequence[PortalStation]) -> list[int]:
    """The row of each of these stations, added where it is missing."""
    table = table_of(Station)
    known = {serial for (serial,) in session.execute(select(table.c.serial))}
    new = [
        {"portal_id": one.id, **{name: getattr(one, name) for name in _DESCRIBED}}
        for one in stations
        if one.serial not in known
    ]
    _write(session, Station, new)
    ids = {serial: row for row, serial in session.execute(select(table.c.id, table.c.serial))}
    return [ids[station.serial] for station in stations]


def _write_incidents(
    session: Session, rows: Sequence[dict[str, Any]], stations: Sequence[PortalStation], learned: _Learned
) -> None:
    """Write these incidents, each of the station beside it, with their evidence."""
    _write(session, Incident, rows)
    evidence = (learned.evidence(row, station) for row, station in zip(rows, stations, strict=True))
    _write(session, Evidence, [row for row in evidence if row])


def _write_learned(session: Session, learned: _Learned) -> None:
    tallies = ({"key": key, "cause": cause, "cases": n} for (key, cause), n in learned.tallies.items())
    _write(session, Tally, list(tallies))
    _flag(session, learned.flags)


def _write_trail(session: Session, courses: Sequence[Course]) -> None:
    _write(session, Move, [move for course in courses for move in course.moves])
    _write(session, Answer, [answer for course in courses for answer in course.answers])
    _write(session, Lockout, [lock for course in courses for lock in course.locks])


def _flag(session: Session, flags: Mapping[int, datetime | None]) -> None:
    """Flag the modems whose last power cycle nobody has followed up with a new modem."""
    table = table_of(Station)
    rows = [{"row": station, "at": at} for station, at in flags.items() if at is not None]
    if rows:
        flag = {"modem_flagged_at": bindparam("at"), "modem_flag_reason": FLAG_REASON}
        session.execute(update(table).where(table.c.id == bindparam("row")).values(flag), rows)


def _write(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that all name the same columns, past SQLAlchemy: in bulk its care costs more than the database."""
    if not rows:
        return
    table, names = table_of(model), list(rows[0])
    into = f"{table.name} ({', '.join(names)})"
    raw: Any = session.connection().connection.driver_connection
    json_at = {name for name in names if isinstance(table.c[name].type, JSON)}
    if session.get_bind().dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([json.dumps(row[name]) if name in json_at else row[name] for name in names])
        return
    values = ([_on_sqlite(row[name], name in json_at) for name in names] for row in rows)
    raw.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", values)  # noqa: S608 (names of our own tables and columns)


def _on_sqlite(value: Any, as_json: bool) -> Any:
    """The value as a column of SQLite keeps it."""
    if as_json:
        return json.dumps(value)
    return as_text(value) if isinstance(value, datetime) else value
