"""Before 0 V is proved on every circuit the words of the cabinet stand nowhere in Slack, and nowhere in the log."""

from structlog.testing import capture_logs

from tests.cabinet_text import cabinet_sentences, leaked
from tests.stories.overhearing import heard, pushed, readable, sent
from tests.stories.slack_text import words
from tests.stories.visiting import UNLOCK, ZERO, do, locked, press, told, visit_card
from tests.world import CHANNEL, SUPPORT, TECHNICIAN, THE_LEAD, World

QUESTIONS = ("next CT4G-20117", "status CT4G-20117", "history CT4G-20117", "mine", "flagged", "help")


async def everybody_asks(world: World) -> None:
    """Every way to ask for what is next."""
    for who in (TECHNICIAN, SUPPORT, THE_LEAD):
        for question in QUESTIONS:
            await world.type(who, question)
        await world.type(who, "note CT4G-20117 what is next?")
        await world.town.slack.mention(who, CHANNEL, "CT4G-20117 what is next?")
        await world.settle()


async def test_no_word_of_the_cabinet_is_said_before_both_gates_are_open(world: World) -> None:
    with capture_logs() as log:
        await locked(world)
        await everybody_asks(world)
        await do(world, "Enter readings", **ZERO)
        await everybody_asks(world)

        assert leaked([*heard(world), *readable(world), log]) == []

        await do(world, "Enter readings", **ZERO)

        assert set(leaked([visit_card(world).blocks])) == cabinet_sentences()
        opened = len(world.town.slack.traffic)
        await everybody_asks(world)
        assert leaked([*pushed(world), *sent(world, opened), log]) == []
        elsewhere = [one for who in (SUPPORT, THE_LEAD, TECHNICIAN) for one in world.whispers(who)]
        assert leaked([*elsewhere, world.card().blocks, *world.thread()]) == []


async def test_next_leads_the_technician_to_the_one_message_and_repeats_none_of_it(world: World) -> None:
    await locked(world)
    for _ in range(2):
        await do(world, "Enter readings", **ZERO)

    answer = await world.type(TECHNICIAN, "next CT4G-20117")

    card = visit_card(world)
    assert "gate open, open the card" in answer
    assert f"{card.channel}/p{card.ts.replace('.', '')}" in answer
    assert leaked([answer]) == []
    others = await world.type(SUPPORT, "next CT4G-20117")
    assert card.channel not in others
    assert "LOCKED OUT" in others


async def test_with_the_panel_closed_no_word_of_the_cabinet_is_left(world: World) -> None:
    with capture_logs() as log:
        await locked(world)
        for _ in range(2):
            await do(world, "Enter readings", **ZERO)
        for label in ("Panel is off", "Fine", "Fine"):
            await press(world, label)
        open_now = len(world.town.slack.traffic)
        await press(world, "Panel is closed")

        assert "Restore power" in told(world)
        await do(world, "Enter lock off", **UNLOCK)
        await everybody_asks(world)
        assert leaked([*readable(world), *sent(world, open_now), *pushed(world), log]) == []
    im = world.town.slack.im(TECHNICIAN) or ""
    assert len([one for one in world.town.slack.messages(im) if "LTE" in words(one.blocks)]) <= 1
