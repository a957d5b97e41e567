"""The whole of Relink in one process, to try it: our own Slack, portal and page, and a clock to move by hand."""

import asyncio
import secrets
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from bot.clock import MovableClock
from bot.config import Settings, load_settings
from bot.demo.alerts import AlertFeed
from bot.demo.fleet import Fleet
from bot.demo.history import give_a_past
from bot.demo.page import PORTAL_PAGES, World, page_app
from bot.demo.player import Pace, Player
from bot.demo.portal import PortalSimulator
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
from bot.demo.stories import (
    ALERT_CHANNEL,
    GROUPS,
    LEAD_GROUP,
    PEOPLE,
    SUPPORT_GROUP,
    TECHNICIAN_GROUP,
    demo_stations,
)
from bot.demo.traffic import TrafficBook, watching_portal

HOST: Final = "127.0.0.1"
PORT: Final = 8484
FEED_SECONDS: Final = 1.0

SCOPES: Final = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)
EVENTS: Final = frozenset({"app_home_opened", "app_mention", "message.channels", "message.groups"})
"""What the demo's Slack grants and sends: exactly what manifest.yaml asks for; a test compares them."""

Start = Callable[[web.Application, str, int], Awaitable[tuple[web.AppRunner, int]]]


@dataclass(frozen=True, slots=True)
class Town:
    """What surrounds Relink in the demo and in the stories: people with their Slack, stations with their portal."""

    slack: SlackDouble
    fleet: Fleet
    portal: PortalSimulator
    clock: MovableClock
    secrets: "Secrets"

    def settings(self, base_url: str, folder: Path, **more: object) -> Settings:
        """Settings for a Relink that lives here, with its data in `folder`."""
        given: dict[str, object] = {
            "slack_bot_token": self.secrets.bot_token,
            "slack_app_token": self.secrets.app_token,
            # Over Socket Mode nothing is signed.
            "slack_signing_secret": "" if self.secrets.app_token else self.secrets.signing,
            "slack_api_url": f"{base_url}/api/",
            "database_url": f"sqlite:///{folder / 'relink.db'}",
            "portal": "http",
            "portal_url": f"{base_url}/portal",
            "portal_token": self.secrets.portal,
            "alert_secrets": self.secrets.alerts,
            "alert_channel": ALERT_CHANNEL.id,
            "support_group": SUPPORT_GROUP.id,
            "technician_group": TECHNICIAN_GROUP.id,
            "lead_group": LEAD_GROUP.id,
            "host": HOST,
            "port": 0,
        }
        return load_settings(**(given | more))


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one town, made up at its start and kept nowhere."""

    bot_token: str
    signing: str
    portal: str
    alerts: str
    app_token: str | None = None
    """There in Socket Mode only."""

    @classmethod
    def make(cls, *, socket_mode: bool = False) -> "Secrets":
        """New ones."""
        webhook = b64encode(secrets.token_bytes(24)).decode()
        return cls(
            f"xoxb-{secrets.token_hex(12)}",
            secrets.token_hex(16),
            secrets.token_urlsafe(24),
            f"whsec_{webhook}",
            f"xapp-{secrets.token_hex(12)}" if socket_mode else None,
        )


class House(Protocol):
    """What the demo needs of a running Relink."""

    @property
    def web(self) -> web.Application:
        """Its web server, not started yet."""
        ...

    async def begin(self) -> None:
        """Start to look and to deliver."""
        ...

    async def end(self) -> None:
        """Stop and let go."""
        ...

    def nudge(self) -> None:
        """Something may be due."""
        ...


Build = Callable[..., Awaitable[House]]


def found_town(
    clock: MovableClock,
    *,
    strict_pace: bool = True,
    real: Callable[[], float] = time.time,
    socket_mode: bool = False,
    portal_pages: str = "https://portal.example",
    echoes: bool = False,
) -> Town:
    """People, stations, a Slack and a portal; nothing listens yet. `real` is Slack's own time, in seconds;
    `portal_pages` is where "Open portal" leads. With `echoes` Relink hears its own messages."""
    keys = Secrets.make(socket_mode=socket_mode)
    everybody = [person.id for person in PEOPLE]
    roles = {member: group.handle for group in GROUPS for member in group.members}
    workspace = Workspace.of(
        people=[(person.id, person.name, [roles.get(person.id, "")]) for person in PEOPLE],
        channels=[(ALERT_CHANNEL.id, ALERT_CHANNEL.name, everybody)],
        groups=[(group.id, group.handle, group.members) for group in GROUPS],
    )
    slack = SlackDouble(
        workspace,
        bot_token=keys.bot_token,
        signing_secret=keys.signing,
        app_token=keys.app_token,
        scopes=SCOPES,
        events=EVENTS,
        strict_pace=strict_pace,
        clock=real,
        stamps=lambda: clock.now().timestamp(),
        echoes=echoes,
    )
    fleet = Fleet(demo_stations(portal_pages), clock)
    return Town(slack, fleet, PortalSimulator(fleet, keys.portal), clock, keys)


async def demo(
    build: Build,
    start: Start,
    asked_to_stop: Callable[[], Awaitable[None]],
    *,
    port: int = PORT,
    pace: Pace | None = None,
    strict_pace: bool = True,
    opened: Callable[[str], None] | None = None,
) -> None:
    """Run the demo until asked to stop, and begin anew whenever somebody resets it.

    Data lives in a temporary folder unless DEMO_DIR names one; a reset begins with an empty database either way.
    `opened` is told the page's address at each beginning (printed unless given); without `strict_pace` Slack
    takes any number of calls.
    """
    stopping = asyncio.ensure_future(asked_to_stop())
    with tempfile.TemporaryDirectory(prefix="relink-demo-") as folder:
        for life in count(1):
            reset = asyncio.Event()
            url = f"http://{HOST}:{port}"
            clock = MovableClock(datetime.now(UTC), running=True)
            town = found_town(clock, strict_pace=strict_pace, portal_pages=url + PORTAL_PAGES)
            settings = _settings(town, url, Path(folder), fresh=life > 1)
            stations = [simulated.station for simulated in town.fleet.all()]
            await asyncio.to_thread(give_a_past, settings.database_url, stations, clock.now())
            async with _living(town, build, start, settings, port=port, pace=pace, reset=reset.set):
                (opened or _say)(url)
                resetting = asyncio.ensure_future(reset.wait())
                await asyncio.wait({stopping, resetting}, return_when=asyncio.FIRST_COMPLETED)
                resetting.cancel()
            if stopping.done():
                return


def _say(url: str) -> None:
    print(f"Relink's demo is open on {url} (Ctrl-C ends it)")  # noqa: T201 (said to the person who started it)


def _settings(town: Town, url: str, folder: Path, *, fresh: bool) -> Settings:
    """The settings of one life; `fresh` throws away what an earlier one left in the folder."""
    settings = town.settings(url, folder)
    if settings.demo_dir is not None:
        folder = settings.demo_dir
        folder.mkdir(parents=True, exist_ok=True)
        settings = town.settings(url, folder)
    if fresh:
        for left in folder.glob("relink.db*"):
            left.unlink()
    return settings


@asynccontextmanager
async def _living(
    town: Town,
    build: Build,
    start: Start,
    settings: Settings,
    *,
    port: int,
    pace: Pace | None,
    reset: Callable[[], None],
) -> AsyncIterator[None]:
    """A Relink, its town and the page, from the first look to the last."""
    clock, keys = town.clock, town.secrets
    house = await build(settings, clock=clock)
    house_runner, house_port = await start(house.web, HOST, 0)
    relink = f"http://{HOST}:{house_port}"
    town.slack.public_url, town.slack.bot_url = f"http://{HOST}:{port}", f"{relink}/slack/events"
    book = TrafficBook(town.slack.traffic, clock)
    told = partial(book.note, "alerts", outward=False, name="POST /alerts")
    feed = AlertFeed(town.fleet, f"{relink}/alerts", keys.alerts, clock, told)

    async def wake() -> None:
        await feed.send_due()
        house.nudge()

    zone = settings.site_timezone
    player = Player(town.slack, town.fleet, town.portal, clock, wake, pace=pace, zone=zone)
    life = secrets.token_hex(4)
    world = World(town.fleet, town.portal, clock, player, book, wake, reset, life)
    page = page_app(world, zone=str(zone))
    town.slack.mount(page)
    portal = town.portal.app()
    portal.middlewares.insert(0, watching_portal(book))
    page.add_subapp("/portal", portal)
    runner, _ = await start(page, HOST, port)
    await house.begin()
    feeding = asyncio.create_task(_feed(feed))
    try:
        yield
    finally:
        await player.stop()
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        await house.end()
        await runner.cleanup()
        await house_runner.cleanup()


async def _feed(feed: AlertFeed) -> None:
    """The portal's own alarm service: sends what was raised or cleared."""
    while True:
        await feed.send_due()
        await asyncio.sleep(FEED_SECONDS)
