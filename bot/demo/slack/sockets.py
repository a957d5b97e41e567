"""Socket Mode: the app opens WebSockets, and everything Slack has to say comes over one of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Literal
from uuid import uuid4

from aiohttp import WSCloseCode, WSMsgType, web

from bot.demo.slack.app_methods import LINK
from bot.demo.slack.delivery import Kind, Reply
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import Exchange, World
from bot.messages import limits

MOST: Final = 10
"""Connections of one app at the same time."""

LIFETIME_SECONDS: Final = 18_060
"""What Slack says of how long a connection is going to last."""

PING_SECONDS: Final = 10.0

CLOSE_SECONDS: Final = 1.0
"""How long the app may take to agree to a close."""

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(eq=False)
class Socket:
    """One open connection, and what was sent over it and not answered yet."""

    number: int
    _channel: web.WebSocketResponse
    _request: web.Request
    _waiting: dict[str, tuple[bool, asyncio.Future[Reply]]] = field(default_factory=dict)
    deaf: bool = False
    """It stands and answers pings, and what is put on it never arrives."""

    async def say(self, frame: Json) -> None:
        """Send a frame."""
        await self._channel.send_json(frame)

    async def deliver(self, envelope: Json) -> Reply:
        """Send an envelope and wait for its ack, or for the end of the connection."""
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = envelope["accepts_response_payload"], waiting
        try:
            if not self.deaf:
                await self.say(envelope)
            return await waiting
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def leave(self, reason: Reason) -> None:
        """Tell the app that this connection will end soon."""
        await self.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}})

    async def hang_up(self, code: int = WSCloseCode.OK) -> None:
        """Close the connection."""
        await self._channel.close(code=code)

    def drop(self) -> None:
        """Lose the connection without a word, as networks do."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def fall_silent(self) -> None:
        """Keep the connection, and hear nothing any more: no ack, no ping, no goodbye."""
        transport = self._request.transport
        if isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()

    async def heard(self) -> AsyncIterator[str]:
        """What the app says, until the connection ends."""
        async for message in self._channel:
            if message.type is WSMsgType.PING:
                await self._channel.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                yield message.data

    def ack(self, frame: Any) -> str | None:
        """Take an ack; the reason if Slack would not: it knows only what it sent over this very connection."""
        id_ = frame.get("envelope_id") if isinstance(frame, dict) else None
        if not isinstance(id_, str) or id_ not in self._waiting:
            return "unknown_envelope"
        takes_payload, waiting = self._waiting[id_]
        payload = frame.get("payload")
        wrong = "response_payload_not_accepted" if payload is not None and not takes_payload else None
        if not waiting.done():
            answer: object = "" if payload is None else payload
            waiting.set_result(Reply(200, answer) if wrong is None else Reply(400, {"error": wrong}))
        return wrong

    def ended(self) -> None:
        """Nobody will answer any more what was sent over this connection."""
        for _, waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(Reply(None, "the connection was lost"))


class Sockets:
    """The app's connections: a `Wire`. Each payload goes to any one of them."""

    def __init__(self, world: World) -> None:
        self.patience = limits.ANSWER_SECONDS
        self.open: list[Socket] = []
        """Oldest first."""
        self._world = world
        self._numbers = count(1)
        self._turns = count()

    def routes(self) -> list[web.RouteDef]:
        """Where the URLs of `apps.connections.open` lead."""
        return [web.get(LINK, self._connect)]

    async def send(self, kind: Kind, payload: Json, retry: int = 0, reason: str = "") -> Reply:
        """Send an envelope over the connection whose turn it is, and wait for its ack."""
        if not self.open:
            return Reply(None, "no connection is open")
        socket = self.open[next(self._turns) % len(self.open)]
        envelope = _envelope(kind, payload, retry, reason)
        try:
            async with asyncio.timeout(self.patience):
                return await socket.deliver(envelope)
        except TimeoutError:
            return Reply(None, timed_out=True)
        except ConnectionError:
            return Reply(None, "the connection was lost")

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(socket.hang_up(WSCloseCode.GOING_AWAY) for socket in self.open))

    async def until(self, right: Callable[[Sequence[Socket]], bool]) -> None:
        """Wait until the open connections are as wanted."""
        changes = self._world.changes
        while not (right(self.open) or changes.closed):
            await changes.changed(changes.seq)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not self._world.tickets.use(request.query.get("ticket", "")):
            return web.Response(status=403, text="This address was used, or was never given.")
        channel = web.WebSocketResponse(autoping=False, heartbeat=PING_SECONDS, timeout=CLOSE_SECONDS)
        await channel.prepare(request)
        socket = Socket(next(self._numbers), channel, request)
        if len(self.open) >= MOST:
            await socket.leave("too_many_websockets")
            await socket.hang_up()
            return channel
        self.open.append(socket)
        try:
            await socket.say(self._hello())
            self._world.changes.note()
            async for text in socket.heard():
                self._take(socket, text)
        finally:
            self.open.remove(socket)
            socket.ended()
            self._world.changes.note()
        return channel

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "debug_info": {"host": "applink", "approximate_connection_time": LIFETIME_SECONDS},
            "connection_info": {"app_id": self._world.workspace.app_id},
        }

    def _take(self, socket: Socket, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = {"text": text}
        wrong = socket.ack(frame)
        if wrong is not None:
            heard = frame if isinstance(frame, dict) else {"frame": frame}
            self._world.record(Exchange("in", "ack", heard, 400, {"error": wrong}, self._world.clock()))


def _envelope(kind: Kind, payload: Json, retry: int, reason: str) -> Json:
    answerable = kind == "slash_commands" or payload.get("type") in {"view_submission", "block_suggestion"}
    envelope: Json = {
        "envelope_id": str(uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": answerable,
    }
    if kind == "events_api":
        envelope |= {"retry_attempt": retry, "retry_reason": reason}
    return envelope
