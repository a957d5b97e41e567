"""What a look finds decides the step: go on, look again at a promised time, or call a person once."""

from datetime import timedelta

import pytest

from bot.portal.contract import Outcome
from tests.incidents.desk import BY_HAND, NIGHT, SILENT_SINCE, Desk

LOOK = timedelta(minutes=3)


async def next_look(desk: Desk) -> timedelta:
    """How far away the next look is."""
    return (await desk.timers())["look"] - desk.now


# Manual 4.1 (1)


@pytest.mark.parametrize(
    ("active", "choice", "step"),
    [(True, "active", "check-last-communication"), (False, "already-cleared", "verify-online")],
)
async def test_the_portal_confirms_the_alert(desk: Desk, active: bool, choice: str, step: str) -> None:
    await desk.opened()
    await desk.look(active=active, online=not active)
    assert await desk.choices() == [choice]
    await desk.stands(step)


async def test_an_alert_that_is_quicker_than_the_portals_list_goes_on(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=False, online=False)
    assert await desk.choices() == ["cannot-tell"]


async def test_a_prompt_alert_stays_quiet_while_nobody_can_tell_and_goes_on_at_minute_30(desk: Desk) -> None:
    await desk.opened()
    await desk.look()
    assert await next_look(desk) == LOOK
    desk.now = SILENT_SINCE + timedelta(minutes=30)
    await desk.look()
    assert await desk.choices() == ["cannot-tell"]
    assert not [line for line in await desk.lines() if line.startswith("rings/")]


# Manual 4.1 (2)


@pytest.mark.parametrize(
    ("silent_minutes", "choice", "step"),
    [
        (29.99, "recent", "wait-and-monitor"),
        (30, "older", "restart-station"),
        (600, "older", "restart-station"),
    ],
)
async def test_less_than_30_minutes_is_recent(
    desk: Desk, silent_minutes: float, choice: str, step: str
) -> None:
    await desk.opened(last_communication=NIGHT - timedelta(minutes=silent_minutes))
    await desk.look(active=True)
    await desk.look(online=False)
    assert (await desk.choices())[-1] == choice
    await desk.stands(step)


async def test_a_last_communication_nobody_knows_leads_to_the_restart_and_rings(desk: Desk) -> None:
    await desk.opened(last_communication=None)
    await desk.look(active=True)
    await desk.look(online=False)
    assert (await desk.choices())[-1] == "not-known"
    assert (await desk.lines())[-1] == "rings/restart-station.j2"


async def test_the_portal_may_have_heard_from_it_later_than_the_alert_says(desk: Desk) -> None:
    await desk.opened(last_communication=NIGHT - timedelta(hours=2))
    await desk.look(active=True)
    heard = NIGHT - timedelta(minutes=5)
    await desk.look(online=False, heard=heard)
    assert (await desk.incident()).last_communication == heard
    await desk.stands("wait-and-monitor")


async def test_where_the_portal_cannot_say_a_person_is_called_once(desk: Desk) -> None:
    desk.capabilities = BY_HAND
    await desk.opened(last_communication=None)
    await desk.press("active")
    for _ in range(3):
        await desk.look()
    assert (await desk.lines()).count("rings/last-communication.j2") == 1


async def test_watching_ends_at_last_communication_plus_30_minutes_and_rings_then(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    assert (await desk.incident()).deadline_at == SILENT_SINCE + timedelta(minutes=30)
    await desk.look(online=False)
    assert await next_look(desk) == LOOK
    for _ in range(6):
        desk.now += LOOK
        await desk.look(online=False)
    assert desk.now == SILENT_SINCE + timedelta(minutes=28)
    assert await next_look(desk) == timedelta(minutes=2)
    assert not [line for line in await desk.lines() if line.startswith("rings/")]
    desk.now += timedelta(minutes=2)
    await desk.look()
    assert (await desk.choices())[-1] == "silent"
    assert (await desk.lines())[-1] == "rings/restart-station.j2"


async def test_a_look_that_found_nothing_new_edits_no_card(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    await desk.look(online=False)
    shown = (await desk.incident()).version
    desk.now += LOOK
    await desk.look(online=False)
    assert (await desk.incident()).version == shown


async def test_it_comes_back_by_itself_while_watched_and_nobody_is_rung(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    desk.now += LOOK
    await desk.look(online=True)
    assert (await desk.choices())[-1] == "recovered"
    incident = await desk.incident()
    assert (incident.step, incident.back_at) == ("verify-online", desk.now)
    assert not [line for line in await desk.lines() if line.startswith("rings/")]


async def test_it_comes_back_before_anybody_restarted_it(desk: Desk) -> None:
    await desk.at_restart()
    desk.later(minutes=3)
    await desk.look(online=True)
    assert (await desk.choices())[-1] == "recovered"


# Manual 4.1 (3)


@pytest.mark.parametrize(("online", "choice"), [(True, "back"), (False, "still-down")])
async def test_after_three_minutes_the_station_is_back_or_somebody_is_rung(
    desk: Desk, online: bool, choice: str
) -> None:
    await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    await desk.look(online=online)
    assert (await desk.choices())[-1] == choice
    incident = await desk.incident()
    assert (incident.step == "verify-online", incident.fix == "modem power cycle") == (online, online)
    assert ("rings/still-down.j2" in await desk.lines()) is not online


async def test_a_portal_that_cannot_tell_after_the_restart_is_asked_once_more_before_a_person_is_rung(
    desk: Desk,
) -> None:
    await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    await desk.look()
    assert await next_look(desk) == LOOK
    assert "rings/reconnected.j2" not in await desk.lines()
    for _ in range(3):
        desk.later(minutes=3)
        await desk.look()
    assert (await desk.lines()).count("rings/reconnected.j2") == 1
    await desk.stands("wait-for-reconnect")


async def test_a_reading_older_than_the_restart_proves_nothing(desk: Desk) -> None:
    await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    before = desk.now
    desk.later(minutes=3)
    await desk.look(online=False, as_of=before)
    await desk.stands("wait-for-reconnect")
