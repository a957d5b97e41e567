"""Everything that can be chosen on a card or in a form, from the page through the real Slack double to an app."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from bot.clock import MovableClock
from bot.demo.page import World, page_app
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
from tests.demo_page.browser import window
from tests.demo_page.cards import button, modal, option, words
from tests.demo_page.cards import field as an_input
from tests.demo_page.slack_stub import PEOPLE, START, Json, StubFleet, StubPortal, StubStage, StubTraffic

TOKEN = "xoxb-elements"
SCOPES = frozenset({"chat:write", "commands", "im:write", "users:read"})
FIELDS = (
    an_input("who", "Hand over to", "users_select"),
    an_input("crew", "With", "multi_users_select", optional=True),
    an_input(
        "parts", "Parts", "multi_static_select", options=[option("SIM", "sim"), option("Antenna", "ant")]
    ),
    an_input("when", "Visit", "datetimepicker"),
)
FORM = {name: value for name, value in modal(*FIELDS).items() if name != "id"}
ELEMENTS: list[Json] = [
    button("Open the form", "open"),
    {"type": "static_select", "action_id": "why", "options": [option("Asleep", "a"), option("Away", "b")]},
    {"type": "users_select", "action_id": "who", "placeholder": words("Hand over to")},
    {"type": "datepicker", "action_id": "day", "placeholder": words("Day")},
    {"type": "timepicker", "action_id": "hour", "placeholder": words("Hour")},
    {"type": "datetimepicker", "action_id": "moment"},
    {"type": "overflow", "action_id": "more", "options": [option("Note", "note"), option("Over", "over")]},
]


@dataclass
class Office:
    """The page over the real double, and an app that remembers and opens a form when asked."""

    url: str
    slack: SlackDouble
    clock: MovableClock
    heard: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)

    async def call(self, method: str, **arguments: object) -> Json:
        """The app calls Slack."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with ClientSession() as session:
            answer = await session.post(f"{self.url}api/{method}", json=arguments, headers=headers)
            said: Json = await answer.json()
        assert said["ok"], said
        return said

    async def hear(self, request: web.Request) -> web.Response:
        """What Slack delivers."""
        body: Json = json.loads(str((await request.post())["payload"]))
        if body["type"] == "block_actions" and body["actions"][0]["action_id"] == "open":
            await self.call("views.open", trigger_id=body["trigger_id"], view=FORM)
        await self.heard.put(body)
        return web.Response()

    async def chosen(self) -> Json:
        """The next click's action, without what every action has."""
        action: Json = (await self.heard.get())["actions"][0]
        return {
            name: value for name, value in action.items() if name not in {"block_id", "action_ts", "type"}
        }


@asynccontextmanager
async def an_office() -> AsyncIterator[Office]:
    """A page, a double and an app, with one message that has every element."""
    workspace = Workspace.of(
        people=[(id_, name, []) for id_, name in PEOPLE.items()],
        channels=[("C1", "charger-alerts", list(PEOPLE))],
        groups=[],
    )
    clock = MovableClock(START)
    stamps = clock.now().timestamp
    slack = SlackDouble(workspace, bot_token=TOKEN, signing_secret="s", scopes=SCOPES, stamps=stamps)
    office = Office("", slack, clock)
    bot = web.Application()
    bot.router.add_post("/slack/events", office.hear)

    async def wake() -> None:
        """Nobody waits for anything here."""

    world = World(StubFleet(), StubPortal(), clock, StubStage(), StubTraffic(), wake, lambda: None, "life")
    page = page_app(world, person="U1", zone="Europe/Berlin")
    slack.mount(page)
    async with TestServer(bot) as hearing, TestServer(page) as server:
        office.url = slack.public_url = str(server.make_url("/"))
        slack.bot_url = str(hearing.make_url("/slack/events"))
        await office.call(
            "chat.postMessage", channel="C1", text="card", blocks=[{"type": "actions", "elements": ELEMENTS}]
        )
        yield office


async def test_every_choice_on_a_card_arrives_as_slack_sends_it(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await page.get_by_label("Choose").select_option("Away")
        assert (await office.chosen())["selected_option"]["value"] == "b"
        people = page.get_by_label("Hand over to")
        await expect(people.get_by_role("option")).to_have_text(
            ["Hand over to", "Support 1", "Support 2", "Tech 1", "Lead"]
        )
        await people.select_option("Tech 1")
        assert await office.chosen() == {"action_id": "who", "selected_user": "U3"}
        await page.get_by_label("Day").fill("2026-12-01")
        assert await office.chosen() == {"action_id": "day", "selected_date": "2026-12-01"}
        await page.get_by_label("Hour").fill("09:30")
        assert await office.chosen() == {"action_id": "hour", "selected_time": "09:30"}
        await page.get_by_label("Date and time").fill("2026-12-01T09:30")
        # 09:30 in Berlin, the zone of the page.
        assert await office.chosen() == {"action_id": "moment", "selected_date_time": 1796113800}
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Over").click()
        assert (await office.chosen())["selected_option"]["value"] == "over"


async def test_the_clock_shows_site_time_and_goes_to_its_morning(browser: Browser) -> None:
    """The viewer sits in New York, the site is in Berlin: 08:10 UTC is 09:10 there."""
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await expect(page.locator("#clock")).to_have_text("09:10:30")
        await expect(page.get_by_text("site time, Europe/Berlin")).to_be_visible()
        await expect(page.get_by_role("article").get_by_role("time")).to_have_text("09:10")
        await page.get_by_role("button", name="to 07:00").click()
        await expect(page.locator("#clock-chip")).to_have_text("07:00")
        assert (office.clock.now().hour, office.clock.now().day) == (6, START.day + 1)


async def fill_in(page: Page) -> None:
    """Everything in the form."""
    form = page.get_by_role("dialog", name="Test session")
    await form.get_by_label("Hand over to").select_option("Support 2")
    await form.get_by_role("group", name="With").get_by_label("Tech 1").check()
    await form.get_by_role("group", name="With").get_by_label("Lead").check()
    await form.get_by_label("Antenna").check()
    await form.get_by_label("Visit").fill("2026-12-01T09:30")
    await form.get_by_role("button", name="Save").click()


async def test_every_choice_in_a_form_arrives_as_slack_sends_it(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        await opened.page.get_by_role("button", name="Open the form").click()
        await office.chosen()
        await fill_in(opened.page)
        values = (await office.heard.get())["view"]["state"]["values"]
        await expect(opened.page.get_by_role("dialog")).to_have_count(0)

    assert values["who"]["v"]["selected_user"] == "U2"
    assert values["crew"]["v"]["selected_users"] == ["U3", "U4"]
    assert [one["value"] for one in values["parts"]["v"]["selected_options"]] == ["ant"]
    assert values["when"]["v"]["selected_date_time"] == 1796113800


async def test_a_direct_message_appears_in_the_list_and_rings(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await expect(page.get_by_role("heading", name="Direct messages")).to_be_hidden()
        channel = (await office.call("conversations.open", users="U1"))["channel"]["id"]
        await office.call("chat.postMessage", channel=channel, text="Visit at Pier 9?")
        await expect(page.get_by_role("button", name="Relink")).to_have_accessible_name("Relink 1 unread")
        ring = page.get_by_role("region", name="Rings").get_by_role("listitem")
        await expect(ring).to_contain_text("Direct message")
        await ring.get_by_role("button", name="Open").click()
        await expect(page.get_by_role("heading", name="Relink", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Relink", exact=True)).to_have_accessible_name("Relink")
        await page.get_by_role("radio", name="Lead").check()
        await expect(page.get_by_role("heading", name="Direct messages")).to_be_hidden()
