"""Peace until the morning or until a day: nobody is called before, and whoever is needed is called then."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import next_time
from bot.errors import FieldsWrong, NotAllowed, Refused, StaleChoice
from bot.incidents import pausing
from bot.people import Person
from bot.runbook.press import Press
from tests.incidents.desk import LEAD, NIGHT, ONE, RULES, STRANGER, TECHNICIAN, TWO, Desk

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SEVEN = NIGHT.replace(hour=7, minute=0)


async def park(desk: Desk, person: Person = ONE, turn: int | None = None) -> None:
    standing = await desk.incident()
    pressed = Press(1, standing.turn if turn is None else turn, "park")
    await desk.db.write(pausing.park, pressed, person, RULES, desk.now)


async def mute(desk: Desk, day: date | str, person: Person = ONE) -> None:
    await desk.db.write(pausing.mute, 1, person, str(day), "works on the street", RULES, desk.now)


@pytest.mark.parametrize(
    ("zone", "at", "now", "morning"),
    [
        (UTC, time(7), "2026-11-22T03:10+00:00", "2026-11-22T07:00+00:00"),
        (UTC, time(7), "2026-11-22T07:00+00:00", "2026-11-23T07:00+00:00"),
        (UTC, time(7), "2026-11-22T06:59:59+00:00", "2026-11-22T07:00+00:00"),
        (UTC, time(6, 30), "2026-11-22T06:29+00:00", "2026-11-22T06:30+00:00"),
        (NEW_YORK, time(7), "2026-11-22T03:10+00:00", "2026-11-22T12:00+00:00"),
        # The night the clocks go back, and the one they go forward.
        (BERLIN, time(7), "2026-10-24T23:30+00:00", "2026-10-25T06:00+00:00"),
        (BERLIN, time(7), "2026-10-25T00:30+00:00", "2026-10-25T06:00+00:00"),
        (BERLIN, time(2, 30), "2026-10-25T00:10+00:00", "2026-10-25T00:30+00:00"),
        (BERLIN, time(7), "2026-03-28T23:30+00:00", "2026-03-29T05:00+00:00"),
        (BERLIN, time(2, 30), "2026-03-28T23:30+00:00", "2026-03-29T01:30+00:00"),
    ],
)
def test_the_morning_is_that_of_the_sites(zone: ZoneInfo, at: time, now: str, morning: str) -> None:
    rules = replace(RULES, zone=zone, park_at=at)
    then = next_time(rules.park_at, rules.zone, datetime.fromisoformat(now))
    assert then == datetime.fromisoformat(morning)


async def test_parked_nobody_is_called_before_the_morning_and_then_whoever_has_it(desk: Desk) -> None:
    await desk.at_restart()
    assert "take" in await desk.timers()
    await park(desk)

    incident = await desk.incident()
    assert (incident.owner, incident.parked_until, incident.first_person_at) == (ONE.user_id, SEVEN, desk.now)
    timers = await desk.timers()
    assert ("take" in timers, timers["wake"]) == (False, SEVEN)
    assert (await desk.lines())[-1] == "lines/parked.j2"
    desk.now = desk.real = SEVEN
    await desk.look(online=False)
    assert (await desk.incident()).parked_until is None
    assert (await desk.lines())[-1] == "rings/waking.j2"
    await park(desk)
    desk.later(days=1)
    await desk.look(online=False)
    assert (await desk.lines()).count("rings/waking.j2") == 2


async def test_whoever_parks_what_somebody_has_does_not_take_it(desk: Desk) -> None:
    await desk.at_restart()
    await park(desk, ONE)
    with pytest.raises(StaleChoice, match="parked already"):
        await park(desk, TWO)
    assert (await desk.incident()).owner == ONE.user_id


async def test_a_move_ends_the_peace(desk: Desk) -> None:
    await desk.at_restart()
    await park(desk)
    await desk.press("restart")
    assert ((await desk.incident()).parked_until, "wake" in await desk.timers()) == (None, False)


async def test_only_support_parks_only_what_waits_for_it_and_only_from_a_card_of_now(desk: Desk) -> None:
    await desk.opened()
    with pytest.raises(Refused, match="Nobody is waited for"):
        await park(desk)
    await desk.look(active=True)
    desk.later(minutes=20)
    await desk.look()
    await desk.look()
    for person in (TECHNICIAN, STRANGER):
        with pytest.raises(NotAllowed):
            await park(desk, person)
    with pytest.raises(StaleChoice):
        await park(desk, turn=0)


async def test_muted_nobody_is_called_until_that_days_morning(desk: Desk) -> None:
    await desk.opened()
    until = SEVEN + timedelta(days=3)
    await mute(desk, until.date())

    assert ((await desk.station())["muted_until"], (await desk.timers())["wake"]) == (until, until)
    await desk.look(active=True)
    desk.later(minutes=20)
    await desk.look()
    await desk.look()
    await desk.stands("restart-station")
    assert not [line for line in await desk.lines() if line.startswith("rings/")]
    assert "take" not in await desk.timers()
    desk.now = desk.real = until
    await desk.look(online=False)
    assert (await desk.lines())[-1] == "rings/waking.j2"


async def test_unmuted_it_calls_again_and_only_what_is_muted_is(desk: Desk) -> None:
    await desk.opened()
    with pytest.raises(Refused, match="not muted"):
        await desk.db.write(pausing.unmute, 1, ONE, RULES, desk.now)
    await mute(desk, SEVEN.date())
    await desk.db.write(pausing.unmute, 1, LEAD, RULES, desk.now)

    assert ((await desk.station())["muted_until"], "wake" in await desk.timers()) == (None, False)
    assert (await desk.lines())[-2:] == ["lines/muted.j2", "lines/unmuted.j2"]


@pytest.mark.parametrize(
    "day", ["", "soon", "2026-11-31", NIGHT.date() - timedelta(days=1), NIGHT.date() + timedelta(days=93)]
)
async def test_a_day_that_is_over_too_far_or_none_is_told_at_its_field(desk: Desk, day: date | str) -> None:
    await desk.opened()
    with pytest.raises(FieldsWrong) as wrong:
        await mute(desk, day)
    assert set(wrong.value.fields) == {"until"}
    assert (await desk.station())["muted_until"] is None


@pytest.mark.parametrize("person", [TECHNICIAN, STRANGER])
async def test_only_support_mutes(desk: Desk, person: Person) -> None:
    await desk.opened()
    with pytest.raises(NotAllowed):
        await mute(desk, SEVEN.date(), person)
