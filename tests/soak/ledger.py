"""What Relink promised while it was being killed: everything it said yes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.runbook.press import Press

Occurrence = tuple[str, str]
"""An alert's id, and `raised` or `cleared`."""


@dataclass(frozen=True, slots=True)
class Click:
    """A press that Slack was told had arrived: it was taken, or the person was told why not."""

    who: str
    pressed: Press
    answered_at: datetime
    """The procedure's time when Slack heard so."""


@dataclass
class Ledger:
    """Kept by those who sent and pressed, outside of the process that dies."""

    alerts: dict[Occurrence, Mapping[str, str]] = field(default_factory=dict)
    """What was answered with 2xx, to each alert the first time."""
    clicks: list[Click] = field(default_factory=list)
    unanswered_alerts: int = 0
    """Requests without an answer; each was sent again."""
    unanswered_clicks: int = 0
    """Presses whose sender was shown an error."""
    recoveries: list["Recovery"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from starting a new interpreter until it serves, and until nothing of the backlog waits."""

    backlog: int
    serves: float
    delivered: float
