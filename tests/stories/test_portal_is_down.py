"""The portal's bad hours: waits keep waiting, and nobody is asked before the time that was promised."""

from datetime import timedelta

import pytest

from bot.demo import station
from bot.demo.portal import Mood
from tests.world import OTHER_SUPPORT, SUPPORT, THE_LEAD, World


async def test_a_wait_keeps_waiting_and_support_is_rung_at_the_promised_minute(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    world.town.portal.mood = Mood.DOWN

    await world.until("03:27")
    assert world.rung() == []
    assert world.state() == "No contact. Watching until 03:28."
    await world.until("03:28")

    assert world.rung() == [("03:28", SUPPORT), ("03:28", OTHER_SUPPORT)]


async def test_an_alert_while_the_portal_is_down_stays_quiet_until_minute_30(world: World) -> None:
    world.town.portal.mood = Mood.DOWN
    await world.breaks()
    await world.until("03:27")
    assert world.rung() == []
    assert "From the alert; the portal has not answered" in world.shown()

    await world.until("03:30")

    assert len(world.rung()) == 2
    assert world.rung()[0][0] in {"03:28", "03:29"}


async def test_what_heals_while_the_portal_is_down_is_seen_when_it_is_back(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    world.town.portal.mood = Mood.DOWN
    await world.mended()
    await world.until("03:20")
    assert world.state() == "No contact. Watching until 03:28."

    world.town.portal.mood = Mood.WELL
    await world.until("03:24")

    assert world.state().startswith("Back 03:2")
    assert world.rung() == []


async def test_a_proof_the_portal_cannot_give_rings_the_owner_after_15_minutes(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    world.town.portal.mood = Mood.DOWN
    await world.later(minutes=3)
    await world.press(SUPPORT, "Back online")
    before = len(world.rung())

    await world.later(minutes=14)
    assert len(world.rung()) == before
    await world.later(minutes=2)

    assert world.rung()[before:] == [("03:46", SUPPORT)]
    assert "back, but the proof needs you" in world.pushed(SUPPORT)[-1]
    await world.press(SUPPORT, "Online")
    await world.later(minutes=16)
    for label in ("Cleared", "Answered in 5 s", "Waive: nobody on site", "2 bars or more"):
        await world.press(SUPPORT, label)
        await world.later(minutes=1)
    assert world.state() == "Back 03:31 · log the repair"
    assert world.town.slack.pushes(THE_LEAD) == []


async def test_garbage_from_the_portal_is_not_known_and_not_no(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    world.town.portal.mood = Mood.GARBAGE
    await world.mended()

    await world.until("03:20")

    assert world.state() == "No contact. Watching until 03:28."


async def test_a_restart_that_times_out_after_the_portal_took_it_is_one_restart_and_one_question(
    world: World,
) -> None:
    """From then on the portal is slow for good: what is not known stays so, and a person says how it is."""
    await world.silent_for_30_minutes()
    world.outside.portal_is_slow = True
    await world.press(SUPPORT, "Restart station")
    assert world.state() == "Restart sent, the portal's answer is NOT KNOWN"
    assert "Restart station" not in world.buttons()
    before = len(world.rung())
    await world.later(minutes=15)

    assert "*NOT KNOWN* whether the station is back" in world.shown()
    assert world.rung()[before:] == [("03:34", SUPPORT)]
    await world.press(SUPPORT, "Back online")
    assert world.state() == "Back 03:43 · verifying"
    assert (world.restarts(), len(world.outside.looks("/commands"))) == (1, 1)


async def test_an_alarm_that_clears_late_rings_once_and_goes_on_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station, "CLEARED_AFTER", timedelta(minutes=25))
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    before = len(world.rung())
    await world.later(minutes=24)

    assert [who for _, who in world.rung()[before:]] == [SUPPORT]
    assert {"Cleared", "Still active"} <= set(world.buttons())
    assert "cleared: yes" not in world.shown()
    await world.later(minutes=4)
    assert "Waive: nobody on site" in world.buttons()
    assert [who for _, who in world.rung()[before:]] == [SUPPORT]
