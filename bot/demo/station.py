"""One simulated station: what it does at a moment, from its recorded silences and restarts alone.

Nothing runs in the background. Everything the portal shows (connection, last communication, alarms, signal) is
worked out for the clock's present moment, so it may jump.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.demo.faults import CARRIER_OUTAGE, Fault
from bot.portal.contract import Alarm, Outcome, Signal, Station, Status

CODE = "CP-ERR-WIFI"
HEARTBEAT = timedelta(seconds=30)
SILENT_FOR = timedelta(minutes=10)
"""After this long without contact the code is reported (manual 1)."""
RETURNS_AFTER = timedelta(seconds=90)
"""From an accepted restart until the station is back."""
CLEARED_AFTER = timedelta(seconds=40)
"""From the return until the portal takes the alarm off its list."""
WEAK_FOR = timedelta(minutes=10)
"""From the return until the signal is as good as it was."""
WEAK_BELOW_BARS = 2


@dataclass(slots=True)
class Silence:
    """A span without contact, open until somebody or something ends it.

    `fault` is what the station has itself, `no_carrier` what the whole area has; a mere restart has neither.
    """

    since: datetime
    until: datetime | None = None
    fault: Fault | None = None
    no_carrier: bool = False

    def covers(self, at: datetime, after: timedelta = timedelta(0)) -> bool:
        """Is the station silent at this moment because of this, or was it until `after` ago?"""
        return self.since <= at and (self.until is None or at < self.until + after)

    @property
    def cause(self) -> Fault | None:
        """What keeps the station from being heard."""
        return CARRIER_OUTAGE if self.no_carrier else self.fault


@dataclass(slots=True)
class SimulatedStation:
    """One station: `bars` of signal, `sessions` until a restart, Get Configuration answered in so many ms."""

    station: Station
    bars: int = 4
    sessions: int = 0
    answers_in_ms: int = 800
    sessions_stay_known: bool = False
    """While the station is silent the portal goes on showing the sessions it knew of."""
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
        return silence.cause if silence else None

    # What happens to it

    def fail(self, fault: Fault, at: datetime) -> None:
        """Break it; a silence that is there already goes on with this fault."""
        silence = self._fall_silent(at)
        silence.fault, silence.until = fault, None

    def lose_carrier(self, at: datetime) -> None:
        """Its carrier is gone; a fault of its own stays behind that."""
        silence = self._fall_silent(at)
        silence.no_carrier, silence.until = True, None

    def regain_carrier(self, at: datetime) -> None:
        """Its carrier is back, and so is the station unless it has a fault of its own."""
        silence = self.silence(at)
        if silence and silence.no_carrier:
            silence.no_carrier = False
            silence.until = None if silence.fault else at

    def mend(self, at: datetime) -> None:
        """Take its own fault away by hand, or else the carrier's: in contact again if nothing is left."""
        silence = self.silence(at)
        if silence is None or silence.cause is None:
            return
        if silence.no_carrier and silence.fault:
            silence.fault = None
            return
        silence.no_carrier, silence.until = False, at

    def plug_in(self) -> None:
        """A car charges, and the portal goes on showing it if the station falls silent."""
        self.sessions, self.sessions_stay_known = 1, True

    def unplug(self) -> None:
        """The car leaves."""
        self.sessions = 0

    def restarting(self, at: datetime) -> bool:
        """Has a restart begun that is not over?"""
        return any(begun <= at < begun + RETURNS_AFTER for begun in self.restarts)

    def restart(self, at: datetime) -> Outcome:
        """Restart it, if the fault lets the command through; a running session ends."""
        cause = self.fault(at)
        if cause and cause.restart is not Outcome.ACCEPTED:
            return cause.restart
        if cause is None or cause.helps:
            self._fall_silent(at).until = at + RETURNS_AFTER
        self.restarts.append(at)
        self.sessions = 0
        return Outcome.ACCEPTED

    def _fall_silent(self, at: datetime) -> Silence:
        silence = self.silence(at)
        if silence is None:
            silence = Silence(since=at)
            self.silences.append(silence)
        return silence

    # What the portal shows of it

    def status(self, at: datetime) -> Status:
        """What the portal knows; of most silent stations it does not know whether a car is charging."""
        online = self.silence(at) is None
        sessions = self.sessions if online or self.sessions_stay_known else None
        return Status(self.station.id, online, self.last_communication(at), sessions, as_of=at)

    def signal(self, at: datetime) -> Signal:
        """The signal as last measured, which is when it last spoke."""
        limits = [
            silence.fault.bars
            for silence in self.silences
            if silence.fault and silence.fault.bars is not None and silence.covers(at, after=WEAK_FOR)
        ]
        bars = min([self.bars, *limits])
        return Signal(bars, bars < WEAK_BELOW_BARS, self.last_communication(at))

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
