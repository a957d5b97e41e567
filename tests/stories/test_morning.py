"""The morning digest over the whole world: at its hour, in its channel, for whoever asks, ringing nobody."""

from bot.demo.slack.talk import Message
from tests.stories.pairs import NewWorld
from tests.stories.slack_text import words
from tests.world import CHANNEL, MINUTE, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

OTHER = "CT4G-20544"


def digests(world: World) -> list[Message]:
    """The digests in the channel."""
    return [
        message for message in world.cards() if " UTC" in message.text and not message.text.startswith("CT")
    ]


async def at_seven(world: World) -> None:
    """The clock jumps to 07:00; what became due meanwhile happens then."""
    now = world.clock.now()
    world.clock.move(now.replace(hour=7, minute=0, second=0) - now)
    await world.settle()


async def test_at_seven_the_night_is_told_with_a_chart_and_nobody_is_rung(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Take")
        world.town.slack.workspace.users[SUPPORT].deleted = True
        await world.patience(301)
        rung = len(world.rung())
        await world.later(minutes=5)
        assert digests(world) == []

        await at_seven(world)

        (digest,) = digests(world)
        assert digest.text == "Sunday 22 Nov, 07:00 UTC: 1 down, 1 needs a decision today."
        told = words(digest.blocks)
        assert f"• {STATION} Pier 9 · since 02:58 · restart station, Support 1 (left Slack)" in told
        assert "1 new, 0 closed" in told
        assert "Relink watches since 02:58" in told
        (chart,) = world.town.slack.thread(CHANNEL, digest.ts)
        assert chart.files[0].mimetype == "image/png"
        assert "still open 1" in chart.files[0].alt
        assert len(world.rung()) == rung

        await world.town.slack.press(TECHNICIAN, "Open list", channel=CHANNEL, ts=digest.ts)
        await world.settle()
        window = world.town.slack.open_view(TECHNICIAN)
        assert window is not None
        assert f"{STATION} Pier 9 · since 02:58 · restart station, @{SUPPORT}" in words(window.body["blocks"])
        assert len(world.rung()) == rung

        world.clock.move(16 * 60 * MINUTE)
        asked = await world.type(TECHNICIAN, "/charger digest")
        assert asked.splitlines()[0] == "Sunday 22 Nov, 23:00 UTC · 1 down"
        assert "Chart of 14 days" not in asked
        assert len(digests(world)) == 1, "once a day"


async def test_a_quiet_morning_says_how_many_were_heard_from(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        await world.breaks()
        await world.breaks(serial=OTHER)
        await world.later(minutes=12)
        await world.mended()
        await world.mended(OTHER)
        await world.later(minutes=45)

        await at_seven(world)

        (digest,) = digests(world)
        assert digest.text == "Sunday 22 Nov, 07:00 UTC: no station is down."
        told = words(digest.blocks)
        assert "*No station is down.* 2 of 2 heard from." in told
        assert "2 new, 2 closed: 2 by themselves" in told


async def test_a_flagged_modem_is_one_press_away_for_whoever_has_a_role(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Restart station")
        await world.later(minutes=3)
        await world.press(SUPPORT, "Waive: nobody on site")
        await world.log_and_close(SUPPORT)
        await at_seven(world)
        (digest,) = digests(world)
        slack = world.town.slack

        slack.workspace.groups["S0LEAD"].members.clear()
        await world.patience(seconds=61)
        await slack.press(THE_LEAD, "Flagged modems", channel=CHANNEL, ts=digest.ts)
        await world.settle()
        assert slack.open_view(THE_LEAD) is None
        assert world.whispers(THE_LEAD) == ["Only support, technicians and leads may ask for stations."]
        await slack.press(TECHNICIAN, "Flagged modems", channel=CHANNEL, ts=digest.ts)
        await world.settle()

        window = slack.open_view(TECHNICIAN)
        assert window is not None
        assert f"{STATION} · Pier 9: flagged" in words(window.body["blocks"])
        assert "Open list" not in str(digest.blocks), "no station is down"
