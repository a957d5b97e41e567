"""A portal that is down, slow, lying or locked: reads end in PortalDown or PortalRefused, no guess."""

import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from bot.demo.portal import Mood, PortalSimulator
from bot.errors import ConfigWrong, PortalDown, PortalRefused, RelinkError
from bot.portal.exchange import LARGEST_BODY
from bot.portal.http import MOST_PAGES, HttpPortal
from tests.portal.conftest import QUICK, TOKEN, Naps, OpenPortal
from tests.portal.servers import Answer, Script, nobody_there, serving, serving_bytes

ID = "1:33973"
GOOD_STATUS = {"id": ID, "online": True, "as_of": "2026-11-22T03:00:00Z"}
GOOD = Answer({"items": [GOOD_STATUS], "next": None})


def page(item: Mapping[str, object], cursor: str | None = None) -> Answer:
    return Answer({"items": [item], "next": cursor})


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
async def test_a_read_is_tried_again_until_the_portal_answers(
    status: int, open_portal: OpenPortal, naps: Naps
) -> None:
    script = Script(Answer("busy", status), Answer("busy", status), GOOD)
    async with serving(script.app()) as url, open_portal(url) as portal:
        assert (await portal.status(ID)).online is True
    assert naps == [0.3, 1.0]


async def test_after_three_tries_the_portal_is_down(open_portal: OpenPortal, naps: Naps) -> None:
    script = Script(Answer("busy", 503))
    async with serving(script.app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="answered with status 503, 3 times"):
            await portal.status(ID)
    assert len(script.seen) == 3
    assert len(naps) == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_the_portal_may_ask_for_a_longer_pause(form: str, open_portal: OpenPortal, naps: Naps) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    busy = Answer("busy", 429, {"Retry-After": "3" if form == "seconds" else at})
    async with serving(Script(busy, GOOD).app()) as url, open_portal(url) as portal:
        await portal.status(ID)
    (pause,) = naps
    assert pause == pytest.approx(3, abs=1.5)
    assert pause > 1


@pytest.mark.parametrize("words", ["soon", "-1", "Sun, 99 Nov 2026 00:00:00 GMT", "9" * 400])
async def test_a_pause_nobody_can_read_is_our_own(words: str, open_portal: OpenPortal, naps: Naps) -> None:
    busy = Answer("busy", 503, {"Retry-After": words})
    async with serving(Script(busy, GOOD).app()) as url, open_portal(url) as portal:
        await portal.status(ID)
    assert naps == [0.3]


async def test_a_portal_that_asks_for_an_hour_is_down_now(open_portal: OpenPortal, naps: Naps) -> None:
    busy = Answer("busy", 429, {"Retry-After": "3600"})
    async with serving(Script(busy).app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="3600 seconds"):
            await portal.status(ID)
    assert naps == []


async def test_nobody_at_the_address_is_down_after_three_tries(open_portal: OpenPortal, naps: Naps) -> None:
    async with open_portal(nobody_there()) as portal:
        with pytest.raises(PortalDown, match="could not be reached, 3 times"):
            await portal.status(ID)
    assert naps == [0.3, 1.0]


async def test_a_slow_portal_is_down_when_our_patience_ends(
    portal: HttpPortal, simulator: PortalSimulator
) -> None:
    simulator.mood = Mood.SLOW
    with pytest.raises(PortalDown, match=r"did not answer within 0\.2 seconds"):
        await portal.status(ID)


@pytest.mark.parametrize("mood", [Mood.DOWN, Mood.GARBAGE, Mood.LOSES_ANSWERS], ids=lambda mood: mood.value)
async def test_every_read_of_an_unwell_portal_is_down(
    mood: Mood, portal: HttpPortal, simulator: PortalSimulator
) -> None:
    simulator.mood = mood
    for read in (portal.station, portal.status, portal.alarms, portal.signal):
        with pytest.raises(PortalDown):
            await read(ID)
    with pytest.raises(PortalDown):
        await portal.nearby(ID, 500)


async def test_a_wrong_token_is_refused_at_once(address: str, open_portal: OpenPortal, naps: Naps) -> None:
    async with open_portal(address, "another-token") as portal:
        for read in (portal.station, portal.status, portal.alarms, portal.signal):
            with pytest.raises(PortalRefused, match="token"):
                await read(ID)
        with pytest.raises(PortalRefused, match="token"):
            await portal.capabilities()
    assert naps == []


async def test_a_redirect_is_never_followed(open_portal: OpenPortal) -> None:
    script = Script(Answer("", 302, {"Location": "/login"}), GOOD)
    async with serving(script.app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="not followed"):
            await portal.status(ID)
    assert len(script.seen) == 1


async def test_a_redirect_to_nowhere_is_down(open_portal: OpenPortal) -> None:
    script = Script(Answer("", 302, {"Location": "http://["}))
    async with serving(script.app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown):
            await portal.status(ID)


async def test_a_wrong_address_is_not_taken_for_an_unknown_station(open_portal: OpenPortal) -> None:
    """Only the portal's own word `unknown_station` means that a station is not there."""
    empty = Answer({"items": [], "next": None})
    for nowhere in (Answer("Not Found", 404), Answer({"code": "no_such_page"}, 404)):
        async with serving(Script(empty, nowhere).app()) as url, open_portal(url) as portal:
            with pytest.raises(PortalRefused):
                await portal.station(ID)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"items": [',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"",
    ],
    ids=["cut short", "cut in a chunk", "not gzip", "not HTTP", "hung up"],
)
async def test_half_an_answer_is_no_answer(answer: bytes, open_portal: OpenPortal) -> None:
    async with serving_bytes(answer) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown):
            await portal.status(ID)


async def test_an_endless_answer_is_cut_off(open_portal: OpenPortal) -> None:
    async with serving(Script(Answer(" " * (LARGEST_BODY + 1))).app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="5 MB"):
            await portal.status(ID)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html>", "not JSON"),
        ('{"items": [NaN]}', "NaN is not JSON"),
        ("[" * 100_000, "not JSON"),
        ([GOOD_STATUS], "not an object"),
        ({}, "items is missing"),
        ({"items": {}}, "not a list"),
        ({"items": [None]}, "not an object"),
        ({"items": [GOOD_STATUS | {"as_of": None}]}, "as_of is missing"),
        ({"items": [GOOD_STATUS | {"as_of": "2026-11-22T03:00:00"}]}, "no time zone"),
        ({"items": [GOOD_STATUS | {"last_communication": "yesterday"}]}, "not a time"),
        ({"items": [GOOD_STATUS | {"last_communication": "0001-01-01T00:00:00+14:00"}]}, "not a time"),
        ({"items": [GOOD_STATUS | {"online": "no"}]}, "neither true nor false"),
        ({"items": [GOOD_STATUS | {"active_sessions": -1}]}, "not between"),
        ({"items": [GOOD_STATUS | {"active_sessions": True}]}, "not a number"),
        ({"items": [GOOD_STATUS | {"active_sessions": 0.5}]}, "not a whole number"),
        ({"items": [GOOD_STATUS | {"id": "1:2"}]}, "another station"),
        ({"items": [GOOD_STATUS, GOOD_STATUS]}, "another station"),
    ],
)
async def test_a_status_that_cannot_be_used_is_never_patched_up(
    body: object, says: str, open_portal: OpenPortal, naps: Naps
) -> None:
    async with serving(Script(Answer(body)).app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match=says):
            await portal.status(ID)
    assert naps == []


async def test_what_the_portal_leaves_out_is_not_known(open_portal: OpenPortal) -> None:
    bare = {"id": ID, "as_of": "2026-11-22T03:00:00Z", "active_sessions": None}
    async with serving(Script(page(bare)).app()) as url, open_portal(url) as portal:
        status = await portal.status(ID)
    assert (status.online, status.last_communication, status.active_sessions) == (None, None, None)


@pytest.mark.parametrize("serials", [["CT4G-2"], ["CT4G-1", "CT4G-1"]])
async def test_another_station_or_two_of_a_serial_are_no_answer(
    serials: list[str], open_portal: OpenPortal
) -> None:
    items = [{"id": f"1:{index}", "serial": serial} for index, serial in enumerate(serials)]
    async with serving(Script(Answer({"items": items})).app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="serial"):
            await portal.station("CT4G-1")


async def test_a_station_asked_by_id_must_be_that_station(open_portal: OpenPortal) -> None:
    script = Script(Answer({"items": []}), Answer({"id": "1:2", "serial": "CT4G-2"}))
    async with serving(script.app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="another station"):
            await portal.station(ID)


def alarm(number: int) -> dict[str, object]:
    return {"id": f"a{number}", "station_id": ID, "code": "CP-ERR-WIFI", "raised_at": "2026-11-22T03:00:00Z"}


@pytest.mark.parametrize(
    "pages",
    [
        [page(alarm(1), "b"), page(alarm(2), "b")],
        [page(alarm(1), "b"), page(alarm(1), "c"), page(alarm(2))],
        [page(alarm(1), "b"), page(alarm(2), "c"), page(alarm(3), "b")],
    ],
    ids=["same cursor", "same items", "in circles"],
)
async def test_pages_that_turn_in_circles_end_in_down(pages: list[Answer], open_portal: OpenPortal) -> None:
    async with serving(Script(*pages).app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="again and again"):
            await portal.alarms(ID)


async def test_pages_without_end_are_given_up(open_portal: OpenPortal) -> None:
    script = Script(*[page(alarm(number), f"c{number}") for number in range(MOST_PAGES + 1)])
    async with serving(script.app()) as url, open_portal(url) as portal:
        with pytest.raises(PortalDown, match="more than 100 pages"):
            await portal.alarms(ID)
    assert len(script.seen) == MOST_PAGES


async def test_the_token_is_in_no_error_and_no_repr(
    address: str, simulator: PortalSimulator, open_portal: OpenPortal
) -> None:
    """Not even where a log prints the variables of every frame."""

    async def trouble(portal: HttpPortal) -> str:
        with pytest.raises(RelinkError) as caught:
            await portal.status(ID)
        error = caught.value
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    told = []
    async with open_portal(nobody_there()) as portal:
        told += [await trouble(portal), repr(portal), repr(vars(portal))]
    async with open_portal(address, timings=QUICK) as portal:
        for mood in (Mood.DOWN, Mood.SLOW, Mood.GARBAGE, Mood.UNAUTHORISED, Mood.LOSES_ANSWERS):
            simulator.mood = mood
            told.append(await trouble(portal))
    assert TOKEN not in "".join(told)


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "schlüssel"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_printed(token: str) -> None:
    with pytest.raises(ConfigWrong, match="PORTAL_TOKEN") as caught:
        HttpPortal("http://portal.example", token)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portal.example",
        "ftp://portal.example",
        "https://",
        "http://me:secret@h",
        "http://h/?a=b",
        "http://[",
        "http://" + "a" * 64 + ".example",
    ],
)
def test_an_address_that_is_none_is_a_wrong_configuration(url: str) -> None:
    with pytest.raises(ConfigWrong, match="PORTAL_URL") as caught:
        HttpPortal(url, TOKEN)
    assert "secret" not in str(caught.value)


async def test_a_client_that_was_lent_stays_open(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        portal = HttpPortal(address, TOKEN, client=client)
        assert (await portal.status(ID)).online is True
        await portal.close()
        assert not client.is_closed
