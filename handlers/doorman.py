"""Who stands in the door: connections that send no whole request in time are dropped, and there is a most of them.

aiohttp has one deadline for both, waiting for a request and waiting for the rest of its head, and it must be longer
than a proxy's. Here a head has its own, so that half-sent requests neither stay nor use up the places of others.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from handlers.gate import Handler

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how many."""

    head_seconds: float = 10
    """From the first moment of a connection, and from the first byte of any later request, to the end of its head."""
    most: int = 500
    """Open connections; beyond them whoever has waited longest without a whole request goes first."""


class Doorman:
    """Stands between the sockets and aiohttp's protocol, which knows nothing of it."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._inside: dict[object, _Guest] = {}
        self._unheard: dict[_Guest, float] = {}
        """Until when each may take for its head, by the event loop's clock; the oldest first."""
        self._idle: dict[_Guest, None] = {}
        self._server: asyncio.Server | None = None
        self._watch: asyncio.TimerHandle | None = None
        """One for all: a timer for every request would nearly always be made and cancelled for nothing."""

    async def open(self, made: Callable[[], asyncio.Protocol], host: str, port: int) -> int:
        """Listen, with a protocol of `made` for everybody who comes; the port. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Guest(made(), self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self, _app: web.Application) -> None:
        """Let nobody in any more."""
        if self._server is not None:
            self._server.close()

    @web.middleware
    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The outermost middleware: a request came whole up to its body, which has a deadline of its own."""
        guest = self._inside.get(request.protocol)
        if guest is None:
            return await handler(request)
        self._heard(guest)
        try:
            return await handler(request)
        finally:
            guest.body = request.content
            self._rests(guest)

    def came(self, guest: "_Guest") -> None:
        """A new connection."""
        if len(self._inside) >= self._patience.most:
            self._drop(next(iter([*self._unheard, *self._idle]), guest), "too many connections")
        self._inside[guest.inner] = guest
        self.waits(guest)

    def waits(self, guest: "_Guest") -> None:
        """From now on a head is waited for."""
        self._idle.pop(guest, None)
        loop = asyncio.get_running_loop()
        self._unheard[guest] = due = loop.time() + self._patience.head_seconds
        if self._watch is None:
            self._watch = loop.call_at(due, self._drop_overdue, loop)

    def spoke(self, guest: "_Guest") -> None:
        """Bytes came: of one who rested they begin a new request, or end one that was refused before it was read."""
        guest.silent = False
        if guest in self._idle and (guest.body is None or guest.body.is_eof()):
            self.waits(guest)

    def went(self, guest: "_Guest") -> None:
        """The connection is over."""
        self._heard(guest)
        self._inside.pop(guest.inner, None)

    def _heard(self, guest: "_Guest") -> None:
        self._unheard.pop(guest, None)
        self._idle.pop(guest, None)

    def _rests(self, guest: "_Guest") -> None:
        if guest.inner in self._inside:
            self._idle[guest] = None

    def _drop_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        """Drop who took too long, and look again when the next one may have."""
        self._watch = None
        for guest, due in list(self._unheard.items()):
            if due > loop.time():
                self._watch = loop.call_at(due, self._drop_overdue, loop)
                return
            self._drop(guest, "sent half a request")

    def _drop(self, guest: "_Guest", why: str) -> None:
        self._heard(guest)
        if not guest.silent:
            log.warning("web.dropped", why=why, peer=guest.peer)
        guest.abort()


class _Guest(asyncio.Protocol):
    """One connection: everything goes on to the protocol `inner`, and the doorman sees when."""

    def __init__(self, inner: asyncio.Protocol, doorman: Doorman) -> None:
        self.inner = inner
        self.silent = True
        """Not one byte has come yet."""
        self.body: aiohttp.StreamReader | None = None
        """The body of the last request, which need not have come when it is answered."""
        self._doorman = doorman
        self._transport: asyncio.BaseTransport | None = None

    @property
    def peer(self) -> str:
        """The address at the other end."""
        name: Any = self._transport and self._transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    def abort(self) -> None:
        """Give the connection up; what was not sent yet is lost."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection begins."""
        self._transport = transport
        self.inner.connection_made(transport)
        self._doorman.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._doorman.went(self)
        self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._doorman.spoke(self)
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The other end sends nothing more."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """The other end reads too slowly."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """It caught up."""
        self.inner.resume_writing()
