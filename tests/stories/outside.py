"""What lies between Relink and the world: remembers what the portal was asked, and can spoil answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import aiohttp
import httpx
from aiohttp import web
from standardwebhooks import Webhook

from bot.clock import Clock
from tests.stories.slack_text import clock as shown

PATIENCE = 10
"""Seconds a story waits for something that is on its way."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Trouble(StrEnum):
    """How Slack's Web API misbehaves."""

    DOWN = "down"
    """503, and nothing takes effect."""
    LOSES_ANSWERS = "loses answers"
    """Everything takes effect, the connection breaks instead of an answer."""
    WANTS_A_PAUSE = "wants a pause"
    """429, half a minute, and nothing takes effect."""


@dataclass
class Outside:
    """Stands before the Slack and the portal of the demo."""

    clock: Clock
    trouble: Trouble | None = None
    questions: list[tuple[str, str]] = field(default_factory=list)
    """What the portal was asked: when, and method with address."""
    portal_hangs_up: bool = False
    """The portal does what it is told, and the connection breaks instead of an answer."""
    portal_holds: bool = False
    """The portal does what it is told, and keeps its answers back until `releases`."""
    slack_holds: str = ""
    """Slack does what this method tells it, and keeps its answers back until `releases`."""
    portal_is_slow: bool = False
    """The portal does what it is told, and nobody waits long enough for its answers."""
    status_says: dict[str, Any] = field(default_factory=dict)
    """What the portal says of every station's status whatever the truth is."""
    _held: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        """An application to mount both on."""
        application = web.Application(middlewares=[self._between])
        application.on_shutdown.append(self._let_go)
        return application

    async def _let_go(self, _: web.Application) -> None:
        self.releases()

    def looks(self, what: str = "/status") -> list[str]:
        """When the portal was asked something with this in its address."""
        return [when for when, question in self.questions if what in question]

    async def holds_one(self) -> None:
        """Wait until the portal has done what it was told, or Slack something, and keeps the answer back.

        A mere question to the portal is no sign.
        """
        async with asyncio.timeout(PATIENCE):
            await self._held.wait()

    def releases(self) -> None:
        """Let every answer that was kept back go."""
        self.portal_holds, self.slack_holds = False, ""
        self._released.set()

    @web.middleware
    async def _between(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/portal/"):
            return await self._portal(request, handler)
        return await (self._slack if request.path.startswith("/api/") else _as_it_is)(request, handler)

    async def _portal(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.questions.append((shown(self.clock.now()), f"{request.method} {request.path_qs}"))
        answer = await handler(request)
        if self.portal_holds:
            if request.method == "POST":
                self._held.set()
            await self._released.wait()
        if self.portal_hangs_up:
            _hang_up(request)
        if self.status_says and request.path.endswith("/status") and isinstance(answer, web.Response):
            said = json.loads(answer.text or "")
            items = [item | self.status_says for item in said["items"]]
            return web.json_response(said | {"items": items})
        return answer

    async def _slack(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.trouble is Trouble.DOWN:
            return web.Response(status=503, text="<html>We are working on it.</html>")
        if self.trouble is Trouble.WANTS_A_PAUSE:
            wait = {"Retry-After": "30"}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=wait)
        answer = await handler(request)
        if self.slack_holds and request.path.endswith(self.slack_holds):
            self._held.set()
            await self._released.wait()
        if self.trouble is Trouble.LOSES_ANSWERS:
            _hang_up(request)
        return answer


class Impatient(httpx.AsyncHTTPTransport):
    """Relink's way to the portal, on which time can run out without passing."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(verify=False)  # plain HTTP: no reason to read the authorities' certificates
        self._outside = outside

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry the request; raise TimeoutError instead of its answer while the portal is slow."""
        answer = await super().handle_async_request(request)
        if not self._outside.portal_is_slow:
            return answer
        await answer.aclose()
        raise TimeoutError


async def _as_it_is(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def send_alert(
    address: str, secret: str, now: datetime, serial: str, status: str = "raised", **more: Any
) -> list[dict[str, str]]:
    """Send one alert of this moment, signed; the results that were answered."""
    times = {"raised_at": now.isoformat()} | ({"cleared_at": now.isoformat()} if status == "cleared" else {})
    alert = {"code": "CP-ERR-WIFI", "status": status, "station": {"serial": serial}, **times, **more}
    body, sent_at = json.dumps(alert), datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "story",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("story", sent_at, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/alerts", data=body, headers=headers) as answer,
    ):
        results: list[dict[str, str]] = (await answer.json())["results"]
        return results
