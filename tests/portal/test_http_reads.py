"""Reading a portal over HTTP: what the simulator says arrives as contract values."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import MovableClock
from bot.demo.fleet import Fleet
from bot.demo.portal import EVERYTHING, Mood, PortalSimulator
from bot.errors import PortalDown, PortalRefused
from bot.portal.contract import Capabilities, Capability, Portal, Signal, Status
from bot.portal.http import MOST_PAGES, HttpPortal
from tests.portal.conftest import QUICK, START, OpenPortal
from tests.portal.servers import Answer, Script, serving

GARAGE, GARAGE_ID = "CT4G-20117", "1:33973"
ROOF = "CT4G-11873"


def test_it_is_a_portal_as_the_contract_says(portal: HttpPortal) -> None:
    as_protocol: Portal = portal
    assert as_protocol is portal


async def test_a_station_is_found_by_serial_and_by_id(portal: HttpPortal, fleet: Fleet) -> None:
    known = fleet.with_serial(GARAGE).station
    assert await portal.station(GARAGE) == known
    assert await portal.station("ct4g-20117 ") == known
    assert await portal.station(GARAGE_ID) == known


async def test_a_station_nobody_knows_is_none_not_an_error(portal: HttpPortal) -> None:
    assert await portal.station("CT4G-99999") is None


async def test_status_of_a_station_in_contact(portal: HttpPortal, clock: MovableClock) -> None:
    clock.move(timedelta(seconds=47))
    assert await portal.status(GARAGE_ID) == Status(
        GARAGE_ID,
        online=True,
        last_communication=START + timedelta(seconds=30),
        active_sessions=0,
        as_of=clock.now(),
    )


async def test_of_a_silent_station_nobody_knows_whether_a_car_is_charging(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    charging = fleet.with_serial("CT4G-20871").station
    assert (await portal.status(charging.id)).active_sessions == 1
    fleet.set_fault(charging.serial, "modem hang")
    clock.move(timedelta(minutes=5))
    assert await portal.status(charging.id) == Status(
        charging.id, online=False, last_communication=START, active_sessions=None, as_of=clock.now()
    )


async def test_many_stations_are_asked_200_at_once_and_those_nobody_knows_are_left_out(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    ids = [simulated.station.id for simulated in fleet.all()]
    fleet.set_fault(GARAGE, "modem hang")
    clock.move(timedelta(minutes=5))
    found = await portal.statuses([*ids, *(f"9:{number}" for number in range(400))])
    assert [one.id for one in found] == ids
    assert {one.id for one in found if not one.online} == {GARAGE_ID}
    assert await portal.statuses([]) == ()


async def test_the_status_of_an_unknown_station_is_refused_not_invented(portal: HttpPortal) -> None:
    with pytest.raises(PortalRefused, match="does not know this station"):
        await portal.status("1:1")


async def test_alarms_are_the_active_ones_of_this_station_from_every_page(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    for simulated in fleet.all():
        fleet.set_fault(simulated.station.serial, "modem hang")
    clock.move(timedelta(minutes=11))
    last = fleet.all()[-1].station
    (alarm,) = await portal.alarms(last.id)
    assert (alarm.station_id, alarm.code, alarm.raised_at) == (
        last.id,
        "CP-ERR-WIFI",
        START + timedelta(minutes=10),
    )
    fleet.set_fault(last.serial, None)
    clock.move(timedelta(minutes=1))
    assert await portal.alarms(last.id) == ()


async def test_a_portal_that_lists_cleared_alarms_too_raises_no_false_one(open_portal: OpenPortal) -> None:
    raised = {"station_id": GARAGE_ID, "code": "CP-ERR-WIFI", "raised_at": "2026-11-22T02:00:00Z"}
    over = raised | {"id": "a1", "cleared_at": "2026-11-22T02:30:00Z"}
    script = Script(Answer({"items": [over, raised | {"id": "a2"}], "next": None}))
    async with serving(script.app()) as url, open_portal(url) as portal:
        assert [alarm.id for alarm in await portal.alarms(GARAGE_ID)] == ["a2"]


async def test_signal_is_as_old_as_the_last_contact(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault(GARAGE, "modem hang")
    clock.move(timedelta(hours=1))
    assert await portal.signal(GARAGE_ID) == Signal(bars=4, weak=False, measured_at=START)


async def test_nearby_lists_the_others_nearest_first(
    portal: HttpPortal, fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_fault("CT4G-20118", "restart not deliverable")
    clock.move(timedelta(minutes=12))
    nearby = await portal.nearby(GARAGE_ID, 2_000)
    assert nearby.complete
    assert [neighbour.serial for neighbour in nearby.items][:2] == ["CT4G-20118", "CT4G-11502"]
    assert GARAGE not in {neighbour.serial for neighbour in nearby.items}
    first, second = nearby.items[:2]
    assert (first.online, first.codes, first.last_communication) == (False, ("CP-ERR-WIFI",), START)
    assert (second.online, second.codes) == (True, ())
    assert first.distance_m == pytest.approx(22, abs=1)


async def test_what_a_portal_cannot_do_is_refused(portal: HttpPortal, simulator: PortalSimulator) -> None:
    simulator.capabilities = Capabilities()
    for read in (portal.status, portal.alarms, portal.signal):
        with pytest.raises(PortalRefused, match="cannot do this by itself"):
            await read(GARAGE_ID)
    with pytest.raises(PortalRefused, match="cannot do this by itself"):
        await portal.nearby(GARAGE_ID, 500)


async def test_capabilities_are_believed_for_a_minute(
    address: str, simulator: PortalSimulator, open_portal: OpenPortal
) -> None:
    seconds = 0.0
    async with open_portal(address, monotonic=lambda: seconds) as portal:
        assert await portal.capabilities() == EVERYTHING
        simulator.capabilities = Capabilities(signal=Capability.NONE)
        seconds = 59.0
        assert await portal.capabilities() == EVERYTHING
        seconds = 60.0
        assert await portal.capabilities() == Capabilities(signal=Capability.NONE)


async def test_a_portal_that_went_down_can_still_do_what_it_could(
    address: str, simulator: PortalSimulator, open_portal: OpenPortal
) -> None:
    seconds = 0.0
    async with open_portal(address, monotonic=lambda: seconds) as portal:
        await portal.capabilities()
        simulator.mood, seconds = Mood.DOWN, 100.0
        assert await portal.capabilities() == EVERYTHING


async def test_capabilities_of_a_portal_never_heard_are_not_made_up(
    portal: HttpPortal, simulator: PortalSimulator
) -> None:
    simulator.mood = Mood.DOWN
    with pytest.raises(PortalDown):
        await portal.capabilities()


async def test_a_capability_the_portal_leaves_out_is_a_persons(open_portal: OpenPortal) -> None:
    async with serving(Script(Answer({"status": "auto"})).app()) as url, open_portal(url) as portal:
        assert await portal.capabilities() == Capabilities(status=Capability.AUTO)


async def test_ids_are_quoted_and_can_not_climb_out_of_their_place(open_portal: OpenPortal) -> None:
    script = Script(Answer({"bars": 3}))
    async with serving(script.app()) as url, open_portal(url + "/gateway/") as portal:
        await portal.signal("a/b?c:../d")
        assert script.seen == ["GET /gateway/v1/stations/a%2Fb%3Fc%3A..%2Fd/signal"]
        for no_id in ("", ".", ".."):
            with pytest.raises(PortalRefused):
                await portal.signal(no_id)
            with pytest.raises(PortalRefused):
                await portal.station(no_id)
        assert len(script.seen) == 1


async def test_a_list_of_many_slow_pages_is_down_when_our_patience_ends(open_portal: OpenPortal) -> None:
    alarm = {"station_id": GARAGE_ID, "code": "CP-ERR-WIFI", "raised_at": "2026-11-22T03:00:00Z"}
    pages = [Answer({"items": [{"id": f"a{n}", **alarm}], "next": f"c{n}"}) for n in range(MOST_PAGES)]
    little = replace(QUICK, whole_list=0.02)
    async with serving(Script(*pages).app()) as url, open_portal(url, timings=little) as portal:
        with pytest.raises(PortalDown, match=r"did not tell all alarms within 0\.02 seconds"):
            await portal.alarms(GARAGE_ID)
