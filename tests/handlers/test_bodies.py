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
from tests.handlers.web_house import TOKEN, House, alert, bearer, open_house

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


async def test_large_bodies_beyond_a_few_are_told_to_come_again_and_small_ones_are_taken(
    house: House,
) -> None:
    body = json.dumps(alert()).encode()
    large = body + b" " * (SMALL_BODY + 1 - len(body))
    headers = {**JSON, **bearer(TOKEN)}
    async with AsyncExitStack() as strangers, RawHttp(house.port) as sender:
        for _ in range(MOST_LARGE):
            await strangers.enter_async_context(half_sent(house, {**LARGE, **claims()}))

        assert await sender.ask(request(ALERTS, headers, large)) == 503
        assert await sender.ask(request(ALERTS, headers, body)) == 202

    async with asyncio.timeout(PATIENCE), RawHttp(house.port) as sender:
        status = 503
        while status == 503:
            status = await sender.ask(request(ALERTS, headers, large))
    assert status == 202, "whoever held the places is gone"


async def test_a_refused_large_body_says_when_to_come_again(house: House) -> None:
    async with AsyncExitStack() as strangers:
        for _ in range(MOST_LARGE):
            await strangers.enter_async_context(half_sent(house, {**LARGE, **claims()}))
        answer = await house.post(b" " * (SMALL_BODY + 1), bearer(TOKEN))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
