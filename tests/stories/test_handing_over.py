"""Given back, handed over, by typed command and from the card's menu: who is called, who is not, who may."""

import pytest

from bot.demo.slack.workspace import User
from tests.stories.outside import Trouble
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_GROUP, THE_LEAD, World


async def taken(world: World) -> None:
    """Support 1 was called at 03:28 and has it."""
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")


async def test_taken_by_command_is_as_good_as_by_button(world: World) -> None:
    await world.silent_for_30_minutes()

    told = await world.type(SUPPORT, f"/charger take {STATION}")

    assert told.splitlines()[0] == "CT4G-20117 is yours."
    assert "Restart it?" in told
    assert "Open the card (https://" in told
    assert f"Owner: @{SUPPORT}" in world.shown()
    assert world.thread()[-1] == "Support 1 took it."


async def test_taken_without_a_serial_is_the_only_one_that_is_nobodys(world: World) -> None:
    await world.silent_for_30_minutes()

    assert "CT4G-20117 is yours." in await world.type(SUPPORT, "/charger take")


async def test_without_a_serial_several_are_listed_and_none_is_taken(world: World) -> None:
    await world.breaks()
    await world.breaks(serial="CT4G-20544")
    await world.later(minutes=12)

    told = await world.type(SUPPORT, "/charger take")

    assert told == "Nobody's incidents: CT4G-20117, CT4G-20544. Type the serial of the one you mean."
    assert "Owner: nobody" in world.shown()


async def test_a_second_taker_by_command_is_told_who_has_it(world: World) -> None:
    await taken(world)

    told = await world.type(OTHER_SUPPORT, f"/charger take {STATION}")

    assert f"@{SUPPORT} was first" in told
    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_given_back_where_somebody_is_needed_calls_the_group_once_and_then_the_leads(
    world: World,
) -> None:
    await taken(world)
    before = len(world.rung())

    told = await world.type(SUPPORT, "/charger release")
    assert "CT4G-20117 is nobody's now." in told
    assert world.thread()[-1] == (
        f"@{THE_GROUP} CT4G-20117, Pier 9: Support 1 gave it back, and it waits for somebody."
    )
    assert "Owner: nobody yet" in world.shown()
    assert "Take" in world.buttons()
    await world.later(minutes=10)

    called = [who for _, who in world.rung()[before:]]
    assert called == [SUPPORT, OTHER_SUPPORT, THE_LEAD]


async def test_given_back_while_it_is_only_watched_lets_everybody_sleep(world: World) -> None:
    await world.breaks()
    await world.until("03:15")
    await world.press(SUPPORT, "Take")

    await world.type(SUPPORT, "/charger release")

    assert world.rung() == []
    assert world.thread()[-1] == "Support 1 gave it back. Nobody has it; nobody is needed now."
    await world.until("03:28")
    assert [who for _, who in world.rung()] == [SUPPORT, OTHER_SUPPORT], "now the group is needed"


async def test_only_the_owner_or_a_lead_gives_it_back(world: World) -> None:
    await taken(world)

    told = await world.type(OTHER_SUPPORT, f"/charger release {STATION}")
    assert told == "Only its owner or a lead may give it back. The card says who has it."
    assert f"Owner: @{SUPPORT}" in world.shown()

    await world.type(THE_LEAD, f"/charger release {STATION}")
    assert "Owner: nobody yet" in world.shown()


@pytest.mark.parametrize("text", ["20117 @Support 2", "@Support 2 CT4G-20117", "@Support 2"])
async def test_handed_over_the_new_owner_is_called_and_the_old_one_is_not(world: World, text: str) -> None:
    await taken(world)
    before = len(world.rung())

    told = await world.type(SUPPORT, f"/charger handover {text}")

    assert f"CT4G-20117 is @{OTHER_SUPPORT}'s now." in told
    assert f"Owner: @{OTHER_SUPPORT}" in world.shown()
    assert [who for _, who in world.rung()[before:]] == [OTHER_SUPPORT]
    assert world.thread()[-1] == (
        f"@{OTHER_SUPPORT} CT4G-20117, Pier 9: Support 1 hands it over to you. The card says what is next."
    )


async def test_handed_over_from_the_cards_menu(world: World) -> None:
    await taken(world)
    before = len(world.rung())

    await world.press(SUPPORT, "Hand over")
    await world.fill(SUPPORT, to=THE_LEAD)

    assert f"Owner: @{THE_LEAD}" in world.shown()
    assert [who for _, who in world.rung()[before:]] == [THE_LEAD]
    assert world.town.slack.open_view(SUPPORT) is None


async def test_the_form_stays_open_with_a_sentence_where_somebody_cannot_have_it(world: World) -> None:
    await taken(world)

    await world.press(SUPPORT, "Hand over")
    await world.fill(SUPPORT, to=TECHNICIAN)

    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    assert "neither support nor lead" in view.errors["to"]
    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_who_may_not_hand_it_over_gets_no_form(world: World) -> None:
    await taken(world)

    await world.press(OTHER_SUPPORT, "Hand over")
    await world.press(TECHNICIAN, "Hand over")

    assert world.town.slack.open_view(OTHER_SUPPORT) is None
    assert world.town.slack.open_view(TECHNICIAN) is None
    assert "Only its owner or a lead may hand it over." in world.whispers(OTHER_SUPPORT)[-1]
    assert "Only support" in world.whispers(TECHNICIAN)[-1]


@pytest.mark.parametrize("whom", ["Guest", "Stranger", "Outsider", "Relink", "Tech 1"])
async def test_guests_strangers_bots_and_technicians_are_refused_in_plain_words(
    world: World, whom: str
) -> None:
    await taken(world)
    workspace = world.town.slack.workspace
    home = workspace.team_id
    for user in (
        User("U0GUEST", "Guest", home, is_restricted=True),
        User("U0STRANGER", "Stranger", home),
        User("U0OUTSIDER", "Outsider", "T0OTHER"),
    ):
        workspace.users[user.id] = user
        workspace.channels[CHANNEL].members.add(user.id)
    workspace.groups[THE_GROUP].members += ["U0GUEST", "U0OUTSIDER", "U0RELINK"]
    await world.patience(seconds=60)

    told = await world.type(SUPPORT, f"/charger handover {STATION} @{whom}")

    assert told == "This person is neither support nor lead right now, so nothing was handed over."
    assert f"Owner: @{SUPPORT}" in world.shown()


@pytest.mark.parametrize("whom", ["", "@Nobody Such", "@support", "@Support 2 @Lead"])
async def test_it_is_handed_to_exactly_one_person_from_slacks_list(world: World, whom: str) -> None:
    await taken(world)

    told = await world.type(SUPPORT, f"/charger handover {STATION} {whom}")

    assert told.startswith("To whom? Type /charger handover SERIAL @person")
    assert f"Owner: @{SUPPORT}" in world.shown()


async def test_while_slack_cannot_say_who_it_is_nothing_is_handed_over(world: World) -> None:
    await taken(world)
    world.outside.trouble = Trouble.DOWN

    told = await world.type(SUPPORT, f"/charger handover {STATION} @Support 2")

    assert told == "Slack does not say right now who that is, so nothing was handed over."


async def test_technicians_neither_take_nor_give_back_nor_hand_over(world: World) -> None:
    await taken(world)

    for command in ("take", "release", "handover"):
        told = await world.type(TECHNICIAN, f"/charger {command} {STATION} @Support 2")
        assert told == "Only support may do this. Ask whoever is on call."

    assert f"Owner: @{SUPPORT}" in world.shown()
