"""Where bots are born quickly: a process that has read the program and forks at every order (see `child`)."""

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Cradle:
    """Such a process. Closing it ends everything that was born in it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "tests.stories.child", str(theirs.fileno())),
                cwd=ROOT,
                pass_fds=(theirs.fileno(),),
                process_group=0,
            )

    async def bears(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        point: str | None = None,
        migrates_until: int | None = None,
    ) -> "Born":
        """A new bot that dies at `point`, or a migration that dies before its so-manieth statement."""
        order = {
            "folder": str(folder),
            "environment": dict(environment),
            "point": point,
            "migrates_until": migrates_until,
        }
        reading, writing = os.pipe()
        socket.send_fds(self._orders, [json.dumps(order).encode()], [writing])
        os.close(writing)
        told = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(told), os.fdopen(reading, "rb")
        )
        _, pid = await _line(told)
        return Born(pid, told, pipe)

    def close(self) -> None:
        """End it and whatever it bore."""
        self._orders.close()
        self._process.wait()


class Born:
    """A process that was born; whatever becomes of it is told over a pipe."""

    def __init__(self, pid: int, told: asyncio.StreamReader, pipe: asyncio.BaseTransport) -> None:
        self.pid = pid
        self._told = told
        self._pipe = pipe
        self._code: int | None = None

    async def serves(self) -> int:
        """Wait until it serves; its port. Raises EndedError if it ended before."""
        while self._code is None:
            what, value = await _line(self._told)
            if what == "port":
                return value
            self._ends(value)
        raise EndedError(self._code)

    async def ended(self) -> int:
        """Wait for its end; its exit code, the negative signal's number if one ended it."""
        while self._code is None:
            what, value = await _line(self._told)
            if what == "exit":
                self._ends(value)
        return self._code

    def _ends(self, code: int) -> None:
        self._code = code
        self._pipe.close()

    def signalled(self, how: signal.Signals) -> None:
        """Send it a signal, unless it is known to have ended; one that just ended does not mind."""
        if self._code is not None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)


class EndedError(Exception):
    """The process ended, with this exit code, before it did what was waited for."""


@cache
def the_cradle() -> Cradle:
    """The one that all stories of a test run share."""
    cradle = Cradle()
    atexit.register(cradle.close)
    return cradle


async def _line(told: asyncio.StreamReader) -> tuple[str, int]:
    line = await told.readline()
    if not line:  # the cradle was closed, which kills whatever it bore
        return "exit", -signal.SIGKILL
    what, _, value = line.decode().partition(" ")
    return what, int(value)
