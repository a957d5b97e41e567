"""Bodies that nobody has signed yet: a stranger's is not read at all, and large ones are held few at a time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from db.writer import Database
from handlers.bodies import LARGEST_BODY, MOST_LARGE, SMALL_BODY
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
    house: House, headers: Mapping[str, str]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request that is being handled; its body has only begun."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        writer.write(request(ALERTS, {**headers, "Expect": "100-continue"}, b""))
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(b" " * 1000)
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


async def test_strangers_with_large_bodies_keep_waiting_only_those_they_could_be(house: House) -> None:
    body = json.dumps(alert()).encode()
    large = body + b" " * (LARGEST_BODY - len(body))
    async with AsyncExitStack() as strangers, RawHttp(house.port) as sender:
        for _ in range(MOST_LARGE):
            _, writer = await strangers.enter_async_context(half_sent(house, {**LARGE, **claims()}))
            writer.write(b" " * 2 * SMALL_BODY)
            await writer.drain()

        answer = await until(503, sender, large)

        assert b"retry-after: 1" in answer
        assert await sender.ask(request(ALERTS, {**JSON, **signed(body)}, body)) == 202, "a small one"
        assert await sender.ask(request(ALERTS, {**JSON, **bearer(TOKEN)}, large)) == 202, "a known token"
        assert await sender.ask(chunked(body)) == 202, "nobody says how long it is, but it is short"
    async with RawHttp(house.port) as sender:
        await until(202, sender, large)  # whoever held the places is gone


async def until(status: int, sender: RawHttp, body: bytes) -> bytes:
    """Send these bytes signed until that is the answer; its head."""
    async with asyncio.timeout(PATIENCE):
        while await sender.ask(request(ALERTS, {**JSON, **signed(body)}, body)) != status:
            pass
    return sender.head


def chunked(body: bytes) -> bytes:
    """The same, by a sender that does not know its length beforehand."""
    head = request(ALERTS, {**JSON, **signed(body), "Transfer-Encoding": "chunked"}, b"")
    lines = head.replace(b"Content-Length: 0\r\n", b"")
    return lines + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
