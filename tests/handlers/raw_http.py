"""HTTP written byte by byte, for what no client would send."""

import asyncio
from collections.abc import Mapping
from types import TracebackType

PATIENCE = 10
"""Seconds a test waits for what takes milliseconds."""


def request(path: str, headers: Mapping[str, bytes | str], body: bytes) -> bytes:
    """A POST of these very bytes."""
    given = {"Host": "x", "Content-Length": str(len(body)), **headers}
    lines = [name.encode() + b": " + _bytes(value) for name, value in given.items()]
    return b"\r\n".join([b"POST %s HTTP/1.1" % path.encode(), *lines, b"", body])


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


class RawHttp:
    """One connection after the other to the same server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "RawHttp":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    async def ask(self, sent: bytes, *, again: bool = True) -> int:
        """The status of the answer; the connection is used again if the server keeps it.

        Without `again` the one that was opened before must still be there.
        """
        if self._reader is None or self._writer is None:
            assert again, "the connection is gone"
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(sent)
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await self._reader.readexactly(int(length))
        status = int(head.split(b" ", 2)[1])
        if b"connection: close" in head or head.startswith(b"http/1.0") or self._reader.at_eof():
            self.hang_up()
        return status

    def hang_up(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
