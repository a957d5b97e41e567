"""What is answered at once, past the outbox, when Slack does not take the answer."""

import pytest

from tests.logged import logged
from tests.stories.outside import Trouble
from tests.world import CHANNEL, STATION, SUPPORT, World


@pytest.mark.parametrize("entry", ["Skip: call support", "Add note"])
async def test_a_form_slack_does_not_open_is_told_and_opens_at_the_next_press(
    world: World, entry: str
) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")  # and so it is known who this is
    world.outside.trouble = Trouble.DOWN

    await world.press(SUPPORT, entry)

    assert world.town.slack.open_view(SUPPORT) is None
    told = world.whispers(SUPPORT)[-1]
    assert told == "Slack does not say that it opened the form. If none is open, nothing was done: try again."

    world.outside.trouble = None
    await world.press(SUPPORT, entry)
    assert world.town.slack.open_view(SUPPORT) is not None


async def test_a_mention_that_cannot_be_answered_is_one_line_in_the_log(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")  # and so it is known who this is
    world.outside.trouble = Trouble.DOWN

    with logged() as log:
        for words in (STATION, "what is wrong?"):
            await world.town.slack.mention(SUPPORT, CHANNEL, words)
            await world.settle()

    lines = [line for line in log.getvalue().splitlines() if "not_told" in line]
    assert len(lines) == 2, log.getvalue()
    assert "Traceback" not in log.getvalue()
