"""Who has it: a press or the first action; nobody for ten minutes after the ring: the leads are called."""

from tests.world import OTHER_SUPPORT, SUPPORT, THE_LEAD, World


async def test_take_makes_somebody_the_owner_before_anybody_is_rung(world: World) -> None:
    await world.breaks()
    await world.until("03:15")

    await world.press(SUPPORT, "Take")

    assert f"Owner: @{SUPPORT}" in world.shown()
    assert "Take" not in world.buttons()
    assert world.thread()[-1] == "Support 1 took it."
    assert world.state() == "No contact. Watching until 03:28."
    await world.until("03:28")
    assert world.rung() == [("03:28", SUPPORT)], "the owner is called, not the group"


async def test_the_first_action_takes_ownership_and_a_later_one_does_not(world: World) -> None:
    await world.breaks()
    await world.until("03:15")
    await world.press(SUPPORT, "Stop waiting")
    await world.press(OTHER_SUPPORT, "Restart station")

    assert f"Owner: @{SUPPORT}" in world.shown()
    await world.breaks()
    await world.later(minutes=3)
    assert world.rung() == [("03:18", SUPPORT)]


async def test_a_second_taker_is_told_who_has_it(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Take")

    await world.press_late(OTHER_SUPPORT, "Take", old)

    assert f"@{SUPPORT}" in world.whispers(OTHER_SUPPORT)[-1]
    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_not_taken_for_ten_minutes_after_the_ring_calls_the_leads_once(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=9, seconds=59)
    assert world.town.slack.pushes(THE_LEAD) == []

    await world.later(seconds=1)
    await world.later(hours=2)

    assert world.rung()[2:] == [("03:38", THE_LEAD)]
    assert world.broadcasts() == ["@S0LEAD CT4G-20117, Pier 9: nobody has taken it for 10 min."]


async def test_taken_in_time_the_leads_sleep(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=9)

    await world.press(SUPPORT, "Take")
    await world.later(hours=1)

    assert world.town.slack.pushes(THE_LEAD) == []
    assert world.broadcasts() == []


async def test_acted_on_in_time_the_leads_sleep_too(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=9)

    await world.press(SUPPORT, "Restart station")
    await world.later(hours=1)

    assert world.town.slack.pushes(THE_LEAD) == []


async def test_healed_before_anybody_took_it_the_leads_sleep_too(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=5)

    await world.mended()
    await world.later(hours=1)

    assert world.town.slack.pushes(THE_LEAD) == []
    assert world.state().startswith("Closed")


async def test_a_note_is_no_action_and_takes_nothing(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(SUPPORT, "Add note")
    await world.fill(SUPPORT, note="Site called, nobody answers")

    assert "Owner: nobody yet" in world.shown()
    assert "Take" in world.buttons()
