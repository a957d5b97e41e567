"""Who may do what is asked at the click, of Slack, and a refusal is a sentence only that person sees."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.slack.workspace import User
from tests.stories import visiting
from tests.stories.outside import Trouble
from tests.stories.pairs import NewWorld
from tests.stories.visiting import SIGNAL, do, visit_needed
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

OWN_ONLY = "As a guest you act on your own visits only."
STRANGER, GUEST, NAMED_GUEST, OUTSIDER = "U0STRANGER", "U0GUEST", "U0NAMED", "U0OUTSIDER"


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """A channel in which more people read along than may act."""
    support, technicians = f"S0SUPPORT,{NAMED_GUEST},{OUTSIDER}", f"S0TECH,{NAMED_GUEST}"
    async with new_world(support_group=support, technician_group=technicians) as one:
        workspace = one.town.slack.workspace
        for user in (
            User(STRANGER, "Stranger", workspace.team_id),
            User(GUEST, "Guest", workspace.team_id, is_restricted=True),
            User(NAMED_GUEST, "Named Guest", workspace.team_id, is_restricted=True),
            User(OUTSIDER, "Outsider", "T0OTHER"),
        ):
            workspace.users[user.id] = user
            workspace.channels[CHANNEL].members.add(user.id)
        workspace.groups["S0SUPPORT"].members += [GUEST, OUTSIDER]
        yield one


@pytest.mark.parametrize("button", ["Restart station", "Take"])
async def test_who_is_no_support_changes_nothing_and_is_told_so(world: World, button: str) -> None:
    await world.silent_for_30_minutes()
    before = world.shown(), world.thread(), world.rung()

    for who in (TECHNICIAN, STRANGER, GUEST, NAMED_GUEST, OUTSIDER):
        await world.press(who, button)

        (told,) = world.whispers(who)
        assert "support" in told or (who == NAMED_GUEST and told == OWN_ONLY)
        assert (world.shown(), world.thread(), world.rung()) == before, who
    assert world.restarts() == 0


async def test_who_may_not_act_is_not_even_asked_to_type(world: World) -> None:
    await world.silent_for_30_minutes()

    for who in (STRANGER, GUEST, OUTSIDER):
        for entry in ("Add note", "Correct an answer", "Call for help", "More", "Skip: call support"):
            await world.press(who, entry)

        assert world.town.slack.open_view(who) is None
        assert len(world.whispers(who)) == 5


async def test_a_lead_may_do_what_support_may(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(THE_LEAD, "Restart station")

    assert world.restarts() == 1
    assert f"Owner: @{THE_LEAD}" in world.shown()


async def test_a_guest_named_by_id_is_refused_where_the_visit_is_not_theirs(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    before = world.shown(), world.thread()

    for entry in ("Enter test session", "Add note", "Call for help", "Correct an answer"):
        await world.press(NAMED_GUEST, entry)
    await world.type(NAMED_GUEST, f"/charger open {STATION}")

    assert world.whispers(NAMED_GUEST) == [OWN_ONLY] * 5
    assert world.town.slack.open_view(NAMED_GUEST) is None
    assert (world.shown(), world.thread()) == before


async def test_a_guest_named_by_id_is_the_technician_of_their_own_visit(world: World) -> None:
    await visit_needed(world)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=NAMED_GUEST)
    await visiting.press(world, "Accept", NAMED_GUEST)
    await visiting.press(world, "I am on site", NAMED_GUEST)

    await do(world, "Enter what you see", NAMED_GUEST, **SIGNAL)

    assert "Entered: 3 bars." in visiting.told(world, NAMED_GUEST)
    assert world.whispers(NAMED_GUEST) == []


async def test_a_role_taken_away_between_card_and_click_counts_within_a_minute(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    world.town.slack.workspace.groups["S0SUPPORT"].members.remove(SUPPORT)

    await world.patience(seconds=60)
    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 0
    assert world.whispers(SUPPORT) == ["This is for support."]


async def test_a_role_given_counts_within_a_minute(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(STRANGER, "Restart station")
    world.town.slack.workspace.groups["S0SUPPORT"].members.append(STRANGER)

    await world.patience(seconds=60)
    await world.press(STRANGER, "Restart station")

    assert world.restarts() == 1


async def test_somebody_deactivated_may_do_nothing_after_five_minutes(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Take")
    world.town.slack.workspace.users[SUPPORT].is_restricted = True

    await world.patience(seconds=5 * 60)
    await world.press_late(SUPPORT, "Restart station", old)

    assert world.restarts() == 0


async def test_while_slack_cannot_say_who_somebody_is_nothing_is_done(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    world.outside.trouble = Trouble.DOWN

    await world.press(OTHER_SUPPORT, "Restart station")

    assert world.restarts() == 0
    assert "Slack does not say who you are right now" in world.whispers(OTHER_SUPPORT)[-1]


async def test_who_was_known_before_may_go_on_while_slack_says_nothing(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    world.outside.trouble = Trouble.DOWN

    await world.patience(seconds=10 * 60)
    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 1
