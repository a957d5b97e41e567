"""Half-sent requests: they are dropped in time, and hundreds of them keep nobody from being served."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from db.writer import Database
from handlers.doorman import Patience
from tests.handlers.raw_http import PATIENCE, RawHttp, request
from tests.handlers.web_house import TOKEN, House, alert, bearer, open_house
from tests.logged import logged

LONG = b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 4000
HALVES = (
    b"P",
    b"POST /alerts HTTP/1.1\r\n",
    b"POST /alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n",
    LONG,
    b"",
)
GOOD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
Ends = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


@asynccontextmanager
async def half_sent(house: House, halves: Sequence[bytes]) -> AsyncIterator[Ends]:
    """Connections, each with half a request on it."""
    ends: Ends = []
    try:
        for half in halves:
            ends.append(await asyncio.open_connection("127.0.0.1", house.port))
            ends[-1][1].write(half)
        yield ends
    finally:
        for _, writer in ends:
            writer.close()


async def gone(reader: asyncio.StreamReader) -> None:
    """Wait until the other side has let go."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_500_half_sent_requests_are_dropped_and_slow_no_alert(sqlite_db: Database) -> None:
    patience = Patience(head_seconds=0.5, most=200)
    with logged() as log:
        async with (
            open_house(sqlite_db, patience=patience) as house,
            half_sent(house, HALVES * 100) as ends,
            asyncio.timeout(PATIENCE),
        ):
            for number in range(5):
                async with RawHttp(house.port) as sender:
                    body = json.dumps(alert(alert_id=f"a-{number}")).encode()
                    headers = {"Content-Type": "application/json", **bearer(TOKEN)}
                    assert await sender.ask(request("/alerts", headers, body)) == 202
            await asyncio.gather(*(gone(reader) for reader, _ in ends))
        dropped = [line for line in log.new().splitlines() if "web.dropped" in line]
    assert len(dropped) == 400, "one line each, but for those who never said a word"
    assert any("too many connections" in line for line in dropped)
    assert any("half a request" in line for line in dropped)


async def test_a_head_that_comes_drop_by_drop_is_dropped_all_the_same(sqlite_db: Database) -> None:
    """And who rests between two requests is not: a proxy keeps its connections."""
    async with (
        open_house(sqlite_db, patience=Patience(head_seconds=0.2)) as house,
        RawHttp(house.port) as proxy,
        half_sent(house, [LONG]) as ((reader, writer),),
    ):
        assert await proxy.ask(GOOD) == 200
        over = asyncio.create_task(gone(reader))
        while not over.done():
            writer.write(b"x")
            await asyncio.wait([over], timeout=0.02)
        await over
        assert await proxy.ask(GOOD, again=False) == 200


async def test_the_second_request_of_a_connection_has_the_same_deadline(sqlite_db: Database) -> None:
    async with open_house(sqlite_db, patience=Patience(head_seconds=0.1)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(GOOD)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(GOOD[:-2])
        await gone(reader)
        writer.close()


async def test_the_body_of_a_request_refused_before_it_came_begins_no_other(sqlite_db: Database) -> None:
    async with open_house(sqlite_db, patience=Patience(head_seconds=0.1)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(
            b"POST /alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        )
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 401")
        writer.write(b" " * 100)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await reader.read(1)
        writer.write(GOOD)
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_full_house_sends_away_who_waits_and_not_who_is_served(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> None:
        served.set()
        await go_on.wait()

    monkeypatch.setattr(Database, "write", slow)
    async with open_house(sqlite_db, patience=Patience(most=2)) as house, RawHttp(house.port) as first:
        ready = asyncio.create_task(first.ask(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"))
        async with asyncio.timeout(PATIENCE):
            await served.wait()
        async with half_sent(house, [LONG]) as ((waiting, _),), RawHttp(house.port) as second:
            assert await second.ask(GOOD) == 200
            await gone(waiting)
        go_on.set()
        assert await ready == 200
