"""Call for help, others down too, and whose an incident becomes by the first thing somebody does to it."""

from collections.abc import Awaitable, Callable

import pytest

from tests.stories.test_remote_path import undelivered
from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, THE_LEAD, World

Act = Callable[[World], Awaitable[None]]


async def calls_for_help(world: World, who: str, words: str) -> None:
    """Somebody calls for help from the card's menu."""
    await world.press(who, "Call for help")
    await world.fill(who, help=words)


@pytest.mark.parametrize(("who", "name"), [(SUPPORT, "Support 1"), (TECHNICIAN, "Tech 1")])
async def test_help_rings_the_leads_and_is_shown_in_the_channel(world: World, who: str, name: str) -> None:
    await world.silent_for_30_minutes()
    before = len(world.rung())

    await calls_for_help(world, who, "Smoke at the cabinet")

    assert world.rung()[before:] == [("03:28", THE_LEAD)]
    said = f"@S0LEAD CT4G-20117, Pier 9: {name} calls for help: Smoke at the cabinet"
    assert world.thread()[-1] == said
    assert world.broadcasts() == [said]
    assert world.state() == "No contact since 02:58 · needs you", "the incident stands where it stood"


async def test_help_twice_rings_twice(world: World) -> None:
    await world.silent_for_30_minutes()
    before = len(world.rung())

    await calls_for_help(world, SUPPORT, "Smoke")
    await world.later(minutes=1)
    await calls_for_help(world, SUPPORT, "More smoke")

    assert [who for _, who in world.rung()[before:]] == [THE_LEAD, THE_LEAD]


async def test_hostile_words_in_a_call_for_help_ring_nobody_else(world: World) -> None:
    await world.silent_for_30_minutes()
    before = len(world.rung())

    await calls_for_help(world, SUPPORT, "<!channel> <@U0SUPPORT2> *now*")

    assert [who for _, who in world.rung()[before:]] == [THE_LEAD]
    assert "<!channel> <@U0SUPPORT2> *now*" in world.thread()[-1]


async def test_others_down_too_makes_it_an_outage_from_any_triage_step(world: World) -> None:
    await undelivered(world)

    await world.press(SUPPORT, "More")
    await world.fill(SUPPORT, what="Others down too")

    assert world.state() == "Likely a carrier outage · visit and restart held"
    assert world.thread()[-1] == "Support 1: Others are down too: likely a carrier outage."
    assert world.buttons()[0] == "Not an outage: dispatch", "a restart was tried"


async def test_others_down_too_while_it_is_only_watched(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    await world.press(OTHER_SUPPORT, "More")
    await world.fill(OTHER_SUPPORT, what="Others down too")
    await world.press(OTHER_SUPPORT, "Not an outage")

    assert world.state() == "No contact since 02:58 · needs you", "no restart was tried yet"
    assert world.rung() == []


async def test_an_outage_is_not_offered_during_one_nor_during_the_proof(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)

    await world.press(SUPPORT, "More")

    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    (what,) = (block["element"] for block in view.body["blocks"] if block["block_id"] == "what")
    assert "Others down too" not in [option["text"]["text"] for option in what["options"]]


async def by_skip(world: World) -> None:
    await world.press(OTHER_SUPPORT, "Skip: call support")
    await world.fill(OTHER_SUPPORT, reason="The site asked for it")


async def by_restart(world: World) -> None:
    await world.press(OTHER_SUPPORT, "Restart station")


async def by_parking(world: World) -> None:
    await world.press(OTHER_SUPPORT, "Park until 07:00")


async def by_more(world: World) -> None:
    await world.press(OTHER_SUPPORT, "More")
    await world.fill(OTHER_SUPPORT, what="Others down too")


@pytest.mark.parametrize("act", [by_skip, by_restart, by_parking, by_more])
async def test_the_first_action_takes_ownership(world: World, act: Act) -> None:
    await world.silent_for_30_minutes()

    await act(world)

    assert f"Owner: @{OTHER_SUPPORT}" in world.shown()
    assert "Take" not in world.buttons()
    before = len(world.rung())
    await world.later(minutes=11)
    assert THE_LEAD not in [who for _, who in world.rung()[before:]], "nobody is missed any more"


async def test_an_action_of_somebody_else_leaves_the_owner(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")

    await by_skip(world)

    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_a_note_takes_nothing(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(OTHER_SUPPORT, "Add note")
    await world.fill(OTHER_SUPPORT, note="I look at it at seven")

    assert "Owner: nobody yet" in world.shown()
