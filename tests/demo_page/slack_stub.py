"""The page's half of the Slack double, as small as can be: a state to show, a record of what was pressed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.demo.page import page_app
from bot.errors import Refused

Json = dict[str, Any]

START = datetime(2026, 11, 24, 8, 10, 30, tzinfo=UTC)
PEOPLE = {"U1": "Support 1", "U2": "Support 2", "U3": "Tech 1", "U4": "Lead"}
FAULTS = ["modem hang", "restart not deliverable"]


def stamp(minutes: float = 0) -> str:
    """The ts of a message `minutes` after the clock's start."""
    return f"{START.timestamp() + minutes * 60:.6f}"


def said(text: str, *blocks: Json, minutes: float = 0, user: str = "UBOT", **more: object) -> Json:
    """A message as the double lists it."""
    name = PEOPLE.get(user, "Relink")
    base = {"ts": stamp(minutes), "user": user, "name": name, "text": text, "blocks": list(blocks)}
    return {**base, "thread_ts": None, "reply_count": 0, "edited": False, "thread": [], **more}


@dataclass
class StubFleet:
    """Two stations that only remember what was done to them."""

    faults: dict[str, str | None] = field(default_factory=lambda: {"CT4G-20117": None, "CT4G-10290": None})

    def stations(self) -> list[Json]:
        """The rows of the panel."""
        return [
            {
                "serial": serial,
                "name": "Garage B 4",
                "site": "Pier 9",
                "area": "north",
                "carrier": "T-Mobile",
                "generation": 2,
                "online": fault is None,
                "last_communication": START.isoformat(),
                "fault": fault,
                "faults": FAULTS,
            }
            for serial, fault in self.faults.items()
        ]

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Remember it. Raises Refused as the real fleet does."""
        if serial not in self.faults or (fault is not None and fault not in FAULTS):
            raise Refused(f"{serial} has no {fault}.")
        self.faults[serial] = fault


@dataclass
class SlackStub:
    """What the page sees, the same for everybody, and what it sent."""

    messages: list[Json] = field(default_factory=list)
    ephemerals: list[Json] = field(default_factory=list)
    view: Json | None = None
    view_errors: dict[str, str] = field(default_factory=dict)
    home: Json | None = None
    toasts: list[Json] = field(default_factory=list)
    answer: Json = field(default_factory=lambda: {"ok": True})
    sent: list[tuple[str, Json]] = field(default_factory=list)
    seq: int = 1
    closed: bool = False
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def state(self, user: str) -> Json:
        """The answer to `GET /demo/state`."""
        users = [{"id": id_, "name": name} for id_, name in PEOPLE.items()]
        channel = {"id": "C1", "name": "charger-alerts", "kind": "channel", "messages": self.messages}
        direct = {"id": "D1", "name": "Relink", "kind": "im", "messages": [], "ephemerals": []}
        return {
            "seq": self.seq,
            "me": {"id": user, "name": PEOPLE[user]},
            "command": "/charger",
            "users": [*users, {"id": "UBOT", "name": "Relink", "is_bot": True}],
            "groups": [{"id": "S1", "name": "support"}],
            "channels": [{**channel, "ephemerals": self.ephemerals}, direct],
            "view": self.view,
            "view_errors": self.view_errors,
            "home": self.home,
            "toasts": self.toasts,
        }

    async def changed(self) -> None:
        """Tell the pages to look again."""
        async with self.news:
            self.seq += 1
            self.news.notify_all()

    def routes(self) -> list[web.RouteDef]:
        """The endpoints of the page's half."""
        posts = [web.post(f"/demo/{name}", self._take) for name in ("click", "submit", "close", "send")]
        return [web.get("/demo/state", self._state), web.get("/demo/events", self._events), *posts]

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query["user"]
        return web.json_response(self.state(user))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        seen = self.seq
        while not self.closed:
            async with self.news:
                if seen == self.seq:
                    await self.news.wait()
                seen = self.seq
            await response.write(f'event: changed\ndata: {{"seq": {seen}}}\n\n'.encode())
        return response

    async def _take(self, request: web.Request) -> web.Response:
        self.sent.append((request.path.removeprefix("/demo/"), await request.json()))
        return web.json_response(self.answer)

    async def close(self, _: web.Application) -> None:
        """End the event streams, else the server waits for them."""
        self.closed = True
        await self.changed()


@dataclass
class Demo:
    """The page, its stub and its world, served at `url`."""

    url: str
    slack: SlackStub
    fleet: StubFleet
    clock: MovableClock
    wakes: list[datetime]


@asynccontextmanager
async def served(slack: SlackStub | None = None, fleet: StubFleet | None = None) -> AsyncIterator[Demo]:
    """Serve the real page over a stub on a free local port."""
    slack, fleet = slack or SlackStub(), fleet or StubFleet()
    clock, wakes = MovableClock(START), list[datetime]()

    async def wake() -> None:
        wakes.append(clock.now())

    app = page_app(fleet, clock, wake, person="U1")
    app.router.add_routes(slack.routes())
    app.on_shutdown.append(slack.close)
    async with TestServer(app) as server:
        yield Demo(str(server.make_url("/")), slack, fleet, clock, wakes)
