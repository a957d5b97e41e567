"""The station of a drill is simulated in Relink; every other one is the real portal's."""

from datetime import timedelta

import pytest

from bot.clock import MovableClock
from bot.errors import PortalRefused
from bot.portal.contract import Capability, Outcome, Portal, Status, is_drill
from bot.portal.drill import DrillPortal, Stand
from bot.portal.manual import ManualPortal
from tests.portal.conftest import START

SERIAL, NAME = "DRILL-0001", "drill:U0SUPPORT1"
SILENT_SINCE = START - timedelta(minutes=31)
MINUTE = timedelta(minutes=1)


class Drill:
    """A drill that is running, and the portal that plays its station; the real portal refuses every read."""

    def __init__(self) -> None:
        self.clock = MovableClock(START)
        self.stand: Stand | None = ("CP-ERR-WIFI", SILENT_SINCE, None)
        self.portal: Portal = DrillPortal(ManualPortal(), self._standing, self.clock)

    async def _standing(self, name: str) -> Stand | None:
        assert name in {SERIAL, NAME}
        return self.stand

    def restarted(self) -> None:
        """The restart is written down with its incident."""
        self.stand = ("CP-ERR-WIFI", SILENT_SINCE, self.clock.now())


@pytest.mark.parametrize("name", [SERIAL, NAME])
async def test_it_is_silent_until_three_minutes_after_its_restart(name: str) -> None:
    drill = Drill()
    assert await drill.portal.status(name) == Status(name, False, SILENT_SINCE, None, START)
    assert [alarm.code for alarm in await drill.portal.alarms(name)] == ["CP-ERR-WIFI"]
    command = await drill.portal.restart(name, key="k", expires_at=START + MINUTE)
    assert command.outcome is Outcome.ACCEPTED
    drill.restarted()
    drill.clock.move(3 * MINUTE - timedelta(seconds=1))
    assert (await drill.portal.status(name)).online is False

    drill.clock.move(timedelta(seconds=1))

    status = await drill.portal.status(name)
    assert (status.online, status.last_communication) == (True, START + 3 * MINUTE)
    assert await drill.portal.alarms(name) == ()
    assert (await drill.portal.signal(name)).bars == 4


@pytest.mark.parametrize(
    ("back", "outcome"), [(False, Outcome.NOT_CONNECTED), (True, Outcome.ACCEPTED)], ids=["silent", "back"]
)
async def test_it_answers_get_configuration_once_it_is_back(back: bool, outcome: Outcome) -> None:
    drill = Drill()
    drill.restarted()
    drill.clock.move((3 if back else 2) * MINUTE)
    command = await drill.portal.get_configuration(SERIAL, keys=(), key="k", deadline_ms=5_000)
    assert (command.outcome, command.round_trip_ms is not None) == (outcome, back)


async def test_its_neighbours_are_online_and_it_has_no_description() -> None:
    drill = Drill()
    nearby = await drill.portal.nearby(SERIAL, 2_000)
    assert (nearby.complete, {one.online for one in nearby.items}) == (True, {True})
    assert await drill.portal.station(SERIAL) is None


async def test_where_no_drill_runs_it_says_nothing() -> None:
    drill = Drill()
    drill.stand = None
    with pytest.raises(PortalRefused, match="No drill is running"):
        await drill.portal.status(SERIAL)


async def test_every_other_station_is_the_real_portals() -> None:
    portal = Drill().portal
    assert (await portal.capabilities()).status is Capability.MANUAL
    for read in (portal.station, portal.status, portal.alarms, portal.signal):
        with pytest.raises(PortalRefused, match="No portal is connected"):
            await read("CT4G-20117")
    with pytest.raises(PortalRefused, match="No portal is connected"):
        await portal.nearby("CT4G-20117", 2_000)
    restarted = await portal.restart("CT4G-20117", key="k", expires_at=START)
    asked = await portal.get_configuration("CT4G-20117", keys=(), key="k", deadline_ms=5_000)
    assert {restarted.outcome, asked.outcome} == {Outcome.UNSUPPORTED}


@pytest.mark.parametrize(
    ("name", "reserved"),
    [
        ("DRILL-0001", True),
        ("drill-7", True),
        ("drill:U0SUPPORT1", True),
        ("DRILLING", False),
        ("CT4G-20117", False),
        (None, False),
    ],
)
def test_the_names_of_drills_are_told_by_their_beginning(name: str | None, reserved: bool) -> None:
    assert is_drill(name) is reserved
