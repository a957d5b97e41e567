"""One connection of Socket Mode, from Slack's hello to its end.

The SDK's client opens it, answers pings and knows whether it still stands. Its own reconnecting stays off: it closes
the old connection first, and what Slack had put on it would be lost. `handlers.socket` opens the successor before.
"""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.echoes import Echoes
from bot.tasks import Tasks
from handlers.gate import for_bolt, read_frame
from handlers.problems import NotServed

FAILURES = (
    SlackClientError,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    # A page of HTML where the SDK expects JSON.
    AttributeError,
    ValueError,
)
"""What an attempt to connect may raise."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Spans:
    """Lengths of time, in seconds."""

    ping: float = 5
    """Between pings; a connection on which four stay unanswered is replaced."""
    look: float = 1
    """Between looks at whether it is well."""
    opening: float = 10
    """From asking for an address to Slack's hello."""
    steady: float = 60
    """A connection that stood for less counts as a failed attempt: the next one waits longer."""
    farewell: float = 15
    """How long a replaced connection may still bring something before it is closed."""
    answer: float = 3
    """How long a listener may go on when its connection is to be closed; Slack waits no longer either."""
    closing: float = 1
    """How long Slack may take to agree to a close."""
    quiet: float = 900
    """After so long without a word the connection is renewed, ill or not: that costs nothing and rings nobody."""


LOST, DEAF, QUIET, CLOSED = "lost or silent", "deaf", "quiet for long", "closed"
"""Why a connection is over where Slack did not say it: gone, or no answer to pings; pings are answered and what we
posted did not come; nothing came at all, which may be well; closed without a farewell."""

HARMLESS = frozenset({"warning", "refresh_requested", QUIET})
"""After these nothing was lost: the connection was well when its successor was opened."""


class Connection(SocketModeClient):
    """One WebSocket from hello to goodbye; it never reconnects."""

    def __init__(
        self, app: AsyncApp, slack: AsyncWebClient, token: SecretStr, spans: Spans, echoes: Echoes
    ) -> None:
        super().__init__(
            token.get_secret_value(),
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=slack,
            auto_reconnect_enabled=False,
            ping_interval=spans.ping,
        )
        self.on_close_listeners.append(self._closed_by_slack)
        self.why = LOST
        """Why it is over, in Slack's words if it said so."""
        self.heard_at = self._hello_at = echoes.seconds()
        """When Slack last said something over it, pings apart."""
        self._app = app
        self._spans = spans
        self._echoes = echoes
        self._calls = Tasks()
        self._heard, self._over, self._gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._greeted = self._deaf = False

    @property
    def stands(self) -> bool:
        """Whether Slack said hello and the connection is open."""
        return self._greeted and self.current_session is not None and not self.current_session.closed

    async def open(self) -> None:
        """Connect and wait for Slack's hello, without a limit of time. Raises one of FAILURES."""
        answer = await self.web_client.apps_connections_open(app_token=self.app_token)
        self.wss_uri = answer["url"]
        await self.connect()  # type: ignore[no-untyped-call]  # the SDK gives it no types
        await self._heard.wait()
        if not self._greeted:
            raise ConnectionRefusedError(self.why)

    async def over(self) -> None:
        """Return when Slack takes leave or closes, or when the connection is lost, silent, deaf or quiet for long."""
        while not self._over.is_set() and await self.is_connected():
            if (why := self._ill()) is not None:
                self._leave(why)
                return
            await within(self._spans.look, self._over)

    async def is_ping_pong_failing(self) -> bool:
        """Never by the wall clock, as the SDK counts and which somebody may set: aiohttp's heartbeat sees it too."""
        return False

    async def farewell(self) -> None:
        """Take what Slack still sends until it closes, or for a while."""
        if self.stands:
            await within(self._spans.farewell, self._gone)

    async def hang_up(self) -> None:
        """Take nothing more, finish what was taken, close; all of it within a few seconds."""
        self._deaf = True
        await self._calls.drain(self._spans.answer)
        try:
            async with asyncio.timeout(self._spans.closing):
                await self.close()  # type: ignore[no-untyped-call]  # the SDK gives it no types
        except TimeoutError:
            # The socket is given up by now; this ends what the client keeps around it.
            await self.close()  # type: ignore[no-untyped-call]  # the SDK gives it no types

    async def enqueue_message(self, message: str) -> None:
        """Take a frame at once: the SDK's queue forgets at a close what is in it, and its tasks are out of reach."""
        if self._deaf or not message.startswith("{"):
            return
        try:
            self._take(read_frame(message))
        except NotServed as refused:
            log.warning("socket.frame_refused", why=refused.detail)

    def _ill(self) -> str | None:
        """What a connection that stands cannot show by itself."""
        if self._echoes.missed() > self.heard_at:
            return DEAF
        return QUIET if self._echoes.seconds() - self.heard_at > self._spans.quiet else None

    def _take(self, frame: dict[str, Any]) -> None:
        self.heard_at = self._echoes.seconds()
        if frame.get("type") == "hello":
            self._greeted = True
            self._hello_at = self.heard_at
            self._heard.set()
        elif frame.get("type") == "disconnect":
            self._leave(str(frame.get("reason")))
        else:
            request = _request(frame)
            self._echo(request)
            payload = for_bolt(request.payload, build_headers(request) or {})
            self._calls.spawn(self._answer(request, payload))

    def _echo(self, request: SocketModeRequest) -> None:
        """What came proves that this connection is not deaf; a message of our own shows it of all of them."""
        self._echoes.proven(self._hello_at)
        message = own_message(request.payload)
        if message is not None:
            self._echoes.heard(*message, again=bool(request.retry_attempt))

    async def _answer(self, request: SocketModeRequest, payload: AsyncBoltRequest) -> None:
        """Let Bolt's listener do its work, then tell Slack: the ack follows the commit."""
        begun = time.time()
        response = await self._app.async_dispatch(payload)
        try:
            await send_async_response(self, request, response, begun)
        except ConnectionError:
            # What was done stays done. Slack tells the person that it heard nothing; events come again.
            log.warning("socket.ack_lost", kind=request.type)

    async def _closed_by_slack(self, _message: aiohttp.WSMessage) -> None:
        self._leave(CLOSED)
        self._gone.set()

    def _leave(self, why: str) -> None:
        if not self._over.is_set():
            self.why = why
        self._over.set()
        self._heard.set()


async def within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, or so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _request(frame: dict[str, Any]) -> SocketModeRequest:
    """The envelope in a frame. Raises NotServed if there is none."""
    envelope, payload = frame.get("envelope_id"), frame.get("payload")
    if not isinstance(envelope, str) or not isinstance(payload, dict):
        raise NotServed(400, "The frame is none of Slack's.")
    kind, attempt, reason = (frame.get(name) for name in ("type", "retry_attempt", "retry_reason"))
    return SocketModeRequest(str(kind), envelope, payload, retry_attempt=attempt, retry_reason=reason)


def own_message(payload: dict[str, Any]) -> tuple[str, str] | None:
    """Channel and ts of the message of this app that an event tells of, new or edited; None for anything else."""
    event = payload.get("event")
    if not isinstance(event, dict) or event.get("type") != "message":
        return None
    message = event.get("message") if event.get("subtype") == "message_changed" else event
    app, channel = payload.get("api_app_id"), event.get("channel")
    if not isinstance(message, dict) or app is None or message.get("app_id") != app:
        return None
    ts = message.get("ts")
    return (channel, ts) if isinstance(channel, str) and isinstance(ts, str) else None
