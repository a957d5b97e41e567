"""The digest about Relink itself, in one message whatever there is, and cheap over any history."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bot.messages import limits
from bot.messages.text import Outside, person
from bot.reports import charts, digest
from bot.reports.digest import clipped
from db.lives import Run
from db.models import Incident, Station
from db.writer import Database
from tests.incidents.desk import RENDER
from tests.messages.gallery import ENEMY, LONG_NAME, LONG_WORD
from tests.messages.test_templates import must_be_sound, rung, shown
from tests.reports.nights import (
    HOUR,
    MINUTE,
    SEVEN,
    TUESDAY,
    WAITING,
    YESTERDAY,
    an_incident,
    facts,
    life,
    message,
)
from tests.reports.rows import asked_by
from tests.stories.slack_text import words

DAY = timedelta(days=1)


# Relink itself


async def test_it_says_when_relink_was_down(db: Database) -> None:
    def fill(session: Session) -> None:
        life(session, SEVEN - 9 * DAY, YESTERDAY - 2 * HOUR)
        life(session, YESTERDAY - HOUR, SEVEN - 5 * HOUR)  # told yesterday
        life(session, SEVEN - 4 * HOUR, SEVEN - HOUR, late=2)
        life(session, SEVEN - 3 * HOUR, SEVEN - 2 * HOUR)  # a second process, for a while
        life(session, SEVEN - HOUR + timedelta(seconds=50), SEVEN)  # a restart

    await db.write(fill)
    told = await facts(db)
    assert told["gaps"] == [{"since": SEVEN - 5 * HOUR, "until": SEVEN - 4 * HOUR, "late": 2}]
    assert "Relink was down 07:00 to 08:00, 2 checks ran late" in words((await message(db)).blocks)


async def test_beside_no_living_process_it_says_until_now(db: Database) -> None:
    await db.write(life, SEVEN - 9 * DAY, SEVEN - HOUR)
    ask = partial(digest.of_morning, beside=True)
    told = await db.read(ask, TUESDAY, WAITING, SEVEN)
    assert told["gaps"] == [{"since": SEVEN - HOUR, "until": SEVEN, "late": 0}]
    living = await db.read(ask, TUESDAY, WAITING, SEVEN - HOUR + 2 * MINUTE)
    assert living["gaps"] == []
    assert (await facts(db))["gaps"] == [], "a process that serves is alive itself"


def begun_long_ago(session: Session) -> None:
    """The first life began nine days ago."""
    session.execute(update(Run).values(started_at=SEVEN - 9 * DAY))


async def test_up_all_the_time_and_begun_today_are_told_apart(db: Database) -> None:
    await db.write(life, SEVEN - HOUR, SEVEN)
    assert "Relink watches since 11:00" in words((await message(db)).blocks)
    await db.write(begun_long_ago)
    assert "Relink was up all the time" in shown((await message(db)).blocks)


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (5, False), (6, True), (150, True)])
async def test_it_is_called_late_from_five_minutes_on(db: Database, minutes: int, late: bool) -> None:
    told = await message(db, now=SEVEN + minutes * MINUTE)
    assert ("07:00 New York, late" in told.text) is late
    assert ("*Late:*" in shown(told.blocks)) is late


# Lists of any length, names of anybody


@pytest.mark.parametrize("many", [0, 1, 8, 1_200])
@pytest.mark.parametrize("name", ["", LONG_NAME, ENEMY, "&" * 200], ids=["none", "long", "enemy", "escaped"])
async def test_one_message_holds_it_whatever_there_is(sqlite_db: Database, many: int, name: str) -> None:
    def fill(session: Session) -> None:
        stations = [
            {
                "id": number,
                "serial": f"{LONG_WORD[:-6]}{number:06}",
                "site": name or None,
                "area": f"{number}{name}"[:100],
                "carrier": name[:100],
                "muted_until": SEVEN + DAY if number % 2 else None,
                "modem_flagged_at": SEVEN,
            }
            for number in range(1, many + 1)
        ]
        incidents = [
            {
                **an_incident(number),
                "code": code,
                "step": ("carrier-outage", "order-sim", "dispatch")[number % 3],
                "owner": "U0OWNER",
                "technician_name": name or None,
                "visit": (None, "accepted")[number % 2],
                "planned_at": SEVEN,
            }
            for number in range(1, many + 1)
            for code in ("A", "B", "C")
        ]
        if many:
            session.execute(insert(Station), stations)
            session.execute(insert(Incident), incidents)
        for days in range(min(many, 9)):
            life(session, SEVEN - (20 - days) * HOUR, SEVEN - (20 - days) * HOUR + MINUTE)

    await sqlite_db.write(fill)
    told = await facts(sqlite_db)
    owner = {"owner": clipped(name) or Outside("U0OWNER"), "gone": True}
    named: dict[str, Any] = {
        which: [[{**each, **owner} for each in group] for group in told[which]]
        for which in ("decide", "wait")
    }
    lost = {"channel": "C0123456789", "reason": "is_archived"}
    told_message = await message(sqlite_db, now=SEVEN + HOUR, lost=lost, known=many, heard=many, **named)
    must_be_sound(told_message)
    assert len(told_message.blocks) < limits.MESSAGE_BLOCKS / 2
    assert rung(told_message) == []
    most = digest.IN_A_WINDOW
    opened = await sqlite_db.read(digest.still_open, TUESDAY.zone, WAITING, SEVEN, most, most)
    owned = {"owner": person("U0OWNER"), "gone": False}
    lists = {
        which: [[{**each, **owned} for each in group] for group in opened[which]]
        for which in ("decide", "wait")
    }
    window = RENDER.view("digest/open.j2", {**opened, **lists, "now": SEVEN})
    assert window.cuts == ()
    if many == 1_200:
        told_words = words(told_message.blocks)
        assert f"and {told['decide_more']:,} more: Relink's Home has them all" in told_words
        assert told["decide_more"] + told["wait_more"] + 8 + 6 == 3 * 800
        assert "Flagged modems: 1,200" in told_words
        for which, whole in (("outages", "all that is open"), ("repeats", "them all"), ("muted", "them all")):
            assert f"and {told[f'{which}_more']:,} more: Relink's Home has {whole}" in told_words
        assert "#C0123456789 is archived" in told_words


# Cheap


async def test_nothing_asks_the_whole_history(database_url: str, db: Database) -> None:
    """Every statement over incidents goes along an index."""
    sqlite = database_url.startswith("sqlite")

    def plans(session: Session) -> list[str]:
        connection = session.connection()
        asked = asked_by(connection, digest.of_morning, TUESDAY, WAITING, SEVEN)
        asked += asked_by(connection, charts.fortnight, TUESDAY)
        if not sqlite:
            # A table without rows is quicker read than looked up in; the question is whether it could be.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        return [
            "\n".join(
                str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)
            )
            for statement, parameters in asked
            if "FROM incidents" in statement
        ]

    found = await db.read(plans)
    assert len(found) >= 8
    whole = (
        r"SCAN incidents(?! USING (COVERING )?INDEX ix_incidents_(opened|closed)_at)|Seq Scan on incidents"
    )
    assert [plan for plan in found if re.search(whole, plan)] == []
