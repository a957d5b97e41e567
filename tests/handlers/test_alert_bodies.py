"""What POST /alerts takes for an alert, and what it refuses: every wrong field by its path, never a 5xx."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Alert
from db.writer import Database
from handlers import bodies
from tests.handlers.web_house import TOKEN, House, alert, bearer, open_house, outcomes, problem


def kept(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Alert)).scalar_one()


@pytest.fixture
async def house(sqlite_db: Database) -> AsyncIterator[House]:
    async with open_house(sqlite_db) as opened:
        yield opened


async def test_every_wrong_field_is_named_and_nothing_of_the_batch_is_taken(house: House) -> None:
    batch: list[Any] = [
        alert(),
        alert(code="", raised_at="yesterday", station={"serial": "-", "latitude": 91}),
        {"status": "cleared", "station": {}},
        [],
    ]
    response = await house.send({"alerts": batch})

    assert response.status == 422
    paths = [error["path"] for error in (await problem(response))["errors"]]
    assert paths == [
        "alerts[1].code",
        "alerts[1].station.serial",
        "alerts[1].station.latitude",
        "alerts[1].raised_at",
        "alerts[2].code",
        "alerts[2].station.serial",
        "alerts[2].raised_at",
        "alerts[2].cleared_at",
        "alerts[3]",
    ]
    assert await house.deps.db.read(kept) == 0
    assert not house.nudges


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "year 1 with an offset": ({"raised_at": "0001-01-01T00:00:00+05:00"}, "raised_at"),
    "no zone": ({"raised_at": "2026-11-22T08:10:00"}, "raised_at"),
    "no time": ({"raised_at": "2026-11-22"}, "raised_at"),
    "Unix seconds": ({"raised_at": 1795335000}, "raised_at"),
    "30 February": ({"raised_at": "2026-02-30T08:10:00Z"}, "raised_at"),
    "offset of two days": ({"raised_at": "2026-11-22T08:10:00+48:00"}, "raised_at"),
    "Arabic digits": ({"raised_at": "٢٠٢٦-11-22T08:10:00Z"}, "raised_at"),
    "cleared without a time": ({"status": "cleared"}, "cleared_at"),
    "raised with an end": ({"cleared_at": "2026-11-22T08:10:00Z"}, "cleared_at"),
    "another status": ({"status": "up"}, "status"),
    "number for a text": ({"code": 5}, "code"),
    "code too long": ({"code": "C" * 65}, "code"),
    "id too long": ({"alert_id": "a" * 201}, "alert_id"),
    "line break in an id": ({"alert_id": "a\nb"}, "alert_id"),
    "NUL in a name": ({"station": {"name": "a\0b"}}, "station.name"),
    "half a surrogate pair": ({"station": {"site": "\ud800"}}, "station.site"),
    "text that runs backwards": ({"station": {"name": "\u202eB egaraG"}}, "station.name"),
    "serial too long": ({"station": {"serial": "C" * 65}}, "station.serial"),
    "serial with markup": ({"station": {"serial": "<!channel>"}}, "station.serial"),
    "serial of a drill's station": ({"station": {"serial": "DRILL-0001"}}, "station.serial"),
    "id of a drill's station": ({"station": {"id": "drill:U0SUPPORT1"}}, "station.id"),
    "area longer than its column": ({"station": {"area": "a" * 101}}, "station.area"),
    "true for a number": ({"station": {"generation": True}}, "station.generation"),
    "third generation": ({"station": {"generation": 3}}, "station.generation"),
    "beyond the pole": ({"station": {"latitude": 90.5}}, "station.latitude"),
    "a number without end": ({"station": {"longitude": 10**400}}, "station.longitude"),
    "neither serial nor id": ({"station": {"serial": None}}, "station.serial"),
}


@pytest.mark.parametrize(("changes", "path"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_field_is_refused_by_its_path(house: House, changes: dict[str, Any], path: str) -> None:
    response = await house.send(alert(**changes))

    assert response.status == 422
    assert [error["path"] for error in (await problem(response))["errors"]] == [path]


async def test_a_station_may_be_known_by_the_portals_id_only(house: House) -> None:
    assert await outcomes(await house.send(alert(station={"serial": None, "id": "1:33973"}))) == ["opened"]


async def test_fields_that_are_not_known_do_no_harm(house: House) -> None:
    assert await outcomes(await house.send(alert(vendor={"\ud800": "\0"}, weight=10**4000))) == ["opened"]


# Poison: every one a 4xx, none a 5xx

PLAIN = json.dumps(alert())
POISON: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "not JSON": (b"alert!", 400),
    "not UTF-8": (b'"\xff"', 400),
    "cut off": (PLAIN[:-1].encode(), 400),
    "NUL bytes": (b"\0" * 100, 400),
    "100,000 arrays deep": (b"[" * 100_000 + b"]" * 100_000, 400),
    "100,000 objects deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "101 deep, in a field nobody reads": (
        PLAIN.replace('"a-1"', '"a-1", "x": ' + "[" * 100 + "]" * 100).encode(),
        400,
    ),
    "NaN": (PLAIN.replace('"a-1"', "NaN").encode(), 400),
    "Infinity": (PLAIN.replace('"a-1"', "-Infinity").encode(), 400),
    "a number of 5,000 digits": (PLAIN.replace('"a-1"', "9" * 5000).encode(), 400),
    "a name twice": (PLAIN.replace('"code"', '"alert_id"').encode(), 400),
    "a name twice, deep inside": (PLAIN.replace('"name"', '"serial"').encode(), 400),
    "an array": (b"[]", 422),
    "arrays of arrays": (b"[[[]]]", 422),
    "a number": (b"1e999", 422),
    "null": (b"null", 422),
    "alerts that are no list": (b'{"alerts": {}}', 422),
    "too many alerts": (b'{"alerts": [' + b"{}," * 10_000 + b"{}]}", 422),
    "one byte more than 1 MiB": (b" " * (1024 * 1024 + 1), 413),
    "2 MiB": (b" " * (2 * 1024 * 1024), 413),
}


@pytest.mark.parametrize(("body", "status"), POISON.values(), ids=POISON.keys())
async def test_a_poisoned_body_is_refused(house: House, body: bytes, status: int) -> None:
    response = await house.post(body, bearer(TOKEN))

    assert response.status == status
    await problem(response)


async def test_a_body_of_exactly_1_mib_is_read(house: House) -> None:
    body = PLAIN.encode()
    body += b" " * (1024 * 1024 - len(body))
    assert (await house.post(body, bearer(TOKEN))).status == 202


async def test_2_mib_whose_length_nobody_told_are_refused_too(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536

    headers = bearer(TOKEN) | {"Content-Type": "application/json"}
    response = await house.http.post(f"{house.url}/alerts", data=endless(), headers=headers)
    assert response.status == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(house: House, kind: str) -> None:
    response = await house.post(PLAIN.encode(), bearer(TOKEN) | {"Content-Type": kind})
    assert response.status == 415
    await problem(response)


async def test_a_compressed_body_is_refused_and_not_unpacked(house: House) -> None:
    headers = bearer(TOKEN) | {"Content-Encoding": "gzip"}
    assert (await house.post(gzip.compress(PLAIN.encode()), headers)).status == 415


async def test_a_sender_that_stops_in_the_middle_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "RECEIVE_SECONDS", 0.05)
    async with half_sent_post(house) as (reader, writer):
        writer.write(b"{")
        assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"


@asynccontextmanager
async def half_sent_post(house: House) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request whose headers are sent and being handled; its body of 100 bytes is up to the test."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2]))
    writer.write(
        b"POST /alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer "
        + TOKEN.encode()
        + b"\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    )
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    yield reader, writer
    writer.close()
    await writer.wait_closed()
