"""The bot as a process of its own, for the stories that kill it.

    python -m tests.stories.child SOCKET

This process reads program, procedure and templates once and then waits: every order on the socket makes it fork a
bot, so a start costs a fork and not a second of reading. Settings, database, connections and timers all begin after
the fork. Ends, and everything it forked with it, when the socket is closed.

A bot's clocks run with the machine's, as many seconds ahead as FOLDER/ahead.json says at that moment (`procedure`
and `machine`): a story moves time, and nobody sleeps.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from app import TEMPLATES, build, read_runbook
from bot import log as logs
from bot.config import Timings, load_settings
from bot.messages.pace import Beat, Paces
from bot.messages.render import Renderer
from bot.runbook.model import Runbook
from bot.stopping import stop_signals
from db import migrate
from handlers.web import start
from tests.stories import failpoints

AT_ONCE = Paces(Beat(timedelta(0)), Beat(timedelta(0)))
LONGEST_ORDER = 65_536
USED_EARLY = ("card", "lines/", "steps/", "rings/")
"""How the names of the templates begin that nearly every life draws with."""


@dataclass(frozen=True)
class ClockInAFile:
    """The machine's clock, ahead by what stands under `name` in the file."""

    file: Path
    name: str

    def now(self) -> datetime:
        """The present moment of this clock, in UTC."""
        ahead = json.loads(self.file.read_text(encoding="utf-8"))[self.name]
        return datetime.now(UTC) + timedelta(seconds=ahead)


async def _ask_nobody() -> None:
    """The first request of a process reads much of its library; here it goes to a port where nobody listens."""
    async with httpx.AsyncClient(trust_env=False) as client:
        with suppress(httpx.ConnectError):
            await client.get("http://127.0.0.1:9")


@cache
def read_once() -> tuple[Renderer, Runbook]:
    """Templates, procedure and libraries, the same in every life."""
    render = Renderer(TEMPLATES)
    for name in render.names():
        if name.startswith(USED_EARLY):
            render._environment.get_template(name)
    asyncio.run(_ask_nobody())
    return render, read_runbook(Timings(), render)


async def serve(folder: Path, point: str | None, told: int) -> None:
    """Serve until asked to stop; the port is told as soon as it can be used. `point`: where to die on the way."""
    stop = stop_signals()
    settings, ahead = load_settings(), folder / "ahead.json"
    logs.configure(settings.log_format, settings.secret_values())
    clock, real = ClockInAFile(ahead, "procedure"), ClockInAFile(ahead, "machine")
    render, runbook = read_once()
    house = await build(settings, clock=clock, real=real, paces=AT_ONCE, render=render, runbook=runbook)
    failpoints.keep_book_of_timers(house, folder / "timers.jsonl")
    if point is not None:
        failpoints.arm(house, point)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, house.nudge)
    await house.life.begin()
    runner, port = await start(house.web, settings.host, settings.port)
    await house.begin()
    os.write(told, f"port {port}\n".encode())
    await stop.wait()
    await runner.cleanup()
    await house.end()


def live(order: Mapping[str, Any], told: int) -> int:
    """One life of a bot, or of a migration, as ordered; its exit code."""
    folder = Path(order["folder"])
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(order["environment"])
    trouble = os.open(folder / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(trouble, 2)
    if order["migrates_until"] is not None:
        failpoints.die_at_statement(order["migrates_until"])
        migrate.upgrade(os.environ["DATABASE_URL"])
        return 0
    asyncio.run(serve(folder, order["point"], told))
    return 0


def nurse(order: Mapping[str, Any], told: int) -> None:
    """Fork the bot, say its number, wait for its end and say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    bot = os.fork()
    if bot == 0:
        try:
            code = live(order, told)
        except BaseException:  # noqa: BLE001 (the edge of the process; told as Python tells it)
            sys.excepthook(*sys.exc_info())
            code = 1
        os._exit(code)
    os.write(told, f"pid {bot}\n".encode())
    _, status = os.waitpid(bot, 0)
    os.write(told, f"exit {os.waitstatus_to_exitcode(status)}\n".encode())


def wait_for_orders(orders: socket.socket) -> None:
    """Until the socket is closed: one order, one bot. Each order comes with the pipe its bot tells its fate on."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the nurses
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # time may pass before a bot listens to it
    migrate.head()  # the version this code knows
    read_once()
    gc.freeze()
    while True:
        message, pipes, _, _ = socket.recv_fds(orders, LONGEST_ORDER, 1)
        if not message:
            os.killpg(0, signal.SIGKILL)
        if os.fork() == 0:
            orders.close()
            nurse(json.loads(message), pipes[0])
            os._exit(0)
        os.close(pipes[0])


if __name__ == "__main__":
    wait_for_orders(socket.socket(fileno=int(sys.argv[1])))
