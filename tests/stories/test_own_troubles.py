"""Relink is ill itself: the leads hear of it once, by a direct message that says so when it is over."""

from datetime import timedelta
from typing import Any

import aiohttp

from bot.demo.portal import Mood
from tests.stories.direct import Direct
from tests.stories.outside import send_alert
from tests.stories.pairs import NewWorld
from tests.stories.slack_text import words
from tests.world import CHANNEL, OTHER_SUPPORT, SUPPORT, THE_LEAD, World

OTHER = "CT4G-20118"


async def looks(world: World, count: int = 2) -> None:
    """Relink looks at itself, a quarter of a minute apart."""
    for _ in range(count):
        world.real.move(timedelta(seconds=15))
        await world.house.watch.look()
        await world.house.settle()


def told(world: World) -> list[str]:
    """What the lead was told directly, as it stands now."""
    return [words(message.blocks) for message in Direct(world, THE_LEAD).all()]


def rang(world: World) -> list[str]:
    """Whose phone rang."""
    return [who for _, who in world.rung()]


async def readyz(world: World) -> dict[str, Any]:
    """What `/readyz` says."""
    async with aiohttp.ClientSession() as browser, browser.get(f"{world.address}/readyz") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def test_a_portal_that_cannot_be_read_is_one_notice_until_it_answers(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        world.town.portal.mood = Mood.DOWN
        await world.breaks()
        await world.later(minutes=10)
        await looks(world, 2)
        assert told(world) == [], "not within half a minute"
        await world.patience(seconds=60)
        await looks(world)
        assert rang(world) == [THE_LEAD]
        assert told(world)[0].startswith("*The portal cannot be read since 03:")
        assert "To do:" in told(world)[0]

        await looks(world, 20)
        assert rang(world) == [THE_LEAD], "once while it lasts"
        world.town.portal.mood = Mood.WELL
        await looks(world, 6)

        (said,) = told(world)
        assert "Over since" in said
        assert "To do:" not in said
        assert rang(world) == [THE_LEAD], "an edit rings nobody"
        assert len(world.cards()) == 1, "nothing of it in the channel"


async def test_late_checks_and_waiting_messages_are_told_once_each(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Restart station")
        await send_alert(world.address, world.town.secrets.alerts, world.clock.now(), OTHER)
        # Nothing runs any more but the look at itself.
        world.later_at_once(minutes=5)
        await world.house.watch.look()
        await world.house.watch.look()
        assert (await readyz(world))["troubles"] == ["timers", "outbox"]

        await world.settle()
        late, unsent = told(world)
        assert late.startswith("*Relink's checks run late since 03:28")
        assert unsent.startswith("*What Relink has to say in Slack waits since 03:28")
        await looks(world)
        assert all("Over since" in said for said in told(world))
        assert rang(world).count(THE_LEAD) == 2
        assert (await readyz(world))["troubles"] == []


async def test_a_process_that_slept_over_what_was_due_says_so_once(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        await world.silent_for_30_minutes()
        await world.press(SUPPORT, "Restart station")
        await looks(world)
        before = len(world.rung())
        world.later_at_once(minutes=75)
        world.real.move(timedelta(minutes=75))
        if world.house.sockets is not None:
            # The check may come before Relink looks at itself, or after.
            await world.settle()

        await looks(world, 4)

        assert world.state() == "Back 04:43 · verifying", "the check ran, late"
        (said,) = told(world)
        assert said.startswith("*Relink was down 03:28 to 04:43, 1 check ran late.*")
        assert [who for _, who in world.rung()[before:]] == [THE_LEAD]
        assert (await readyz(world))["down"].endswith(", 1 check ran late")


async def test_over_sockets_that_stay_away_the_leads_hear_of_it(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        slack, sockets = world.town.slack, world.house.sockets
        if sockets is None:
            return
        await sockets.end()
        await looks(world, 2)
        assert told(world) == []
        await world.patience(seconds=60)
        await looks(world, 3)

        (said,) = told(world)
        assert said.startswith("*Relink hears nothing from Slack since 0")
        assert rang(world) == [THE_LEAD]
        assert slack.messages(CHANNEL) == []


async def test_a_clock_ten_minutes_off_slacks_is_told(new_world: NewWorld) -> None:
    async with new_world(mornings=True) as world:
        assert await world.alert()
        slack = world.town.slack
        slack.ahead = -600.0
        await world.later(minutes=3)
        await world.patience(seconds=60)

        await looks(world, 3)

        (said,) = told(world)
        assert said.startswith("*The clock of Relink's machine is 10 min ahead.*")
        slack.ahead = 0.0
        await looks(world, 6)
        assert "Over since" in told(world)[0]
        assert set(rang(world)) <= {THE_LEAD, SUPPORT, OTHER_SUPPORT}
        assert rang(world).count(THE_LEAD) == 1
