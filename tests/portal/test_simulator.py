"""The simulator's answers have exactly the contract's fields, its errors are problem documents."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.clock import MovableClock
from bot.demo.fleet import Fleet
from bot.demo.portal import Mood, PortalSimulator
from tests.portal.conftest import TOKEN

ID = "1:33973"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
RESTART = {"type": "restart", "hard": True, "expires_at": "2026-11-22T03:05:00Z"}
CONFIGURATION = {"type": "get_configuration", "keys": ["HeartbeatInterval"], "deadline_ms": 5000}
STATION_FIELDS = (
    "id serial name model generation site area latitude longitude comms radio_group carrier portal_url"
    " address access panel circuits"
)
COMMAND_FIELDS = "id outcome detail sent_at answered_at round_trip_ms settings unknown_keys"


class Caller:
    """Talks to the simulator without our connector."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON."""
        async with self._session.get("/v1" + path) as answer:
            return answer.status, await answer.json(content_type=None)

    async def post(self, path: str, body: object, key: str | None = "k1") -> tuple[int, Any]:
        """Status and JSON of a command."""
        headers = {"Idempotency-Key": key} if key else {}
        async with self._session.post("/v1" + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def caller(address: str) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession(address, headers=BEARER) as session:
        yield Caller(session)


def fields(value: dict[str, object]) -> str:
    return " ".join(value)


async def test_every_answer_has_exactly_the_contracts_fields(
    caller: Caller, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault("CT4G-20118", "modem hang")
    clock.move(timedelta(minutes=11))

    _, capabilities = await caller.get("/capabilities")
    assert fields(capabilities) == "status alarms restart get_configuration signal nearby clock"
    assert capabilities["clock"] == "2026-11-22T03:11:00Z"
    _, station = await caller.get(f"/stations/{ID}")
    assert fields(station) == STATION_FIELDS
    lists = {
        "/stations": STATION_FIELDS,
        f"/status?ids={ID}": "id online last_communication active_sessions as_of",
        "/alarms?active=true": "id station_id code raised_at cleared_at",
        f"/stations/{ID}/nearby?radius_m=500": (
            "id serial distance_m online last_communication codes carrier radio_group"
        ),
    }
    for path, expected in lists.items():
        _, answer = await caller.get(path)
        assert fields(answer["items"][0]) == expected, path
        assert fields(answer) == ("items next complete" if "nearby" in path else "items next"), path
    _, signal = await caller.get(f"/stations/{ID}/signal")
    assert fields(signal) == "bars weak measured_at"


async def test_commands_have_exactly_the_contracts_fields_and_are_kept(caller: Caller) -> None:
    status, command = await caller.post(f"/stations/{ID}/commands", CONFIGURATION)
    assert (status, fields(command)) == (200, COMMAND_FIELDS)
    assert fields(command["settings"][0]) == "key value readonly"
    assert await caller.get(f"/commands/{command['id']}") == (200, command)
    status, restart = await caller.post(f"/stations/{ID}/commands", RESTART, "k2")
    assert (status, fields(restart)) == (202, COMMAND_FIELDS)


async def test_a_command_is_forgotten_after_a_day(caller: Caller, clock: MovableClock) -> None:
    _, command = await caller.post(f"/stations/{ID}/commands", CONFIGURATION)
    clock.move(timedelta(hours=23))
    assert (await caller.get(f"/commands/{command['id']}"))[0] == 200
    clock.move(timedelta(hours=1))
    status, problem = await caller.get(f"/commands/{command['id']}")
    assert (status, problem["code"]) == (404, "unknown_command")


async def test_pages_follow_each_other_until_the_end(caller: Caller) -> None:
    seen, cursor = [], "0"
    while cursor:
        _, answer = await caller.get(f"/stations?cursor={cursor}")
        assert len(answer["items"]) <= 5
        seen += [station["id"] for station in answer["items"]]
        cursor = answer["next"]
    assert len(seen) == len(set(seen)) == 12


async def test_stations_of_one_area(caller: Caller) -> None:
    _, answer = await caller.get("/stations?area=south")
    assert {station["area"] for station in answer["items"]} == {"south"}


async def test_alarms_since_a_moment(caller: Caller, fleet: Fleet, clock: MovableClock) -> None:
    fleet.set_fault("CT4G-20117", "modem hang")
    clock.move(timedelta(minutes=20))
    _, before = await caller.get("/alarms?since=2026-11-22T03:10:00Z")
    _, after = await caller.get("/alarms?since=2026-11-22T03:10:01Z")
    assert (len(before["items"]), len(after["items"])) == (1, 0)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/stations/1:1", 404, "unknown_station"),
        ("/stations/1:1/signal", 404, "unknown_station"),
        ("/status", 400, "ids_out_of_range"),
        ("/status?ids=" + ",".join(map(str, range(201))), 400, "ids_out_of_range"),
        ("/stations?cursor=x", 400, "bad_cursor"),
        ("/alarms?since=yesterday", 400, "bad_since"),
        ("/alarms?since=2026-11-22T03:10:00", 400, "bad_since"),
        (f"/stations/{ID}/nearby", 400, "bad_radius"),
        ("/nothing", 404, "not_found"),
        (f"/stations/{ID}/commands", 405, "method_not_allowed"),
    ],
)
async def test_errors_are_problems_with_a_code(path: str, status: int, code: str, caller: Caller) -> None:
    got, problem = await caller.get(path)
    assert (got, problem["code"], problem["status"]) == (status, code, status)


async def test_200_ids_are_not_too_many(caller: Caller) -> None:
    status, answer = await caller.get("/status?ids=" + ",".join([ID, *map(str, range(199))]))
    assert (status, len(answer["items"])) == (200, 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "bad_command"),
        ({"type": "explode"}, "bad_command"),
        ({"type": "restart", "expires_at": "soon"}, "bad_expiry"),
        ({"type": "restart", "expires_at": "2026-11-22T03:05:00"}, "bad_expiry"),
    ],
)
async def test_commands_nobody_can_read_are_refused(
    body: object, code: str, caller: Caller, fleet: Fleet
) -> None:
    status, problem = await caller.post(f"/stations/{ID}/commands", body)
    assert (status, problem["code"]) == (422, code)
    assert fleet.restarts("CT4G-20117") == 0


async def test_without_a_key_nothing_is_done(caller: Caller, fleet: Fleet) -> None:
    status, problem = await caller.post(f"/stations/{ID}/commands", RESTART, key=None)
    assert (status, problem["code"]) == (400, "idempotency_key_missing")
    assert fleet.restarts("CT4G-20117") == 0


async def test_a_key_serves_one_command_only(caller: Caller) -> None:
    await caller.post(f"/stations/{ID}/commands", RESTART)
    status, problem = await caller.post(f"/stations/{ID}/commands", CONFIGURATION)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_another_restart_is_taken_once_the_first_is_over(caller: Caller, clock: MovableClock) -> None:
    await caller.post(f"/stations/{ID}/commands", RESTART, "k1")
    status, problem = await caller.post(f"/stations/{ID}/commands", RESTART, "k2")
    assert (status, problem["code"]) == (409, "restart_running")
    clock.move(timedelta(seconds=90))
    status, command = await caller.post(f"/stations/{ID}/commands", RESTART, "k3")
    assert (status, command["outcome"]) == (202, "accepted")


async def test_strangers_get_nothing(address: str, simulator: PortalSimulator) -> None:
    async with aiohttp.ClientSession(address) as session, session.get("/v1/stations") as answer:
        assert (answer.status, answer.content_type) == (401, "application/problem+json")


async def test_a_portal_that_is_down_says_so_to_everybody(caller: Caller, simulator: PortalSimulator) -> None:
    simulator.mood = Mood.DOWN
    assert (await caller.get("/stations"))[0] == 503
    simulator.mood = Mood.WELL
    assert (await caller.get("/stations"))[0] == 200
