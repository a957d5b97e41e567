"""The nine faults over the clock: what each does to a station, an area or the portal, and what ends it."""

from datetime import datetime, timedelta

import pytest

from bot.clock import MovableClock
from bot.demo.faults import FAULTS
from bot.demo.fleet import Fleet
from bot.demo.portal import Mood, PortalSimulator
from bot.demo.station import SimulatedStation
from bot.errors import PortalDown, Refused
from bot.portal.contract import Outcome
from bot.portal.http import HttpPortal
from tests.portal.conftest import START

GEN_2, GEN_1 = "CT4G-20117", "CT4G-11502"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def garage(fleet: Fleet) -> SimulatedStation:
    return fleet.with_serial(GEN_2)


def silent(fleet: Fleet, at: datetime) -> set[str]:
    """The serials without contact."""
    return {simulated.station.serial for simulated in fleet.all() if simulated.silence(at)}


def test_the_nine_faults_say_what_the_bot_should_do_and_who_ends_them() -> None:
    assert list(FAULTS) == [
        "modem hang",
        "restart not deliverable",
        "SIM cap",
        "SIM defective",
        "antenna off",
        "Wi-Fi password changed",
        "session running",
        "carrier outage",
        "portal unreachable",
    ]
    assert all(fault.expects.endswith(".") and fault.mended for fault in FAULTS.values())
    assert [fault.name for fault in FAULTS.values() if fault.helps] == ["modem hang"]


@pytest.mark.parametrize("fault", ["SIM cap", "SIM defective"])
def test_a_restart_is_accepted_and_does_not_help_where_the_sim_is_the_cause(
    fault: str, fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_fault(GEN_2, fault)
    clock.move(30 * MINUTE)

    assert garage.restart(clock.now()) is Outcome.ACCEPTED
    assert fleet.restarts(GEN_2) == 1
    clock.move(24 * HOUR)
    assert garage.status(clock.now()).online is False
    assert garage.active_codes(clock.now()) == ("CP-ERR-WIFI",)

    fleet.set_fault(GEN_2, None)
    assert garage.status(clock.now()).online is True
    assert garage.last_communication(clock.now()) == clock.now()


@pytest.mark.parametrize("fault", ["restart not deliverable", "antenna off", "Wi-Fi password changed"])
def test_where_nothing_reaches_the_station_neither_does_a_restart(
    fault: str, fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_fault(GEN_2, fault)
    clock.move(30 * MINUTE)

    assert garage.restart(clock.now()) is Outcome.NOT_CONNECTED
    assert fleet.restarts(GEN_2) == 0
    clock.move(24 * HOUR)
    assert garage.status(clock.now()).online is False


def test_a_refitted_antenna_shows_one_bar_at_first_and_what_it_had_ten_minutes_later(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    assert garage.signal(clock.now()).bars == 4
    fleet.set_fault(GEN_2, "antenna off")
    clock.move(2 * HOUR)
    fleet.set_fault(GEN_2, None)

    weak = garage.signal(clock.now())
    assert (weak.bars, weak.weak) == (1, True)
    clock.move(9 * MINUTE)
    assert garage.signal(clock.now()).bars == 1
    clock.move(MINUTE)
    good = garage.signal(clock.now())
    assert (good.bars, good.weak) == (4, False)


def test_only_gen_2_has_a_wifi_password_to_be_changed(fleet: Fleet) -> None:
    rows = {row["serial"]: row for row in fleet.stations()}
    assert "Wi-Fi password changed" in rows[GEN_2]["faults"]
    assert "Wi-Fi password changed" not in rows[GEN_1]["faults"]
    with pytest.raises(Refused, match="Gen 2 only"):
        fleet.set_fault(GEN_1, "Wi-Fi password changed")
    assert fleet.with_serial(GEN_1).fault(START) is None


@pytest.mark.parametrize("fault", ["carrier outage", "portal unreachable"])
def test_what_concerns_more_than_one_station_is_no_fault_of_one(fault: str, fleet: Fleet) -> None:
    with pytest.raises(Refused, match="for a station"):
        fleet.set_fault(GEN_2, fault)


def test_a_charging_car_is_known_of_while_its_station_is_silent_and_until_it_leaves(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_fault(GEN_2, "session running")
    assert garage.status(clock.now()).active_sessions == 1
    assert garage.status(clock.now()).online is True

    fleet.set_fault(GEN_2, "modem hang")
    clock.move(30 * MINUTE)
    assert garage.status(clock.now()).active_sessions == 1
    row = next(row for row in fleet.stations() if row["serial"] == GEN_2)
    assert (row["fault"], row["charging"]) == ("modem hang", True)

    fleet.set_session(GEN_2, running=False)
    assert garage.status(clock.now()).active_sessions == 0
    assert garage.status(clock.now()).online is False


def test_a_restart_ends_the_session(fleet: Fleet, garage: SimulatedStation, clock: MovableClock) -> None:
    fleet.set_session(GEN_2, running=True)
    fleet.set_fault(GEN_2, "modem hang")
    clock.move(30 * MINUTE)
    garage.restart(clock.now())
    clock.move(2 * MINUTE)
    assert garage.status(clock.now()).active_sessions == 0
    assert garage.status(clock.now()).online is True


def test_an_outage_silences_one_carrier_of_one_area_at_the_same_moment(
    fleet: Fleet, clock: MovableClock
) -> None:
    fleet.set_outage("north", "T-Mobile", down=True)
    clock.move(11 * MINUTE)

    members = {
        simulated.station.serial
        for simulated in fleet.all()
        if (simulated.station.area, simulated.station.carrier) == ("north", "T-Mobile")
    }
    assert len(members) == 5
    assert silent(fleet, clock.now()) == members
    raised = {alarm.raised_at for simulated in fleet.all() for alarm in simulated.alarms(clock.now())}
    assert raised == {START + 10 * MINUTE}
    assert [(row["area"], row["carrier"]) for row in fleet.outages() if row["down"]] == [
        ("north", "T-Mobile")
    ]
    assert fleet.with_serial(GEN_2).restart(clock.now()) is Outcome.NOT_CONNECTED

    fleet.set_outage("north", "T-Mobile", down=False)
    assert silent(fleet, clock.now()) == set()
    assert not any(row["down"] for row in fleet.outages())


def test_a_fault_of_its_own_outlasts_the_outage_and_no_second_alarm_comes_of_it(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_fault(GEN_2, "SIM cap")
    clock.move(20 * MINUTE)
    fleet.set_outage("north", "T-Mobile", down=True)
    assert garage.fault(clock.now()) == FAULTS["carrier outage"]
    clock.move(20 * MINUTE)
    fleet.set_outage("north", "T-Mobile", down=False)

    assert silent(fleet, clock.now()) == {GEN_2}
    assert garage.fault(clock.now()) == FAULTS["SIM cap"]
    assert len(garage.alarms(clock.now())) == 1
    fleet.set_fault(GEN_2, None)
    assert silent(fleet, clock.now()) == set()


def test_what_is_mended_during_an_outage_waits_for_the_carrier(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_outage("north", "T-Mobile", down=True)
    fleet.set_fault(GEN_2, "modem hang")
    clock.move(20 * MINUTE)
    fleet.set_fault(GEN_2, None)
    assert garage.fault(clock.now()) == FAULTS["carrier outage"]

    fleet.set_outage("north", "T-Mobile", down=False)
    assert garage.status(clock.now()).online is True


def test_one_station_may_be_back_before_its_carrier(
    fleet: Fleet, garage: SimulatedStation, clock: MovableClock
) -> None:
    fleet.set_outage("north", "T-Mobile", down=True)
    clock.move(20 * MINUTE)
    fleet.set_fault(GEN_2, None)
    assert garage.status(clock.now()).online is True
    assert len(silent(fleet, clock.now())) == 4


def test_a_carrier_that_is_not_there_cannot_fail(fleet: Fleet) -> None:
    with pytest.raises(Refused, match="no T-Mobile station in west"):
        fleet.set_outage("west", "T-Mobile", down=True)


async def test_an_unreachable_portal_answers_nothing_and_forgets_nothing(
    portal: HttpPortal, simulator: PortalSimulator, fleet: Fleet
) -> None:
    simulator.reachable = False
    assert simulator.mood is Mood.DOWN
    with pytest.raises(PortalDown):
        await portal.status(fleet.with_serial(GEN_2).station.id)

    simulator.reachable = True
    assert (await portal.status(fleet.with_serial(GEN_2).station.id)).online is True
