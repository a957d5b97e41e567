"""A station reported by hand, typed or from a message's menu, and a mention where no command works."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.portal import Mood
from bot.demo.slack.workspace import User
from tests.stories.pairs import NewWorld
from tests.stories.slack_text import plain, words
from tests.world import CHANNEL, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

SHORTCUT = "report_charger"


@pytest.fixture
async def manual(new_world: NewWorld) -> AsyncIterator[World]:
    """No portal is connected."""
    async with new_world(by_hand=True) as one:
        yield one


async def report(world: World, who: str, said: str) -> None:
    """Somebody writes something in the channel, and `who` chooses "Report this charger" in its menu."""
    message = await world.town.slack.say(TECHNICIAN, CHANNEL, said)
    await world.town.slack.use_shortcut(who, SHORTCUT, channel=CHANNEL, ts=message.ts)
    await world.settle()


def prefilled(world: World, who: str) -> str:
    """The serial in the form in front of somebody."""
    view = world.town.slack.open_view(who)
    assert view is not None, "no form is open"
    element = view.body["blocks"][0]["element"]
    return str(element.get("initial_value", ""))


async def test_open_makes_an_incident_like_any_alert(world: World) -> None:
    world.town.fleet.set_fault(STATION, "modem hang")

    told = await world.type(SUPPORT, "/charger open ct4g-20117")

    assert told.startswith("Opened I-2026-0001 for CT4G-20117.")
    assert world.shown().startswith("CT4G-20117 · Garage B 4 · Pier 9")
    assert "Support 1 reported it by hand." in world.thread()[0]


async def test_open_of_a_sound_station_closes_by_itself(world: World) -> None:
    await world.type(SUPPORT, f"/charger open {STATION}")

    await world.later(hours=1)

    assert world.state().startswith("Closed")
    assert world.rung() == []


async def test_open_of_something_open_says_so_with_a_link_and_changes_nothing(world: World) -> None:
    await world.silent_for_30_minutes()
    shown, thread = world.shown(), world.thread()

    told = await world.type(TECHNICIAN, "/charger open 20117")

    assert told.startswith("CT4G-20117 is open already, as I-2026-0001.")
    assert f"p{world.card().ts.replace('.', '')}" in told
    assert (world.shown(), world.thread()) == (shown, thread)


async def test_open_within_a_day_of_closing_opens_the_same_incident_again(world: World) -> None:
    await world.type(SUPPORT, f"/charger open {STATION}")
    await world.later(hours=1)

    told = await world.type(SUPPORT, f"/charger open {STATION}")

    assert told.startswith("I-2026-0001 of CT4G-20117 is open again.")


async def test_open_of_a_station_nobody_knows_says_how_to_send_it(world: World) -> None:
    told = await world.type(SUPPORT, "/charger open CT4G-99999")

    assert told.startswith("Relink has not heard of CT4G-99999, and the portal does not know it either.")
    assert "POST /alerts" in told
    assert world.cards() == []


async def test_open_while_the_portal_is_down_says_that_and_not_that_it_is_unknown(world: World) -> None:
    world.town.portal.mood = Mood.DOWN

    told = await world.type(SUPPORT, f"/charger open {STATION}")

    assert "the portal does not answer now" in told
    assert world.cards() == []


async def test_open_without_a_portal_needs_a_station_relink_knows(manual: World) -> None:
    told = await manual.type(SUPPORT, f"/charger open {STATION}")
    assert "no portal is connected" in told

    await manual.alert()
    await manual.log_and_close(SUPPORT, fix="false alarm")
    await manual.later(minutes=1)
    assert manual.state().startswith("Closed")

    assert "open again" in await manual.type(SUPPORT, f"/charger open {STATION}")


async def test_open_of_what_can_be_no_serial_is_refused(world: World) -> None:
    assert "This cannot be a serial." in await world.type(SUPPORT, "/charger open caf\u00e9")
    assert "Which station?" in await world.type(SUPPORT, "/charger open")


async def test_who_has_no_role_opens_nothing(world: World) -> None:
    world.town.slack.workspace.groups["S0LEAD"].members.clear()

    told = await world.type(THE_LEAD, f"/charger open {STATION}")

    assert told == "Only support, technicians and leads may report stations."
    assert world.cards() == []


async def test_a_message_is_reported_with_the_serial_it_names(world: World) -> None:
    await report(world, SUPPORT, "Driver called: the one at the lift (CT4G\u201320117?) is dead since 2 pm")
    assert prefilled(world, SUPPORT) == "CT4G-20117"

    await world.fill(SUPPORT, note="Display says Network Error")

    assert "Opened I-2026-0001 for CT4G-20117." in world.whispers(SUPPORT)[-1]
    assert "Support 1 reported it by hand: Display says Network Error" in world.thread()[0]


async def test_of_several_names_a_known_station_is_suggested(world: World) -> None:
    await world.alert("CT4G-20544")

    await report(world, SUPPORT, "INC-00012345: both CT4G-20544 and its neighbour")

    assert prefilled(world, SUPPORT) == "CT4G-20544"


async def test_a_message_without_a_serial_opens_an_empty_form(world: World) -> None:
    await report(world, SUPPORT, "The charger by the lift is dead")
    assert prefilled(world, SUPPORT) == ""

    await world.fill(SUPPORT, serial="20117 please")
    assert "Relink has not heard of 20117" in world.whispers(SUPPORT)[-1]


async def test_a_form_with_what_can_be_no_serial_stays_open(world: World) -> None:
    await report(world, SUPPORT, "dead")

    await world.fill(SUPPORT, serial="\u00e9\u00e9\u00e9")

    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    assert "cannot be a serial" in view.errors["serial"]


async def test_reported_twice_is_one_incident_and_the_words_are_kept(world: World) -> None:
    await world.alert()

    await report(world, TECHNICIAN, f"Look at {STATION}")
    await world.fill(TECHNICIAN, note="Antenna is off")

    assert len(world.cards()) == 2, "the card and the message"
    assert "is open already" in world.whispers(TECHNICIAN)[-1]
    assert world.thread()[-1] == "Tech 1 reported it by hand: Antenna is off"


async def test_who_has_no_role_gets_no_form(world: World) -> None:
    world.town.slack.workspace.groups["S0LEAD"].members.clear()

    await report(world, THE_LEAD, STATION)

    assert world.town.slack.open_view(THE_LEAD) is None
    assert world.whispers(THE_LEAD) == ["Only support, technicians and leads may report stations."]


async def test_a_mention_with_a_serial_is_answered_in_its_thread(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    await world.town.slack.mention(SUPPORT, CHANNEL, "how is 20117?", thread_ts=world.card().ts)
    await world.settle()

    answer = world.thread()[-1]
    assert answer.startswith("CT4G-20117 · Garage B 4 · Pier 9")
    assert "Online: no" in answer
    assert world.rung() == []


async def test_a_mention_outside_a_thread_begins_one(world: World) -> None:
    said = await world.town.slack.mention(SUPPORT, CHANNEL, f"status {STATION}")
    await world.settle()

    (answer,) = world.town.slack.thread(CHANNEL, said.ts)
    assert "Online: yes" in words(answer.blocks)


async def test_other_numbers_beside_the_serial_do_not_matter(world: World) -> None:
    await world.alert("CT4G-20118")

    said = await world.town.slack.mention(SUPPORT, CHANNEL, f"at 2pm, bay 18: is {STATION} down?")
    await world.settle()

    (answer,) = world.town.slack.thread(CHANNEL, said.ts)
    assert words(answer.blocks).startswith(STATION)


async def test_a_mention_that_cannot_be_answered_is_answered_to_its_author_alone(world: World) -> None:
    for text, sentence in (
        ("hello", "Which station? Write its serial beside my name."),
        ("CT4G-99999?", "Relink has not heard of CT4G-99999."),
    ):
        said = await world.town.slack.mention(SUPPORT, CHANNEL, text)
        await world.settle()

        assert world.town.slack.thread(CHANNEL, said.ts) == []
        assert sentence in world.whispers(SUPPORT)[-1]


async def test_people_of_other_workspaces_are_told_nothing(world: World) -> None:
    workspace = world.town.slack.workspace
    workspace.users["U0OUTSIDER"] = User("U0OUTSIDER", "Outsider", "T0OTHER")
    workspace.channels[CHANNEL].members.add("U0OUTSIDER")

    said = await world.town.slack.mention("U0OUTSIDER", CHANNEL, STATION)
    await world.settle()

    assert world.town.slack.thread(CHANNEL, said.ts) == []
    assert plain(world.whispers("U0OUTSIDER")[-1]).startswith("Only support, technicians and leads")


async def test_messages_that_mention_nobody_are_heard_and_not_answered(world: World) -> None:
    """They come because Relink must hear its own."""
    before = len(world.town.slack.messages(CHANNEL))

    await world.town.slack.say(SUPPORT, CHANNEL, f"{STATION} again")
    await world.settle()

    assert len(world.town.slack.messages(CHANNEL)) == before + 1
    assert world.town.slack.traffic[-1].status == 200
