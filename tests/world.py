"""A whole small world for stories: the real bot over real HTTP, with the Slack and the portal of the demo.

Time stands still until a story moves it; then everything that became due happens before the story goes on.
Two clocks: the procedure's (`later`) and the machine's (`patience`), on which leases, pace and retries run.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from app import TEMPLATES, House, build, read_runbook
from bot import looks
from bot.clock import MovableClock
from bot.config import Timings
from bot.demo.alerts import AlertFeed
from bot.demo.slack.fields import with_label
from bot.demo.stories import LEAD, SUPPORT_1, SUPPORT_2, SUPPORT_GROUP, TECH_1
from bot.demo.town import HOST, found_town
from bot.incidents import timers
from bot.messages.pace import Beat, Paces
from bot.messages.render import Renderer
from bot.portal.contract import Portal
from bot.portal.http import HttpPortal
from bot.runbook.model import Runbook
from handlers.socket import CONNECTIONS
from handlers.web import start
from tests.stories import seeing
from tests.stories.outside import Impatient, Outside, send_alert
from tests.stories.seeing import Seeing

NIGHT = datetime(2026, 11, 22, 2, 58, tzinfo=UTC)
STATION, CHANNEL = seeing.STATION, seeing.CHANNEL
SUPPORT, OTHER_SUPPORT, TECHNICIAN, THE_LEAD = SUPPORT_1.id, SUPPORT_2.id, TECH_1.id, LEAD.id
THE_GROUP = SUPPORT_GROUP.id
AT_ONCE = Paces(Beat(timedelta(0)), Beat(timedelta(0)))
"""No pause between messages; the pace has stories of its own."""
MINUTE = timedelta(minutes=1)
Blocks = list[dict[str, Any]]


@dataclass(repr=False)  # a whole town is a long text, and asyncio asks for it at the end of a fixture
class World(Seeing):
    """What a story can do and see."""

    house: House
    feed: AlertFeed
    outside: Outside
    clock: MovableClock
    real: MovableClock
    address: str
    """Where the bot listens."""

    # Time

    async def settle(self) -> None:
        """Let everything happen that is due now."""
        while await self.feed.send_due():
            await self.house.settle()
        await self.house.settle()

    async def later(self, **length: float) -> None:
        """Move the procedure's clock, minute by minute as time does, and let happen what becomes due.

        In a minute in which no station reports and no timer is due Relink sleeps, here as in service.
        """
        left = timedelta(**length)
        due = await self.house.deps.db.read(timers.next_due)
        while left > timedelta(0):
            step = min(left, MINUTE)
            self.clock.move(step)
            left -= step
            woken = due is not None and due <= self.clock.now()
            if await self.feed.send_due() or woken or not left:
                await self.settle()
                due = await self.house.deps.db.read(timers.next_due)

    def later_at_once(self, **length: float) -> None:
        """Move the procedure's clock while something is under way."""
        self.clock.move(timedelta(**length))

    async def until(self, hour_minute: str) -> None:
        """Let time pass until the clock shows this, today or tomorrow."""
        hour, minute = map(int, hour_minute.split(":"))
        now = self.clock.now()
        then = now.replace(hour=hour, minute=minute, second=0)
        await self.later(seconds=((then - now) % timedelta(days=1)).total_seconds())

    async def patience(self, seconds: float) -> None:
        """Move the machine's clock only: leases run out, Slack's pauses end."""
        self.real.move(timedelta(seconds=seconds))
        await self.settle()

    # Stations

    async def breaks(self, fault: str = "modem hang", serial: str = STATION) -> None:
        """A station gets a fault."""
        self.town.fleet.set_fault(serial, fault)
        await self.settle()

    async def mended(self, serial: str = STATION) -> None:
        """A station is sound again."""
        self.town.fleet.set_fault(serial, None)
        await self.settle()

    async def silent_for_30_minutes(self, fault: str = "modem hang", serial: str = STATION) -> None:
        """A station broke 30 minutes ago: somebody is asked for a decision now."""
        await self.breaks(fault, serial)
        await self.later(minutes=30)

    async def alert(self, serial: str = STATION, status: str = "raised", **more: Any) -> dict[str, str]:
        """Another source's alert arrives; what was answered to it."""
        secret = self.town.secrets.alerts
        (result,) = await send_alert(self.address, secret, self.clock.now(), serial, status, **more)
        await self.settle()
        return result

    # People

    async def press(self, who: str, label: str, serial: str = STATION, *, confirm: bool = True) -> None:
        """Somebody presses a button of the station's card."""
        ts = self.card(serial).ts
        await self.town.slack.press(who, label, channel=CHANNEL, ts=ts, confirm=confirm)
        await self.settle()

    async def press_late(self, who: str, label: str, old: Blocks, serial: str = STATION) -> None:
        """Somebody presses a button of the card as it was, in a client that shows it so."""
        (found,) = with_label(old, label)
        await self.town.slack.click(
            who, CHANNEL, self.card(serial).ts, found.element["action_id"], option=label, stale=old
        )
        await self.settle()

    async def fill(self, who: str, **answers: str | int) -> None:
        """Somebody fills in the form in front of them and sends it; underscores stand for dashes.

        Days are "2026-11-22", moments Unix seconds, people user ids.
        """
        view = self.town.slack.open_view(who)
        assert view is not None, "no form is open"
        elements = {block["block_id"]: block["element"] for block in view.body["blocks"]}
        typed = {name.replace("_", "-"): answer for name, answer in answers.items()}
        values = {
            name: {"value": {"option": answer} if "options" in elements[name] else answer}
            for name, answer in typed.items()
        }
        await self.town.slack.submit(who, view.id, values)
        await self.settle()

    def wrong(self, who: str) -> dict[str, str]:
        """The sentences beside the fields of the form in front of them; a form must be open."""
        view = self.town.slack.open_view(who)
        assert view is not None, "no form is open"
        return dict(view.errors)

    async def gives_up(self, who: str, reason: str) -> None:
        """Somebody closes with a reason: that stands behind "More" on every card."""
        await self.press(who, "More")
        await self.fill(who, what="Close with reason", reason=reason)

    async def log_and_close(self, who: str, **answers: str) -> None:
        """Somebody logs the repair; where the log is not open yet they give up first."""
        if "Log the repair" not in self.buttons():
            await self.gives_up(who, "Nothing more can be done tonight")
        await self.press(who, "Log the repair")
        await self.fill(who, **answers)

    async def type(self, who: str, text: str) -> str:
        """Somebody types a slash command in the channel; what only they are told."""
        before = len(self.whispers(who))
        await self.town.slack.slash(who, CHANNEL, text)
        await self.settle()
        return "\n".join(self.whispers(who)[before:])


@cache
def _templates() -> Renderer:
    """The templates, compiled once for all stories."""
    return Renderer(TEMPLATES)


@cache
def _runbook() -> Runbook:
    """The procedure, read once for all stories; no story has a time by another name."""
    return read_runbook(Timings(), _templates())


async def _at_once(_seconds: float) -> None:
    """The portal's pauses between repeats of a read; they have tests of their own."""


@asynccontextmanager
async def a_world(
    folder: Path,
    *,
    paces: Paces = AT_ONCE,
    by_hand: bool = False,
    socket_mode: bool = False,
    mornings: bool = False,
    echoes: bool = False,
    **settings: object,
) -> AsyncIterator[World]:
    """A world at 02:58 with every station sound.

    `by_hand`: PORTAL=manual. `socket_mode`: Slack talks over Socket Mode instead of signed HTTP. A `database_url`
    among the settings is a migrated database; without it there is a new SQLite file in `folder`. With `mornings` the
    digests are posted; else no process has begun whose they would be, because drawing their charts takes long. With
    `echoes` the bot hears its own messages, as in Slack.
    """
    clock, real = MovableClock(NIGHT), MovableClock(datetime.now(UTC))
    town = found_town(
        clock,
        strict_pace=paces is not AT_ONCE,
        real=lambda: real.now().timestamp(),
        socket_mode=socket_mode,
        echoes=echoes,
    )
    between = Outside(clock)
    outside = between.app()
    town.slack.mount(outside)
    outside.add_subapp("/portal", town.portal.app())
    outside_runner, outside_port = await start(outside, HOST, 0)
    base = f"http://{HOST}:{outside_port}"
    to_portal = httpx.AsyncClient(transport=Impatient(between))
    portal: Portal | None = None
    if by_hand:
        settings["portal"] = "manual"
    else:
        portal = HttpPortal(
            f"{base}/portal",
            town.secrets.portal,
            client=to_portal,
            sleep=_at_once,
            monotonic=lambda: real.now().timestamp(),
        )
    given = town.settings(base, folder, **settings)
    house = await build(
        given, clock=clock, real=real, paces=paces, portal=portal, render=_templates(), runbook=_runbook()
    )
    runner, port = await start(house.web, HOST, 0)
    address = f"http://{HOST}:{port}"
    town.slack.public_url, town.slack.bot_url = base, f"{address}/slack/events"
    await looks.refresh_abilities(house.deps)
    if mornings:
        await house.life.begin()
    try:
        if house.sockets is not None:
            await house.sockets.begin()
            await town.slack.sockets.until(lambda standing: len(standing) == CONNECTIONS)
        feed = AlertFeed(town.fleet, f"{address}/alerts", town.secrets.alerts, clock)
        yield World(town, house, feed, between, clock, real, address)
    finally:
        await runner.cleanup()
        await house.end()
        await to_portal.aclose()
        await outside_runner.cleanup()
