"""The portal's bad hours: waits keep waiting, and nobody is asked before the time that was promised."""

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
