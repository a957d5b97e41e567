"""A car is charging: the restart waits for the end of the session, and is whose who ordered it."""

from tests.stories.pairs import NewWorld
from tests.world import STATION, SUPPORT, World


async def test_relink_restarts_when_the_car_has_left_and_says_who_ordered_it(world: World) -> None:
    world.town.fleet.set_session(STATION, running=True)
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart when it ends")
    await world.later(minutes=6)
    assert world.restarts() == 0

    world.town.fleet.set_session(STATION, running=False)
    await world.later(minutes=3)

    assert world.restarts() == 1
    assert "Restart taken by the portal" in world.state()
    assert f"Restart by @{SUPPORT} 03:37, ordered 03:28 for the end of the session" in world.shown()
    assert world.thread()[-1] == "The session has ended. Restart, sent once."
    await world.later(minutes=3)
    assert "verifying" in world.state()


async def test_a_restart_that_waited_goes_into_the_log(new_world: NewWorld) -> None:
    async with new_world() as world:
        world.town.fleet.set_session(STATION, running=True)
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Restart when it ends")
        world.town.fleet.set_session(STATION, running=False)
        await world.later(minutes=6)
        await world.press(SUPPORT, "Waive: nobody on site")
        await world.log_and_close(SUPPORT)

        log = world.thread()[-1]
    assert "modem power cycle" in log
