"""The simulated alert source: every alarm is sent signed, once it is due, until the bot has taken it."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.clock import MovableClock
from bot.demo.alerts import AlertFeed
from bot.demo.fleet import Fleet
from tests.portal.servers import nobody_there, serving

SECRET = "whsec_" + base64.b64encode(b"a secret for tests only").decode()
SERIAL = "CT4G-20117"


class Bot:
    """Stands for the bot: checks each signature and answers with `status`."""

    def __init__(self) -> None:
        self.status = 202
        self.taken: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        """Takes POST /alerts."""
        app = web.Application()
        app.router.add_post("/alerts", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(SECRET).verify(body, dict(request.headers))
        if self.status == 202:
            self.taken += json.loads(body)["alerts"]
        return web.json_response({"results": []}, status=self.status)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def feed(bot: Bot, fleet: Fleet, clock: MovableClock) -> AsyncIterator[AlertFeed]:
    async with serving(bot.app()) as url:
        yield AlertFeed(fleet, url + "/alerts", SECRET, clock)


async def test_nothing_is_sent_before_ten_minutes_of_silence(
    feed: AlertFeed, bot: Bot, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(timedelta(minutes=9, seconds=59))
    assert await feed.send_due() == 0
    clock.move(timedelta(seconds=1))
    assert await feed.send_due() == 1
    assert await feed.send_due() == 0
    (alert,) = bot.taken
    assert alert == {
        "alert_id": "CT4G-20117-20261122T031000",
        "code": "CP-ERR-WIFI",
        "status": "raised",
        "station": {
            "serial": SERIAL,
            "id": "1:33973",
            "name": "Garage B 4",
            "site": "Pier 9",
            "area": "north",
            "carrier": "T-Mobile",
            "generation": 2,
            "latitude": pytest.approx(37.7993),
            "longitude": pytest.approx(-122.397),
        },
        "raised_at": "2026-11-22T03:10:00+00:00",
        "cleared_at": None,
        "last_communication": "2026-11-22T03:00:00+00:00",
    }


async def test_the_return_is_sent_as_cleared_under_the_same_id(
    feed: AlertFeed, bot: Bot, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(timedelta(minutes=15))
    await feed.send_due()
    fleet.set_fault(SERIAL, None)
    clock.move(timedelta(minutes=1))
    assert await feed.send_due() == 1
    raised, cleared = bot.taken
    assert (cleared["alert_id"], cleared["status"]) == (raised["alert_id"], "cleared")
    assert cleared["cleared_at"] == "2026-11-22T03:15:40+00:00"


async def test_after_a_long_jump_everything_goes_out_in_the_order_it_happened(
    feed: AlertFeed, bot: Bot, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault("CT4G-11873", "modem hang")
    clock.move(timedelta(minutes=11))
    fleet.set_fault(SERIAL, "modem hang")
    fleet.with_serial("CT4G-11873").restart(clock.now())
    clock.move(timedelta(hours=5))
    assert await feed.send_due() == 3
    assert [(alert["station"]["serial"], alert["status"]) for alert in bot.taken] == [
        ("CT4G-11873", "raised"),
        ("CT4G-11873", "cleared"),
        (SERIAL, "raised"),
    ]


async def test_what_the_bot_did_not_take_is_sent_again(
    feed: AlertFeed, bot: Bot, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(timedelta(minutes=10))
    bot.status = 503
    assert await feed.send_due() == 0
    bot.status = 202
    assert await feed.send_due() == 1
    assert len(bot.taken) == 1


async def test_a_bot_that_is_not_there_is_no_crash(fleet: Fleet, clock: MovableClock) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(timedelta(minutes=10))
    assert await AlertFeed(fleet, nobody_there() + "/alerts", SECRET, clock).send_due() == 0
