"""The simulated stations: what each does at a moment, from its recorded faults and restarts alone.

Nothing runs in the background. A station keeps the silences it had; everything the portal shows (connection,
last communication, alarms, signal) is worked out from them for the clock's present moment, so it may jump.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from bot.clock import Clock
from bot.errors import Refused
from bot.portal.contract import Alarm, Neighbour, Outcome, Signal, Station, Status

CODE = "CP-ERR-WIFI"
HEARTBEAT = timedelta(seconds=30)
SILENT_FOR = timedelta(minutes=10)
"""After this long without contact the code is reported (manual 1)."""
RETURNS_AFTER = timedelta(seconds=90)
"""From an accepted restart until the station is back."""
CLEARED_AFTER = timedelta(seconds=40)
"""From the return until the portal takes the alarm off its list."""
WEAK_BELOW_BARS = 2
EARTH_RADIUS_M = 6_371_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that silences a station; `restart` is what the portal answers to a restart meanwhile."""

    name: str
    restart: Outcome


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("modem hang", restart=Outcome.ACCEPTED),
        Fault("restart not deliverable", restart=Outcome.NOT_CONNECTED),
    )
}


@dataclass(slots=True)
class Silence:
    """A span without contact, open until somebody or something ends it; without `fault` a mere restart."""

    since: datetime
    until: datetime | None = None
    fault: Fault | None = None

    def covers(self, at: datetime) -> bool:
        """Is the station silent at this moment because of this?"""
        return self.since <= at and (self.until is None or at < self.until)


class StationRow(TypedDict):
    """A station as the demo's page lists it; times in ISO 8601, UTC."""

    serial: str
    name: str | None
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    online: bool
    last_communication: str
    fault: str | None
    faults: list[str]


@dataclass(slots=True)
class SimulatedStation:
    """One station: `bars` of signal, `sessions` until a restart, Get Configuration answered in so many ms."""

    station: Station
    bars: int = 4
    sessions: int = 0
    answers_in_ms: int = 800
    silences: list[Silence] = field(default_factory=list)
    restarts: list[datetime] = field(default_factory=list)

    def silence(self, at: datetime) -> Silence | None:
        """The silence at this moment, None while in contact."""
        return next((silence for silence in reversed(self.silences) if silence.covers(at)), None)

    def last_communication(self, at: datetime) -> datetime:
        """The newest heartbeat; the first sign of life after a silence counts too."""
        silence = self.silence(at)
        spoke = silence.since if silence else at
        beat = datetime.fromtimestamp(spoke.timestamp() // HEARTBEAT.seconds * HEARTBEAT.seconds, UTC)
        returns = (past.until for past in self.silences if past.until and past.until <= spoke)
        return max((beat, *returns))

    def fault(self, at: datetime) -> Fault | None:
        """What is wrong with it at this moment."""
        silence = self.silence(at)
        return silence.fault if silence else None

    def fail(self, fault: Fault, at: datetime) -> None:
        """Break it; a silence that is there already goes on with this fault."""
        silence = self.silence(at)
        if silence is None:
            silence = Silence(since=at)
            self.silences.append(silence)
        silence.fault, silence.until = fault, None

    def mend(self, at: datetime) -> None:
        """Take the fault away by hand: in contact again at once."""
        silence = self.silence(at)
        if silence and silence.fault:
            silence.until = at

    def restarting(self, at: datetime) -> bool:
        """Has a restart begun that is not over?"""
        return any(begun <= at < begun + RETURNS_AFTER for begun in self.restarts)

    def restart(self, at: datetime) -> Outcome:
        """Restart it, if the fault lets the command through; a running session ends."""
        silence = self.silence(at)
        outcome = silence.fault.restart if silence and silence.fault else Outcome.ACCEPTED
        if outcome is not Outcome.ACCEPTED:
            return outcome
        if silence is None:
            silence = Silence(since=at)
            self.silences.append(silence)
        silence.until = at + RETURNS_AFTER
        self.restarts.append(at)
        self.sessions = 0
        return outcome

    def status(self, at: datetime) -> Status:
        """What the portal knows; of a silent station it does not know whether a car is charging."""
        online = self.silence(at) is None
        sessions = self.sessions if online else None
        return Status(self.station.id, online, self.last_communication(at), sessions, as_of=at)

    def signal(self, at: datetime) -> Signal:
        """The signal as last measured, which is when it last spoke."""
        return Signal(self.bars, self.bars < WEAK_BELOW_BARS, self.last_communication(at))

    def alarms(self, at: datetime) -> list[Alarm]:
        """Every alarm raised until this moment, oldest first, the cleared ones too."""
        raised = []
        for silence in self.silences:
            raised_at = self.last_communication(silence.since) + SILENT_FOR
            if raised_at > at or (silence.until and silence.until <= raised_at):
                continue
            gone = silence.until + CLEARED_AFTER if silence.until else None
            raised.append(
                Alarm(
                    id=f"{self.station.serial}-{raised_at:%Y%m%dT%H%M%S}",
                    station_id=self.station.id,
                    code=CODE,
                    raised_at=raised_at,
                    cleared_at=gone if gone and gone <= at else None,
                )
            )
        return raised

    def active_codes(self, at: datetime) -> tuple[str, ...]:
        """The codes on the portal's list of active alarms."""
        return tuple(alarm.code for alarm in self.alarms(at) if alarm.cleared_at is None)


class Fleet:
    """All simulated stations under one clock."""

    def __init__(self, stations: Iterable[SimulatedStation], clock: Clock) -> None:
        self._by_id = {simulated.station.id: simulated for simulated in stations}
        self._by_serial = {simulated.station.serial: simulated for simulated in self._by_id.values()}
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

    def stations(self) -> list[StationRow]:
        """The rows of the demo's page."""
        now = self.clock.now()
        return [_row(simulated, now) for simulated in self.all()]

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Break a station, or mend it with None. Raises Refused for an unknown serial or fault."""
        simulated = self.with_serial(serial)
        if fault is None:
            simulated.mend(self.clock.now())
        elif fault in FAULTS:
            simulated.fail(FAULTS[fault], self.clock.now())
        else:
            raise Refused(f"There is no fault called {fault} in the demo.")

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


def _row(simulated: SimulatedStation, now: datetime) -> StationRow:
    station, fault = simulated.station, simulated.fault(now)
    return {
        "serial": station.serial,
        "name": station.name,
        "site": station.site,
        "area": station.area,
        "carrier": station.carrier,
        "generation": station.generation,
        "online": simulated.silence(now) is None,
        "last_communication": simulated.last_communication(now).isoformat(),
        "fault": fault.name if fault else None,
        "faults": list(FAULTS),
    }


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
