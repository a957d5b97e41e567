"""A world whose bot is a real process: it can be killed and started again, and time is moved for both."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.clock import MovableClock
from bot.demo.alerts import AlertFeed
from bot.demo.fleet import Fleet
from bot.demo.portal import PortalSimulator
from bot.demo.slack.talk import Message
from bot.demo.station import SimulatedStation
from bot.demo.stories import ALERT_CHANNEL, LEAD_GROUP, SUPPORT_GROUP, TECHNICIAN_GROUP
from bot.demo.town import HOST, Town, found_town
from handlers.web import start
from tests.stories.cradle import ROOT, Born, Cradle, the_cradle
from tests.stories.outside import Handler, Outside, send_alert
from tests.stories.pairs import Pair
from tests.stories.slack_text import words
from tests.world import NIGHT

PATIENCE = 40
"""Seconds for what a real process does within one or two, on a machine that has much else to do."""


@dataclass(frozen=True, slots=True)
class Order:
    """A restart as the portal was told: under which key, for which station (the portal's id)."""

    key: str
    station: str


@dataclass
class Killable:
    """What a story can do with the process and see of it."""

    folder: Path
    town: Town
    outside: Outside
    environment: Mapping[str, str]
    clock: MovableClock
    machine_ahead: float = 0
    cradle: Cradle = field(default_factory=the_cradle)
    orders: list[Order] = field(default_factory=list)
    """Every restart the portal was told to do, as often as it was told."""
    process: Born | None = None
    company: list[Born] = field(default_factory=list)
    """Others that serve beside it, as PostgreSQL allows; whoever has them ends them."""
    address: str = ""

    @property
    def trouble(self) -> Path:
        """What every process so far wrote to standard error."""
        return self.folder / "stderr.txt"

    async def begins(self, *, until: str | None = None) -> None:
        """Start the process and wait until it serves; it dies by itself at the point `until` (see `failpoints`)."""
        await self.is_born(until)
        await self.serves()

    async def is_born(self, until: str | None = None) -> Born:
        """Start the process."""
        self.tell_the_time()
        self.process = await self.cradle.bears(self.folder, self.environment, point=until)
        return self.process

    async def serves(self) -> None:
        """Wait until the process serves. Raises EndedError if it died before."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE):
            port = await self.process.serves()
        self.address = f"http://{HOST}:{port}"
        self.town.slack.bot_url = f"{self.address}/slack/events"

    async def ends(self, how: signal.Signals) -> int:
        """Send the process a signal; its exit code."""
        assert self.process is not None
        self.process.signalled(how)
        return await self.dies()

    async def dies(self) -> int:
        """Wait until the process has ended; its exit code."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE):
            code = await self.process.ended()
        self.process = None
        return code

    def passes(self, **length: float) -> None:
        """Let time pass for the stations and for the process."""
        self.clock.move(timedelta(**length))
        self.tell_the_time()

    def leases_run_out(self) -> None:
        """Let a minute pass on the machine's clock alone."""
        self.machine_ahead += 61
        self.tell_the_time()

    def tell_the_time(self) -> None:
        """Let the process know what time it is, and look at once what has become due."""
        ahead = (self.clock.now() - datetime.now(UTC)).total_seconds()
        fresh = self.folder / "ahead.json.new"
        fresh.write_text(json.dumps({"procedure": ahead, "machine": self.machine_ahead}), encoding="utf-8")
        os.replace(fresh, self.folder / "ahead.json")
        for each in (self.process, *self.company):
            if each is not None:
                each.signalled(signal.SIGUSR1)

    async def alerts(self) -> None:
        """The portal's alarm service sends what is due."""
        feed = AlertFeed(self.town.fleet, f"{self.address}/alerts", self.town.secrets.alerts, self.clock)
        assert await feed.send_due() > 0, "the bot took no alert"

    async def alert(self, serial: str) -> None:
        """Another source's alert arrives."""
        now = self.clock.now()
        silent_since = now.isoformat()
        await send_alert(self.address, self.town.secrets.alerts, now, serial, last_communication=silent_since)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until Slack shows something; every change is looked at, so nothing is slept."""
        async with asyncio.timeout(PATIENCE):
            seen = self.town.slack.seq
            while not holds():
                seen = await self.town.slack.changed(seen)

    def card(self, serial: str) -> Message | None:
        """The station's card, if it is there."""
        cards = [
            message for message in self.town.slack.messages(ALERT_CHANNEL.id) if message.thread_ts is None
        ]
        return next((card for card in cards if card.text.startswith(serial)), None)

    def shows(self, serial: str, what: str) -> bool:
        """Does the station's card say this?"""
        card = self.card(serial)
        return card is not None and what in words(card.blocks)

    def thread(self, serial: str) -> list[str]:
        """The lines of the station's thread."""
        card = self.card(serial)
        return (
            [words(line.blocks) for line in self.town.slack.thread(ALERT_CHANNEL.id, card.ts)] if card else []
        )


def environment(town: Town, base: str, folder: Path) -> Mapping[str, str]:
    """The names a Relink that lives in this town is started with, and nothing of the developer's own."""
    keys = town.secrets
    signed = {"SLACK_SIGNING_SECRET": keys.signing}
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": keys.bot_token,
        **({"SLACK_APP_TOKEN": keys.app_token} if keys.app_token else signed),
        "SLACK_API_URL": f"{base}/api/",
        "DATABASE_URL": f"sqlite:///{folder / 'relink.db'}",
        "PORTAL": "http",
        "PORTAL_URL": f"{base}/portal",
        "PORTAL_TOKEN": keys.portal,
        "ALERT_SECRETS": keys.alerts,
        "ALERT_CHANNEL": ALERT_CHANNEL.id,
        "SUPPORT_GROUP": SUPPORT_GROUP.id,
        "TECHNICIAN_GROUP": TECHNICIAN_GROUP.id,
        "LEAD_GROUP": LEAD_GROUP.id,
        "HOST": HOST,
        "PORT": "0",
    }


@asynccontextmanager
async def a_killable_world(
    folder: Path, pair: Pair, stations: Iterable[SimulatedStation] = ()
) -> AsyncIterator[Killable]:
    """A world at 02:58 whose bot does not run yet; what still runs at the end is killed.

    Its stations are those of the demo unless others are given.
    """
    clock = MovableClock(NIGHT, running=True)
    town = found_town(clock, strict_pace=False, socket_mode=pair.socket_mode)
    if fleet := tuple(stations):
        town = _with_fleet(town, Fleet(fleet, clock))
    outside = Outside(clock)
    application = outside.app()
    orders: list[Order] = []
    application.middlewares.append(_noting(orders))
    town.slack.mount(application)
    application.add_subapp("/portal", town.portal.app())
    runner, port = await start(application, HOST, 0)
    base = f"http://{HOST}:{port}"
    town.slack.public_url = base
    names = {**environment(town, base, folder), "DATABASE_URL": pair.database_url}
    world = Killable(folder, town, outside, names, clock, orders=orders)
    try:
        yield world
    finally:
        if world.process is not None:
            await world.ends(signal.SIGKILL)
        await runner.cleanup()


def _with_fleet(town: Town, fleet: Fleet) -> Town:
    return replace(town, fleet=fleet, portal=PortalSimulator(fleet, town.secrets.portal))


def _noting(orders: list[Order]) -> Middleware:
    """Takes note of every restart before the portal does it."""

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST" and request.path.endswith("/commands"):
            body = json.loads(await request.text())
            if body["type"] == "restart":
                station = request.path.split("/")[-2]
                orders.append(Order(request.headers.get("Idempotency-Key", ""), station))
        return await handler(request)

    return note
