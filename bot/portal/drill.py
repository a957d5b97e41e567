"""The stations of drills, simulated; every other station is the real portal's.

Nothing is kept here: how a drill stands is read from its incident, so that a new process goes on where it was.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import PortalRefused
from bot.portal.contract import (
    Alarm,
    Capabilities,
    Command,
    Nearby,
    Neighbour,
    Outcome,
    Portal,
    Signal,
    Station,
    Status,
    is_drill,
)

BACK_AFTER = timedelta(minutes=3)
"""So long after its restart the simulated station is online again."""
ANSWERS_WITHIN_MS = 840
BARS = 4
NEIGHBOURS = 3

Stand = tuple[str, datetime | None, datetime | None]
"""Of a drill that is running: the code of its alert, when its station last spoke, when it was restarted last."""
Standing = Callable[[str], Awaitable[Stand | None]]
"""How the drill of the station with this serial or id stands; None where none is running."""


class DrillPortal:
    """A portal that answers for the stations of drills itself and leaves all others to `real`."""

    def __init__(self, real: Portal, standing: Standing, clock: Clock) -> None:
        self._real = real
        self._standing = standing
        self._clock = clock

    async def capabilities(self) -> Capabilities:
        """What the real portal can do; with a drill's station everything can be done."""
        return await self._real.capabilities()

    async def station(self, id_or_serial: str) -> Station | None:
        """A drill's station has no description."""
        return None if is_drill(id_or_serial) else await self._real.station(id_or_serial)

    async def status(self, station_id: str) -> Status:
        """Silent until 3 minutes after the restart."""
        if not is_drill(station_id):
            return await self._real.status(station_id)
        _, spoke, restarted_at = await self._stand(station_id)
        now, online = self._clock.now(), self._is_back(restarted_at)
        return Status(station_id, online, now if online else spoke, 0 if online else None, now)

    async def statuses(self, station_ids: Sequence[str]) -> tuple[Status, ...]:
        """Those the real portal knows; a drill's station counts nowhere."""
        return await self._real.statuses([one for one in station_ids if not is_drill(one)])

    async def alarms(self, station_id: str) -> tuple[Alarm, ...]:
        """The alert is active until the station is back."""
        if not is_drill(station_id):
            return await self._real.alarms(station_id)
        code, spoke, restarted_at = await self._stand(station_id)
        if self._is_back(restarted_at):
            return ()
        return (Alarm(station_id, station_id, code, spoke or self._clock.now()),)

    async def signal(self, station_id: str) -> Signal:
        """Good."""
        if not is_drill(station_id):
            return await self._real.signal(station_id)
        return Signal(BARS, None, self._clock.now())

    async def nearby(self, station_id: str, radius_m: int) -> Nearby:
        """Some neighbours, all online."""
        if not is_drill(station_id):
            return await self._real.nearby(station_id, radius_m)
        names = [f"DRILL-N{number + 1}" for number in range(NEIGHBOURS)]
        return Nearby(tuple(Neighbour(name, name, None, True, self._clock.now()) for name in names), True)

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Taken at once; nothing leaves Relink."""
        if not is_drill(station_id):
            return await self._real.restart(station_id, key=key, expires_at=expires_at)
        return self._command(key, Outcome.ACCEPTED)

    async def get_configuration(
        self, station_id: str, *, keys: tuple[str, ...], key: str, deadline_ms: int
    ) -> Command:
        """Answered in time once the station is back."""
        if not is_drill(station_id):
            return await self._real.get_configuration(station_id, keys=keys, key=key, deadline_ms=deadline_ms)
        _, _, restarted_at = await self._stand(station_id)
        outcome = Outcome.ACCEPTED if self._is_back(restarted_at) else Outcome.NOT_CONNECTED
        return self._command(key, outcome)

    def _command(self, key: str, outcome: Outcome) -> Command:
        now = self._clock.now()
        answered = ANSWERS_WITHIN_MS if outcome is Outcome.ACCEPTED else None
        return Command(key, outcome, sent_at=now, answered_at=now, round_trip_ms=answered)

    def _is_back(self, restarted_at: datetime | None) -> bool:
        return restarted_at is not None and self._clock.now() - restarted_at >= BACK_AFTER

    async def _stand(self, station_id: str) -> Stand:
        stand = await self._standing(station_id)
        if stand is None:
            raise PortalRefused("No drill is running with this station.")
        return stand
