"""What the morning digest says: who needs a decision, what waits, how yesterday went, and what counts nowhere."""

from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.knowledge import waits_for_support
from bot.reports import charts
from bot.reports.digest import ordinal
from db import mornings, queries
from db.models import Incident, Lockout
from db.writer import Database
from tests.incidents.desk import RULES
from tests.messages.test_templates import must_be_sound, rung, shown
from tests.reports.nights import (
    HOUR,
    MINUTE,
    SEVEN,
    TUESDAY,
    WAITING,
    YESTERDAY,
    came_back,
    closed,
    facts,
    incident,
    message,
    station,
)
from tests.stories.slack_text import words

DAY = timedelta(days=1)


def labels(groups: Any) -> list[str]:
    """The stations of a list."""
    return [each["label"] for group in groups for each in group]


# Nothing


async def test_a_quiet_day_says_so_and_how_many_were_heard_from(db: Database) -> None:
    quiet = await message(db, known=412, heard=412)
    assert quiet.text == "Tuesday 24 Nov, 07:00 New York: no station is down."
    assert "*No station is down.* 412 of 412 heard from." in shown(quiet.blocks)
    assert "0 new, 0 closed" in shown(quiet.blocks)
    must_be_sound(quiet)


async def test_what_the_portal_does_not_say_is_not_known_and_never_none(db: Database) -> None:
    quiet = shown((await message(db, known=412, heard=None)).blocks)
    assert "whether they were heard from is not known" in quiet
    assert "of 412" not in quiet
    assert "Relink knows none yet" in shown((await message(db, known=0)).blocks)


# What needs whom


async def test_it_waits_for_support_exactly_where_the_cards_say_so(db: Database) -> None:
    """The digest asks the whole table at once; what it asks is what decides for each incident elsewhere."""

    def fill(session: Session) -> None:
        for step, rung_step, promised, visit in product(
            RULES.runbook.steps, (True, False), (None, SEVEN + 3 * DAY), (None, "asked", "on site")
        ):
            incident(session, step=step, rung_step=rung_step, promised_at=promised, visit=visit)

    def both(session: Session) -> tuple[set[int], set[int]]:
        rows = select(Incident.id).where(WAITING.for_support())
        numbers = session.scalars(select(Incident.id)).all()
        each = [queries.incident(session, number) for number in numbers]
        one_by_one = {one.id for one in each if one and waits_for_support(one, RULES.runbook)}
        return set(session.scalars(rows)), one_by_one

    await db.write(fill)
    at_once, one_by_one = await db.read(both)
    assert at_once == one_by_one
    assert 0 < len(at_once) < 12 * len(RULES.runbook.steps)


async def test_decisions_come_first_and_what_runs_by_itself_waits(db: Database) -> None:
    def fill(session: Session) -> None:
        for serial, values in {
            "RESTART": {},
            "SIM-TODAY": {"step": "order-sim", "promised_at": SEVEN + 2 * HOUR},
            "SIM-LATER": {"step": "order-sim", "promised_at": SEVEN + 2 * DAY},
            "WATCHED": {"step": "wait-and-monitor", "deadline_at": SEVEN + 12 * MINUTE},
            "VISIT": {
                "step": "dispatch",
                "visit": "accepted",
                "technician_name": "Tech 1",
                "planned_at": SEVEN + 2 * HOUR,
            },
            "CALLED": {"step": "wait-for-provider", "rung_step": True},
            "HAZARD": {"step": "wait-for-provider", "hazard": "the panel is open"},
        }.items():
            incident(session, station(session, serial=serial), **values)  # type: ignore[arg-type]

    await db.write(fill)
    told = await facts(db)
    assert sorted(labels(told["decide"])) == ["CALLED", "HAZARD", "RESTART", "SIM-TODAY"]
    assert sorted(labels(told["wait"])) == ["SIM-LATER", "VISIT", "WATCHED"]
    assert (told["down"], told["decide_all"]) == (7, 4)
    told_words = words((await message(db)).blocks)
    assert "SIM-TODAY Pier 9 · since" in told_words
    assert "SIM due today, then dispatch" in told_words
    assert "visit by Tech 1" in told_words
    assert "after a lock was removed the panel is open" in told_words
    assert told_words.index("Needs a decision today") < told_words.index("Waiting, nothing to do")


async def test_of_a_muted_station_nobody_is_asked_and_the_end_is_told(db: Database) -> None:
    def fill(session: Session) -> None:
        incident(session, station(session, serial="MUTED", muted_until=SEVEN + 7 * DAY))
        station(session, muted_until=SEVEN - MINUTE)

    await db.write(fill)
    told = await facts(db)
    assert (labels(told["decide"]), labels(told["wait"])) == ([], ["MUTED"])
    assert [(one["label"], one["until"]) for one in told["muted"]] == [("MUTED", SEVEN + 7 * DAY)]
    assert "Muted: MUTED until 12:00" in words((await message(db)).blocks)


async def test_a_standing_lock_is_told_by_name(db: Database) -> None:
    def fill(session: Session) -> None:
        incident(session, step="inspect-sim", visit="on site", technician_name="Tech 1")
        number = session.scalars(select(Incident.id)).one()
        lock = {"incident_id": number, "technician": "U0TECH1", "circuit": 1, "breaker": "14", "tag": "T-1"}
        session.execute(insert(Lockout).values(on_at=SEVEN, **lock))

    await db.write(fill)
    assert "LOCKED OUT by Tech 1" in shown((await message(db)).blocks)


async def test_an_incident_that_is_back_is_not_down(db: Database) -> None:
    await db.write(
        partial(incident, step="log-repair", back_at=SEVEN - MINUTE, deadline_at=SEVEN + 20 * MINUTE)
    )
    told = await message(db, known=1, heard=1)
    assert "no station is down" in told.text
    assert "back, watched until" in shown(told.blocks)


async def test_owners_are_names_because_a_mention_in_a_new_message_rings(db: Database) -> None:
    await db.write(partial(incident, owner="U0SUPPORT1"))
    told = await message(db)
    assert rung(told) == []


async def test_what_was_down_before_the_first_start_is_one_line(db: Database) -> None:
    def fill(session: Session) -> None:
        for _ in range(3):
            incident(session, first_day="listed")
        incident(session, first_day="listed", back_at=SEVEN - MINUTE)
        incident(session, station(session, serial="TAKEN"), first_day="left")

    await db.write(fill)
    told = await facts(db)
    assert (labels(told["decide"]), labels(told["wait"])) == (["TAKEN"], [])
    assert (told["down"], told["decide_all"], told["opened"], told["listed"]) == (4, 1, 1, 3)
    assert "3 down since before the first start: see the list" in shown((await message(db)).blocks)
    assert "before the first start" not in shown((await message(db, listed=0)).blocks)


# Yesterday


async def test_how_it_healed_and_what_it_cost_by_cause(db: Database) -> None:
    def fill(session: Session) -> None:
        for _ in range(5):
            closed(session, "recovered by itself", 11)
        closed(session, "modem power cycle", 610)
        closed(session, "modem power cycle", 20, visit="on site")
        closed(session, "SIM replaced", 380, visit="on site")
        closed(session, "could not complete", 55)
        closed(session, "provider restored service", 0)

    await db.write(fill)
    told = await facts(db)
    assert (told["opened"], told["closed"]) == (10, 10)
    assert dict(told["healed"]) == {"self": 5, "visit": 2, "remote": 1, "not healed": 1, "provider": 1}
    assert told["minutes_lost"] == [("modem", 630), ("SIM", 380), ("by itself", 55), ("not known", 55)]
    told_words = words((await message(db)).blocks)
    assert (
        "10 new, 10 closed: 5 by themselves, 2 by visits, 1 not healed, 1 by the provider, 1 remote"
        in told_words
    )
    assert "modem 630 · SIM 380" in told_words


@pytest.mark.parametrize(
    ("moment", "counted"),
    [(YESTERDAY - MINUTE, 0), (YESTERDAY, 1), (SEVEN - MINUTE, 1), (SEVEN, 0)],
    ids=["before", "at yesterday's", "just before", "for tomorrow's"],
)
async def test_every_closing_is_in_one_digest_and_no_other(db: Database, moment: Any, counted: int) -> None:
    await db.write(partial(closed, fix="false alarm", opened_at=moment, closed_at=moment))
    told = await facts(db)
    assert (told["opened"], told["closed"]) == (counted, counted)


async def test_outages_are_counted_apart_from_single_incidents(db: Database) -> None:
    def fill(session: Session) -> None:
        area = [station(session, area="north", carrier="T-Mobile") for _ in range(5)]
        for at in area[:2]:
            incident(session, at, step="carrier-outage", opened_at=SEVEN - 4 * HOUR)
        for at in area[2:]:
            closed(session, "carrier recovered", 100, at, back_at=SEVEN - HOUR)
        south = station(session, area="south", carrier=None)
        closed(session, "recovered by itself", 9, south)
        came_back(session, south, "carrier-outage")
        came_back(session, closed(session, "recovered by itself", 5), "call-support")
        closed(session, "false alarm", 1)

    await db.write(fill)
    told = await facts(db)
    assert (told["opened"], told["closed"]) == (2, 2)
    assert (labels(told["decide"]), labels(told["wait"]), told["down"]) == ([], [], 2)
    assert dict(told["minutes_lost"]) == {"carrier": 309, "by itself": 5, "false alarm": 1}
    chart = await db.read(charts.fortnight, TUESDAY)
    assert {cause: sum(each) for cause, each in chart.counts.items()} == {
        "carrier": 4,
        "by itself": 1,
        "false alarm": 1,
        charts.OPEN: 2,
    }
    north, south = told["outages"]
    assert (north["area"], north["down"], north["all"]) == ("north", 2, 5)
    assert north["since"] == SEVEN - 4 * HOUR
    assert (south["down"], south["all"], south["until"]) == (0, 1, SEVEN - 2 * HOUR)
    told_words = words((await message(db)).blocks)
    assert "north, T-Mobile: since" in told_words
    assert "2 of 5 still down" in told_words
    assert "south, carrier not known" in told_words


async def test_an_outage_that_asks_for_a_decision_says_so(db: Database) -> None:
    await db.write(partial(incident, step="carrier-outage", rung_step=True))
    assert "decide whether to hold on" in shown((await message(db)).blocks)


async def test_drills_count_nowhere(db: Database) -> None:
    def fill(session: Session) -> None:
        drill = station(session, serial="DRILL-1", modem_flagged_at=SEVEN, muted_until=SEVEN + DAY)
        for _ in range(3):
            closed(session, "modem power cycle", 99, drill, drill=True)
        incident(session, drill, drill=True)
        incident(session, drill, drill=True, code="X", step="carrier-outage")

    await db.write(fill)
    told = await facts(db)
    counted = ("down", "opened", "closed", "decide_all", "decide_more", "wait_more", "flagged")
    assert [told[name] for name in counted] == [0] * len(counted)
    lists = ("decide", "wait", "outages", "repeats", "muted", "healed", "minutes_lost")
    assert [told[name] for name in lists] == [[]] * len(lists)
    assert await db.read(mornings.known_stations) == []


# What keeps coming back


async def test_the_third_incident_in_30_days_is_told_with_the_manuals_advice(db: Database) -> None:
    def fill(session: Session) -> None:
        often = station(session, serial="OFTEN", generation=1)
        for days in (40, 20, 10):
            closed(session, "false alarm", at=often, opened_at=SEVEN - days * DAY, closed_at=SEVEN - 9 * DAY)
        incident(session, often)
        twice = station(session, serial="TWICE")
        closed(session, "false alarm", at=twice, opened_at=SEVEN - 2 * DAY)
        incident(session, twice)

    await db.write(fill)
    told = await facts(db)
    assert [(one["label"], one["times"]) for one in told["repeats"]] == [("OFTEN", 3)]
    told_words = words((await message(db)).blocks)
    assert "OFTEN Pier 9 · 3 times · Gen 1, no Wi-Fi" in told_words
    assert "external antenna, Wi-Fi (Gen 2) or a new modem" in told_words
    assert "restart station · 3rd time in 30 days" in told_words
    assert "restart station · 2nd time in 30 days" in told_words


def test_numbers_are_counted_as_people_count() -> None:
    assert [ordinal(one) for one in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"),
    ]
