"""How much of a body is read, for how long, and of how many at once: before it is read nobody knows whose it is."""

import asyncio
from collections.abc import Collection

from aiohttp import web

from handlers.problems import NotServed

LARGEST_BODY = 1024 * 1024
"""Bytes."""

RECEIVE_SECONDS = 10
"""How long a sender may take for its body."""

SMALL_BODY = 64 * 1024
"""Bytes; nearly all there is to receive is smaller."""

MOST_LARGE = 16
"""How many larger bodies are received at once. More would let strangers fill the memory with what nobody signed."""


class Bodies:
    """Receives the bodies of one address, of these content types."""

    def __init__(self, *types: str) -> None:
        self._types: Collection[str] = types
        self._large = 0

    async def read(self, request: web.Request, *, known: bool = False) -> bytes:
        """The raw body; `known`: its sender is proved already, and need not share with strangers.

        Raises NotServed: 408 too slow, 413 too large, 415 compressed or of another type, 503 too many large ones.
        """
        if (request.content_length or 0) > LARGEST_BODY:
            raise _too_large()
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise NotServed(415, "A compressed body is not accepted.")
        if request.content_type not in self._types:
            raise NotServed(415, f"The content type must be {' or '.join(sorted(self._types))}.")
        try:
            if request.content.is_eof():  # it came with its head: a deadline would cost as much as reading it
                return await request.read()
            async with asyncio.timeout(RECEIVE_SECONDS):
                return await self._receive(request, known)
        except web.HTTPRequestEntityTooLarge:
            raise _too_large() from None
        except TimeoutError:
            raise NotServed(408, f"The body did not arrive within {RECEIVE_SECONDS} seconds.") from None

    async def _receive(self, request: web.Request, known: bool) -> bytes:
        """Piece by piece: only what has come takes a place among the large ones, not what somebody announces."""
        body, holds = bytearray(), False
        try:
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > LARGEST_BODY:
                    raise _too_large()
                if len(body) > SMALL_BODY and not (known or holds):
                    if self._large == MOST_LARGE:
                        raise _too_many()
                    self._large += 1
                    holds = True
            return bytes(body)
        finally:
            self._large -= holds


def _too_large() -> NotServed:
    return NotServed(413, "The body is larger than 1 MiB.")


def _too_many() -> NotServed:
    wait = {"Retry-After": "1"}
    return NotServed(503, "Too many large bodies at once. Send it again in a second.", headers=wait)
