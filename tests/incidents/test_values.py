"""What of an incident a form's answers become: a day, a moment, a technician, a fix. And a station's generation."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.errors import FieldsWrong
from bot.incidents import stations
from bot.incidents.stations import StationSeen
from bot.incidents.values import FAR_AHEAD, LONG_AGO, Values, becomes
from bot.people import Person
from bot.portal.contract import Station as PortalStation
from bot.runbook.model import Role
from db.models import Station
from tests.incidents import site
from tests.incidents.desk import LEAD, NIGHT, ONE, RULES, SERIAL, TECHNICIAN, Desk
from tests.incidents.site import TECH, form

SECOND = timedelta(seconds=1)


def stamp(at: datetime) -> str:
    """A moment as Slack sends it."""
    return str(int(at.timestamp()))


def new(name: str, fields: dict[str, str], zone: str = "UTC", remind_at: time = time(9)) -> dict[str, object]:
    """What the form becomes, at night."""
    rules = replace(RULES, zone=ZoneInfo(zone), remind_at=remind_at)
    return dict(becomes(RULES.runbook.forms[name], Values(name, fields), rules, NIGHT))


def wrong(name: str, **fields: str) -> set[str]:
    with pytest.raises(FieldsWrong) as raised:
        new(name, fields)
    return set(raised.value.fields)


@pytest.mark.parametrize(
    ("zone", "remind_at", "day", "due"),
    [
        ("UTC", time(9), "2026-11-24", "2026-11-24T09:00+00:00"),
        ("UTC", time(8, 15), "2026-11-22", "2026-11-22T08:15+00:00"),
        ("America/New_York", time(9), "2026-11-24", "2026-11-24T14:00+00:00"),
        # There it is still the 21st.
        ("America/New_York", time(9), "2026-11-21", "2026-11-21T14:00+00:00"),
        ("Europe/Berlin", time(9), "2027-06-01", "2027-06-01T07:00+00:00"),
    ],
)
def test_a_promised_day_begins_where_the_sites_are(zone: str, remind_at: time, day: str, due: str) -> None:
    assert new("sim-order", {"eta": day}, zone, remind_at) == {"promised_at": datetime.fromisoformat(due)}


@pytest.mark.parametrize("day", ["2026-11-21", "2026-02-30", "2026-13-01", "soon", ""])
def test_a_day_that_is_over_or_none_is_asked_for_again(day: str) -> None:
    assert wrong("sim-order", eta=day) == {"eta"}


@pytest.mark.parametrize("ago", [timedelta(0), SECOND, LONG_AGO])
def test_a_restart_was_sent_at_most_twelve_hours_ago(ago: timedelta) -> None:
    assert new("sent-at", {"at": stamp(NIGHT - ago)}) == {"sent_at": NIGHT - ago}
    assert wrong("sent-at", at=stamp(NIGHT - LONG_AGO - SECOND)) == {"at"}
    assert wrong("sent-at", at=stamp(NIGHT + SECOND)) == {"at"}


@pytest.mark.parametrize("ahead", [timedelta(0), SECOND, FAR_AHEAD])
def test_a_visit_is_planned_at_most_sixty_days_ahead(ahead: timedelta) -> None:
    assert new("plan", {"at": stamp(NIGHT + ahead)}) == {"planned_at": NIGHT + ahead}
    assert wrong("plan", at=stamp(NIGHT + FAR_AHEAD + SECOND)) == {"at"}
    assert wrong("plan", at=stamp(NIGHT - SECOND)) == {"at"}


@given(st.text(max_size=30) | st.integers().map(str))
def test_whatever_comes_as_a_moment_is_one_or_is_refused(typed: str) -> None:
    try:
        at = new("plan", {"at": typed})["planned_at"]
    except FieldsWrong as refused:
        fields = set(refused.fields)
    else:
        assert isinstance(at, datetime)
        fields = {"at"} if NIGHT <= at <= NIGHT + FAR_AHEAD else set()
    assert fields == {"at"}


@pytest.mark.parametrize("person", [ONE, LEAD, Person(TECHNICIAN.user_id, frozenset())])
def test_a_visit_is_given_only_to_who_is_a_technician_at_this_moment(person: Person) -> None:
    asked = RULES.runbook.forms["visit"]
    for people in ({}, {"technician": person}):
        with pytest.raises(FieldsWrong, match="TECHNICIAN_GROUP"):
            becomes(asked, Values("visit", {"technician": person.user_id}, people), RULES, NIGHT)
    both = replace(person, roles=frozenset({Role.LEAD, Role.TECHNICIAN}))
    given = becomes(asked, Values("visit", {"technician": both.user_id}, {"technician": both}), RULES, NIGHT)
    assert given == {"technician": both.user_id, "technician_name": both.name}


def test_what_keeps_nothing_becomes_nothing() -> None:
    assert new("reason", {"reason": "because"}) == {}
    assert new("paper", {"result": "put right", "fix": "SIM reseat", "technician": "Ann"}) == {
        "fix": "SIM reseat"
    }


# The generation of a station, manual 1


@pytest.mark.parametrize(
    ("serial", "told", "generation"),
    [
        ("CT4G-20117", None, 2),
        ("CT4G-19999", None, 1),
        ("CT4G-20000", None, 2),
        ("CT4G-99999", None, 2),
        ("CT4G-0117", None, None),
        ("CT4G-201170", None, None),
        ("XCT4G-20117", None, None),
        # What the sender says goes before what a serial tells.
        ("CT4G-20117", 1, 1),
    ],
)
async def test_a_serial_tells_the_generation_where_nobody_says(
    desk: Desk, serial: str, told: int | None, generation: int | None
) -> None:
    await desk.opened(station=StationSeen(serial=serial, id=None, generation=told))
    assert (await desk.station(serial))["generation"] == generation


def test_the_rules_are_settings() -> None:
    ours = replace(RULES, gen_1_serial="A.*", gen_2_serial="B[0-9]")
    assert [ours.generation_of(one) for one in ("A1", "B1", "B12", "CT4G-20117", None)] == [
        1,
        2,
        None,
        None,
        None,
    ]
    both = replace(RULES, gen_1_serial=".*", gen_2_serial="B.*")
    assert [both.generation_of(one) for one in ("B", "A")] == [2, 1]


@pytest.mark.parametrize(("serial", "before"), [(SERIAL, 2), ("OLD-7", None)])
async def test_the_portals_word_goes_before_the_serials(desk: Desk, serial: str, before: int | None) -> None:
    incident = await desk.opened(station=StationSeen(serial=serial, id=None))
    assert incident.generation == before

    def describe(session: Session) -> bool:
        return stations.describe(session, incident.station_id, PortalStation("1", serial, generation=1))

    assert await desk.db.write(describe)
    assert (await desk.incident()).generation == 1


@pytest.mark.parametrize(("known", "after"), [(None, 1), (2, 2)])
async def test_what_was_read_off_the_station_counts_where_nobody_knew(
    desk: Desk, known: int | None, after: int
) -> None:
    await site.on_site(desk)

    def forget(session: Session) -> None:
        session.get_one(Station, 1).generation = known

    await desk.db.write(forget)
    await desk.press("check", TECH, form("signal-check", site.SIGNAL | {"generation": "not known"}))
    assert (await desk.incident()).generation == known
    await desk.press("see-again", TECH, form("signal-check", site.SIGNAL | {"generation": "1"}))
    assert (await desk.incident()).generation == after


def test_moments_are_utc() -> None:
    at = new("plan", {"at": stamp(NIGHT)})["planned_at"]
    assert isinstance(at, datetime)
    assert at.tzinfo is UTC
