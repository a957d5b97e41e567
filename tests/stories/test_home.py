"""The Home tab: what needs whom, the way to the card, the buttons, and what happens on a bad day."""

from typing import Any

from structlog.testing import capture_logs

from bot.demo.stories import TECH_1
from tests.stories.at_home import AtHome
from tests.stories.direct import Direct
from tests.stories.outside import Trouble, send_alert
from tests.stories.visiting import visit_needed
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

OTHER = "CT4G-11873"


async def test_from_a_quiet_morning_to_the_card_that_needs_somebody(world: World) -> None:
    home = AtHome(world, SUPPORT)
    quiet = await home.open()
    assert quiet.startswith("Nothing needs you. None is down.")
    assert "Portal: not asked yet." in quiet
    assert "Timers on time." in quiet
    assert list(home.buttons()) == ["Report a station", "Flagged (0)", "Help"]

    await world.silent_for_30_minutes()
    told = await home.open()

    assert told.startswith(
        "Needs you now (1)\n*CT4G-20117* · silent since 02:58 · restart it?\nGarage B 4 · Pier 9"
    )
    assert "Portal answering" in told
    go, card = home.buttons()[f"Go to {STATION}"], world.card()
    assert go["url"] == f"https://slack.example/archives/{CHANNEL}/p{card.ts.replace('.', '')}"
    await home.press(f"Go to {STATION}")
    assert home.shown() == told

    await world.press(OTHER_SUPPORT, "Take")
    told = await home.open()
    assert told.startswith("Nothing needs you.\nOpen elsewhere (1)\nBy area:\n")
    await home.press("Show all: open elsewhere")
    assert home.shown().startswith(
        f"Open elsewhere: 1 to 1 of 1\n*{STATION}* · silent since 02:58 · @{OTHER_SUPPORT} · restart it?"
    )
    await home.press("Back")
    assert home.shown().startswith("Nothing needs you.")
    asked = [call for call in world.town.slack.traffic if call.name == "chat.getPermalink"]
    assert len(asked) == 1, "the way to all cards is learned from one"


async def test_each_person_sees_what_is_theirs(world: World) -> None:
    await visit_needed(world)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)

    asked = await AtHome(world, TECHNICIAN).open()
    assert "Needs you now (1)" in asked
    assert "a visit for you: can you go?" in asked
    card = Direct(world, TECHNICIAN).card()
    go = AtHome(world, TECHNICIAN).buttons()[f"Go to {STATION}"]
    assert go["url"].endswith(f"/archives/{card.channel}/p{card.ts.replace('.', '')}")
    waits = await AtHome(world, SUPPORT).open()
    assert (
        f"Yours, waiting (1)\n*{STATION}* · silent since 02:58 · @{TECH_1.id} was asked for a visit" in waits
    )
    assert "Open elsewhere (1)" in await AtHome(world, THE_LEAD).open()

    world.town.slack.workspace.groups["S0LEAD"].members.clear()
    await world.patience(seconds=60)
    nobody = await AtHome(world, THE_LEAD).open()
    assert nobody.startswith("*You have no role in Relink.")
    assert "Ask @S0LEAD for a role." in nobody
    assert STATION not in nobody


async def test_a_station_is_reported_from_home_and_the_answer_is_a_direct_message(world: World) -> None:
    home = AtHome(world, SUPPORT)
    await home.open()

    await home.press("Report a station")
    await world.fill(SUPPORT, serial="§")
    assert "serial" in world.wrong(SUPPORT)
    await world.fill(SUPPORT, serial=STATION, note="Display says Network Error")

    (answer,) = Direct(world, SUPPORT).all()
    assert answer.text == f"Opened I-2026-0001 for {STATION}. Its card comes to the alert channel."
    assert "reported it by hand: Display says Network Error" in world.thread()[0]
    assert "(1)" in await home.open()


async def test_help_and_refusals_come_where_somebody_looks(world: World) -> None:
    home = AtHome(world, THE_LEAD)
    await home.open()
    await home.press("Help")
    assert "/charger status SERIAL" in home.modal()
    await home.press("Flagged (0)")
    assert "No modem is flagged" in home.shown()
    await home.press("Back")

    world.town.slack.workspace.groups["S0LEAD"].members.clear()
    await world.patience(seconds=60)
    await home.press("Report a station")

    assert home.modal() == "Only support, technicians and leads may report stations."
    view = home.view()
    assert view is not None
    made_up = view.body["blocks"]
    for block in made_up:
        for one in block.get("elements", ()):
            one.update({"value": "incidents; drop"} if one.get("action_id") == "home:show:flags" else {})
    await home.press("Flagged (0)")
    assert home.modal() == "This button cannot be read. Please open Home once more."


async def test_late_and_double_events_leave_the_newest_and_the_messages_tab_nothing(world: World) -> None:
    home, slack = AtHome(world, SUPPORT), world.town.slack
    await home.open(tab="messages")
    assert home.view() is None
    world.outside.slack_holds = "views.publish"
    await slack.open_home(SUPPORT)
    await world.outside.holds_one()
    await send_alert(world.address, world.town.secrets.alerts, world.clock.now(), STATION, "raised")
    for _ in range(3):
        await slack.open_home(SUPPORT)
    world.outside.releases()
    await world.settle()

    assert "Open elsewhere (1)" in home.shown()
    published = [call for call in slack.traffic if call.name == "views.publish"]
    assert len(published) == 2, "one at a time, and whoever waits is drawn for once"

    # Another process published meanwhile: what was drawn before that is not put over it, but drawn anew.
    theirs: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}
    await world.house.deps.slack.views_publish(user_id=SUPPORT, view=theirs)
    assert "Open elsewhere (1)" in await home.open()


async def test_a_bad_hour_of_slack_is_logged_and_the_next_opening_is_right(world: World) -> None:
    home = AtHome(world, SUPPORT)
    await home.open()
    await world.silent_for_30_minutes()
    old = home.shown()

    for trouble in (Trouble.DOWN, Trouble.WANTS_A_PAUSE):
        world.outside.trouble = trouble
        with capture_logs() as said:
            assert await home.open() == old
        assert [each["event"] for each in said if each["event"].startswith("home.")] == ["home.unpublished"]
        assert not [each for each in said if each["log_level"] == "error"]

    world.outside.trouble = None
    assert (await home.open()).startswith("Needs you now (1)")
