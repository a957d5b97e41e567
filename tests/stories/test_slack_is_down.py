"""Slack's bad hours: nothing is lost, nothing is posted twice, and Slack's pace is kept."""

from collections import Counter

from bot.messages.pace import Paces
from tests.stories.outside import Trouble
from tests.stories.pairs import NewWorld
from tests.stories.slack_text import words
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, World

OTHER_STATION = "CT4G-11502"


async def test_alerts_are_taken_while_slack_is_down_and_the_card_arrives_once(world: World) -> None:
    world.outside.trouble = Trouble.DOWN
    await world.breaks()
    await world.later(minutes=10)
    await world.patience(seconds=20)
    assert world.town.slack.messages(CHANNEL) == []

    world.outside.trouble = None
    await world.patience(seconds=120)

    assert world.state() == "No contact. Watching until 03:28."
    assert len(world.town.slack.messages(CHANNEL)) == 1
    assert len(world.thread()) == 2


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(world: World) -> None:
    world.outside.trouble = Trouble.LOSES_ANSWERS
    await world.breaks()
    await world.later(minutes=10)
    assert len(world.cards()) == 1, "Slack has it, Relink does not know"

    world.outside.trouble = None
    await world.patience(seconds=120)
    await world.patience(seconds=120)

    assert len(world.cards()) == 1
    assert world.state() == "No contact. Watching until 03:28."
    assert max(Counter(world.thread()).values()) == 1


async def test_a_ring_whose_answer_was_lost_rings_once(world: World) -> None:
    await world.breaks()
    await world.until("03:27")
    world.outside.trouble = Trouble.LOSES_ANSWERS
    await world.until("03:28")

    world.outside.trouble = None
    await world.patience(seconds=120)
    await world.later(minutes=5)

    assert [who for _, who in world.rung()] == [SUPPORT, OTHER_SUPPORT]


async def test_a_pause_slack_asks_for_is_kept(world: World) -> None:
    world.outside.trouble = Trouble.WANTS_A_PAUSE
    await world.breaks()
    await world.later(minutes=10)

    world.outside.trouble = None
    await world.patience(seconds=29)
    assert world.cards() == []
    await world.patience(seconds=2)

    assert len(world.cards()) == 1
    assert world.state() == "No contact. Watching until 03:28."


async def test_a_click_while_slack_is_down_counts_and_the_card_follows(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    world.outside.trouble = Trouble.DOWN

    await world.press(SUPPORT, "Restart station")
    assert world.restarts() == 1
    assert world.state() == "No contact since 02:58 · needs you"
    world.outside.trouble = None
    await world.patience(seconds=120)

    assert world.state() == "Restart taken by the portal 03:28"
    assert world.restarts() == 1


async def test_whom_slack_cannot_name_yet_is_told_so_and_the_button_is_there_still(world: World) -> None:
    await world.silent_for_30_minutes()
    world.outside.trouble = Trouble.DOWN

    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 0
    assert "Slack does not say who you are right now" in world.whispers(SUPPORT)[-1]
    world.outside.trouble = None
    await world.patience(seconds=120)
    await world.press(SUPPORT, "Restart station")
    assert world.restarts() == 1


async def test_a_deleted_card_is_posted_anew(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.house.deps.slack.chat_delete(channel=CHANNEL, ts=world.card().ts)
    assert world.cards() == []

    await world.mended()
    await world.later(minutes=3)
    await world.patience(seconds=60)

    assert len(world.cards()) == 1
    assert world.state().startswith("Back")


async def test_a_dozen_stations_at_once_arrive_at_slacks_pace_each_once(new_world: NewWorld) -> None:
    async with new_world(paces=Paces()) as world:
        serials = [row["serial"] for row in world.town.fleet.stations()]
        for serial in serials:
            await world.breaks(serial=serial)
        await world.later(minutes=10)
        for _ in range(90):
            await world.patience(seconds=1)

        assert sorted(card.text.split()[0] for card in world.cards()) == sorted(serials)
        assert all(len(world.thread(serial)) == 2 for serial in serials)
        assert all(world.state(serial) == "No contact. Watching until 03:28." for serial in serials)
        refused = [exchange.name for exchange in world.town.slack.traffic if exchange.status == 429]
        assert refused == []


async def test_long_without_slack_and_then_without_the_channel_what_matters_comes_and_is_told_once(
    new_world: NewWorld,
) -> None:
    """Nobody is a lead here, so support is told what leads would be."""
    async with new_world(lead_group="") as world:
        world.outside.trouble = Trouble.DOWN
        await world.breaks()
        await world.breaks(serial=OTHER_STATION)
        await world.until("03:35")
        await world.mended(OTHER_STATION)
        await world.until("04:30")
        assert world.cards() == []

        world.outside.trouble = None
        for _ in range(3):
            await world.patience(seconds=60)

        told, card = world.cards()
        assert told.text.startswith("Slack could not be reached")
        assert "Opened and closed meanwhile: 1, without a card." in words(told.blocks)
        assert OTHER_STATION in words(told.blocks)
        assert card.text.startswith(STATION)
        twice = [SUPPORT, OTHER_SUPPORT] * 2
        assert [who for _, who in world.rung()] == twice, "called, and called as the leads; for what is open"
        assert "recovered by itself" in await world.type(SUPPORT, f"history {OTHER_STATION}")

        channel = world.town.slack.workspace.channels[CHANNEL]
        channel.is_archived = True
        await world.press(SUPPORT, "Take")
        assert [len(notes(world, who)) for who in (SUPPORT, OTHER_SUPPORT)] == [1, 1]
        channel.is_archived = False
        await world.patience(seconds=300)
        assert "Support 1" in world.thread()[-1]


def notes(world: World, who: str) -> list[str]:
    """What somebody was told in a direct message."""
    im = world.town.slack.im(who)
    return [words(each.blocks) for each in world.town.slack.messages(im)] if im else []
