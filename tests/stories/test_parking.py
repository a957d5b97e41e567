"""Parked until the morning: whoever waits for support sleeps, and is called at 07:00 where the sites are."""

from datetime import UTC, datetime

import pytest

from tests.stories.pairs import NewWorld
from tests.world import OTHER_SUPPORT, STATION, SUPPORT, THE_GROUP, THE_LEAD, World


async def parked(world: World, fault: str = "modem hang") -> int:
    """Somebody is asked for a restart and parks it; how many phones had rung by then."""
    await world.silent_for_30_minutes(fault)
    await world.press(SUPPORT, "Park until 07:00")
    return len(world.rung())


async def test_parked_it_is_the_parkers_and_nobody_else_is_missed(world: World) -> None:
    before = await parked(world)

    assert f"Owner: @{SUPPORT}" in world.shown()
    assert "*Parked until 07:00*: nobody is called before that." in world.shown()
    assert world.thread()[-1] == "Support 1 parked it until 07:00. Nobody is called before that."
    assert "Park until 07:00" not in world.buttons()
    assert world.buttons()[:2] == ["Restart station", "Skip: call support"], "it can still be worked on"
    await world.later(minutes=11)
    assert world.rung()[before:] == [], "the leads are not called for it either"


async def test_at_seven_the_owner_is_called_once(world: World) -> None:
    before = await parked(world)

    await world.until("06:59")
    assert world.rung()[before:] == []
    await world.until("07:30")

    assert world.rung()[before:] == [("07:00", SUPPORT)]
    assert world.thread()[-1] == f"@{SUPPORT} CT4G-20117, Pier 9: still waits for somebody. What now?"
    assert "Parked" not in world.shown()
    assert "Park until 07:00" in world.buttons()


async def test_seven_is_seven_where_the_sites_are(new_world: NewWorld) -> None:
    async with new_world(site_timezone="America/New_York") as world:
        before = await parked(world)

        assert "*Parked until 12:00*" in world.shown(), "12:00 UTC is 07:00 in New York"
        await world.until("11:59")
        assert world.rung()[before:] == []
        await world.until("12:01")
        assert world.rung()[before:] == [("12:00", SUPPORT)]


@pytest.mark.parametrize(
    ("night", "seven"),
    [
        pytest.param(datetime(2027, 3, 14, 3, 0, tzinfo=UTC), "11:00", id="the night is an hour shorter"),
        pytest.param(datetime(2027, 11, 7, 3, 0, tzinfo=UTC), "12:00", id="the night is an hour longer"),
        pytest.param(
            datetime(2027, 11, 7, 5, 0, tzinfo=UTC), "12:00", id="parked in the hour that comes twice"
        ),
    ],
)
async def test_seven_is_seven_in_the_night_of_a_clock_change(
    new_world: NewWorld, night: datetime, seven: str
) -> None:
    async with new_world(site_timezone="America/New_York") as world:
        world.later_at_once(seconds=(night - world.clock.now()).total_seconds())
        await world.settle()
        before = await parked(world)
        hour = int(seven[:2])

        assert f"*Parked until {seven}*" in world.shown()
        await world.until(f"{hour - 1}:59")
        assert world.rung()[before:] == []
        await world.until(f"{hour}:01")
        assert world.rung()[before:] == [(seven, SUPPORT)]


async def test_parked_after_seven_is_until_tomorrow(world: World) -> None:
    world.later_at_once(hours=5)
    before = await parked(world)

    assert world.thread()[-1].startswith("Support 1 parked it until 07:00.")
    await world.until("06:59")
    assert world.rung()[before:] == []
    await world.until("07:01")
    assert world.rung()[before:] == [("07:00", SUPPORT)]


async def test_who_parks_what_somebody_else_has_leaves_it_theirs(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    await world.press(OTHER_SUPPORT, "Park until 07:00")
    before = len(world.rung())

    await world.until("07:00")

    assert world.rung()[before:] == [("07:00", SUPPORT)]


async def test_a_move_by_anybody_ends_it(world: World) -> None:
    before = await parked(world, "restart not deliverable")

    await world.press(OTHER_SUPPORT, "Restart station")

    assert "Parked" not in world.shown()
    assert world.rung()[before:] == [("03:28", SUPPORT)], "not delivered: the owner is called as ever"
    await world.until("07:05")
    assert world.rung()[before + 1 :] == [], "and not once more in the morning"


async def test_what_relink_does_itself_wakes_nobody_and_the_morning_call_stays(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")
    await world.press(SUPPORT, "Park until 07:00")
    before = len(world.rung())

    await world.mended()
    await world.later(minutes=10)
    assert "verifying" in world.state()
    assert "Back online. Verifying." in "\n".join(world.thread())
    await world.until("06:59")
    assert world.rung()[before:] == [], "back is no reason to wake anybody"
    await world.until("07:00")

    assert world.rung()[before:] == [("07:00", SUPPORT)], "the test session still waits"


async def test_what_heals_and_closes_by_itself_calls_nobody_in_the_morning(world: World) -> None:
    before = await parked(world)

    await world.mended()
    await world.until("07:05")

    assert world.state().startswith("Closed")
    assert world.rung()[before:] == []


async def test_down_again_after_it_was_back_calls_in_the_night(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    assert "log the repair" in world.state()
    await world.press(SUPPORT, "Park until 07:00")
    before = len(world.rung())

    await world.breaks("restart not deliverable")
    await world.later(minutes=40)

    assert "Parked" not in world.shown()
    assert [who for _, who in world.rung()[before:]] == [SUPPORT], "the log was parked, not a new trouble"


async def test_given_back_while_parked_calls_the_group_at_seven(world: World) -> None:
    before = await parked(world)

    await world.type(SUPPORT, f"/charger release {STATION}")
    assert world.rung()[before:] == []
    await world.until("07:00")

    assert world.rung()[before:] == [("07:00", SUPPORT), ("07:00", OTHER_SUPPORT)]
    assert world.thread()[-1].startswith(f"@{THE_GROUP} ")
    await world.until("07:10")
    assert world.rung()[before + 2 :] == [("07:10", THE_LEAD)], "as always when nobody takes it"


async def test_a_second_click_on_park_changes_nothing(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Park until 07:00")
    shown = world.shown()

    await world.press_late(OTHER_SUPPORT, "Park until 07:00", old)

    assert "already" in world.whispers(OTHER_SUPPORT)[-1]
    assert world.shown() == shown
    assert sum("parked it" in line for line in world.thread()) == 1


async def test_nobody_parks_what_waits_for_nobody(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    assert "Park until 07:00" not in world.buttons()


async def test_every_step_that_waits_for_support_can_be_parked(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    seen = {world.state(): "Park until 07:00" in world.buttons()}
    await world.press(SUPPORT, "Restart station")
    seen[world.state()] = "Park until 07:00" in world.buttons()
    await world.press(SUPPORT, "Enter answers")
    await world.fill(SUPPORT, active="yes", cap="no", carrier="no", defective="yes")
    seen[world.state()] = "Park until 07:00" in world.buttons()
    await world.press(SUPPORT, "SIM arrived")
    seen[world.state()] = "Park until 07:00" in world.buttons()
    await world.gives_up(SUPPORT, "Nothing to be done tonight")
    seen[world.state()] = "Park until 07:00" in world.buttons()

    assert len(seen) == 5
    assert all(seen.values()), seen


async def test_cannot_call_now_is_a_short_rest_that_can_be_made_a_long_one(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")
    before = len(world.rung())

    await world.press(SUPPORT, "Cannot call now")
    assert world.thread()[-1] == "Support 1: Cannot call now. Called again in 30 min."
    assert "call support" in world.state()
    await world.until("03:58")
    assert world.rung()[before:] == [("03:58", SUPPORT)]
    await world.press(SUPPORT, "Cannot call now")
    await world.press(SUPPORT, "Park until 07:00")
    await world.until("07:00")

    assert world.rung()[before + 1 :] == [("07:00", SUPPORT)]
