"""One restart is free; more need a reason, and none ends a running session but by a lead."""

from tests.stories.pairs import NewWorld
from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, THE_LEAD, World


async def came_back_and_went_again(world: World) -> None:
    """Restarted, back, and offline again when the technician's test session fails."""
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.breaks()
    await world.press(TECHNICIAN, "Enter test session")
    await world.fill(
        TECHNICIAN, authentication="yes", start="no", energy="no", end="no", record="no", cause="connection"
    )


async def test_a_second_restart_needs_a_reason(world: World) -> None:
    await came_back_and_went_again(world)

    assert "Restart station" not in world.buttons()
    assert "One restart was sent already: a second one needs a reason." in world.shown()
    assert world.rung()[-1] == ("03:31", SUPPORT), "the verification failed"
    await world.press(SUPPORT, "Restart again")
    assert world.restarts() == 1
    await world.fill(SUPPORT, reason="Screen shows the old error")

    assert world.restarts() == 2
    assert world.thread()[-1] == "Support 1: Another restart: Screen shows the old error"


async def test_the_plain_restart_of_an_old_card_does_not_pass_as_the_second(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Restart station")
    await world.breaks()
    await world.later(minutes=3)

    await world.press_late(SUPPORT, "Restart station", old)

    assert world.restarts() == 1


async def test_a_reopened_incident_keeps_its_used_restart(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT)
    await world.later(hours=2)

    await world.silent_for_30_minutes()

    assert "Restart again" in world.buttons()
    assert "Restart station" not in world.buttons()


async def test_the_cool_down_belongs_to_the_station_not_to_the_incident(new_world: NewWorld) -> None:
    timings = {"reopen": "1 min", "restart_cool_down": "2 h"}
    async with new_world(timings=timings) as world:
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Restart station")
        await world.later(minutes=3)
        await world.press(SUPPORT, "Waive: nobody on site")
        await world.log_and_close(SUPPORT)
        await world.silent_for_30_minutes()
        first, second = world.cards()
        assert "closed" in first.text
        serial = second.text.split()[0]
        assert serial == "CT4G-20117"

        labels = [
            element["text"]["text"]
            for block in second.blocks
            for element in block.get("elements", [])
            if element["type"] == "button"
        ]
        assert labels[0] == "Restart again"


async def test_a_running_session_leaves_the_restart_to_a_lead_with_a_reason(world: World) -> None:
    world.outside.status_says = {"active_sessions": 1}
    await world.silent_for_30_minutes()

    assert "Car charging? *Yes*, 1 now. No restart while a session is running." in world.shown()
    assert "Restart station" not in world.buttons()
    await world.press(OTHER_SUPPORT, "Restart anyway")
    assert world.whispers(OTHER_SUPPORT) == ["This is for a lead."]
    assert world.town.slack.open_view(OTHER_SUPPORT) is None
    await world.press(THE_LEAD, "Restart anyway")
    await world.fill(THE_LEAD, reason="The driver asked for it")

    assert world.restarts() == 1
    assert world.thread()[-1] == "Lead: Restart although a car is charging: The driver asked for it"
