"""Connections of Socket Mode that a test holds by hand."""

import asyncio
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.demo.slack.server import SlackDouble
from tests.demo.conftest import APP_TOKEN, client_of

PATIENCE = 10
"""Seconds for what takes milliseconds."""


class Line:
    """One connection, held by hand."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> Any:
        """The next thing Slack says."""
        async with asyncio.timeout(PATIENCE):
            return await self.socket.receive_json()

    async def ack(self, **frame: Any) -> None:
        """Answer an envelope."""
        await self.socket.send_json(frame)


async def address(slack: SlackDouble) -> str:
    """An address for one connection."""
    answer = await client_of(slack).apps_connections_open(app_token=APP_TOKEN)
    return str(answer["url"])


async def connected(slack: SlackDouble, browser: aiohttp.ClientSession, *, greeted: bool = True) -> Line:
    """A new connection; Slack's hello is already heard."""
    line = Line(await browser.ws_connect(await address(slack), autoping=False))
    if greeted:
        assert (await line.frame())["type"] == "hello"
    return line


async def answered_pings(*lines: Line) -> None:
    """Slack has heard everything that was said before, on each of these connections."""
    for line in lines:
        await line.socket.ping(b"still there?")
        async with asyncio.timeout(PATIENCE):
            pong = await line.socket.receive()
        assert (pong.type, pong.data) == (WSMsgType.PONG, b"still there?")
