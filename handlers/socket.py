"""Socket Mode: Relink opens the connections over which Slack talks to it, and needs no address of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Busy, ConfigWrong
from bot.metrics import Metrics
from bot.tasks import Tasks
from handlers.connection import DEAF, FAILURES, HARMLESS, Connection, Spans

CONNECTIONS = 2
"""Slack gives a payload to any one of them, so the other serves while one is replaced. An app may have ten."""

LONGEST_PAUSE = 30.0
"""Seconds between attempts to connect, at most; they begin at once and double."""

NO_VERDICT = frozenset(
    {"", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"}
)
"""Slack's errors that say nothing about the token."""

log = structlog.get_logger(__name__)


class Sockets:
    """Keeps the connections open, whatever happens to any of them.

    `app` is made with `request_verification_enabled=False`: there is nothing to verify here. `slack` is the client
    whose settings count (address, session, proxy); `pause` waits so many seconds between attempts. `caught_up` is
    called when connections stand again after one was lost: what was clicked meanwhile may be, too.
    """

    def __init__(
        self,
        app: AsyncApp,
        slack: AsyncWebClient,
        token: SecretStr,
        metrics: Metrics,
        *,
        spans: Spans | None = None,
        caught_up: Callable[[], Awaitable[object]] | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._slack = slack
        self._token = token
        self._metrics = metrics
        self._spans = spans or Spans()
        self._pause = pause
        self._caught_up = caught_up
        self._none_since: float | None = None
        self._work = Tasks()
        self._connections: set[Connection] = set()

    async def begin(self) -> None:
        """Open the first connection; the others follow by themselves. Raises ConfigWrong if Slack refuses the token.

        A Slack that cannot be reached keeps nobody from starting: it is tried again and again.
        """
        self._metrics.sockets = self._standing
        self._metrics.sockets_silent = self._silent
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

    def _silent(self) -> float:
        """For how many seconds nothing can have come in: no connection stands, or what we post does not come back."""
        now = self._metrics.seconds()
        if self._standing():
            self._none_since = None
            return self._metrics.echoes.silent()
        self._none_since = now if self._none_since is None else self._none_since
        return now - self._none_since

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
                if self._caught_up is not None and connection.why not in HARMLESS:
                    self._work.spawn(self._catch_up(self._caught_up))
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
        connection = Connection(self._app, self._slack, self._token, self._spans, self._metrics.echoes)
        self._connections.add(connection)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._let_go, connection)
            async with asyncio.timeout(self._spans.opening):
                await connection.open()
            undo.pop_all()
        log.info("socket.open", standing=self._standing())
        return connection

    async def _catch_up(self, caught_up: Callable[[], Awaitable[object]]) -> None:
        try:
            await caught_up()
        except Busy as trouble:
            log.warning("socket.not_caught_up", trouble=str(trouble))

    async def _replace(self, connection: Connection) -> None:
        if connection.why != DEAF:
            # Slack would put clicks on it that never arrive.
            await connection.farewell()
        await self._let_go(connection)

    async def _let_go(self, connection: Connection) -> None:
        await connection.hang_up()
        self._connections.discard(connection)


def _error(refused: SlackApiError) -> str:
    """Slack's word for it; nothing where its answer was no JSON."""
    body = getattr(refused.response, "data", refused.response)
    return str(body.get("error", "")) if isinstance(body, dict) else ""
