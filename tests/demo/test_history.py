"""A made-up history is one that could have been: every incident went through the procedure, and adds up."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo.history import DEMO_INCIDENTS, give_a_past
from bot.demo.past.course import Course
from bot.demo.past.failures import COMMON, Failure, failures
from bot.demo.past.kinds import course_of
from bot.demo.stories import demo_stations
from bot.portal.contract import Station as PortalStation
from bot.reports.causes import CAUSES
from bot.runbook.model import Gate
from bot.runbook.moves import sought
from db import migrate
from db.engine import database_url as address
from db.engine import migration_engine
from db.models import Answer, Incident, Lockout, Move, Station
from db.tallies import Evidence, Tally
from db.writer import Database
from tests.incidents.desk import RULES, Desk, alert
from tests.made_up import fleet, give_past, rows_of

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = sorted([*COMMON, "outage"])
TABLES = (Incident, Move, Answer, Lockout, Station, Evidence, Tally)


def course(kind: Any, seed: int = 1) -> Course:
    """One failure of this kind, gone through."""
    chance = random.Random(seed)  # noqa: S311 (a story, no secret)
    return course_of(Failure(NOW, 0, kind), 1, 1, "x", chance)


def stations() -> list[PortalStation]:
    """The demo's."""
    return [simulated.station for simulated in demo_stations()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_trouble_goes_the_way_of_the_procedure(kind: str) -> None:
    """Each choice is one of its step, leads where it leads, and finds the gates as it needs them."""
    for seed in range(8):
        told = course(kind, seed)
        gates: frozenset[Gate] = frozenset()
        step = RULES.runbook.start
        for turn, move in enumerate(told.moves):
            assert (move["turn"], move["step"]) == (turn, step)
            here, choice = RULES.runbook.steps[step], sought(RULES.runbook, step, move["choice"], gates)
            assert here.needs <= gates
            assert not here.forbids & gates
            assert choice.to == move["to_step"]
            gates = (gates | choice.opens) - choice.shuts
            step = move["to_step"]
        assert (step, gates) == ("closed", frozenset())


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_is_filled_in_as_the_procedure_asks_for_it(kind: str) -> None:
    filled = [answer for answer in course(kind).answers if answer["source"] == "person"]
    for answer in filled:
        asked = {field.id: field for field in RULES.runbook.forms[answer["name"]].fields}
        said = {name: value for name, value in answer["value"].items() if not name.endswith("-name")}
        assert said.keys() <= asked.keys()
        assert {name for name, field in asked.items() if field.required} <= said.keys()
        for name, value in said.items():
            assert not asked[name].options or value in {option.value for option in asked[name].options}


@pytest.mark.parametrize("kind", KINDS)
def test_times_go_on_and_the_row_says_what_the_moves_say(kind: str) -> None:
    told = course(kind)
    moments = [move["at"] for move in told.moves]
    assert moments == sorted(moments)
    assert told.row["opened_at"] <= moments[0]
    assert told.row["closed_at"] == moments[-1]
    assert told.row["closed_at"] - NOW < 4 * DAY
    assert told.row["turn"] == len(told.moves)
    assert told.row["step"] == told.moves[-1]["step"] == "log-repair"
    assert told.row["fix"] in CAUSES
    assert told.row["lost_seconds"] == ((told.row["back_at"] or moments[-1]) - NOW).total_seconds()
    touched = [move for move in told.moves if move["actor"] != "relink"]
    assert (told.row["first_person_at"] or None) == (touched[0]["at"] if touched else None)
    assert all(lock["on_at"] < lock["measured_at"] < lock["off_at"] for lock in told.locks)


@pytest.mark.parametrize("count", [0, 1, 7, 500])
def test_so_many_as_asked_for_each_a_new_incident_of_its_station(count: int) -> None:
    plan = list(failures(fleet(20), NOW, count, days=100))
    assert len(plan) == count
    assert plan == sorted(plan)
    for number in range(20):
        ended = [
            course_of(one, 1, 1, "x", random.Random(1)).row["closed_at"]  # noqa: S311 (a story, no secret)
            for one in plan
            if one.station == number
        ]
        begun = [one.silent_at for one in plan if one.station == number]
        assert all(begin - end > DAY for end, begin in zip(ended, begun[1:], strict=False))
        assert all(NOW - end > 2 * DAY for end in ended)


def test_the_same_seed_makes_the_same_history_whenever_it_ends() -> None:
    earlier = list(failures(fleet(9), NOW, 60, days=200))
    later = list(failures(fleet(9), NOW + 3 * DAY, 60, days=200))
    assert [(one.kind, one.station) for one in earlier] == [(one.kind, one.station) for one in later]
    assert earlier != list(failures(fleet(9), NOW, 60, days=200, seed=6))


def test_most_heal_by_themselves_or_by_a_restart_and_carriers_fail_for_many_at_once() -> None:
    plan = list(failures(fleet(60), NOW, 1_200, days=365))
    kinds = Counter(one.kind for one in plan)
    assert set(kinds) == set(KINDS)
    assert kinds["blip"] + kinds["late"] + kinds["hang"] > len(plan) / 2
    nights = [one.silent_at for one in plan if one.kind == "outage"]
    together = [after - before < timedelta(minutes=5) for before, after in pairwise(nights)]
    assert sum(together) > len(nights) / 2


# In the database


def test_what_is_written_is_what_a_migration_finds(database_url: str) -> None:
    """Evidence, tallies and flags are those that years of closings would have left."""
    give_past(database_url, fleet(12), NOW, incidents=200)
    written = rows_of(database_url, Evidence, Tally)
    migrate.downgrade(database_url, "0004")
    migrate.upgrade(database_url)
    assert rows_of(database_url, Evidence, Tally) == written
    flagged = {
        row.id for row in _read(database_url, select(Station.id).where(Station.modem_flagged_at.is_not(None)))
    }
    newest: dict[int, str] = {}
    for row in _read(database_url, select(Incident.station_id, Incident.fix).order_by(Incident.id)):
        if row.fix in {"modem power cycle", "modem replaced"}:
            newest[row.station_id] = row.fix
    assert flagged == {station for station, fix in newest.items() if fix == "modem power cycle"}


async def test_life_goes_on_after_a_made_up_past(db: Database, database_url: str) -> None:
    """Ids go on after the last one, and what fails now is a new incident."""
    desk = Desk(db)
    give_past(database_url, stations(), desk.now, incidents=30)
    (result,) = await desk.take(alert())
    assert (result.outcome, result.incident) == ("opened", "I-2026-0031")


def test_only_the_newest_leave_a_trail_where_that_is_enough(sqlite_url: str) -> None:
    give_past(sqlite_url, fleet(12), NOW, incidents=50, trail=10)
    told = {row.incident_id for row in _read(sqlite_url, select(Move.incident_id).distinct())}
    assert told == set(range(41, 51))


def test_the_demo_gets_its_past_once_and_the_same_each_time(sqlite_url: str, tmp_path: Any) -> None:
    give_a_past(sqlite_url, stations(), NOW)
    first = rows_of(sqlite_url, *TABLES)
    assert len(first["incidents"]) == DEMO_INCIDENTS
    give_a_past(sqlite_url, stations(), NOW + DAY)
    assert rows_of(sqlite_url, *TABLES) == first

    other = f"sqlite:///{tmp_path / 'other.db'}"
    give_a_past(other, stations(), NOW)
    assert rows_of(other, *TABLES) == first


def test_the_demo_has_a_repeat_offender_and_its_main_station_is_none(sqlite_url: str) -> None:
    give_a_past(sqlite_url, stations(), NOW)
    recent = select(Station.serial).join(Incident).where(Incident.opened_at > NOW - 30 * DAY)
    times = Counter(row.serial for row in _read(sqlite_url, recent))
    assert times["CT4G-11874"] >= 3
    assert times["CT4G-20117"] < 2


def _read(url: str, query: Any) -> Sequence[Any]:
    engine = migration_engine(address(url))
    with Session(engine) as session:
        rows = session.execute(query).all()
    engine.dispose()
    return rows
