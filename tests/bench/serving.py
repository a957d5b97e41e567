"""`python app.py serve` as a process of its own: what it weighs, and how soon an alert becomes a card."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import aiohttp

from bot.clock import MovableClock
from bot.demo.slack.server import SlackDouble
from bot.demo.town import HOST, Town, found_town
from bot.incidents.stations import StationSeen
from handlers.web import start
from tests.bench.report import Line
from tests.bench.seed import alert
from tests.bench.sending import signed_alert
from tests.bench.volley import Client
from tests.stories.cradle import ROOT
from tests.stories.killable import environment
from tests.world import CHANNEL

MOST_MEGABYTES = 120
SOON_SECONDS = 1.0
PATIENCE_SECONDS = 30
CALM_SECONDS = 3.0
"""Slack is calm when nothing came for so long: longer than the pace makes anything wait."""
SILENT = timedelta(minutes=20)
"""Since when the stations say nothing: long enough for an alert, too short to call a person."""


async def measure(folder: Path, client: Client, stations: int) -> list[Line]:
    """Memory when nothing happens, then one alert after the other, each when the card before has settled.

    The Slack double allows what Slack allows, so alerts that come together would wait for their turn; here every
    station of the demo, up to so many, is alone.
    """
    async with _a_silent_town() as (town, base), _serving(town, base, folder) as (process, port):
        idle = await _megabytes(process)
        await client.fire(port, [])  # the sending process shall be there
        serials = [each.station.serial for each in town.fleet.all()][:stations]
        waits = [await _until_the_card(town, client, port, serial) for serial in serials]
        busy = await _megabytes(process)
    details = {"after_the_cards_mb": round(busy)}
    median, worst = statistics.median(waits), max(waits)
    cards: dict[str, float | Sequence[float]] = {
        "median_seconds": round(median, 2),
        "seconds": [round(wait, 3) for wait in waits],
    }
    return [
        Line("memory of an idle serve", idle, "MB", at_most=MOST_MEGABYTES, details=details),
        Line("alert to first card, slowest", worst, "s", at_most=SOON_SECONDS, details=cards),
    ]


@asynccontextmanager
async def _a_silent_town() -> AsyncIterator[tuple[Town, str]]:
    """Slack, portal and stations that all fell silent a while ago; and where they listen."""
    clock = MovableClock(datetime.now(UTC) - SILENT, running=True)
    town = found_town(clock)
    for each in town.fleet.all():
        town.fleet.set_fault(each.station.serial, "modem hang")
    clock.move(SILENT)
    outside = town.slack.app()
    outside.add_subapp("/portal", town.portal.app())
    runner, port = await start(outside, HOST, 0)
    try:
        yield town, f"http://{HOST}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _serving(
    town: Town, base: str, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """The bot, started as its owner starts it, and its port; it is stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "app.py"),
        "serve",
        cwd=folder,
        env=dict(environment(town, base, folder)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    reading = None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            port = await _port(process.stderr)
            reading = asyncio.create_task(_read_on(process.stderr))
            await _ready(port)
        yield process, port
    finally:
        process.terminate()
        await process.wait()
        if reading is not None:
            await reading


async def _port(log: asyncio.StreamReader) -> int:
    async for line in log:
        found = re.search(r"\bserving\b.*\bport=(\d+)", line.decode())
        if found:
            return int(found[1])
    raise AssertionError("it ended before it served")


async def _read_on(log: asyncio.StreamReader) -> None:
    # A pipe nobody reads would stop the process one day.
    async for _ in log:
        pass


async def _ready(port: int) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{port}/readyz") as answer:
        assert answer.status == HTTPStatus.OK, await answer.text()


async def _megabytes(process: asyncio.subprocess.Process) -> float:
    """What the process holds in memory now."""
    asked = await asyncio.create_subprocess_exec(
        "ps", "-o", "rss=", "-p", str(process.pid), stdout=asyncio.subprocess.PIPE
    )
    kilobytes, _ = await asked.communicate()
    return int(kilobytes) / 1024


async def _until_the_card(town: Town, client: Client, port: int, serial: str) -> float:
    """Seconds from sending a station's alert until Slack has its card."""
    await _calm(town.slack)
    now = datetime.now(UTC)
    # Silent for half an hour at the bot's first start it would be a line of the first day's list, not a card.
    sent = replace(alert(serial, now), station=StationSeen(serial, None), last_communication=now - SILENT)
    request = signed_alert(town.secrets.alerts, sent)
    seen = town.slack.seq
    begun = time.perf_counter()
    firing = asyncio.create_task(client.fire(port, [request]))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not _has_card(town.slack, serial):
            seen = await town.slack.changed(seen)
    waited = time.perf_counter() - begun
    (answer,) = (await firing).answers
    assert answer.status == HTTPStatus.ACCEPTED, answer.body
    return waited


async def _calm(slack: SlackDouble) -> None:
    seen = slack.seq
    while True:
        try:
            async with asyncio.timeout(CALM_SECONDS):
                seen = await slack.changed(seen)
        except TimeoutError:
            return


def _has_card(slack: SlackDouble, serial: str) -> bool:
    return any(card.text.startswith(serial) for card in slack.messages(CHANNEL) if card.thread_ts is None)
