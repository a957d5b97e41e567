"""Our side of Socket Mode before the demo's Slack, with a small Bolt app behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.delivery import Reply
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.sockets import Socket
from bot.demo.slack.workspace import Json, Workspace
from bot.metrics import Metrics
from handlers.connection import Spans
from handlers.socket import Sockets

BOT_TOKEN = "xoxb-1"
APP_TOKEN = "xapp-1"
CHANNEL = "C0ALERTS"
PATIENCE = 10
"""Seconds a test waits for what takes milliseconds."""
CALM = Spans(opening=PATIENCE, steady=0, farewell=PATIENCE, answer=PATIENCE, closing=PATIENCE)
"""Nothing is given up early, and every attempt to connect is made at once."""


@dataclass
class House:
    """What a test can do and see."""

    slack: SlackDouble
    sockets: Sockets
    metrics: Metrics
    client: AsyncWebClient
    taken: list[AsyncBoltRequest] = field(default_factory=list)
    """What reached a listener."""
    caught_up: list[None] = field(default_factory=list)
    """One for each time we said that something may have been lost."""
    working: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a listener was entered."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """Listeners of slow clicks wait for it."""

    async def post(self) -> None:
        """We say something in the channel, as the courier does."""
        answer = await self.client.chat_postMessage(channel=CHANNEL, text="A card")
        self.metrics.echoes.posted(CHANNEL, str(answer["ts"]))

    async def hears_itself(self) -> None:
        """We say something and wait until it came back."""
        await self.post()
        async with asyncio.timeout(PATIENCE):
            while not self.metrics.echoes.expected:  # noqa: ASYNC110 (an echo has no event to wait for)
                await asyncio.sleep(0)

    async def click(self, action: str = "quick") -> Reply:
        """Somebody presses a button; Slack's side of the answer."""
        return await self.slack.sockets.send("interactive", click(action))

    def click_on(self, socket: Socket, action: str = "quick") -> "asyncio.Task[Reply]":
        """Somebody presses a button, and Slack puts it on this very connection."""
        envelope = {"envelope_id": action, "type": "interactive", "payload": click(action)}
        return asyncio.create_task(socket.deliver(envelope | {"accepts_response_payload": False}))

    async def until(self, *numbers: int) -> None:
        """Wait until exactly these connections are open, counted from the first one ever."""
        async with asyncio.timeout(PATIENCE):
            await self.slack.sockets.until(lambda sockets: {each.number for each in sockets} == {*numbers})

    async def until_new(self, number: int) -> None:
        """Wait until this connection is open, whatever became of others."""
        async with asyncio.timeout(PATIENCE):
            await self.slack.sockets.until(lambda sockets: number in {each.number for each in sockets})

    async def stands(self, count: int) -> None:
        """Wait until we say that so many connections stand; both sides learn of it a few turns of the loop apart."""
        async with asyncio.timeout(PATIENCE):
            while self.standing != count:  # noqa: ASYNC110 (a count has no event to wait for)
                await asyncio.sleep(0)

    async def until_caught_up(self, count: int) -> None:
        """Wait until we said so often that something may have been lost."""
        async with asyncio.timeout(PATIENCE):
            while len(self.caught_up) < count:  # noqa: ASYNC110 (a count has no event to wait for)
                await asyncio.sleep(0)
        assert len(self.caught_up) == count

    @property
    def standing(self) -> int:
        """How many connections we say we have."""
        assert self.metrics.sockets is not None
        return self.metrics.sockets()

    def socket(self, number: int) -> Socket:
        """An open connection."""
        (found,) = (each for each in self.slack.sockets.open if each.number == number)
        return found


def click(action: str) -> Json:
    """The payload of a click."""
    return {
        "type": "block_actions",
        "team": {"id": "T0DEMO"},
        "user": {"id": "U1", "team_id": "T0DEMO"},
        "api_app_id": "A0RELINK",
        "trigger_id": "1.2",
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": "1"}],
    }


@asynccontextmanager
async def a_house(
    *,
    spans: Spans = CALM,
    app_token: str = APP_TOKEN,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    begun: bool = True,
    events: frozenset[str] = frozenset({"message.channels"}),
) -> AsyncIterator[House]:
    """Both sides, connected twice unless not even `begun`. `app_token` is the one our side has, `events` what we
    subscribed to."""
    slack = SlackDouble(
        Workspace.of(people=[("U1", "Support 1", [])], channels=[(CHANNEL, "alerts", ["U1"])]),
        bot_token=BOT_TOKEN,
        signing_secret="",
        app_token=APP_TOKEN,
        scopes=frozenset({"chat:write", "channels:history"}),
        events=events,
        strict_pace=False,
        echoes=True,
    )
    async with TestServer(slack.app()) as server, aiohttp.ClientSession() as session:
        slack.public_url = str(server.make_url("/"))
        client = AsyncWebClient(BOT_TOKEN, f"{slack.public_url}/api/", session=session, retry_handlers=[])
        metrics, app = Metrics(), _app(client)
        caught_up: list[None] = []

        async def catch_up() -> None:
            caught_up.append(None)

        token = SecretStr(app_token)
        sockets = Sockets(app, client, token, metrics, spans=spans, caught_up=catch_up, pause=pause)
        house = House(slack, sockets, metrics, client, caught_up=caught_up)
        _listen(app, house)
        try:
            if begun:
                await sockets.begin()
                await house.until(1, 2)
                await house.stands(2)
            yield house
        finally:
            house.go_on.set()
            await sockets.end()


def _app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(
        client=client,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        raise_error_for_unhandled_request=False,
    )


def _listen(app: AsyncApp, house: House) -> None:
    @app.action("quick")
    async def quick(ack: AsyncAck, req: AsyncBoltRequest) -> None:
        house.taken.append(req)
        await ack()

    @app.action("slow")
    async def slow(ack: AsyncAck, req: AsyncBoltRequest) -> None:
        house.working.set()
        await house.go_on.wait()
        house.taken.append(req)
        await ack()

    @app.event("app_home_opened")
    async def opened(req: AsyncBoltRequest) -> None:
        house.taken.append(req)


def event() -> dict[str, Any]:
    """The payload of an event."""
    inner = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.2"}
    return {"type": "event_callback", "team_id": "T0DEMO", "event_id": "Ev1", "event": inner}
