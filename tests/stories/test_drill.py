"""A drill from the command to the repair log: marked everywhere, real nowhere, and nobody else is called."""

from tests.stories.pairs import NewWorld
from tests.stories.slack_text import labels, plain, words
from tests.world import CHANNEL, SUPPORT, TECHNICIAN, THE_LEAD, World


def drill_card(world: World, serial: str = "DRILL-0001") -> str:
    """The ts of the drill's card."""
    (card,) = (card for card in world.cards() if card.text.startswith(f"DRILL · {serial}"))
    return card.ts


def lines(world: World) -> list[str]:
    """The thread of the drill, oldest first."""
    return [words(line.blocks) for line in world.town.slack.thread(CHANNEL, drill_card(world))]


def shown(world: World) -> str:
    """All words of the drill's card."""
    (card,) = (card for card in world.cards() if card.ts == drill_card(world))
    return words(card.blocks)


async def press(world: World, label: str, who: str = SUPPORT) -> None:
    """Whoever began it presses a button of the card."""
    await world.town.slack.press(who, label, channel=CHANNEL, ts=drill_card(world))
    await world.settle()


async def test_a_drill_is_played_to_its_end(world: World) -> None:
    answer = await world.type(SUPPORT, "/charger drill")
    assert "Drill I-2026-0001: DRILL-0001 is down." in answer
    assert shown(world).splitlines()[:2] == [
        "DRILL · DRILL-0001 · Practice station of Support 1",
        "*No contact since 02:27 · needs you*",
    ]
    assert f"only @{SUPPORT} is called" in shown(world)
    assert "still running" in await world.type(SUPPORT, "/charger drill")
    assert "DRILL · DRILL-0001" in await world.type(SUPPORT, "/charger mine")

    await press(world, "Restart station")
    await world.later(minutes=3)
    assert "Back 03:01 · verifying" in shown(world)
    await press(world, "Waive: nobody on site")
    await press(world, "Log the repair")
    await world.fill(SUPPORT, fix="modem power cycle", note="Well done.")

    assert "Closed 03:01 · 34 min without contact" in shown(world)
    thread = lines(world)
    assert all(line.startswith("DRILL · ") for line in thread)
    assert thread[0].startswith("DRILL · Support 1 began a drill: the station is simulated")
    assert thread[-1].startswith("DRILL · Repair log I-2026-0001")
    assert "No incident yet" in await world.type(SUPPORT, "/charger history DRILL-0001")
    assert "No modem is flagged" in await world.type(SUPPORT, "/charger flagged")
    # Nobody else's phone, no other station, no real portal.
    assert {who for _, who in world.rung()} == {SUPPORT}
    assert all(push.startswith("DRILL · ") for push in world.pushed(SUPPORT))
    assert [question for _, question in world.outside.questions if "DRILL" in question.upper()] == []
    assert sum(world.restarts(serial) for serial in ("CT4G-20117", "CT4G-20544")) == 0

    again = await world.type(SUPPORT, "/charger drill")
    assert "DRILL-0001 is down" in again
    assert "I-2026-0001" not in again


async def test_a_drill_needs_no_portal_sends_nobody_and_ends_by_itself(new_world: NewWorld) -> None:
    async with new_world(by_hand=True) as world:
        await world.type(THE_LEAD, "/charger drill")
        assert "Only support may do this" in await world.type(TECHNICIAN, "/charger drill")
        await world.type(SUPPORT, "/charger drill")
        assert "DRILL-0002" in world.pushed(SUPPORT)[0]
        (card,) = (card for card in world.cards() if card.text.startswith("DRILL · DRILL-0001"))
        assert "Restart station" in labels(card.blocks)
        await press(world, "Skip: call support", THE_LEAD)
        await world.fill(THE_LEAD, reason="to see what follows")
        await press(world, "No answer, later", THE_LEAD)
        assert "nobody is sent" in words(card.blocks)

        await press(world, "Choose technician", THE_LEAD)
        assert "This is a drill: nobody is sent to a station" in world.whispers(THE_LEAD)[-1]
        assert world.town.slack.open_view(THE_LEAD) is None
        world.later_at_once(hours=24)
        await world.settle()

        assert "Closed 02:58" in words(card.blocks)
        assert plain(card.text) == "DRILL · DRILL-0001: closed, could not complete."
        thread = [words(line.blocks) for line in world.town.slack.thread(CHANNEL, card.ts)]
        assert "DRILL · Gave up: Nobody ended this drill for 24 hours." in thread
        assert {who for _, who in world.rung()} == {THE_LEAD, SUPPORT}
