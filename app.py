"""Relink's composition root and its command line.

Exit codes: 0 done, 2 configuration wrong (each wrong name on a line of its own), 1 anything else.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web

from bot import exports, looks, memory, mornings
from bot import log as logs
from bot.clock import Clock, SteadyClock, SystemClock
from bot.config import Settings, Timings, load_settings
from bot.deps import Abilities, Deps, rules_of
from bot.errors import ConfigWrong, RelinkError, RunbookWrong
from bot.incidents import commands
from bot.life import Life
from bot.messages import forms, outbox
from bot.messages.courier import CHART_SECONDS, Courier
from bot.messages.directory import SlackDirectory
from bot.messages.greeting import begin_with_slack, check_slack, connected
from bot.messages.pace import Paces
from bot.messages.render import Renderer
from bot.messages.weather import Weather
from bot.metrics import Metrics
from bot.people import RoleTable
from bot.portal.choose import choose_portal
from bot.portal.contract import Portal
from bot.portal.drill import DrillPortal
from bot.portal.http import HttpPortal
from bot.runbook.chart import markdown
from bot.runbook.judge import JUDGEMENTS
from bot.runbook.judge_forms import FORM_JUDGEMENTS
from bot.runbook.load import PORTAL_VERBS, SHIPPED, load_runbook
from bot.runbook.model import Runbook
from bot.runbook.proof import prove
from bot.stopping import asked_to_stop, stop_signals
from bot.tasks import Tasks
from bot.ticker import STOP_SECONDS, Nudge, Runner, Ticker
from bot.watch import Watch
from db import drills, migrate
from db.opening import open_beside, open_migrated
from handlers import bolt_app
from handlers.gate import slack_events
from handlers.socket import Sockets
from handlers.web import start, web_app

TEMPLATES = Path(__file__).parent / "templates"

log = structlog.get_logger("relink")


@dataclass(frozen=True, slots=True)
class House:
    """All parts of a running Relink, built and not yet started."""

    deps: Deps
    courier: Courier
    ticker: Ticker
    session: aiohttp.ClientSession
    web: web.Application
    sockets: Sockets | None
    life: Life
    watch: Watch
    portal: Portal
    """The real one; what the others are given answers for the stations of drills itself."""

    async def settle(self) -> None:
        """Do everything that is due at this moment of the clock, until nothing is left to do."""
        deps = self.deps
        await deps.tasks.drain()
        while await looks.run_due(deps) + await mornings.run_due(deps) + await self.courier.run_due():
            # The answer to a command, carried beside the rounds, makes more that is due.
            await deps.tasks.drain(within=CHART_SECONDS)

    async def begin(self) -> None:
        """Begin to listen, to look and to deliver. Raises ConfigWrong if Slack refuses a token."""
        await begin_with_slack(self.deps.slack, self.deps.metrics, self.deps.db, self.deps.real)
        if self.sockets is not None:
            await self.sockets.begin()
        await looks.refresh_abilities(self.deps)
        await self.life.begin()
        self.ticker.start()

    def nudge(self) -> None:
        """Something may be due."""
        self.ticker.nudge()

    async def end(self) -> None:
        """Stop, and let go of everything; what was begun is finished first."""
        if self.sockets is not None:
            await self.sockets.end()
        await self.ticker.stop()
        await self.deps.tasks.drain(within=STOP_SECONDS)
        await self.life.beat()
        if isinstance(self.portal, HttpPortal):
            await self.portal.close()
        await self.session.close()
        await self.deps.db.close()


def read_runbook(timings: Timings, render: Renderer) -> Runbook:
    """The shipped procedure, checked against what this version can do. Raises RunbookWrong with file and line."""
    return load_runbook(
        SHIPPED,
        verbs=PORTAL_VERBS,
        judgements=frozenset(JUDGEMENTS) | frozenset(FORM_JUDGEMENTS),
        templates=render.names(),
        timings=frozenset(timings.by_name()),
    )


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    real: Clock | None = None,
    paces: Paces | None = None,
    portal: Portal | None = None,
    render: Renderer | None = None,
    runbook: Runbook | None = None,
    serving: bool = True,
) -> House:
    """Put Relink together; not `serving`, beside one that does. Nothing is running afterwards but the database.

    Raises ConfigWrong, RunbookWrong.
    """
    render = render or Renderer(TEMPLATES)
    runbook = runbook or read_runbook(settings.timings, render)
    url = settings.database_url
    db = await (open_migrated(url, frozenset(runbook.steps)) if serving else open_beside(url))
    real = real or SteadyClock()
    clock = clock or real
    metrics = Metrics(time.monotonic if isinstance(real, SteadyClock) else lambda: real.now().timestamp())
    session, slack = connected(settings.slack_bot_token, settings.slack_api_url, metrics, real)
    real_portal = portal or choose_portal(settings.portal, settings.portal_url, settings.portal_token)
    table = RoleTable(settings.support_group, settings.technician_group, settings.lead_group)
    nudge = Nudge()
    deps = Deps(
        settings=settings,
        db=db,
        slack=slack,
        portal=DrillPortal(real_portal, lambda name: db.read(drills.standing, name), clock),
        abilities=Abilities(),
        directory=SlackDirectory(slack, table, real),
        rules=rules_of(settings, runbook),
        render=render,
        metrics=metrics,
        tasks=Tasks(),
        clock=clock,
        real=real,
        nudge=nudge,
    )
    courier = _courier(deps, paces or Paces(), beside=not serving)
    runners = (
        Runner("looks", lambda: looks.run_due(deps)),
        Runner("digests", lambda: mornings.run_due(deps)),
        Runner("courier", courier.run_due, courier.next_wake),
    )
    life = Life(deps)
    watch = Watch(deps, life)
    ticker = Ticker(runners, watch.look)
    nudge.ticker = ticker
    bolt, app_token = bolt_app(deps), settings.slack_app_token
    sockets = Sockets(bolt, slack, app_token, metrics, caught_up=watch.catch_up) if app_token else None
    slack_handler = None if sockets else slack_events(bolt, settings.slack_signing_secret)
    web = web_app(deps, slack_handler)
    return House(deps, courier, ticker, session, web, sockets, life, watch, real_portal)


def _courier(deps: Deps, paces: Paces, *, beside: bool) -> Courier:
    home, leads = deps.settings.alert_channel, deps.settings.lead_group or deps.settings.support_group
    return Courier(
        db=deps.db,
        slack=deps.slack,
        portal=deps.portal,
        draw=mornings.drawing_of(deps, beside=beside),
        chart=mornings.chart_of(deps),
        weather=Weather(deps.db, deps.slack, deps.metrics, home, leads, deps.clock, deps.real),
        blank=partial(forms.blank, deps.render.words(outbox.BLANK, {})),
        plain=lambda reference: deps.render.words(outbox.PLAIN, {"reference": reference}),
        answered=partial(commands.answered, rules=deps.rules),
        metrics=deps.metrics,
        spawn=partial(deps.tasks.spawn, then=deps.nudge),
        clock=deps.clock,
        real=deps.real,
        paces=paces,
    )


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C, then end what was begun; both are heard from the first moment on."""
    stop = stop_signals()
    house = await build(settings)
    runner: web.AppRunner | None = None
    try:
        # Before the first alert can come in: what was down before the first start is taken otherwise.
        await house.life.begin()
        runner, port = await start(house.web, settings.host, settings.port)
        await house.begin()
        memory.started_up()
        log.info("serving", host=settings.host, port=port)
        await stop.wait()
    finally:
        if runner is not None:
            await runner.cleanup()
        await house.end()


async def check(settings: Settings) -> None:
    """Print what would keep Relink from working: configuration, procedure, Slack, portal."""
    runbook = read_runbook(settings.timings, Renderer(TEMPLATES))
    print("configuration  right")
    print(f"procedure      {runbook.code}, {len(runbook.steps)} steps, {runbook.digest}")
    print(prove(runbook))
    house = await build(settings)
    try:
        await check_slack(house.deps.slack, house.deps.metrics)
        if house.sockets is not None:
            await house.sockets.answers()
        print("slack          " + ("answers" if house.deps.metrics.slack.ok else "cannot be reached"))
        print(f"portal         {settings.portal}: {await house.deps.portal.capabilities()}")
    finally:
        await house.end()
    print(markdown(runbook))


async def digest(settings: Settings, *, post: bool) -> None:
    """Print the digest of every channel as it would be now; or post today's, once, whoever else does."""
    house = await build(settings, serving=False)
    try:
        await looks.refresh_abilities(house.deps)
        print(await mornings.told(house.deps, house.courier, post=post))
    finally:
        await house.end()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="app.py", description="The Slack bot that keeps EV chargers online")
    command = parser.add_subparsers(dest="command", required=True, metavar="command")
    parsers = {name: command.add_parser(name, help=words) for name, words in COMMANDS.items()}
    exports.add_arguments(parsers["export"])
    parsers["digest"].add_argument("--post", action="store_true", help="post today's; never a second one")
    asked = parser.parse_args(arguments)
    logs.configure("text")
    try:
        return _run(asked)
    except (ConfigWrong, RunbookWrong) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except (RelinkError, OSError) as trouble:
        print(f"{asked.command}: {trouble}", file=sys.stderr)
        return 1


COMMANDS = {
    "serve": "run the bot",
    "demo": "bot, Slack page and portal simulator in one process, no account needed",
    "migrate": "bring the database to the newest version",
    "digest": "print how everything stands, as the morning digest tells it",
    "export": "closed incidents, or the minutes without contact, as CSV",
    "check": "configuration, Slack, portal, the procedure's proof and its chart",
}


def _run(asked: argparse.Namespace) -> int:
    command = asked.command
    if command == "demo":
        from bot.demo.town import demo  # only where it is wanted: it is no part of the bot

        asyncio.run(demo(build, start, asked_to_stop))
        return 0
    settings = load_settings()
    logs.configure(settings.log_format, settings.secret_values())
    if command == "migrate":
        migrate.upgrade(settings.database_url)
    elif command == "digest":
        asyncio.run(digest(settings, post=asked.post))
    elif command == "export":
        runbook = read_runbook(settings.timings, Renderer(TEMPLATES))
        asyncio.run(exports.run(settings, asked, runbook, SystemClock().now()))
    else:
        asyncio.run(check(settings) if command == "check" else serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
