"""A portal in which only people can restart: Relink says where, asks what happened, and counts the 3 minutes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.portal.contract import Capability
from tests.stories.pairs import NewWorld
from tests.world import OTHER_SUPPORT, STATION, SUPPORT, World


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """The portal tells a station's status; restarting it is a person's work. Somebody is asked for it at 03:28."""
    async with new_world() as one:
        portal = one.town.portal
        portal.capabilities = replace(portal.capabilities, restart=Capability.MANUAL)
        await one.patience(61)
        await one.silent_for_30_minutes()
        yield one


def stamp(world: World, **ago: float) -> int:
    """A moment so long ago, as a picker sends it."""
    return int((world.clock.now() - timedelta(**ago)).timestamp())


async def restarted_outside(world: World) -> None:
    """Somebody restarted the station in the portal's own screens, and that helped."""
    await world.mended()


async def test_the_card_says_where_and_offers_what_may_have_happened(world: World) -> None:
    assert "In the portal: CT4G-20117 > Actions > Restart. Then press what happened." in world.shown()
    assert "The 3 minutes start when you press, or at the time you enter." in world.shown()
    assert world.buttons()[:7] == [
        "Open portal",
        "I sent it",
        "I sent it earlier",
        "Not offered",
        "It failed",
        "Cannot get in now",
        "Skip: call support",
    ]
    (portal,) = (
        element
        for block in world.card().blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element.get("text", {}).get("text") == "Open portal"
    )
    assert portal["url"] == f"https://portal.example/{STATION}"


async def test_open_portal_only_opens_the_portal(world: World) -> None:
    before = world.shown(), world.thread()

    await world.press(SUPPORT, "Open portal")

    assert (world.shown(), world.thread()) == before


async def test_sent_just_now_counts_from_the_click(world: World) -> None:
    await world.press(SUPPORT, "I sent it")

    assert world.state() == "Restart sent by hand 03:28"
    assert "Next look 03:31." in world.shown()
    assert f"Restart by @{SUPPORT} 03:28" in world.shown()
    await world.later(minutes=2)
    await restarted_outside(world)
    await world.until("03:31")
    assert world.state() == "Back 03:31 · verifying"
    assert world.restarts() == 0, "Relink itself restarted nothing"


async def test_sent_earlier_counts_from_the_time_that_was_entered(world: World) -> None:
    await world.later(minutes=2)

    await world.press(SUPPORT, "I sent it earlier")
    await world.fill(SUPPORT, at=stamp(world, minutes=2))

    assert world.thread()[-1] == "Support 1: Restart sent by hand in the portal at 03:28."
    assert world.state() == "Restart sent by hand 03:28"
    assert "Next look 03:31." in world.shown()
    await world.until("03:31")
    assert "call support" in world.state()
    assert "did not come back after the restart" in world.pushed(SUPPORT)[-1]
    assert "restart sent by hand 03:28." in world.shown(), "this is what ChargePoint Support is told"


async def test_sent_longer_ago_than_the_3_minutes_is_looked_at_at_once(world: World) -> None:
    await world.press(SUPPORT, "I sent it earlier")
    world.town.fleet.set_fault(STATION, None)
    world.later_at_once(seconds=1)

    await world.fill(SUPPORT, at=stamp(world, minutes=10))

    assert world.state() == "Back 03:28:01 · verifying"


@pytest.mark.parametrize(
    ("minutes_ago", "sentence"),
    [
        (-1, "This is in the future. When was it?"),
        (12 * 60 + 1, "This is more than 12 hours ago. Restart it anew."),
    ],
)
async def test_a_time_that_cannot_be_is_refused_on_its_field_and_kept(
    world: World, minutes_ago: float, sentence: str
) -> None:
    typed = stamp(world, minutes=minutes_ago)
    await world.press(SUPPORT, "I sent it earlier")

    await world.fill(SUPPORT, at=typed)

    assert world.wrong(SUPPORT) == {"at": sentence}
    assert world.state() == "No contact since 02:58 · needs you"
    await world.fill(SUPPORT, at=stamp(world, minutes=1))
    assert world.state() == "Restart sent by hand 03:27"


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("Not offered", "Support 1: The portal offers no restart."),
        ("It failed", "Support 1: The restart by hand failed."),
    ],
)
async def test_not_offered_and_failed_go_on_to_the_call(world: World, label: str, line: str) -> None:
    await world.press(SUPPORT, label)

    assert world.thread()[-1] == line
    assert world.state() == "No contact since 02:58 · call support"
    assert "no restart sent." in world.shown(), "what ChargePoint Support is told"
    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_cannot_get_in_now_calls_again_in_half_an_hour(world: World) -> None:
    before = len(world.rung())

    await world.press(SUPPORT, "Cannot get in now")
    assert world.thread()[-1] == "Support 1: Cannot get into the portal now. Called again in 30 min."
    assert "*Parked until 03:58*" in world.shown()
    assert world.state() == "No contact since 02:58 · needs you"
    await world.until("03:57")
    assert world.rung()[before:] == []
    await world.until("03:59")

    assert world.rung()[before:] == [("03:58", SUPPORT)]
    assert "I sent it" in world.buttons()


async def test_somebody_else_who_gets_in_ends_the_rest(world: World) -> None:
    before = len(world.rung())
    await world.press(SUPPORT, "Cannot get in now")

    await world.press(OTHER_SUPPORT, "I sent it")
    await restarted_outside(world)
    await world.until("04:10")

    assert world.rung()[before:] == []


async def test_sent_by_hand_it_is_no_answer_that_can_be_corrected(world: World) -> None:
    await world.press(SUPPORT, "I sent it")

    await world.press(SUPPORT, "Correct an answer")

    assert "Nobody has answered anything yet" in world.whispers(SUPPORT)[-1]


async def test_the_portal_learns_to_restart_and_the_button_comes_back(world: World) -> None:
    portal = world.town.portal
    portal.capabilities = replace(portal.capabilities, restart=Capability.AUTO)
    await world.patience(61)
    await world.later(minutes=3)
    await world.press(SUPPORT, "Take")

    assert world.buttons()[0] == "Restart station"
    assert "I sent it" not in world.buttons()


async def test_a_portal_without_any_restart_says_so(world: World) -> None:
    portal = world.town.portal
    portal.capabilities = replace(portal.capabilities, restart=Capability.NONE)
    await world.patience(61)
    await world.later(minutes=3)
    await world.press(SUPPORT, "Take")

    assert "This portal offers no restart." in world.shown()
    assert "I sent it" not in world.buttons()
    await world.press(SUPPORT, "Not offered")
    assert world.state() == "No contact since 02:58 · call support"
