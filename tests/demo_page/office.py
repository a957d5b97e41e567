"""The page over the real Slack double, and an app that remembers what it hears."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.demo.page import World, page_app
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
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
        if request.content_type == "application/json":
            await self.heard.put((await request.json())["event"])
            return web.Response()
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
