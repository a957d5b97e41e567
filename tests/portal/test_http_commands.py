"""Commands over HTTP: sent once, never repeated, and their end is told as what is known about it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.clock import MovableClock
from bot.demo.fleet import Fleet
from bot.demo.portal import Mood, PortalSimulator
from bot.portal.contract import Capabilities, Command, Outcome
from bot.portal.http import HttpPortal
from tests.portal.conftest import QUICK, START, OpenPortal
from tests.portal.servers import Answer, Script, nobody_there, serving, serving_bytes

SERIAL, ID = "CT4G-20117", "1:33973"
EXPIRES = START + timedelta(minutes=5)


async def restart(portal: HttpPortal, key: str = "restart-1") -> Command:
    return await portal.restart(ID, key=key, expires_at=EXPIRES)


async def get_configuration(portal: HttpPortal, deadline_ms: int = 5_000) -> Command:
    return await portal.get_configuration(
        ID, keys=("HeartbeatInterval", "Colour"), key="configuration-1", deadline_ms=deadline_ms
    )


async def test_a_hung_modem_takes_the_restart(portal: HttpPortal, fleet: Fleet) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    command = await restart(portal)
    assert (command.outcome, command.sent_at, command.answered_at) == (Outcome.ACCEPTED, START, START)
    assert command.id
    assert fleet.restarts(SERIAL) == 1


async def test_a_restart_that_cannot_be_delivered_did_nothing(portal: HttpPortal, fleet: Fleet) -> None:
    fleet.set_fault(SERIAL, "restart not deliverable")
    assert (await restart(portal)).outcome is Outcome.NOT_CONNECTED
    assert fleet.restarts(SERIAL) == 0


async def test_the_same_key_is_the_same_command(portal: HttpPortal, fleet: Fleet) -> None:
    first = await restart(portal)
    assert await restart(portal) == first
    assert fleet.restarts(SERIAL) == 1


async def test_a_second_restart_while_one_runs_is_rejected(portal: HttpPortal, fleet: Fleet) -> None:
    await restart(portal)
    second = await restart(portal, "restart-2")
    assert (second.outcome, second.detail) == (Outcome.REJECTED, "another restart is running")
    assert fleet.restarts(SERIAL) == 1


async def test_a_restart_that_expired_is_not_carried_out(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    clock.move(timedelta(minutes=5))
    command = await restart(portal)
    assert (command.outcome, command.detail) == (Outcome.REJECTED, "expired")
    assert fleet.restarts(SERIAL) == 0


async def test_a_portal_that_cannot_restart_says_unsupported(
    portal: HttpPortal, simulator: PortalSimulator
) -> None:
    simulator.capabilities = Capabilities()
    assert (await restart(portal)).outcome is Outcome.UNSUPPORTED


async def test_an_unknown_station_is_rejected(portal: HttpPortal) -> None:
    command = await portal.restart("1:1", key="k", expires_at=EXPIRES)
    assert (command.outcome, command.detail) == (Outcome.REJECTED, "the portal does not know this station")


@pytest.mark.parametrize(
    ("mood", "outcome", "restarts"),
    [
        (Mood.DOWN, Outcome.UNKNOWN, 0),
        (Mood.UNAUTHORISED, Outcome.REJECTED, 0),
        (Mood.SLOW, Outcome.TIMEOUT, 1),
        (Mood.GARBAGE, Outcome.UNKNOWN, 1),
        (Mood.LOSES_ANSWERS, Outcome.UNKNOWN, 1),
    ],
)
async def test_an_unwell_portal_gets_the_restart_once_and_no_more(
    mood: Mood, outcome: Outcome, restarts: int, portal: HttpPortal, simulator: PortalSimulator
) -> None:
    simulator.mood = mood
    command = await restart(portal)
    assert command.outcome is outcome
    assert command.detail
    assert simulator.restarts(SERIAL) == restarts


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, Outcome.UNKNOWN),
        (303, Outcome.UNKNOWN),
        (400, Outcome.REJECTED),
        (408, Outcome.UNKNOWN),
        (422, Outcome.REJECTED),
        (429, Outcome.REJECTED),
        (500, Outcome.UNKNOWN),
        (501, Outcome.UNSUPPORTED),
        (504, Outcome.UNKNOWN),
    ],
)
async def test_no_status_makes_a_command_repeat(
    status: int, outcome: Outcome, open_portal: OpenPortal
) -> None:
    script = Script(Answer({"code": "whatever"}, status, {"Location": "/login", "Retry-After": "1"}))
    async with serving(script.app()) as url, open_portal(url) as portal:
        assert (await restart(portal)).outcome is outcome
    assert script.seen == ["POST /v1/stations/1%3A33973/commands"]


@pytest.mark.parametrize(
    "body",
    ["<html>", [], {}, {"outcome": "done"}, {"outcome": "accepted", "sent_at": "2026-11-22T03:00:00"}],
    ids=["not JSON", "a list", "no outcome", "another word", "a time without zone"],
)
async def test_an_answer_that_cannot_be_used_leaves_it_unknown(body: object, open_portal: OpenPortal) -> None:
    async with serving(Script(Answer(body)).app()) as url, open_portal(url) as portal:
        assert (await restart(portal)).outcome is Outcome.UNKNOWN


async def test_where_no_connection_was_made_surely_nothing_happened(open_portal: OpenPortal) -> None:
    async with open_portal(nobody_there()) as portal:
        command = await restart(portal)
    assert command.outcome is Outcome.REJECTED
    assert command.outcome.took_effect is False
    assert command.detail == "the portal could not be reached, nothing was sent"


async def test_where_the_line_broke_after_sending_nobody_knows(open_portal: OpenPortal) -> None:
    async with serving_bytes(b"") as url, open_portal(url) as portal:
        command = await restart(portal)
    assert command.outcome is Outcome.UNKNOWN
    assert command.outcome.took_effect is None


async def test_an_id_that_is_none_reaches_no_portal(portal: HttpPortal) -> None:
    assert (await portal.restart("..", key="k", expires_at=EXPIRES)).outcome is Outcome.REJECTED


async def test_a_queued_restart_is_told_as_queued(open_portal: OpenPortal) -> None:
    script = Script(Answer({"id": "c1", "outcome": "queued"}, 202))
    async with serving(script.app()) as url, open_portal(url) as portal:
        assert await restart(portal) == Command("c1", Outcome.QUEUED)


async def test_get_configuration_brings_settings_and_the_stations_own_time(portal: HttpPortal) -> None:
    command = await get_configuration(portal)
    assert (command.outcome, command.round_trip_ms) == (Outcome.ACCEPTED, 800)
    assert [(setting.key, setting.value) for setting in command.settings] == [("HeartbeatInterval", "30")]
    assert command.unknown_keys == ("Colour",)


async def test_without_the_stations_time_our_own_measurement_counts(open_portal: OpenPortal) -> None:
    ticks: Iterator[float] = iter([100.0, 101.2503])
    script = Script(Answer({"outcome": "accepted"}))
    async with serving(script.app()) as url, open_portal(url, monotonic=lambda: next(ticks)) as portal:
        assert (await get_configuration(portal)).round_trip_ms == 1251


async def test_a_station_slower_than_the_deadline_times_out(portal: HttpPortal, fleet: Fleet) -> None:
    fleet.with_serial(SERIAL).answers_in_ms = 6_120
    command = await get_configuration(portal)
    assert (command.outcome, command.round_trip_ms) == (Outcome.TIMEOUT, None)


async def test_a_silent_station_has_no_configuration_to_give(portal: HttpPortal, fleet: Fleet) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    command = await get_configuration(portal)
    assert (command.outcome, command.round_trip_ms) == (Outcome.NOT_CONNECTED, None)


async def test_get_configuration_waits_no_longer_than_its_deadline_and_a_margin(
    address: str, simulator: PortalSimulator, open_portal: OpenPortal
) -> None:
    simulator.mood = Mood.SLOW
    async with open_portal(address, timings=QUICK) as portal:
        assert (await get_configuration(portal, deadline_ms=100)).outcome is Outcome.TIMEOUT
