"""Junk at every door, before anybody has shown who they are and after: a 4xx at once, never a 5xx, never a hang."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.writer import Database
from handlers.alert_body import read_alerts
from handlers.bodies import LARGEST_BODY
from handlers.problems import NotServed
from tests.handlers.raw_http import RawHttp, request
from tests.handlers.slack_house import FORM, JSON, slack
from tests.handlers.socket_house import a_house
from tests.handlers.web_house import TOKEN, House, alert, bearer, open_house, problem
from tests.hostile import ENDLESS, HOSTILE, JUNK, UNSTORABLE, gzip_bomb
from tests.logged import UNSEEN, Log, logged

AT_ONCE = 0.1
"""Seconds for an answer to a stranger."""
TRIES = 5
"""The quickest of so many counts: a busy machine is no slow door."""
KINDS = (JSON, FORM, "multipart/form-data; boundary=x", "text/xml", "", "application/json; charset=utf-7")


@pytest.fixture
async def house(sqlite_db: Database) -> AsyncIterator[House]:
    async with open_house(sqlite_db) as opened:
        yield opened


async def refused(raw: RawHttp, log: Log, sent: bytes) -> int:
    """The status; asserts that it can be had in 100 ms, and one line for each time without a word of the junk."""
    log.new()
    for _ in range(TRIES):
        begun = time.perf_counter()
        status = await raw.ask(sent)
        spent = time.perf_counter() - begun
        fit_to_print(log, 1)
        if spent < AT_ONCE:
            return status
    raise AssertionError(f"longer than {AT_ONCE} s, {TRIES} times")


def fit_to_print(log: Log, count: int) -> None:
    """So many lines, and nothing in them that was sent."""
    # The far end of a test writes its own access log, and connections say that they stand.
    lines = [
        line for line in log.new().splitlines() if "aiohttp.access" not in line and "socket.open" not in line
    ]
    assert len(lines) == count, lines
    for line in lines:
        assert "refused" in line or "no HTTP" in line, line
        assert not UNSEEN.search(line)
        assert len(line) < 300, line


async def test_junk_from_strangers_is_refused_at_once(house: House) -> None:
    with logged() as log:
        async with slack() as other, RawHttp(house.port) as alerts, RawHttp(other.port) as events:
            for name, junk in JUNK.items():
                for kind in (JSON, FORM):
                    for raw, path in ((alerts, "/alerts"), (events, "/")):
                        status = await refused(raw, log, request(path, {"Content-Type": kind}, junk))
                        assert status in {401, 413, 415}, (name, kind, path, status)
            assert other.reached == []


async def test_odd_headers_from_strangers_are_refused_at_once(house: House) -> None:
    odd: list[dict[str, bytes | str]] = [
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br, gzip"},
        {"Content-Encoding": "identity, gzip"},
        {"Content-Length": "99999999999999999999"},
        {"Content-Length": "-1"},
        {"Content-Length": "1e3"},
        {"Transfer-Encoding": "chunked, chunked"},
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "x" * 7000},
        {"X-Slack-Signature": "v0=" + "0" * 64, "X-Slack-Request-Timestamp": "9" * 400},
        {"webhook-signature": "v1," + "A" * 7000, "webhook-id": "x", "webhook-timestamp": "0"},
        {"Host": b"\xf0\x9f\x94\xa5"},
        {"X-Long": "x" * 20_000},
        {f"X-{number}": "1" for number in range(500)},
    ]
    bomb = gzip_bomb()
    with logged() as log:
        async with slack() as other, RawHttp(house.port) as alerts, RawHttp(other.port) as events:
            for raw, path in ((alerts, "/alerts"), (events, "/")):
                for headers in odd:
                    for kind in KINDS if "Content-Encoding" in headers else KINDS[:1]:
                        sent = request(path, {"Content-Type": kind, **headers}, bomb)
                        assert 400 <= await refused(raw, log, sent) < 500, headers
                        raw.hang_up()
                for line in (b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET", b"POST / HTTP/9.9", b"\0" * 100):
                    assert await refused(raw, log, line + b"\r\n\r\n") == 400
                    raw.hang_up()


async def test_junk_from_a_sender_we_know_is_refused_by_its_path(house: House) -> None:
    with logged() as log:
        for name, junk in JUNK.items():
            response = await house.post(junk, bearer(TOKEN))
            said = await problem(response)
            assert response.status in {400, 413, 422}, name
            assert response.status != 422 or all(error["path"] for error in said["errors"]), name
            fit_to_print(log, 1)


@given(st.lists(st.binary(max_size=400) | st.text(max_size=200).map(str.encode), min_size=20, max_size=40))
@settings(max_examples=10)
async def test_no_bytes_at_all_are_an_error_of_ours(bodies: list[bytes]) -> None:
    async with slack() as other, RawHttp(other.port) as raw:
        for body in bodies:
            assert await raw.ask(request("/", {"Content-Type": JSON}, body)) == 401
            assert (
                await raw.ask(request("/", {"Content-Type": FORM, "X-Slack-Signature": body.hex()}, body))
                == 401
            )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("alert_id", "code", "status", "station", "raised_at", "cleared_at", "last_communication")
STATION_FIELDS = ("id", "serial", "name", "site", "area", "carrier", "generation", "latitude", "longitude")


@given(st.lists(st.tuples(st.sampled_from(FIELDS + STATION_FIELDS), JSON_VALUES), min_size=30, max_size=30))
@settings(max_examples=8)
async def test_no_value_in_no_field_of_an_alert_is_an_error_of_ours(
    changes: list[tuple[str, object]],
) -> None:
    for name, value in changes:
        sent = alert(station={name: value}) if name in STATION_FIELDS else alert() | {name: value}
        wrong = verdict(json.dumps(sent).encode())
        assert wrong is None or wrong.status in {400, 422}, sent
        assert wrong is None or wrong.status == 400 or all(error["path"] for error in wrong.errors), sent


def test_every_hostile_text_is_taken_as_it_is_or_refused_by_its_field() -> None:
    for text in HOSTILE:
        for field in ("name", "site", "area", "carrier", "serial", "id", "alert_id", "code"):
            of_station = field in STATION_FIELDS
            sent = alert(station={field: text}) if of_station else alert() | {field: text}
            wrong = verdict(json.dumps(sent).encode())
            if wrong is None:
                assert text not in (*UNSTORABLE, ENDLESS), field
                assert field not in {"serial", "id"}, text
            else:
                assert wrong.status == 422
                assert [error["path"] for error in wrong.errors] == [
                    f"station.{field}" if of_station else field
                ]
                assert text not in str(wrong.errors), "nothing is repeated"


def verdict(body: bytes) -> NotServed | None:
    """Why this body is not taken, if it is not."""
    try:
        read_alerts(body)
    except NotServed as wrong:
        return wrong
    return None


async def test_junk_over_a_socket_reaches_nobody_and_costs_no_connection() -> None:
    with logged() as log:
        async with a_house() as house:
            socket = house.socket(1)
            log.new()
            sent = [junk for junk in JUNK.values() if len(junk) <= LARGEST_BODY + 1]
            for junk in sent:
                await socket._channel.send_str(junk.decode("utf-8", "replace"))
                await socket._channel.send_bytes(junk)
                assert (await house.click_on(socket)).ok, junk[:20]
            assert house.standing == 2
            assert len(house.taken) == len(sent), "nothing but the clicks"
            # Binary frames are none of Slack's and are not even looked at, nor is text that is no object.
            fit_to_print(log, sum(junk.decode("utf-8", "replace").startswith("{") for junk in sent))
