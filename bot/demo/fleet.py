"""All simulated stations under one clock: broken and mended one by one, or an area at a time."""

import math
from collections.abc import Iterable
from typing import TypedDict

from bot.clock import Clock
from bot.demo.faults import FAULTS, SESSION_RUNNING, Fault
from bot.demo.station import SimulatedStation
from bot.errors import Refused
from bot.portal.contract import Neighbour, Station

EARTH_RADIUS_M = 6_371_000
Group = tuple[str, str]
"""An area and one of its carriers."""


class StationRow(TypedDict):
    """A station as the demo's page lists it; times in ISO 8601, UTC. `faults` are those it can be given."""

    serial: str
    name: str | None
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    online: bool
    last_communication: str
    fault: str | None
    charging: bool
    faults: list[str]


class OutageRow(TypedDict):
    """The stations of one carrier in one area, and whether the carrier is gone there."""

    area: str
    carrier: str
    stations: int
    down: bool


class Fleet:
    """All simulated stations under one clock."""

    def __init__(self, stations: Iterable[SimulatedStation], clock: Clock) -> None:
        self._by_id = {simulated.station.id: simulated for simulated in stations}
        self._by_serial = {simulated.station.serial: simulated for simulated in self._by_id.values()}
        self._outages: set[Group] = set()
        self.clock = clock

    def all(self) -> list[SimulatedStation]:
        """Every station, in the order it was given."""
        return list(self._by_id.values())

    def with_id(self, station_id: str) -> SimulatedStation | None:
        """The station with the portal's id, None if there is none."""
        return self._by_id.get(station_id)

    def with_serial(self, serial: str) -> SimulatedStation:
        """The station with this serial. Raises Refused."""
        try:
            return self._by_serial[serial]
        except KeyError:
            raise Refused(f"There is no station {serial} in the demo.") from None

    # Breaking and mending

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Break a station, or mend it with None. Raises Refused for an unknown serial, or a fault it cannot have."""
        simulated, now = self.with_serial(serial), self.clock.now()
        if fault is None:
            simulated.mend(now)
            return
        given = FAULTS.get(fault)
        if given is None or given.where != "station":
            raise Refused(f"There is no fault called {fault} for a station of the demo.")
        if not _may_have(simulated.station, given):
            raise Refused(f"{serial} cannot have the fault {fault}: it is for Gen {given.generation} only.")
        if given is SESSION_RUNNING:
            simulated.plug_in()
        else:
            simulated.fail(given, now)

    def set_session(self, serial: str, *, running: bool) -> None:
        """A car begins to charge, or leaves. Raises Refused for an unknown serial."""
        simulated = self.with_serial(serial)
        if running:
            simulated.plug_in()
        else:
            simulated.unplug()

    def set_outage(self, area: str, carrier: str, *, down: bool) -> None:
        """A carrier fails for all its stations of an area at once, or is back. Raises Refused for an unknown pair."""
        members, now = self._groups().get((area, carrier)), self.clock.now()
        if members is None:
            raise Refused(f"The demo has no {carrier} station in {area}.")
        if down:
            self._outages.add((area, carrier))
        else:
            self._outages.discard((area, carrier))
        for member in members:
            if down:
                member.lose_carrier(now)
            else:
                member.regain_carrier(now)

    def _groups(self) -> dict[Group, list[SimulatedStation]]:
        groups: dict[Group, list[SimulatedStation]] = {}
        for simulated in self.all():
            area, carrier = simulated.station.area, simulated.station.carrier
            if area and carrier:
                groups.setdefault((area, carrier), []).append(simulated)
        return groups

    # Looking

    def stations(self) -> list[StationRow]:
        """The rows of the demo's page."""
        now = self.clock.now()
        return [
            {
                "serial": simulated.station.serial,
                "name": simulated.station.name,
                "site": simulated.station.site,
                "area": simulated.station.area,
                "carrier": simulated.station.carrier,
                "generation": simulated.station.generation,
                "online": simulated.silence(now) is None,
                "last_communication": simulated.last_communication(now).isoformat(),
                "fault": fault.name if (fault := simulated.fault(now)) else None,
                "charging": simulated.sessions > 0,
                "faults": [one.name for one in FAULTS.values() if _may_have(simulated.station, one)],
            }
            for simulated in self.all()
        ]

    def outages(self) -> list[OutageRow]:
        """Every carrier of every area."""
        return [
            {
                "area": area,
                "carrier": carrier,
                "stations": len(members),
                "down": (area, carrier) in self._outages,
            }
            for (area, carrier), members in sorted(self._groups().items(), key=lambda entry: entry[0])
        ]

    def restarts(self, serial: str) -> int:
        """How often the station really restarted. Raises Refused."""
        return len(self.with_serial(serial).restarts)

    def nearby(self, around: SimulatedStation, radius_m: float) -> list[Neighbour]:
        """The other stations within `radius_m` metres, nearest first."""
        now = self.clock.now()
        found = [
            Neighbour(
                id=other.station.id,
                serial=other.station.serial,
                distance_m=round(distance_m(around.station, other.station), 1),
                online=other.silence(now) is None,
                last_communication=other.last_communication(now),
                codes=other.active_codes(now),
                carrier=other.station.carrier,
                radio_group=other.station.radio_group,
            )
            for other in self.all()
            if other is not around and distance_m(around.station, other.station) <= radius_m
        ]
        return sorted(found, key=lambda neighbour: (neighbour.distance_m or 0.0, neighbour.serial))


def _may_have(station: Station, fault: Fault) -> bool:
    return fault.where == "station" and fault.generation in {None, station.generation}


def distance_m(one: Station, other: Station) -> float:
    """Metres between two stations on a sphere; infinite if a coordinate is not known."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    north, north_other = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    chord = (
        math.sin((north_other - north) / 2) ** 2
        + math.cos(north) * math.cos(north_other) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(chord))
