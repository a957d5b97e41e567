"""The page's own endpoints over real HTTP: what is served, the clock, the stations, and who may touch them."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.demo.page.app import STATIC, TEMPLATES
from bot.demo.traffic import Call
from tests.demo_page.slack_stub import START, Demo, served

POSTS = ("demo/clock", "demo/stations/CT4G-20117/fault", "demo/click", "demo/reset")
BODY = {"minutes": 3, "fault": "modem hang"}


async def post(demo: Demo, path: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    """What a script on this machine gets for a JSON body; an Origin is sent only if given."""
    async with (
        ClientSession() as session,
        session.post(demo.url + path, json=body, headers=headers) as response,
    ):
        return response.status, await response.json()


async def test_the_page_loads_nothing_from_elsewhere() -> None:
    async with served() as demo, ClientSession() as session, session.get(demo.url) as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    sources = [page, *(file.read_text() for file in STATIC.iterdir())]
    addresses = {found for text in sources for found in re.findall(r"\bhttps?://[^\s\"')]+", text)}
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_no_script_of_the_page_makes_markup_of_data() -> None:
    scripts = {file.name: file.read_text() for file in STATIC.glob("*.js")}
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    assert [name for name, text in scripts.items() if re.search(forbidden, text)] == []


def test_every_file_of_the_page_stays_small() -> None:
    files = [*STATIC.iterdir(), *(TEMPLATES / "demo").iterdir()]
    assert [file.name for file in files if len(file.read_text().splitlines()) >= 300] == []


async def test_the_world_shows_the_clock_and_every_station() -> None:
    async with served() as demo, ClientSession() as session, session.get(demo.url + "demo/world") as response:
        world = await response.json()

    assert world["clock"] == START.isoformat()
    assert [station["serial"] for station in world["stations"]] == ["CT4G-20117", "CT4G-10290"]
    assert (world["portal"], world["play"], world["life"]) == ({"reachable": True}, None, "first")
    assert [(row["area"], row["carrier"], row["down"]) for row in world["outages"]] == [
        ("north", "T-Mobile", False)
    ]


async def test_the_bot_has_looked_at_the_new_time_when_the_answer_comes() -> None:
    async with served() as demo:
        status, said = await post(demo, "demo/clock", {"minutes": 3})

    after = START + timedelta(minutes=3)
    assert (status, said) == (200, {"ok": True, "clock": after.isoformat()})
    assert demo.wakes == [after]


@pytest.mark.parametrize("minutes", [0, -3, 1.5, "3", True, None, 7 * 24 * 60 + 1])
async def test_the_clock_only_moves_on_by_whole_minutes(minutes: object) -> None:
    async with served() as demo:
        status, said = await post(demo, "demo/clock", {"minutes": minutes})

    assert status == 422
    assert said["ok"] is False
    assert (demo.clock.now(), demo.wakes) == (START, [])


async def test_a_station_is_broken_and_mended() -> None:
    async with served() as demo:
        assert await post(demo, POSTS[1], {"fault": "modem hang"}) == (200, {"ok": True})
        assert demo.fleet.faults["CT4G-20117"] == "modem hang"
        assert await post(demo, POSTS[1], {"fault": None}) == (200, {"ok": True})
        assert demo.fleet.faults["CT4G-20117"] is None


@pytest.mark.parametrize(
    ("serial", "body"),
    [
        ("CT4G-00000", {"fault": "modem hang"}),
        ("CT4G-20117", {"fault": "flood"}),
        ("CT4G-20117", {"fault": 7}),
        ("CT4G-20117", {}),
        ("CT4G-20117", ["modem hang"]),
    ],
)
async def test_a_station_or_fault_that_does_not_exist_is_refused_with_a_sentence(
    serial: str, body: object
) -> None:
    async with served() as demo:
        status, said = await post(demo, f"demo/stations/{serial}/fault", body)

    assert (status, said["ok"]) == (422, False)
    assert said["error"].endswith(".")
    assert set(demo.fleet.faults.values()) == {None}


async def test_a_car_comes_and_leaves_a_carrier_fails_and_the_portal_goes_away() -> None:
    async with served() as demo:
        session = "demo/stations/CT4G-20117/session"
        assert await post(demo, session, {"running": True}) == (200, {"ok": True})
        assert demo.fleet.charging == {"CT4G-20117"}
        assert await post(demo, session, {"running": False}) == (200, {"ok": True})
        assert demo.fleet.charging == set()
        outage = {"area": "north", "carrier": "T-Mobile", "down": True}
        assert await post(demo, "demo/outages", outage) == (200, {"ok": True})
        assert demo.fleet.down == {("north", "T-Mobile")}
        assert await post(demo, "demo/portal", {"reachable": False}) == (200, {"ok": True})
        assert demo.portal.reachable is False


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("demo/stations/CT4G-20117/session", {"running": "yes"}),
        ("demo/outages", {"area": "north", "carrier": "AT&T", "down": True}),
        ("demo/outages", {"area": "north", "carrier": "T-Mobile"}),
        ("demo/portal", {"reachable": None}),
        ("demo/play", {"story": "none"}),
    ],
)
async def test_a_control_that_makes_no_sense_is_refused_with_a_sentence(path: str, body: object) -> None:
    async with served() as demo:
        status, said = await post(demo, path, body)

    assert (status, said["ok"]) == (422, False)
    assert said["error"].endswith(".")
    assert (demo.fleet.charging, demo.fleet.down, demo.portal.reachable) == (set(), set(), True)


async def test_a_story_is_started_and_stopped_and_a_fresh_world_is_asked_for() -> None:
    async with served() as demo:
        assert await post(demo, "demo/play", {"story": "heals"}) == (200, {"ok": True})
        assert demo.stage.started == ["heals"]
        assert await post(demo, "demo/stop", {}) == (200, {"ok": True})
        assert demo.stage.play is not None
        assert demo.stage.play.ended == "stopped"
        assert await post(demo, "demo/reset", {}) == (200, {"ok": True})
        assert demo.resets == [START]


async def test_the_newest_hundred_calls_after_a_number_are_shown() -> None:
    async with served() as demo, ClientSession() as session:
        call = Call(0, START.isoformat(), "slack", True, "chat.update", True, "ok", {}, {"ok": True})
        demo.traffic.calls = [replace(call, id=number) for number in range(1, 151)]

        async def shown(query: str) -> list[int]:
            async with session.get(f"{demo.url}demo/traffic{query}") as response:
                return [one["id"] for one in (await response.json())["calls"]]

        assert await shown("") == list(range(51, 151))
        assert await shown("?after=148") == [149, 150]
        async with session.get(f"{demo.url}demo/traffic?after=x") as response:
            assert response.status == 422


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "elsewhere.example"},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
    ],
)
async def test_a_page_from_elsewhere_cannot_drive_the_demo(path: str, headers: dict[str, str]) -> None:
    """Also not what other parts of the demo serve below /demo/, such as a click."""
    async with served() as demo:
        status, said = await post(demo, path, BODY, **headers)

    assert (status, said["ok"]) == (403, False)
    assert (demo.wakes, demo.slack.sent, demo.resets, demo.fleet.faults["CT4G-20117"]) == ([], [], [], None)


@pytest.mark.parametrize("path", POSTS)
async def test_what_a_foreign_form_could_send_unasked_is_refused(path: str) -> None:
    """A form may send text/plain anywhere; JSON needs the permission that nobody gives."""
    async with served() as demo, ClientSession() as session:
        sent = session.post(demo.url + path, data=b'{"minutes": 3}', headers={"Content-Type": "text/plain"})
        async with sent as response:
            assert response.status == 415
        assert (demo.wakes, demo.slack.sent) == ([], [])


@pytest.mark.parametrize("path", POSTS)
async def test_the_own_page_may(path: str) -> None:
    async with served() as demo:
        status, said = await post(demo, path, BODY, Origin=demo.url.rstrip("/"))

    assert (status, said["ok"]) == (200, True)
