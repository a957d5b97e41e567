"""The client of the benchmarks: ready-made requests over kept connections, so many of them in flight.

It runs in a process of its own and does nothing but write bytes and look for the end of an answer, so that the
server has a core for itself.
"""

import asyncio
import multiprocessing
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

HOST = "127.0.0.1"
IN_FLIGHT = 64
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, how long it took in seconds, and what it said."""

    status: int
    seconds: float
    body: bytes


@dataclass(frozen=True, slots=True)
class Volley:
    """What came back, and in how many seconds all of it."""

    answers: Sequence[Answer]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds


class Client:
    """Fires volleys at a port of this machine; a context manager, because it owns a process."""

    def __init__(self) -> None:
        self._process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.shutdown()

    async def fire(self, port: int, requests: Sequence[bytes]) -> Volley:
        """Send all requests, `IN_FLIGHT` at a time, and wait for every answer. Raises ConnectionError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._process, _fire, port, requests)


def request(path: str, body: bytes, **headers: str) -> bytes:
    """A POST as bytes; underscores in the headers' names stand for dashes."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def percentile(answers: Sequence[Answer], percent: int) -> float:
    """So many percent of the answers took at most this long; milliseconds."""
    return statistics.quantiles([answer.seconds for answer in answers], n=100)[percent - 1] * 1000


def _fire(port: int, requests: Sequence[bytes]) -> Volley:
    return asyncio.run(_fire_all(port, requests))


async def _fire_all(port: int, requests: Sequence[bytes]) -> Volley:
    loop = asyncio.get_running_loop()
    left = iter(requests)
    lanes = []
    for _ in range(min(IN_FLIGHT, len(requests))):
        _, lane = await loop.create_connection(partial(_Lane, left), HOST, port)
        lanes.append(lane)
    started = time.perf_counter()
    for lane in lanes:
        lane.next()
    await asyncio.gather(*(lane.done for lane in lanes))
    seconds = time.perf_counter() - started
    return Volley([answer for lane in lanes for answer in lane.answers], seconds)


class _Lane(asyncio.Protocol):
    """One connection: a request, its answer, the next request, until none is left."""

    def __init__(self, left: Iterator[bytes]) -> None:
        self._left = left
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._sent_at = 0.0
        self.answers: list[Answer] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        """Send the next request, or be done."""
        assert self._transport is not None
        request = next(self._left, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._received = b""
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if end else None
        if length is None or len(body) < int(length[1]):
            return
        status = int(head.split(b" ", 2)[1])
        self.answers.append(Answer(status, time.perf_counter() - self._sent_at, body))
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))
