"""What Relink asks of a charger portal, and the three-valued answers it gets.

`None` means "not known" everywhere and never "no". Times are aware UTC. Reads raise `PortalDown` (may be tried
again) or `PortalRefused` (no use trying); commands never raise for an outcome, they return it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Capability(StrEnum):
    """Who can do a thing: the portal by itself, a person in the portal's screens, or nobody."""

    AUTO = "auto"
    MANUAL = "manual"
    NONE = "none"


class Outcome(StrEnum):
    """What became of a command."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_CONNECTED = "not_connected"
    QUEUED = "queued"
    UNSUPPORTED = "unsupported"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"

    @property
    def took_effect(self) -> bool | None:
        """True when the portal took it, False when it surely did nothing, None when that is not known."""
        if self in {Outcome.ACCEPTED, Outcome.QUEUED}:
            return True
        return None if self in {Outcome.TIMEOUT, Outcome.UNKNOWN} else False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a portal can do, a field for each method of `Portal`."""

    status: Capability = Capability.MANUAL
    alarms: Capability = Capability.MANUAL
    restart: Capability = Capability.MANUAL
    get_configuration: Capability = Capability.MANUAL
    signal: Capability = Capability.MANUAL
    nearby: Capability = Capability.MANUAL

    def of(self, verb: str) -> Capability:
        """Who can do what this method of `Portal` does; a portal that reads a status also describes the station."""
        can: Capability = getattr(self, "status" if verb == "station" else verb)
        return can

    def can_all(self, verbs: Iterable[str]) -> bool:
        """Can the portal do all of this by itself?"""
        return all(self.of(verb) is Capability.AUTO for verb in verbs)


EVERYTHING = Capabilities(**{field.name: Capability.AUTO for field in fields(Capabilities)})
"""A portal that can do all of it by itself."""

_OF_A_DRILL = re.compile(r"DRILL[-:]", re.IGNORECASE)


def is_drill(name: str | None) -> bool:
    """Is this the serial or the id of a drill's station? Both are reserved: no real station has one."""
    return name is not None and _OF_A_DRILL.match(name) is not None


@dataclass(frozen=True, slots=True)
class Station:
    """A station as the portal or an inventory describes it. `circuits` counts the breakers feeding it."""

    id: str
    serial: str
    name: str | None = None
    model: str | None = None
    generation: int | None = None
    site: str | None = None
    area: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    comms: str | None = None
    radio_group: str | None = None
    carrier: str | None = None
    portal_url: str | None = None
    address: str | None = None
    access: str | None = None
    panel: str | None = None
    circuits: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Is it connected, when did it last speak, is a car charging; true at `as_of`."""

    id: str
    online: bool | None
    last_communication: datetime | None
    active_sessions: int | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of a station; active while `cleared_at` is None."""

    id: str
    station_id: str
    code: str
    raised_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Signal strength in bars (0 to 5); `weak` where the portal only says that much."""

    bars: int | None
    weak: bool | None
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another station near one."""

    id: str
    serial: str
    distance_m: float | None
    online: bool | None
    last_communication: datetime | None
    codes: tuple[str, ...] = ()
    carrier: str | None = None
    radio_group: str | None = None


@dataclass(frozen=True, slots=True)
class Nearby:
    """The stations around one; `complete` is False when rights or paging hid some."""

    items: tuple[Neighbour, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One configuration key of a station."""

    key: str
    value: str | None
    readonly: bool | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what became of it. `round_trip_ms` is the station's answering time in milliseconds."""

    id: str | None
    outcome: Outcome
    detail: str | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    round_trip_ms: int | None = None
    settings: tuple[Setting, ...] = field(default=())
    unknown_keys: tuple[str, ...] = ()


class Portal(Protocol):
    """A charger portal. Every method may be asked only where `capabilities` says `auto`."""

    async def capabilities(self) -> Capabilities:
        """What this portal can do now. Raises PortalDown, PortalRefused."""
        ...

    async def station(self, id_or_serial: str) -> Station | None:
        """The station with this id or serial; None if unknown there. Raises PortalDown, PortalRefused."""
        ...

    async def status(self, station_id: str) -> Status:
        """Connection and sessions of one station. Raises PortalDown, PortalRefused."""
        ...

    async def statuses(self, station_ids: Sequence[str]) -> tuple[Status, ...]:
        """Those of these stations that the portal knows, in few calls. Raises PortalDown, PortalRefused."""
        ...

    async def alarms(self, station_id: str) -> tuple[Alarm, ...]:
        """The active alarms of one station. Raises PortalDown, PortalRefused."""
        ...

    async def signal(self, station_id: str) -> Signal:
        """Signal strength of one station. Raises PortalDown, PortalRefused."""
        ...

    async def nearby(self, station_id: str, radius_m: int) -> Nearby:
        """Stations within `radius_m` metres. Raises PortalDown, PortalRefused."""
        ...

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Restart once. `key` makes a repeat of the same call the same command; never raises for an outcome."""
        ...

    async def get_configuration(
        self, station_id: str, *, keys: tuple[str, ...], key: str, deadline_ms: int
    ) -> Command:
        """Ask the station for some settings within `deadline_ms` milliseconds; never raises for an outcome."""
        ...
