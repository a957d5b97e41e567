"""Bodies that nobody has signed yet: a stranger's is not read at all, and large ones are held few at a time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from db.writer import Database
from handlers import bodies
from handlers.bodies import LARGEST_BODY
from tests.handlers.raw_http import PATIENCE, RawHttp, request
from tests.handlers.web_house import TOKEN, House, alert, bearer, open_house, signed

ALERTS = "/alerts"
JSON = {"Content-Type": "application/json"}
LARGE = {**JSON, "Content-Length": str(LARGEST_BODY)}
NOW, LONG_AGO = str(int(time.time())), str(int(time.time()) - 301)


@pytest.fixture
async def house(sqlite_db: Database) -> AsyncIterator[House]:
    """The server, on a real database."""
    async with open_house(sqlite_db) as one:
        yield one


def claims(at: str = NOW) -> dict[str, str]:
    """Headers that could be right: only the body tells that they are not."""
    return {"webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": "v1,aGVsbG8="}


@asynccontextmanager
async def half_sent(
    house: House, headers: Mapping[str, str], body: bytes = b" " * 1000
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request that is being handled, and then so much of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        writer.write(request(ALERTS, {**headers, "Expect": "100-continue"}, b""))
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(body)
        await writer.drain()
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize(
    "who", [{}, bearer("not known"), claims(LONG_AGO), claims("soon"), claims() | {"webhook-signature": "?"}]
)
async def test_who_cannot_be_a_sender_is_refused_before_the_body_came(
    house: House, who: dict[str, str]
) -> None:
    async with half_sent(house, {**LARGE, **who}) as (reader, _):
        async with asyncio.timeout(PATIENCE):
            assert await reader.readline() == b"HTTP/1.1 401 Unauthorized\r\n"


async def test_strangers_with_large_bodies_keep_waiting_only_those_they_could_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SMALL_BODY", 1000)
    monkeypatch.setattr(bodies, "MOST_LARGE", 2)
    small = json.dumps(alert()).encode()
    large = small + b" " * 5000
    async with AsyncExitStack() as strangers:
        for _ in range(2):
            _, writer = await strangers.enter_async_context(half_sent(house, {**LARGE, **claims()}))
            writer.write(b" " * 5000)
            await writer.drain()

        answer = await until(503, house, large)

        assert b"retry-after: 1" in answer.lower()
        assert await status_of(house, small, signed(small)) == 202, "a small one"
        assert await status_of(house, large, bearer(TOKEN)) == 202, "a known token"
    await until(202, house, large)  # whoever held the places is gone


async def until(status: int, house: House, body: bytes) -> bytes:
    """Send these bytes signed until that is the answer; its head."""
    async with asyncio.timeout(PATIENCE):
        while not (head := await answered(house, body, signed(body))).startswith(b"HTTP/1.1 %d " % status):
            pass
    return head


async def status_of(house: House, body: bytes, who: Mapping[str, str]) -> int:
    """The status of the answer."""
    return int((await answered(house, body, who)).split(b" ", 2)[1])


async def answered(house: House, body: bytes, who: Mapping[str, str]) -> bytes:
    """The head of the answer to a request whose body comes after its head."""
    async with half_sent(house, {**JSON, **who, "Content-Length": str(len(body))}, body) as (reader, _):
        async with asyncio.timeout(PATIENCE):
            return await reader.readuntil(b"\r\n\r\n")


async def test_a_short_body_of_unknown_length_is_taken(house: House) -> None:
    body = json.dumps(alert()).encode()
    head = request(ALERTS, {**JSON, **signed(body), "Transfer-Encoding": "chunked"}, b"")
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    async with RawHttp(house.port) as sender:
        assert await sender.ask(head.replace(b"Content-Length: 0\r\n", b"") + chunk) == 202
