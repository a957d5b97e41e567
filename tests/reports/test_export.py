"""The export of closed incidents, on both databases: what is in it, what is not, and what it costs."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.incidents import closing
from bot.messages import log_facts
from bot.reports import export, lost_minutes
from bot.reports.spans import Span
from bot.runbook.model import FINDINGS
from db import exports
from db.models import Incident, Lockout
from db.writer import Database
from tests.incidents.desk import LEAD, NIGHT, ONE, RULES, TECHNICIAN, Desk
from tests.incidents.on_site import open_gate
from tests.reports.reading import EVER, NEW_YORK, down_again, exported
from tests.reports.rows import HOUR, add_answer, add_closed, add_move, add_station, flood, plans

DOCS = Path(__file__).parents[2] / "docs" / "export.md"


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


def documented(heading: str) -> list[str]:
    """The columns that docs/export.md lists below a heading."""
    part = DOCS.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", part, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)]


# What the file looks like


def test_the_columns_are_those_of_the_document_in_their_order() -> None:
    assert list(export.COLUMNS) == documented("Closed incidents")
    assert list(lost_minutes.COLUMNS) == documented("Minutes without contact")


async def test_without_an_incident_the_file_is_its_header_behind_a_mark(db: Database) -> None:
    (page,) = [page async for page in export.incidents(db, EVER, RULES.runbook, NEW_YORK)]
    assert page.content == b"\xef\xbb\xbf" + ",".join(export.COLUMNS).encode() + b"\r\n"


async def test_a_restart_that_helped_is_told_whole(desk: Desk) -> None:
    await desk.closed()
    (row,) = await exported(desk.db)
    times = {
        "opened": ("2026-11-22T03:10:00Z", "2026-11-21T22:10:00-05:00"),
        "alert_raised": ("2026-11-22T03:10:00Z", "2026-11-21T22:10:00-05:00"),
        "last_communication": ("2026-11-22T03:00:00Z", "2026-11-21T22:00:00-05:00"),
        "first_person": ("2026-11-22T03:30:00Z", "2026-11-21T22:30:00-05:00"),
        "back": ("2026-11-22T03:33:00Z", "2026-11-21T22:33:00-05:00"),
        "closed": ("2026-11-22T03:33:00Z", "2026-11-21T22:33:00-05:00"),
    }
    assert {name: (row[f"{name}_utc"], row[f"{name}_site"]) for name in times} == times
    assert {name: value for name, value in row.items() if not {name[:-4], name[:-5]} & times.keys()} == {
        "incident": "I-2026-0001",
        "station_serial": "CT4G-20117",
        **dict.fromkeys(("portal_id", "station_name", "site", "area", "carrier"), ""),
        "generation": "2",
        "minutes_waiting": "20.0",
        "minutes_remote": "3.0",
        "minutes_until_visit": "0.0",
        "minutes_on_site": "0.0",
        "minutes_proof": "0.0",
        "minutes_without_contact": "33.0",
        "cause": "modem",
        "fix": "modem power cycle",
        "finding": "",
        "truck_roll": "no",
        "restarts": "1",
        "reopenings": "0",
        "modem_flagged": "yes",
        "modem_flag_reason": "back after a power cycle, no hardware issue found",
        "owner": "Support 1",
        "technician": "",
        "zero_volt_readings": "",
        "proof_online_utc": "2026-11-22T03:33:00Z",
        "proof_alert_cleared_utc": "2026-11-22T03:33:00Z",
        "proof_get_configuration_ms": "840",
        "proof_test_session": "waived",
        "proof_signal": "good",
        "proof_signal_bars": "4",
    }


async def test_its_minutes_are_those_of_the_repair_log(desk: Desk) -> None:
    standing = await desk.closed()
    (row,) = await exported(desk.db)
    payload = closing.log_payload(standing, standing.fix or "")
    told = await desk.db.read(log_facts.of_incident, standing, RULES.runbook, payload)
    logged = {f"minutes_{part.phase.replace(' ', '_')}": export.minutes(part.time) for part in told["spent"]}
    assert {name: float(row[name]) for name in logged} == logged


async def test_a_visit_is_a_truck_roll_with_its_readings(desk: Desk) -> None:
    await open_gate(desk)
    desk.later(minutes=12)

    def end(session: Session) -> None:
        session.execute(update(Lockout).values(off_at=desk.now, off_by=TECHNICIAN.user_id))
        session.execute(update(Incident).values(closed_at=desk.now, fix="SIM reseat"))

    await desk.db.write(end)
    (row,) = await exported(desk.db)
    assert (row["truck_roll"], row["technician"]) == ("yes", "Tech 1")
    assert (row["zero_volt_readings"], row["cause"]) == ("6", "SIM")


async def test_down_again_twice_is_one_line_with_all_its_minutes(desk: Desk) -> None:
    await desk.closed()
    for number in (2, 3):
        await down_again(desk, number)
    (row,) = await exported(desk.db)
    assert (row["incident"], row["reopenings"]) == ("I-2026-0001", "2")
    assert float(row["minutes_without_contact"]) == 33 + 2 * 10
    assert (row["cause"], row["last_communication_utc"]) == ("antenna", "2026-11-22T07:23:00Z")
    assert float(row["minutes_waiting"]) + float(row["minutes_remote"]) == 23


async def test_what_is_open_is_not_in_it(desk: Desk) -> None:
    await desk.proved()
    assert await exported(desk.db) == []


async def test_drills_are_not_in_it(db: Database) -> None:
    def write(session: Session) -> None:
        add_closed(session, add_station(session), drill=True)

    await db.write(write)
    assert await exported(db) == []


async def test_it_holds_what_was_closed_in_the_span_oldest_first(db: Database) -> None:
    since, until = NIGHT, NIGHT + HOUR

    def write(session: Session) -> None:
        for number, closed in enumerate((until, since, since - HOUR / 60, until - HOUR / 60)):
            add_closed(session, add_station(session, number), closed)

    await db.write(write)
    rows = await exported(db, Span(since, until))
    assert [row["station_serial"] for row in rows] == ["CT4G-20001", "CT4G-20003"]


# Not known


async def test_not_known_is_an_empty_cell(db: Database) -> None:
    bare: dict[str, Any] = dict.fromkeys(
        ("last_communication", "back_at", "fix", "lost_seconds", "first_person_at", "owner")
    )

    def write(session: Session) -> None:
        add_closed(session, add_station(session), **bare)

    await db.write(write)
    (row,) = await exported(db)
    known = {
        *("incident", "station_serial", "portal_id", "site", "restarts", "reopenings", "modem_flagged"),
        *(f"{name}_{zone}" for name in ("opened", "alert_raised", "closed") for zone in ("utc", "site")),
    }
    assert {name for name, value in row.items() if value} == known
    assert "no" not in {value for name, value in row.items() if name != "modem_flagged"}


@pytest.mark.parametrize("fix", sorted(FINDINGS["fix"]))
async def test_a_fix_that_needs_a_visit_without_one_on_record_is_no_proof_that_nobody_went(
    sqlite_db: Database, fix: str
) -> None:
    def write(session: Session) -> None:
        incident = add_closed(session, add_station(session), fix=fix)
        add_move(session, incident, 0, "log-repair", "log", "closed", actor=ONE.user_id)

    await sqlite_db.write(write)
    (row,) = await exported(sqlite_db)
    assert row["truck_roll"] == ("" if fix.startswith(("SIM", "antenna", "modem replaced")) else "no")
    assert row["owner"] == ""


async def test_results_on_paper_are_a_truck_roll(sqlite_db: Database) -> None:
    def write(session: Session) -> None:
        incident = add_closed(session, add_station(session), owner=LEAD.user_id)
        add_move(session, incident, 0, "dispatch", "put-right", "verify-online", actor=ONE.user_id)

    await sqlite_db.write(write)
    (row,) = await exported(sqlite_db)
    assert (row["truck_roll"], row["owner"]) == ("yes", LEAD.user_id)


async def test_bars_and_milliseconds_are_told_only_where_they_proved_something(sqlite_db: Database) -> None:
    def write(session: Session) -> None:
        incident = add_closed(session, add_station(session))
        add_answer(session, incident, "configuration", {"outcome": "timeout", "ms": 6_120})
        add_answer(session, incident, "signal", {"bars": None, "weak": None})
        add_move(session, incident, 0, "get-configuration", "cannot-ask", "test-session")
        add_move(session, incident, 1, "verify-signal", "weak", "log-repair")

    await sqlite_db.write(write)
    (row,) = await exported(sqlite_db)
    assert (row["proof_get_configuration_ms"], row["proof_signal"], row["proof_signal_bars"]) == (
        "",
        "weak",
        "",
    )


async def test_what_is_private_of_a_station_is_not_in_it(db: Database) -> None:
    secret: dict[str, Any] = {
        "access": "gate 4711",
        "address": "Pier 9 Street",
        "panel": "P2 4711",
        "mute_reason": "4711",
    }

    def write(session: Session) -> None:
        add_closed(session, add_station(session, **secret))

    await db.write(write)
    assert not [value for row in await exported(db) for value in row.values() if "4711" in value]


# Many


async def test_page_by_page_everything_comes_once(db: Database) -> None:
    """Also when many were closed at the same moment."""

    def write(session: Session) -> None:
        for number in range(11):
            add_closed(session, add_station(session, number), NIGHT + (number // 4) * HOUR)

    def serials(session: Session) -> list[str]:
        rows, after = [], None
        while True:
            page = export.page_of(session, EVER, after, RULES.runbook, NEW_YORK, most=2)
            rows += list(csv.reader(io.StringIO(page.content.decode(), newline="")))
            assert page.incidents <= 2
            if (after := page.next) is None:
                return [row[1] for row in rows]

    await db.write(write)
    assert await db.read(serials) == [f"CT4G-{20000 + number}" for number in range(11)]


async def test_no_question_reads_the_whole_table_and_a_page_needs_three(db: Database) -> None:
    def write(session: Session) -> None:
        flood(session, [add_station(session, number) for number in range(5)], 1_500)

    await db.write(write)
    later = exports.Cursor(NIGHT + 16 * HOUR, 1_000)
    for after in (None, later):
        answers = await db.read(plans, export.page_of, EVER, after, RULES.runbook, NEW_YORK, 100)
        assert len(answers) == 3
        for steps in answers:
            text = "\n".join(steps)
            assert re.search(r"(SCAN|Seq Scan on) (incidents|moves|answers)", text) is None, text
            assert "TEMP B-TREE" not in text
        assert "ix_incidents_closed_at" in "\n".join(answers[0])
