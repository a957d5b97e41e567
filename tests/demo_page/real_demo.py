"""The demo as `app.py demo` runs it, on a free port and in a hurry."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import ClientSession

from app import build
from bot.demo.player import Pace
from bot.demo.town import HOST, demo
from bot.messages.pace import Beat, Paces
from handlers.web import start

HURRY = Pace(read=0, point=0, minute=0, patience=60)
"""For tests: nobody watches."""
LEISURE = Pace(read=1.6, point=1.0, minute=0.05, patience=60)
"""For pictures: time enough to look."""
AT_ONCE = Paces(Beat(timedelta(0)), Beat(timedelta(0)))


@dataclass
class RealDemo:
    """A demo that runs at `url`; `openings` gets the address at each beginning."""

    url: str
    openings: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def get(self, what: str) -> dict[str, Any]:
        """What the page reads: `world` or `traffic`."""
        async with ClientSession() as session, session.get(f"{self.url}/demo/{what}") as answer:
            shown: dict[str, Any] = await answer.json()
        return shown

    async def post(self, what: str, **body: object) -> dict[str, Any]:
        """One control is used."""
        async with ClientSession() as session, session.post(f"{self.url}/demo/{what}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
        return said


@asynccontextmanager
async def a_real_demo(*, pace: Pace = HURRY) -> AsyncIterator[RealDemo]:
    """Run it until the block ends."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    running = RealDemo(f"http://{HOST}:{port}")
    stop = asyncio.Event()

    async def asked_to_stop() -> None:
        await stop.wait()

    at_once = partial(build, paces=AT_ONCE)
    living = asyncio.create_task(
        demo(
            at_once,
            start,
            asked_to_stop,
            port=port,
            pace=pace,
            strict_pace=False,
            opened=running.openings.put_nowait,
        )
    )
    opening = asyncio.create_task(running.openings.get())
    await asyncio.wait({living, opening}, return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        await living
    try:
        yield running
    finally:
        stop.set()
        await living
