"""A restart did not help: the call to support, the SIM, the provider, the area, the visit (manual 4.1, 4 and 5)."""

from tests.world import OTHER_SUPPORT, STATION, SUPPORT, THE_LEAD, World

NOTHING_WRONG = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}


async def undelivered(world: World) -> None:
    """Support restarted a station that cannot be reached, and stands before the call."""
    await world.breaks("restart not deliverable")
    await world.later(minutes=31)
    await world.press(SUPPORT, "Restart station")


async def called(world: World, **answers: str) -> None:
    """ChargePoint Support answered the call."""
    await world.press(SUPPORT, "Enter answers")
    await world.fill(SUPPORT, **{**NOTHING_WRONG, **answers})


async def test_nothing_delivered_leads_to_the_call_with_what_to_say(world: World) -> None:
    await undelivered(world)

    assert "*1-888-758-4389*" in world.shown()
    assert f"serial {STATION}" in world.shown()
    assert "restart not delivered" in world.shown()
    assert world.buttons()[:2] == ["Enter answers", "No answer, later"]
    assert world.restarts() == 0


async def test_nothing_wrong_with_the_sim_and_no_others_down_leads_to_a_visit(world: World) -> None:
    await undelivered(world)
    await called(world)

    assert "visit needed" in world.state()
    assert "SMA torque wrench 5/16" in world.shown()
    await world.mended()
    await world.press(SUPPORT, "Enter visit results")
    await world.fill(SUPPORT, result="put right", fix="antenna reconnection", technician="Tech 1")
    await world.later(minutes=2)
    assert "verifying" in world.state()


async def test_a_defective_sim_is_ordered_and_the_owner_is_called_when_it_is_due(world: World) -> None:
    await undelivered(world)
    await called(world, defective="yes")
    assert "SIM defective" in world.state()

    await world.press(SUPPORT, "Shipped, due on...")
    await world.fill(SUPPORT, eta="2026-11-21")
    assert world.town.slack.open_view(SUPPORT) is not None, "a day that is over is refused on its field"
    await world.fill(SUPPORT, eta="2026-11-22")
    before = len(world.rung())
    await world.until("08:59")
    assert len(world.rung()) == before
    await world.until("09:00")
    assert world.rung()[before:] == [("09:00", SUPPORT)]

    await world.press(SUPPORT, "SIM arrived")
    assert "visit needed" in world.state()


async def test_until_a_day_is_entered_nobody_is_told_that_the_sim_is_due(world: World) -> None:
    await undelivered(world)
    before = len(world.rung())

    await called(world, defective="yes")
    await world.later(hours=2)

    assert world.rung()[before:] == [], "whoever made the call sees the card ask for the day"
    assert world.state() == "SIM defective · order a new one"
    assert not any("is due today" in line for line in world.thread())


async def test_a_data_cap_waits_for_the_provider_and_is_seen_when_it_is_lifted(world: World) -> None:
    await undelivered(world)
    await called(world, cap="yes")
    assert "Waiting for the provider" in world.state()

    before = world.rung()
    await world.mended()
    await world.later(minutes=62)
    assert "verifying" in world.state() or "log the repair" in world.state()
    assert world.rung() == before


async def test_a_carrier_issue_is_waited_for_and_a_lead_is_asked_after_four_hours(world: World) -> None:
    await undelivered(world)
    await called(world, carrier="yes")
    assert "Likely a carrier outage" in world.state()

    before = len(world.rung())
    await world.later(hours=3, minutes=58)
    assert len(world.rung()) == before
    await world.later(minutes=3)
    assert world.rung()[before:] == [("07:29", THE_LEAD)]
    await world.press(OTHER_SUPPORT, "Not an outage: dispatch")
    assert "visit needed" in world.state(), "a restart was tried already"


async def test_others_of_the_carrier_down_too_make_it_an_outage(world: World) -> None:
    await world.breaks("restart not deliverable", serial="CT4G-20118")
    await undelivered_beside(world)

    assert "Likely a carrier outage" in world.state(STATION)


async def undelivered_beside(world: World) -> None:
    """As `undelivered`, with another card in the channel."""
    await world.breaks("restart not deliverable")
    await world.later(minutes=31)
    card = world.card(STATION)
    await world.town.slack.press(SUPPORT, "Restart station", channel=card.channel, ts=card.ts)
    await world.settle()
    await world.town.slack.press(SUPPORT, "No answer, later", channel=card.channel, ts=card.ts)
    await world.settle()


async def test_back_during_the_call_calls_the_owner(world: World) -> None:
    """Whoever is on the telephone hears that it is over; nobody else does."""
    await undelivered(world)
    before = len(world.rung())

    await world.mended()
    await world.later(minutes=4)

    assert [who for _, who in world.rung()[before:]] == [SUPPORT]
