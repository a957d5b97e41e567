"""Which of the things that were said holds now; what the choices of a step may ask."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.knowledge import (
    MEASURES,
    STOPPED,
    Known,
    asked,
    charging,
    for_choices,
    hold,
    holding,
    stopped_by,
)
from bot.portal.contract import Capabilities, Capability
from db.models import Move
from db.queries import MEASURED, IncidentNow, Said
from db.writer import Database
from tests.incidents.desk import AUTO, BY_HAND, NIGHT, RULES, Desk

LOOK = timedelta(minutes=3)


def said(source: str, minute: int, value: object = None, name: str = "online") -> Said:
    """One row; true at this minute."""
    moment = NIGHT + timedelta(minutes=minute)
    actor = "U0SUPPORT1" if source == "person" else None
    return Said(0, name, value, source, actor, moment, moment)


ROWS = st.lists(
    st.builds(
        said,
        st.sampled_from(["portal", "person"]),
        st.integers(0, 6),
        st.booleans() | st.none(),
        st.sampled_from(["online", "alert_active"]),
    ),
    max_size=8,
)


def of_name(rows: Sequence[Said], name: str) -> list[Said]:
    """The rows of one fact."""
    return [row for row in rows if row.name == name]


@settings(deadline=None)
@given(ROWS)
def test_an_older_or_equally_old_portal_value_never_overrules_a_person(rows: list[Said]) -> None:
    for name, known in holding(rows).items():
        persons = [row for row in of_name(rows, name) if row.source == "person"]
        if persons and known.source == "portal":
            assert known.as_of > persons[-1].as_of


@settings(deadline=None)
@given(ROWS, st.booleans())
def test_a_portal_value_newer_than_everything_holds(rows: list[Said], value: bool) -> None:
    newest = said("portal", 7, value)
    known = holding([*rows, newest])["online"]
    assert (known.value, known.source, known.as_of) == (value, "portal", newest.as_of)


@settings(deadline=None)
@given(ROWS, st.booleans())
def test_what_a_person_says_now_holds(rows: list[Said], value: bool) -> None:
    known = holding([*rows, said("person", 7, value)])["online"]
    assert (known.value, known.source) == (value, "person")


@settings(deadline=None)
@given(ROWS)
def test_facts_do_not_meddle_with_each_other(rows: list[Said]) -> None:
    for name in {row.name for row in rows}:
        assert holding(rows)[name] == holding(of_name(rows, name))[name]


@settings(deadline=None)
@given(ROWS)
def test_what_holds_was_said(rows: list[Said]) -> None:
    for name, known in holding(rows).items():
        rows_of_it = of_name(rows, name)
        assert known in [Known(row.value, row.source, row.actor, row.as_of, row.at) for row in rows_of_it]


# Is a car charging?


def standing(**changes: Any) -> IncidentNow:
    """An incident that waits for a restart, looked at just now."""
    nothing: dict[str, Any] = dict.fromkeys(IncidentNow._fields)
    given = {"id": 1, "step": "restart-station", "attempts": 0, "restarts": 0, "looked_at": NIGHT}
    return IncidentNow(**(nothing | given | changes))


@pytest.mark.parametrize(
    ("sessions", "age", "answer"),
    [
        (1, timedelta(0), "running"),
        (0, timedelta(0), "none"),
        (None, timedelta(0), "not known"),
        (1, 2 * LOOK, "running"),
        (0, 2 * LOOK, "none"),
        (1, 2 * LOOK + timedelta(seconds=1), "not known"),
        (0, 2 * LOOK + timedelta(seconds=1), "not known"),
    ],
)
def test_the_portals_word_on_sessions_is_good_for_two_looks(
    sessions: int | None, age: timedelta, answer: str
) -> None:
    held = holding([said("portal", 0, sessions, "active_sessions")])
    assert charging(standing(), held, LOOK, NIGHT + age) == answer


def test_nothing_said_about_sessions_is_not_known() -> None:
    assert charging(standing(), {}, LOOK, NIGHT) == "not known"


# Who is asked?


@pytest.mark.parametrize(
    ("step", "capabilities", "attempts", "deadline", "answer"),
    [
        ("confirm-alert", AUTO, 0, None, "portal"),
        ("confirm-alert", AUTO, 1, None, "person"),
        ("confirm-alert", BY_HAND, 0, None, "person"),
        ("confirm-alert", replace(AUTO, nearby=Capability.NONE), 0, None, "person"),
        ("verify-online", AUTO, 3, NIGHT + LOOK, "portal"),
        ("verify-online", AUTO, 3, NIGHT, "person"),
        ("verify-online", AUTO, 0, NIGHT, "portal"),
    ],
)
def test_the_portal_is_asked_while_it_can_be_and_has_time(
    step: str, capabilities: Capabilities, attempts: int, deadline: datetime | None, answer: str
) -> None:
    incident = standing(step=step, attempts=attempts, deadline_at=deadline)
    assert asked(incident, capabilities, RULES.runbook, NIGHT) == answer


# The restart budget


async def budget(desk: Desk) -> str:
    """Is there a restart without a reason?"""
    incident, timings = await desk.incident(), RULES.timings

    def ask(session: Session) -> str:
        return for_choices(session, incident, AUTO, RULES.runbook, timings, desk.now)["budget"]

    return await desk.db.read(ask)


async def test_one_restart_of_an_incident_is_free(db: Database) -> None:
    desk = Desk(db)
    await desk.at_restart()
    assert await budget(desk) == "free"
    await desk.press("restart")
    assert await budget(desk) == "used"


async def test_a_new_incident_soon_after_a_restart_still_needs_a_reason(db: Database) -> None:
    """The cool-down belongs to the station, not to the incident."""
    desk = Desk(db)
    closed = await desk.closed()
    assert closed.remedy_at is not None
    incident = closed._replace(restarts=0)
    cool_down = RULES.timings["restart-cool-down"]

    def ask(session: Session, now: datetime) -> str:
        return for_choices(session, incident, AUTO, RULES.runbook, RULES.timings, now)["budget"]

    just_before = closed.remedy_at + cool_down - timedelta(seconds=1)
    assert await db.read(ask, just_before) == "used"
    assert await db.read(ask, closed.remedy_at + cool_down) == "free"


# Flapping


@pytest.mark.parametrize(("hours_ago", "wait"), [((1, 2), 30), ((1, 2, 3), 120), ((1, 2, 25), 30)])
async def test_the_third_return_within_24_hours_must_hold_two_hours(
    db: Database, hours_ago: tuple[int, ...], wait: int
) -> None:
    desk = Desk(db)
    incident = await desk.opened()

    def came_back(session: Session) -> None:
        for turn, hours in enumerate(sorted(hours_ago, reverse=True)):
            session.execute(
                insert(Move).values(
                    incident_id=1,
                    turn=turn,
                    step="wait-and-monitor",
                    choice="recovered",
                    to_step="verify-online",
                    actor="relink",
                    at=NIGHT - timedelta(hours=hours),
                    runbook=RULES.runbook.digest,
                )
            )

    await db.write(came_back)
    assert await db.read(hold, incident, RULES.timings, NIGHT) == timedelta(minutes=wait)


# A stop


def test_moves_are_read_for_a_stop_only_where_one_can_stand() -> None:
    nowhere = Session()
    for step in RULES.runbook.steps:
        assert stopped_by(nowhere, standing(step=step, locks=0)) is None
        if step != MEASURES:
            assert stopped_by(nowhere, standing(step=step, locks=2)) is None
    assert {choice.id for choice in RULES.runbook.steps[MEASURES].choices} > {*STOPPED, *MEASURED}
