"""Socket Mode: Relink opens the connections over which Slack talks to it, and needs no address of its own.

The SDK's client opens a connection, answers pings and knows whether it still stands. Its own reconnecting stays off:
it closes the old connection first, and what Slack had put on it would be lost. Here the successor is open before.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigWrong
from bot.metrics import Metrics
from bot.tasks import Tasks
from handlers.gate import for_bolt, read_frame
from handlers.problems import NotServed

CONNECTIONS = 2
"""Slack gives a payload to any one of them, so the other serves while one is replaced. An app may have ten."""

LONGEST_PAUSE = 30.0
"""Seconds between attempts to connect, at most; they begin at once and double."""

NO_VERDICT = frozenset(
    {"", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"}
)
"""Slack's errors that say nothing about the token."""

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


class Connection(SocketModeClient):
    """One WebSocket from hello to goodbye; it never reconnects."""

    def __init__(self, app: AsyncApp, slack: AsyncWebClient, token: SecretStr, spans: Spans) -> None:
        super().__init__(
            token.get_secret_value(),
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=slack,
            auto_reconnect_enabled=False,
            ping_interval=spans.ping,
        )
        self.on_close_listeners.append(self._closed_by_slack)
        self.why = "lost or silent"
        """Why it is over, in Slack's words if it said so."""
        self._app = app
        self._spans = spans
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
        """Return when Slack takes leave or closes, or when the connection is lost or silent."""
        while not self._over.is_set() and await self.is_connected():
            await _within(self._spans.ping, self._over)

    async def farewell(self) -> None:
        """Take what Slack still sends until it closes, or for a while."""
        if self.stands:
            await _within(self._spans.farewell, self._gone)

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

    def _take(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "hello":
            self._greeted = True
            self._heard.set()
        elif frame.get("type") == "disconnect":
            self._leave(str(frame.get("reason")))
        else:
            request = _request(frame)
            payload = for_bolt(request.payload, build_headers(request) or {})
            self._calls.spawn(self._answer(request, payload))

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
        self._leave("closed")
        self._gone.set()

    def _leave(self, why: str) -> None:
        if not self._over.is_set():
            self.why = why
        self._over.set()
        self._heard.set()


class Sockets:
    """Keeps the connections open, whatever happens to any of them.

    `app` is made with `request_verification_enabled=False`: there is nothing to verify here. `slack` is the client
    whose settings count (address, session, proxy); `pause` waits so many seconds between attempts.
    """

    def __init__(
        self,
        app: AsyncApp,
        slack: AsyncWebClient,
        token: SecretStr,
        metrics: Metrics,
        *,
        spans: Spans | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._slack = slack
        self._token = token
        self._metrics = metrics
        self._spans = spans or Spans()
        self._pause = pause
        self._work = Tasks()
        self._connections: set[Connection] = set()

    async def begin(self) -> None:
        """Open the first connection; the others follow by themselves. Raises ConfigWrong if Slack refuses the token.

        A Slack that cannot be reached keeps nobody from starting: it is tried again and again.
        """
        self._metrics.sockets = self._standing
        first = await self._try_to_open() if await self.answers() else None
        for connection in (first, *[None] * (CONNECTIONS - 1)):
            self._work.spawn(self._keep(connection))

    async def answers(self) -> bool:
        """Whether Slack gives an address, which is left unused. Raises ConfigWrong if it refuses the token."""
        try:
            await self._slack.apps_connections_open(app_token=self._token.get_secret_value())
        except SlackApiError as refused:
            error = _error(refused)
            if error in NO_VERDICT:
                return False
            raise ConfigWrong([f"SLACK_APP_TOKEN: Slack refuses it ({error})"]) from None
        except FAILURES:
            return False
        return True

    async def end(self) -> None:
        """Finish what was taken and close everything."""
        await self._work.drain(within=0)
        await asyncio.gather(*(self._let_go(connection) for connection in [*self._connections]))

    def _standing(self) -> int:
        return sum(connection.stands for connection in self._connections)

    async def _keep(self, connection: Connection | None) -> None:
        """Stand by one connection. When it is over its successor is opened first, then it is let go."""
        failures = 0
        while True:
            since = time.monotonic()
            if connection is not None:
                await connection.over()
            failures = 0 if time.monotonic() - since >= self._spans.steady else failures + 1
            if failures > 1:
                await self._pause(min(2.0 ** min(failures - 2, 10), LONGEST_PAUSE))
            successor = await self._try_to_open()
            if successor is None:
                continue
            if connection is not None:
                log.info("socket.replaced", why=connection.why)
                self._work.spawn(self._replace(connection))
            connection = successor

    async def _try_to_open(self) -> Connection | None:
        try:
            return await self._open()
        except SlackApiError as refused:
            log.warning("socket.failed", trouble=_error(refused) or "no clear answer")
        except FAILURES as trouble:
            log.warning("socket.failed", trouble=str(trouble) or type(trouble).__name__)
        return None

    async def _open(self) -> Connection:
        connection = Connection(self._app, self._slack, self._token, self._spans)
        self._connections.add(connection)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._let_go, connection)
            async with asyncio.timeout(self._spans.opening):
                await connection.open()
            undo.pop_all()
        log.info("socket.open", standing=self._standing())
        return connection

    async def _replace(self, connection: Connection) -> None:
        await connection.farewell()
        await self._let_go(connection)

    async def _let_go(self, connection: Connection) -> None:
        await connection.hang_up()
        self._connections.discard(connection)


async def _within(seconds: float, event: asyncio.Event) -> None:
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


def _error(refused: SlackApiError) -> str:
    """Slack's word for it; nothing where its answer was no JSON."""
    body = getattr(refused.response, "data", refused.response)
    return str(body.get("error", "")) if isinstance(body, dict) else ""
