"""A restart that does not help: what is said, who is rung, and that nothing is sent twice."""

import asyncio

from bot.demo.portal import Mood
from tests.world import OTHER_SUPPORT, SUPPORT, World


async def test_not_deliverable_is_normal_and_rings_the_owner_at_once(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 0
    assert world.rung()[2:] == [("03:28", SUPPORT)]
    assert world.thread()[-1].startswith(
        f"@{SUPPORT} CT4G-20117, Pier 9: the restart could not reach the station: it is offline. "
        "Normal for this alert. Nothing was restarted."
    )
    assert "Restart station" not in world.buttons()


async def test_a_restart_that_was_not_delivered_uses_up_no_budget(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")
    await world.log_and_close(SUPPORT)
    assert "Fix: could not complete" in world.shown()
    await world.mended()
    await world.later(minutes=5)

    await world.silent_for_30_minutes()

    assert "Restart station" in world.buttons()
    await world.press(SUPPORT, "Restart station")
    assert world.restarts() == 1


async def test_still_down_after_three_minutes_rings_the_owner(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.breaks()
    await world.later(minutes=2, seconds=59)
    assert world.rung()[2:] == []

    await world.later(seconds=1)

    assert world.rung()[2:] == [("03:31", SUPPORT)]
    assert "CT4G-20117, Pier 9: did not come back after the restart." in world.pushed(SUPPORT)[-1]
    await world.log_and_close(SUPPORT)
    log = world.thread()[-1]
    assert "*Fix: could not complete*" in log
    assert "Restart: the portal said accepted" in log
    assert "Proof" not in log


async def test_the_station_is_looked_at_exactly_three_minutes_after_the_portals_answer(world: World) -> None:
    await world.silent_for_30_minutes()
    world.outside.portal_holds = True
    pressing = asyncio.create_task(world.press(SUPPORT, "Restart station"))
    await world.outside.holds_one()
    world.later_at_once(seconds=20)
    world.outside.releases()
    await pressing
    looks = len(world.outside.looks())

    assert world.state() == "Restart taken by the portal 03:28:20"
    assert "Next look 03:31:20." in world.shown()
    await world.later(minutes=2, seconds=59)
    assert len(world.outside.looks()) == looks
    await world.later(seconds=1)

    assert world.outside.looks()[looks] == "03:31:20"
    assert world.state() == "Back 03:31:20 · verifying"


async def test_after_a_lost_answer_the_three_minutes_run_from_the_sending(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    world.outside.portal_holds = True
    world.outside.portal_hangs_up = True
    pressing = asyncio.create_task(world.press(SUPPORT, "Restart station"))
    await world.outside.holds_one()
    world.later_at_once(seconds=20)
    world.outside.releases()
    await pressing
    world.outside.portal_hangs_up = False

    assert world.state() == "Restart sent, the portal's answer is NOT KNOWN"
    assert [label for label in world.buttons() if not label.startswith("(")] == [], "no button but the menu"
    await world.press_late(OTHER_SUPPORT, "Restart station", old)
    await world.until("03:30")
    assert world.state() == "Restart sent, the portal's answer is NOT KNOWN"
    await world.until("03:31")

    assert world.state() == "Back 03:31 · verifying"
    assert world.restarts() == 1
    assert world.outside.looks("/commands")[:2] == ["03:28", "03:31"], "a restart, then Get Configuration"


async def test_a_portal_that_is_silent_at_the_check_is_asked_again_three_minutes_later(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    world.town.portal.mood = Mood.DOWN
    await world.later(minutes=3)

    assert (
        "The portal gave no answer. *NOT KNOWN* whether the station is back. Looking again 03:34."
        in world.shown()
    )
    assert world.buttons()[:3] == ["Open portal", "Back online", "Still down"]
    assert world.rung()[2:] == []
    world.town.portal.mood = Mood.WELL
    await world.later(minutes=2, seconds=59)
    assert "NOT KNOWN" in world.shown()
    await world.later(seconds=1)

    assert world.state() == "Back 03:34 · verifying"
    assert world.rung()[2:] == []


async def test_a_portal_that_stays_silent_rings_once_and_a_person_may_say(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    world.town.portal.mood = Mood.DOWN
    await world.later(minutes=12)

    assert world.rung()[2:] == [("03:34", SUPPORT)]
    assert "the portal does not say whether it is back. Please look." in world.pushed(SUPPORT)[-1]
    await world.press(SUPPORT, "Back online")

    assert world.state() == "Back 03:40 · verifying"


async def test_a_person_may_say_still_down(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    world.town.portal.mood = Mood.DOWN
    await world.later(minutes=3)

    await world.press(SUPPORT, "Still down")

    assert world.thread()[-1] == "Support 1: Still down after the restart."
    assert "verifying" not in world.state()


async def test_a_portal_that_refuses_the_restart_is_not_called_an_offline_station(world: World) -> None:
    await world.silent_for_30_minutes()
    world.town.portal.mood = Mood.UNAUTHORISED

    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 0
    assert "Nothing was restarted." in world.thread()[-1]
    assert "offline" not in world.thread()[-1]


async def test_going_on_without_a_restart_needs_a_reason_that_the_log_tells(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(SUPPORT, "Skip: call support")
    await world.fill(SUPPORT, reason="Driver asked us to wait")
    await world.log_and_close(SUPPORT)

    assert "No restart: Driver asked us to wait" in world.thread()[-1]
    assert "Fix: could not complete" in world.shown()
    assert world.restarts() == 0
