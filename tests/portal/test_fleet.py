"""The simulated stations: what they do follows from the clock, their faults and their restarts."""

from datetime import timedelta

import pytest

from bot.clock import MovableClock
from bot.demo.faults import FAULTS
from bot.demo.fleet import Fleet
from bot.demo.station import SimulatedStation
from bot.demo.stories import ALERT_CHANNEL, GROUPS, PEOPLE, demo_stations
from bot.errors import Refused
from bot.portal.contract import Outcome
from tests.portal.conftest import START

SERIAL = "CT4G-20117"


@pytest.fixture
def garage(fleet: Fleet) -> SimulatedStation:
    return fleet.with_serial(SERIAL)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_hung_modem_from_its_fault_to_its_cleared_alarm(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    clock.move(timedelta(seconds=50))
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(minutes(9))
    assert garage.silence(clock.now())
    assert garage.last_communication(clock.now()) == START + timedelta(seconds=30)
    assert garage.alarms(clock.now()) == []

    clock.move(minutes(2))
    (alarm,) = garage.alarms(clock.now())
    assert (alarm.code, alarm.cleared_at) == ("CP-ERR-WIFI", None)
    assert alarm.raised_at == START + timedelta(minutes=10, seconds=30)

    restarted_at = clock.now()
    assert garage.restart(restarted_at) is Outcome.ACCEPTED
    clock.move(timedelta(seconds=89))
    assert garage.silence(clock.now())
    clock.move(timedelta(seconds=1))
    assert garage.silence(clock.now()) is None
    assert garage.fault(clock.now()) is None
    assert garage.last_communication(clock.now()) == restarted_at + timedelta(seconds=90)
    assert garage.active_codes(clock.now()) == ("CP-ERR-WIFI",)

    clock.move(minutes(1))
    assert garage.active_codes(clock.now()) == ()
    (alarm,) = garage.alarms(clock.now())
    assert alarm.cleared_at is not None
    assert alarm.cleared_at - (restarted_at + timedelta(seconds=90)) < minutes(1)


def test_one_jump_shows_the_same_as_many_small_ones(clock: MovableClock) -> None:
    def life(step: timedelta, steps: int) -> object:
        own_clock = MovableClock(START)
        fleet = Fleet(demo_stations(), own_clock)
        fleet.set_fault(SERIAL, "modem hang")
        garage = fleet.with_serial(SERIAL)
        for _ in range(steps):
            own_clock.move(step)
            garage.status(own_clock.now())
        return garage.status(own_clock.now()), garage.alarms(own_clock.now())

    assert life(minutes(12), 1) == life(timedelta(seconds=10), 72)


def test_where_the_restart_does_not_arrive_silence_lasts_until_somebody_mends_it(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_fault(SERIAL, "restart not deliverable")
    clock.move(minutes(30))
    assert garage.restart(clock.now()) is Outcome.NOT_CONNECTED
    clock.move(minutes(600))
    assert garage.silence(clock.now())
    fleet.set_fault(SERIAL, None)
    assert garage.silence(clock.now()) is None
    assert garage.last_communication(clock.now()) == clock.now()
    assert fleet.restarts(SERIAL) == 0


def test_a_short_silence_raises_no_alarm(fleet: Fleet, garage: SimulatedStation, clock: MovableClock) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(minutes(9))
    fleet.set_fault(SERIAL, None)
    clock.move(minutes(60))
    assert garage.alarms(clock.now()) == []


def test_restarting_a_station_in_contact_ends_its_session_and_silences_it_for_90_seconds(
    fleet: Fleet, clock: MovableClock
) -> None:
    charging = fleet.with_serial("CT4G-21330")
    assert charging.status(clock.now()).active_sessions == 1
    assert charging.restart(clock.now()) is Outcome.ACCEPTED
    assert charging.status(clock.now()).online is False
    clock.move(timedelta(seconds=90))
    assert charging.status(clock.now()).online is True
    assert charging.status(clock.now()).active_sessions == 0


def test_a_fault_during_a_restart_keeps_the_station_silent(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    garage.restart(clock.now())
    clock.move(timedelta(seconds=60))
    fleet.set_fault(SERIAL, "restart not deliverable")
    clock.move(minutes(5))
    assert garage.silence(clock.now())


def test_a_second_failure_is_a_second_alarm(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    for _ in range(2):
        fleet.set_fault(SERIAL, "modem hang")
        clock.move(minutes(20))
        fleet.set_fault(SERIAL, None)
        clock.move(minutes(5))
    first, second = garage.alarms(clock.now())
    assert first.id != second.id
    assert first.cleared_at
    assert second.cleared_at


def test_the_page_gets_plain_rows(fleet: Fleet, clock: MovableClock) -> None:
    fleet.set_fault(SERIAL, "modem hang")
    clock.move(minutes(1))
    row = next(row for row in fleet.stations() if row["serial"] == SERIAL)
    assert row == {
        "serial": SERIAL,
        "name": "Garage B 4",
        "site": "Pier 9",
        "area": "north",
        "carrier": "T-Mobile",
        "generation": 2,
        "online": False,
        "last_communication": "2026-11-22T03:00:00+00:00",
        "fault": "modem hang",
        "charging": False,
        "faults": [fault.name for fault in FAULTS.values() if fault.where == "station"],
    }


def test_unknown_serials_and_faults_are_refused_with_a_sentence(fleet: Fleet) -> None:
    with pytest.raises(Refused, match="no station CT4G-1"):
        fleet.set_fault("CT4G-1", None)
    with pytest.raises(Refused, match="no fault called flood"):
        fleet.set_fault(SERIAL, "flood")


def test_the_demo_world_fits_together(fleet: Fleet) -> None:
    stations = [simulated.station for simulated in fleet.all()]
    assert len(stations) == len({station.serial for station in stations}) == 12
    assert {station.generation for station in stations} == {1, 2}
    assert {station.area for station in stations} == {"north", "south"}
    assert {station.carrier for station in stations} == {"T-Mobile", "AT&T"}
    people = {person.id for person in PEOPLE}
    assert all(set(group.members) <= people for group in GROUPS)
    assert ALERT_CHANNEL.name == "charger-alerts"
