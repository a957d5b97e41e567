"""The page's half of the Slack double, as small as can be: a state to show, a record of what was pressed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.demo.page import World, page_app
from bot.demo.player import Play
from bot.demo.traffic import Call
from bot.errors import Refused

Json = dict[str, Any]

START = datetime(2026, 11, 24, 8, 10, 30, tzinfo=UTC)
PEOPLE = {"U1": "Support 1", "U2": "Support 2", "U3": "Tech 1", "U4": "Lead"}
FAULTS = ["modem hang", "restart not deliverable", "session running"]
SESSION = "session running"


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
    charging: set[str] = field(default_factory=set)
    down: set[tuple[str, str]] = field(default_factory=set)

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
                "charging": serial in self.charging,
                "faults": FAULTS,
            }
            for serial, fault in self.faults.items()
        ]

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Remember it. Raises Refused as the real fleet does."""
        if serial not in self.faults or (fault is not None and fault not in FAULTS):
            raise Refused(f"{serial} has no {fault}.")
        if fault == SESSION:
            self.charging.add(serial)
        else:
            self.faults[serial] = fault

    def set_session(self, serial: str, *, running: bool) -> None:
        """Remember it."""
        if running:
            self.charging.add(serial)
        else:
            self.charging.discard(serial)

    def outages(self) -> list[Json]:
        """One carrier in one area."""
        return [
            {
                "area": "north",
                "carrier": "T-Mobile",
                "stations": 2,
                "down": ("north", "T-Mobile") in self.down,
            }
        ]

    def set_outage(self, area: str, carrier: str, *, down: bool) -> None:
        """Remember it. Raises Refused as the real fleet does."""
        if (area, carrier) != ("north", "T-Mobile"):
            raise Refused(f"The demo has no {carrier} station in {area}.")
        if down:
            self.down.add((area, carrier))
        else:
            self.down.discard((area, carrier))


@dataclass
class StubPortal:
    """A portal that answers, or does not."""

    reachable: bool = True


@dataclass
class StubStage:
    """Plays nothing; a test says how far the story is."""

    play: Play | None = None
    started: list[str] = field(default_factory=list)

    def start(self, story_id: str) -> None:
        """Remember it. Raises Refused as the real player does."""
        if story_id == "none":
            raise Refused("There is no such story.")
        self.started.append(story_id)
        self.play = Play(story_id, "CT4G-20117", says="It begins.")

    async def stop(self) -> None:
        """The story is over."""
        if self.play is not None:
            self.play = replace(self.play, ended="stopped")


@dataclass
class StubTraffic:
    """Calls that a test makes up."""

    calls: list[Call] = field(default_factory=list)

    def since(self, number: int) -> list[Call]:
        """Those after this number."""
        return [call for call in self.calls if call.id > number]


@dataclass
class SlackStub:
    """What the page sees, the same for everybody, and what it sent."""

    messages: list[Json] = field(default_factory=list)
    directs: list[Json] = field(default_factory=list)
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
        direct = {"id": "D1", "name": "Relink", "kind": "im", "messages": self.directs, "ephemerals": []}
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
        posts = [
            web.post(f"/demo/{name}", self._take) for name in ("click", "submit", "close", "send", "home")
        ]
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
    resets: list[datetime]
    portal: StubPortal = field(default_factory=StubPortal)
    stage: StubStage = field(default_factory=StubStage)
    traffic: StubTraffic = field(default_factory=StubTraffic)
    life: str = "first"


@asynccontextmanager
async def served(slack: SlackStub | None = None, fleet: StubFleet | None = None) -> AsyncIterator[Demo]:
    """Serve the real page over stubs on a free local port."""
    demo = Demo("", slack or SlackStub(), fleet or StubFleet(), MovableClock(START), [], [])

    async def wake() -> None:
        demo.wakes.append(demo.clock.now())

    def reset() -> None:
        demo.resets.append(demo.clock.now())

    world = World(demo.fleet, demo.portal, demo.clock, demo.stage, demo.traffic, wake, reset, demo.life)
    app = page_app(world, person="U1")
    app.router.add_routes(demo.slack.routes())
    app.on_shutdown.append(demo.slack.close)
    async with TestServer(app) as server:
        demo.url = str(server.make_url("/"))
        yield demo
