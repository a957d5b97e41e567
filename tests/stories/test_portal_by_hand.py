"""PORTAL=manual: Relink can ask nobody but people, and every step can be answered by a button."""

from tests.world import OTHER_SUPPORT, SUPPORT, World


async def test_the_whole_way_by_buttons(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.later(minutes=10)
    assert world.state() == "No contact. Is the alert active?"
    assert world.rung() == []

    await world.press(SUPPORT, "It is active")
    assert "No contact. Watching until 03:28." in world.shown()
    await world.until("03:28")
    assert world.rung() == [("03:28", SUPPORT)]
    assert "In the portal: CT4G-20117 > Actions > Restart. Then press what happened." in world.shown()
    assert world.buttons()[:6] == [
        "I sent it",
        "I sent it earlier",
        "Not offered",
        "It failed",
        "Cannot get in now",
        "Skip: call support",
    ]
    await world.press(SUPPORT, "I sent it")
    assert world.state() == "Restart sent by hand 03:28"
    await world.later(minutes=2, seconds=59)
    assert len(world.rung()) == 1
    await world.later(seconds=1)
    assert world.rung()[1:] == [("03:31", SUPPORT)], "only a person can look"
    for label in ("Back online", "Online", "Cleared", "Answered in 5 s", "Waive: nobody on site"):
        await world.press(SUPPORT, label)
    await world.press(SUPPORT, "2 bars or more")
    await world.log_and_close(SUPPORT)

    assert world.state().startswith("Closed 03:31")
    log = world.thread()[-1]
    assert "*Fix: modem power cycle*" in log
    assert "Restart: sent by hand" in log
    assert "`OK   ` Get Configuration, within 5 s" in log
    assert world.outside.questions == [], "nobody asked the portal"


async def test_unanswered_it_rings_support_at_the_first_look_after_30_minutes(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.until("03:27")
    assert world.rung() == []

    await world.until("03:35")

    assert world.rung() == [("03:29", SUPPORT), ("03:29", OTHER_SUPPORT)]


async def test_not_offered_and_failed_go_on_without_a_restart(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.until("03:12")
    await world.press(SUPPORT, "It is active")
    await world.press(SUPPORT, "Stop waiting")

    await world.press(SUPPORT, "It failed")

    assert world.thread()[-1] == "Support 1: The restart by hand failed."


async def test_a_false_alarm_is_logged_as_one(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.until("03:12")

    await world.press(SUPPORT, "Not this station")
    await world.log_and_close(SUPPORT)

    assert "Fix: false alarm" in world.shown()
    assert "Modem not flagged" in world.shown()


async def test_where_nobody_can_tell_the_last_communication_a_person_is_asked(world_by_hand: World) -> None:
    world = world_by_hand

    await world.alert()
    await world.later(minutes=1)

    assert world.rung() == [("02:58", SUPPORT), ("02:58", OTHER_SUPPORT)]
    assert "nobody can tell since when. Please look in the portal." in world.pushed(SUPPORT)[0]
    await world.press(SUPPORT, "30 min ago or more")
    assert world.buttons()[0] == "I sent it"
