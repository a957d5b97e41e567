"""The first day: what is already down becomes one list, and nobody's phone rings for it."""

from db import runs
from tests.stories.slack_text import words
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, World

BACK, LEFT = "CT4G-20544", "CT4G-11873"


def the_list(world: World) -> list[str]:
    """The lines of the list, which is the channel's first message."""
    return words(world.cards()[0].blocks).splitlines()


async def test_what_is_down_at_the_first_start_is_one_list_without_rings(world: World) -> None:
    for serial in (STATION, BACK, LEFT):
        world.town.fleet.set_fault(serial, "modem hang")
    world.later_at_once(hours=3)
    await world.house.deps.db.write(runs.begin, world.clock.now())
    await world.settle()
    await world.later(minutes=6)

    assert len(world.town.slack.messages(CHANNEL)) == 1
    first, how, *stations = the_list(world)
    assert first == "Down before Relink was first started: 3"
    assert how.endswith("take it: `/charger take SERIAL`")
    assert sorted(stations) == [
        "CT4G-11873 · Mall East · since 02:58",
        "CT4G-20117 · Pier 9 · since 02:58",
        "CT4G-20544 · Hill · since 02:58",
    ]

    assert f"{LEFT} is yours" in await world.type(SUPPORT, f"/charger take {LEFT}")
    assert world.state(LEFT) == "No contact since 02:58 · needs you"
    await world.mended(BACK)
    await world.later(minutes=3)
    assert the_list(world)[0] == "Down before Relink was first started: 1"
    assert the_list(world)[-1] == "Back by themselves: 1 · With a card of their own: 1"
    assert len(world.cards()) == 2

    await world.breaks(serial=BACK)
    await world.later(minutes=3)

    assert world.state(BACK).startswith("No contact. Watching until")
    assert the_list(world)[-1] == "With a card of their own: 2"
    assert world.rung() == []
    await world.later(minutes=30)
    assert {who for _, who in world.rung()} == {SUPPORT, OTHER_SUPPORT}
    assert world.restarts() == world.restarts(BACK) == world.restarts(LEFT) == 0
