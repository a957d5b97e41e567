"""Small servers on a free port of this machine, for tests that need real HTTP."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve `app`; gives its address."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, 0)
        await site.start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_bytes(answer: bytes) -> AsyncIterator[str]:
    """Answer every connection with the same bytes and hang up, whatever HTTP says; gives the address."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, LOOPBACK, 0)
    async with server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"


def nobody_there() -> str:
    """An address where nothing listens."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return f"http://{LOOPBACK}:{probe.getsockname()[1]}"


@dataclass(frozen=True)
class Answer:
    """One answer of a `Script`; `body` that is no text becomes JSON."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        """As something aiohttp can send, once."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return web.Response(text=text, status=self.status, headers=self.headers)


class Script:
    """A portal that gives its answers one by one, the last for ever; `seen` lists the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = answers
        self.seen: list[str] = []

    def app(self) -> web.Application:
        """Takes any method and path."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        nth = min(len(self.seen), len(self._answers) - 1)
        self.seen.append(f"{request.method} {request.raw_path}")
        return self._answers[nth].response()
