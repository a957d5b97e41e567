"""What every use case needs to know and what does not change while the process runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, time, timedelta, tzinfo

from bot.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Rules:
    """The procedure, our own times by their names (`look`, `watch`, ...), and where cards go."""

    runbook: Runbook
    timings: Mapping[str, timedelta]
    channel: str
    """The Slack channel of the cards."""
    zone: tzinfo = UTC
    """The sites' time zone: a day that was promised begins there."""
    park_at: time = time(7)
    """When what was parked calls again, where the sites are."""
    remind_at: time = time(9)
    """When a person is reminded on a day something was promised for, where the sites are."""
