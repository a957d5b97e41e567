"""A situation to start from and the readings to put into it."""

from datetime import UTC, datetime, timedelta

from bot.portal.contract import Alarm, Capabilities, Capability, Command, Outcome, Status
from bot.runbook.judge import Situation

NOW = datetime(2026, 11, 24, 8, 28, tzinfo=UTC)
CODE = "CP-ERR-WIFI"
SECOND = timedelta(seconds=1)
HALF_AN_HOUR = timedelta(minutes=30)
AUTO = Capabilities(*[Capability.AUTO] * 6)

ALERT = Situation(
    now=NOW,
    entered_at=NOW,
    code=CODE,
    step="any",
    raised_at=NOW - timedelta(minutes=20),
    last_communication=NOW - HALF_AN_HOUR,
    capabilities=AUTO,
)


def seen(online: bool | None, as_of: datetime = NOW, last_communication: datetime | None = None) -> Status:
    """A reading of the station's status."""
    return Status("1", online, last_communication, None, as_of)


def alarm(code: str = CODE, cleared_at: datetime | None = None) -> Alarm:
    """An alarm as the portal lists it."""
    return Alarm("a", "1", code, NOW - HALF_AN_HOUR, cleared_at)


def ago(minutes: int = 0, seconds: int = 0) -> datetime:
    """So long before now."""
    return NOW - timedelta(minutes=minutes, seconds=seconds)


def answered(milliseconds: int | None, outcome: Outcome = Outcome.ACCEPTED) -> Command:
    """What came of asking for the configuration."""
    return Command("c", outcome, round_trip_ms=milliseconds)
