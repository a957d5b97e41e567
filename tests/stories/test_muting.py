"""A station muted until a day: no ring whatever happens, and one when the day comes and somebody is waited for."""

from tests.world import OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

WHY = "Garage is rebuilt, no power until Tuesday"


async def muted(world: World, until: str = "2026-11-24") -> None:
    """Support mutes the station from the card's menu."""
    await world.press(SUPPORT, "More")
    await world.fill(SUPPORT, what="Mute station until...", reason=WHY, until=until)


async def unmuted(world: World, who: str = SUPPORT) -> None:
    """Somebody unmutes it from the same menu."""
    await world.press(who, "More")
    await world.fill(who, what="Unmute station")


async def test_card_and_thread_say_until_when_and_why(world: World) -> None:
    await world.silent_for_30_minutes()

    await muted(world)

    assert "*Station muted until 07:00*: nobody is called for it." in world.shown()
    assert world.thread()[-1] == f"Support 1 muted the station until 07:00: {WHY}"
    assert "Restart station" in world.buttons(), "it can still be worked on"


async def test_whoever_was_called_before_is_not_missed(world: World) -> None:
    await world.silent_for_30_minutes()
    before = len(world.rung())

    await muted(world)
    await world.later(minutes=30)

    assert world.rung()[before:] == []


async def test_muted_before_anybody_was_needed_nobody_is_called_at_minute_30(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await muted(world)

    await world.until("05:00")

    assert world.rung() == []
    assert world.state() == "No contact since 02:58 · needs you", "the card shows the truth all the same"
    assert world.thread()[-1] == "Still silent after 30 minutes."


async def test_when_it_ends_whoever_is_still_waited_for_is_called_once(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await muted(world, until="2026-11-22")

    await world.until("06:59")
    assert world.rung() == []
    await world.until("07:09")

    assert world.rung() == [("07:00", SUPPORT), ("07:00", OTHER_SUPPORT)]
    assert "still waits for somebody" in world.pushed(SUPPORT)[0]
    assert "muted" not in world.shown()
    await world.until("07:10")
    assert world.rung()[2:] == [("07:10", THE_LEAD)]


async def test_work_on_it_meanwhile_does_not_lose_the_call_at_the_end(world: World) -> None:
    await world.silent_for_30_minutes()
    await muted(world, until="2026-11-22")
    await world.press(SUPPORT, "Skip: call support")
    await world.fill(SUPPORT, reason="A restart cannot help there")
    before = len(world.rung())

    await world.until("06:59")
    assert world.rung()[before:] == []
    await world.until("07:01")

    assert world.rung()[before:] == [("07:00", SUPPORT)]


async def test_what_closed_meanwhile_calls_nobody_when_it_ends(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await muted(world, until="2026-11-22")
    await world.mended()

    await world.until("07:30")

    assert world.state().startswith("Closed")
    assert world.rung() == []


async def test_a_new_incident_of_the_station_calls_nobody_either(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await muted(world, until="2026-11-26")
    await world.mended()
    await world.later(hours=1)
    assert world.state().startswith("Closed")
    world.later_at_once(hours=25)
    await world.settle()

    await world.breaks()
    await world.later(hours=1)

    newest = world.cards()[-1]
    assert len(world.cards()) == 2
    assert "nobody is called for it" in str(newest.blocks)
    assert world.rung() == []


async def test_opened_again_it_calls_nobody_and_the_group_when_the_mute_ends(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await muted(world, until="2026-11-22")
    await world.mended()
    await world.later(hours=1)
    assert world.state().startswith("Closed")

    await world.breaks()
    await world.until("06:59")
    assert "down again" not in " ".join(world.broadcasts())
    assert world.rung() == []
    await world.until("07:01")

    assert [who for _, who in world.rung()] == [SUPPORT, OTHER_SUPPORT]


async def test_unmuted_by_its_owner_nobody_else_is_called(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    await muted(world)
    before = len(world.rung())

    await unmuted(world)
    await world.until("07:30")

    assert world.thread()[-1] == "Support 1 unmuted the station. It calls again."
    assert "muted" not in world.shown()
    assert world.rung()[before:] == []


async def test_unmuted_by_somebody_else_whoever_is_waited_for_is_called(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    await muted(world)
    before = len(world.rung())

    await unmuted(world, OTHER_SUPPORT)

    assert [who for _, who in world.rung()[before:]] == [SUPPORT]


async def test_parked_and_muted_it_calls_when_both_are_over(world: World) -> None:
    await world.silent_for_30_minutes()
    await muted(world, until="2026-11-23")
    await world.press(SUPPORT, "Park until 07:00")
    before = len(world.rung())

    await world.until("07:30")
    assert world.rung()[before:] == []
    await world.until("07:01")

    assert world.rung()[before:] == [("07:00", SUPPORT)]


async def test_unmuting_does_not_end_the_parking(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Park until 07:00")
    await muted(world)
    before = len(world.rung())

    await unmuted(world, OTHER_SUPPORT)
    assert world.rung()[before:] == []
    await world.until("07:01")

    assert world.rung()[before:] == [("07:00", SUPPORT)]


async def test_the_menu_offers_to_mute_or_to_unmute(world: World) -> None:
    await world.silent_for_30_minutes()
    await muted(world)

    await world.press(SUPPORT, "More")

    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    (what,) = (block["element"] for block in view.body["blocks"] if block["block_id"] == "what")
    labels = [option["text"]["text"] for option in what["options"]]
    assert labels == ["Close with reason", "Others down too", "Unmute station"]


async def test_only_support_mutes(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(TECHNICIAN, "More")

    assert world.town.slack.open_view(TECHNICIAN) is None
    assert world.whispers(TECHNICIAN) == ["Only support may do this. Ask whoever is on call."]


async def test_a_call_for_help_and_a_hand_over_ring_all_the_same(world: World) -> None:
    """Somebody who calls a person by hand means it."""
    await world.silent_for_30_minutes()
    await muted(world)
    before = len(world.rung())

    await world.press(SUPPORT, "Call for help")
    await world.fill(SUPPORT, help="Smoke on the camera")
    await world.type(SUPPORT, f"/charger handover {STATION} @Support 2")

    assert [who for _, who in world.rung()[before:]] == [THE_LEAD, OTHER_SUPPORT]
