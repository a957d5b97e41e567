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
"""Bytes. So much of every connection lies in memory anyway; nearly all there is to receive is smaller."""

MOST_LARGE = 16
"""How many larger bodies are received at once. More would let strangers fill the memory with what nobody signed."""


class Bodies:
    """Receives the bodies of one address, of these content types."""

    def __init__(self, *types: str) -> None:
        self._types: Collection[str] = types
        self._large = asyncio.Semaphore(MOST_LARGE)

    async def read(self, request: web.Request) -> bytes:
        """The raw body. Raises NotServed: 408 too slow, 413 too large, 415 compressed or of another type, 503."""
        length = request.content_length
        if (length or 0) > LARGEST_BODY:
            raise NotServed(413, "The body is larger than 1 MiB.")
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise NotServed(415, "A compressed body is not accepted.")
        if request.content_type not in self._types:
            raise NotServed(415, f"The content type must be {' or '.join(sorted(self._types))}.")
        if length is not None and length <= SMALL_BODY:
            return await _read(request)
        if self._large.locked():
            wait = {"Retry-After": "1"}
            raise NotServed(503, "Too many large bodies at once. Send it again in a second.", headers=wait)
        async with self._large:
            return await _read(request)


async def _read(request: web.Request) -> bytes:
    try:
        if request.content.is_eof():  # it came with its head: a deadline would cost as much as reading it
            return await request.read()
        async with asyncio.timeout(RECEIVE_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise NotServed(413, "The body is larger than 1 MiB.") from None
    except TimeoutError:
        raise NotServed(408, f"The body did not arrive within {RECEIVE_SECONDS} seconds.") from None
