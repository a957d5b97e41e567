"""A car charges: the restart waits for the end of the session, is sent once, and is given up after 12 hours."""

from datetime import timedelta

from bot.demo.portal import Mood
from bot.portal.contract import Capability
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, Blocks, World


async def charging(world: World) -> None:
    """A station is silent while a car charges, and the portal says so."""
    world.town.fleet.set_session(STATION, running=True)
    await world.silent_for_30_minutes()


async def promised(world: World) -> None:
    """Support has asked for the restart as soon as the session ends."""
    await charging(world)
    await world.press(SUPPORT, "Restart when it ends")


async def the_car_leaves(world: World) -> None:
    """The session ends."""
    world.town.fleet.set_session(STATION, running=False)
    await world.settle()


def dialog(blocks: Blocks, label: str) -> str:
    """What the confirm dialog of this button says."""
    (button,) = (
        element
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element.get("text", {}).get("text") == label
    )
    confirm = button["confirm"]
    return "\n".join(str(confirm[part]["text"]) for part in ("title", "text", "confirm", "deny"))


async def test_while_a_car_charges_the_restart_that_waits_takes_the_place_of_the_restart(
    world: World,
) -> None:
    await charging(world)

    assert "Car charging? *Yes*, 1 now. No restart while a session is running." in world.shown()
    assert "Restart station" not in world.buttons()
    assert world.buttons()[:2] == ["Restart anyway", "Restart when it ends"]


async def test_its_dialog_says_what_it_does_and_no_sends_nothing(world: World) -> None:
    await charging(world)

    assert dialog(world.card().blocks, "Restart when it ends").splitlines() == [
        "Restart CT4G-20117 when the session ends?",
        (
            "A car is charging now. Relink asks the portal every 3 min and restarts the station once, "
            "as soon as no session is running; not after 12 h 00 min."
        ),
        "Restart then",
        "Do nothing",
    ]
    await world.press(SUPPORT, "Restart when it ends", confirm=False)
    assert world.state() == "No contact since 02:58 · needs you"


async def test_promised_the_card_says_until_when_and_nobody_is_needed(world: World) -> None:
    await promised(world)

    assert world.state() == "No contact since 02:58 · restart when the session ends"
    assert "Relink asks the portal every 3 min (our number), until 15:28. Sent once." in world.shown()
    assert world.thread()[-1] == "Support 1: Restart as soon as the charging session ends."
    assert "Do not restart then" in world.buttons()
    assert "Restart when it ends" not in world.buttons()
    assert "Park until 07:00" not in world.buttons()
    assert world.restarts() == 0


async def test_the_session_ends_one_restart_and_the_check_3_minutes_later(world: World) -> None:
    await promised(world)
    before = len(world.rung())
    await world.later(minutes=20)
    assert world.restarts() == 0

    await the_car_leaves(world)
    assert world.restarts() == 0, "not before the next look"
    await world.until("03:49")

    assert world.restarts() == 1
    assert world.state() == "Restart taken by the portal 03:49"
    assert world.thread()[-1] == "The session has ended. Restart, sent once."
    assert "Next look 03:52." in world.shown()
    assert f"Restart by @{SUPPORT} 03:49, ordered" in world.shown()
    await world.later(minutes=3)
    assert world.state() == "Back 03:52 · verifying"
    await world.later(minutes=10)
    assert world.restarts() == 1
    assert world.rung()[before:] == [], "it helped, so nobody is called"


async def test_it_did_not_help_rings_the_owner_at_the_promised_check(world: World) -> None:
    world.town.fleet.set_session(STATION, running=True)
    await world.silent_for_30_minutes("SIM cap")
    await world.press(SUPPORT, "Restart when it ends")
    before = len(world.rung())
    await the_car_leaves(world)

    await world.later(minutes=6)

    assert world.restarts() == 1
    assert world.rung()[before:] == [("03:34", SUPPORT)]
    assert "did not come back after the restart" in world.pushed(SUPPORT)[-1]


async def test_the_session_never_ends_support_is_called_after_12_hours_and_nothing_is_sent(
    world: World,
) -> None:
    await promised(world)
    before = len(world.rung())

    await world.until("15:27")
    assert world.rung()[before:] == []
    await world.until("15:28")

    assert world.rung()[before:] == [("15:28", SUPPORT)]
    assert world.thread()[-1] == (
        f"@{SUPPORT} CT4G-20117, Pier 9: still charging after 12 h 00 min, so nothing was restarted. What now?"
    )
    assert "Restart when it ends" in world.buttons()
    await the_car_leaves(world)
    await world.later(minutes=10)
    assert world.restarts() == 0, "the promise is over"


async def test_do_not_restart_then_takes_it_back(world: World) -> None:
    await promised(world)

    await world.press(OTHER_SUPPORT, "Do not restart then")
    await the_car_leaves(world)
    await world.later(minutes=10)

    assert world.restarts() == 0
    assert "Support 2: No restart when the session ends." in world.thread()
    assert world.state() == "No contact since 02:58 · needs you"
    assert "Restart station" in world.buttons(), "no car is charging any more"


async def test_another_way_taken_meanwhile_takes_it_back_too(world: World) -> None:
    await promised(world)

    await world.press(SUPPORT, "Skip: call support")
    await world.fill(SUPPORT, reason="ChargePoint is on the telephone already")
    await the_car_leaves(world)
    await world.later(minutes=10)

    assert world.restarts() == 0
    assert world.state().endswith("call support")


async def test_a_portal_that_does_not_say_is_no_end_of_the_session(world: World) -> None:
    await promised(world)
    world.town.portal.mood = Mood.DOWN
    await the_car_leaves(world)
    await world.later(minutes=30)
    assert world.restarts() == 0

    world.town.portal.mood = Mood.WELL
    await world.later(minutes=3)

    assert world.restarts() == 1


async def test_a_reading_of_an_hour_ago_is_no_end_of_the_session(world: World) -> None:
    await promised(world)
    stale = world.clock.now() - timedelta(hours=1)
    world.outside.status_says = {"active_sessions": 0, "as_of": stale.isoformat()}

    await world.later(minutes=10)

    assert world.restarts() == 0
    assert "restart when the session ends" in world.state()


async def test_not_known_is_not_none(world: World) -> None:
    await promised(world)
    world.outside.status_says = {"active_sessions": None}

    await world.later(minutes=10)

    assert world.restarts() == 0
    assert "Car charging? *NOT KNOWN*" in world.shown()


async def test_back_by_itself_meanwhile_nothing_is_restarted(world: World) -> None:
    await promised(world)

    await world.mended()
    await world.later(minutes=40)

    assert world.restarts() == 0
    assert world.town.fleet.with_serial(STATION).sessions == 1, "the driver was left alone"


async def test_a_portal_that_cannot_restart_any_more_restarts_nothing_and_says_so(world: World) -> None:
    await promised(world)
    can = world.town.portal.capabilities
    world.town.portal.capabilities = type(can)(
        status=can.status, alarms=can.alarms, restart=Capability.MANUAL
    )
    await the_car_leaves(world)

    await world.later(minutes=3)

    assert world.restarts() == 0
    assert "Nothing was restarted." in world.thread()[-1]


async def test_a_lead_may_restart_it_anyway_with_a_reason(world: World) -> None:
    await charging(world)

    assert dialog(world.card().blocks, "Restart anyway").splitlines() == [
        "Restart CT4G-20117?",
        "Ends any charging session; the driver must re-plug.",
        "A car is charging now.",
        "Sent once.",
        "Restart",
        "Keep running",
    ]
    await world.press(THE_LEAD, "Restart anyway")
    await world.fill(THE_LEAD, reason="The driver agreed on the telephone")

    assert world.restarts() == 1
    assert "Lead: Restart although a car is charging: The driver agreed on the telephone" in world.thread()


async def test_a_lead_may_do_so_while_the_other_one_is_promised_and_it_is_one_restart(world: World) -> None:
    await promised(world)

    await world.press(THE_LEAD, "Restart anyway")
    await world.fill(THE_LEAD, reason="The driver agreed")
    await the_car_leaves(world)
    await world.later(minutes=15)

    assert world.restarts() == 1


async def test_nobody_but_a_lead_may(world: World) -> None:
    await charging(world)

    for who in (SUPPORT, TECHNICIAN):
        await world.press(who, "Restart anyway")
        assert world.whispers(who)[-1] == "This is for a lead."
        assert world.town.slack.open_view(who) is None

    assert world.restarts() == 0


async def test_two_people_ask_for_it_at_once_and_it_is_one_restart(world: World) -> None:
    await charging(world)
    old = world.card().blocks
    await world.press(SUPPORT, "Restart when it ends")

    await world.press_late(OTHER_SUPPORT, "Restart when it ends", old)
    await the_car_leaves(world)
    await world.later(minutes=3)

    assert f"@{SUPPORT} was first" in world.whispers(OTHER_SUPPORT)[-1]
    assert world.restarts() == 1
    assert len(world.town.slack.messages(CHANNEL)) == 1


async def test_a_session_that_is_only_remembered_offers_the_restart_and_says_not_known(world: World) -> None:
    """At 02:58 a session was running; whether one is running now nobody knows."""
    await charging(world)
    world.town.portal.mood = Mood.DOWN
    await world.later(minutes=12)
    await world.press(SUPPORT, "Take")

    assert "Car charging? *NOT KNOWN*" in world.shown()
    assert "Restart station" in world.buttons()
    assert "Whether a car is charging is not known (data 12 min old)." in dialog(
        world.card().blocks, "Restart station"
    )
