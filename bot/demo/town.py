"""The whole of Relink in one process, to try it: our own Slack, portal and page, and a clock to move by hand."""

import asyncio
import secrets
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from bot.clock import MovableClock
from bot.config import Settings, load_settings
from bot.demo.alerts import AlertFeed
from bot.demo.fleet import Fleet
from bot.demo.page.app import page_app
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

HOST: Final = "127.0.0.1"
PORT: Final = 8484
FEED_SECONDS: Final = 1.0

SCOPES: Final = frozenset(
    {"channels:history", "chat:write", "commands", "groups:history", "usergroups:read", "users:read"}
)
"""What the demo's Slack grants: exactly the scopes of manifest.yaml; a test compares them."""

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
            "slack_signing_secret": self.secrets.signing,
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

    @classmethod
    def make(cls) -> "Secrets":
        """New ones."""
        webhook = b64encode(secrets.token_bytes(24)).decode()
        return cls(
            f"xoxb-{secrets.token_hex(12)}",
            secrets.token_hex(16),
            secrets.token_urlsafe(24),
            f"whsec_{webhook}",
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
    clock: MovableClock, *, strict_pace: bool = True, real: Callable[[], float] = time.time
) -> Town:
    """People, stations, a Slack and a portal; nothing listens yet. `real` is Slack's own time, in seconds."""
    keys = Secrets.make()
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
        scopes=SCOPES,
        strict_pace=strict_pace,
        clock=real,
        stamps=lambda: clock.now().timestamp(),
    )
    fleet = Fleet(demo_stations(), clock)
    return Town(slack, fleet, PortalSimulator(fleet, keys.portal), clock, keys)


async def demo(build: Build, start: Start, asked_to_stop: Callable[[], Awaitable[None]]) -> None:
    """Run the demo until asked to stop. Data lives in a temporary folder unless DEMO_DIR names one."""
    with tempfile.TemporaryDirectory(prefix="relink-demo-") as folder:
        await _demo(Path(folder), build, start, asked_to_stop)


async def _demo(
    folder: Path, build: Build, start: Start, asked_to_stop: Callable[[], Awaitable[None]]
) -> None:
    clock = MovableClock(datetime.now(UTC), running=True)
    town = found_town(clock)
    url = f"http://{HOST}:{PORT}"
    house = await build(town.settings(url, folder), clock=clock)
    house_runner, house_port = await start(house.web, HOST, 0)
    relink = f"http://{HOST}:{house_port}"
    town.slack.public_url, town.slack.bot_url = url, f"{relink}/slack/events"
    feed = AlertFeed(town.fleet, f"{relink}/alerts", town.secrets.alerts, clock)

    async def wake() -> None:
        await feed.send_due()
        house.nudge()

    page = page_app(town.fleet, clock, wake)
    town.slack.mount(page)
    page.add_subapp("/portal", town.portal.app())
    runner, _ = await start(page, HOST, PORT)
    await house.begin()
    feeding = asyncio.create_task(_feed(feed))
    print(f"Relink's demo is open on {url} (Ctrl-C ends it)")  # noqa: T201 (said to the person who started it)
    await asked_to_stop()
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
