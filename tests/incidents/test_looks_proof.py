"""What a look finds while the repair is proved (manual 5), and while what nobody touched is watched."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.portal.contract import Capability
from tests.incidents.desk import AUTO, REASON, Desk

LOOK = timedelta(minutes=3)


async def next_look(desk: Desk) -> timedelta:
    """How far away the next look is."""
    return (await desk.timers())["look"] - desk.now


async def test_not_online_after_all_leads_back_to_the_restart_and_rings(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=False)
    assert (await desk.choices())[-1] == "not-online"
    assert (await desk.lines())[-1] == "rings/not-online.j2"
    incident = await desk.incident()
    assert (incident.step, incident.back_at) == ("restart-station", None)


async def test_a_proof_the_portal_leaves_open_rings_once_after_15_minutes(desk: Desk) -> None:
    await desk.back()
    for _ in range(4):
        desk.later(minutes=3)
        await desk.look()
    assert "rings/verify.j2" not in await desk.lines()
    for _ in range(3):
        desk.later(minutes=3)
        await desk.look()
    assert (await desk.lines()).count("rings/verify.j2") == 1
    await desk.stands("verify-online")


async def test_an_alert_that_stays_is_looked_at_every_minute_until_a_person_is_rung(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    await desk.look(active=True)
    assert await next_look(desk) == timedelta(minutes=1)
    for _ in range(15):
        desk.later(minutes=1)
        await desk.look(active=True)
    assert (await desk.lines()).count("rings/verify.j2") == 1
    await desk.look(active=True)
    desk.later(minutes=1)
    await desk.look(active=False)
    await desk.stands("get-configuration")


async def test_a_slow_get_configuration_is_asked_once_more_then_a_person_is_rung(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=5001)
    assert await next_look(desk) == timedelta(seconds=10)
    assert "rings/verify.j2" not in await desk.lines()
    desk.later(seconds=10)
    await desk.look(milliseconds=6120)
    assert (await desk.lines())[-1] == "rings/verify.j2"
    await desk.stands("get-configuration")


async def test_get_configuration_within_5_seconds_is_proof(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=5000)
    await desk.stands("test-session")


async def test_a_portal_without_get_configuration_is_noted_and_passed_by(desk: Desk) -> None:
    await desk.back()
    await desk.look(online=True)
    desk.capabilities = replace(AUTO, get_configuration=Capability.NONE)
    await desk.look(active=False)
    await desk.look()
    assert (await desk.choices())[-1] == "cannot-ask"


@pytest.mark.parametrize(
    ("said", "signal", "choice", "finding"),
    [
        ({"bars": 2}, Capability.AUTO, "good", None),
        ({"bars": 1}, Capability.AUTO, "weak", "coverage"),
        ({}, Capability.NONE, "not-shown", None),
    ],
)
async def test_at_least_two_bars_or_not_shown(
    desk: Desk, said: dict[str, Any], signal: Capability, choice: str, finding: str | None
) -> None:
    await desk.back()
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    await desk.press("waive")
    desk.capabilities = replace(AUTO, signal=signal)
    await desk.look(**said)
    assert (await desk.choices())[-1] == choice
    assert (await desk.incident()).finding == finding


async def back_by_itself(desk: Desk) -> None:
    """Nobody touched it, it is back and everything is proved."""
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    desk.later(minutes=3)
    await desk.look(online=True)
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    await desk.look()
    await desk.look(bars=4)
    await desk.stands("log-repair")


async def test_what_nobody_touched_is_watched_30_minutes_and_closed_without_a_ring(desk: Desk) -> None:
    await back_by_itself(desk)
    assert "waived" in await desk.choices()
    back_at = (await desk.incident()).back_at
    assert back_at is not None
    while desk.now < back_at + timedelta(minutes=27):
        await desk.look(online=True)
        assert (await desk.incident()).closed_at is None
        desk.later(minutes=3)
    desk.later(minutes=3)
    await desk.look(online=True)
    incident = await desk.incident()
    assert (incident.closed_at, incident.fix) == (desk.now, "recovered by itself")
    assert not [line for line in await desk.lines() if line.startswith("rings/")]
    assert (await desk.lines())[-1] == "log/repair-log.j2"


async def test_down_again_while_it_is_watched_goes_back_to_triage(desk: Desk) -> None:
    await back_by_itself(desk)
    desk.later(minutes=3)
    await desk.look(online=False)
    assert (await desk.choices())[-1] == "down-again"
    await desk.stands("check-last-communication")


async def test_what_somebody_touched_waits_for_a_person_to_log_it(desk: Desk) -> None:
    await desk.proved()
    for _ in range(15):
        desk.later(minutes=3)
        await desk.look(online=True)
    assert (await desk.incident()).closed_at is None


async def test_given_up_is_not_back(desk: Desk) -> None:
    await desk.at_restart()
    await desk.press("give-up", values=REASON)
    incident = await desk.incident()
    assert (incident.step, incident.fix, incident.back_at) == ("log-repair", "could not complete", None)
