"""What Relink counts and measures about itself, for `/metrics` and `/readyz`."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.echoes import Echoes

_CLICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
_LATENESS = (0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200)
LATE = 60.0
"""Seconds after which a check ran late enough to be told."""
_PORTAL = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(slots=True)
class Pulse:
    """Whether somebody we depend on answered when last spoken to; `ok` is None before the first time."""

    seconds: Callable[[], float] = time.monotonic
    ok: bool | None = None
    _at: float = 0
    _failing_since: float | None = None

    def beat(self, ok: bool) -> None:
        """Say how it went just now."""
        self.ok = ok
        self._at = self.seconds()
        if ok:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = self._at

    @property
    def failing(self) -> float:
        """For how many seconds there has been no answer; 0 if the last one came."""
        return 0.0 if self._failing_since is None else self.seconds() - self._failing_since

    @property
    def age(self) -> float | None:
        """Seconds since the last beat."""
        return None if self.ok is None else self.seconds() - self._at


class Metrics:
    """One set of metrics with a registry of its own, so that a process can hold several apps.

    `seconds` counts spans of real time; nobody can set it.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.registry = registry = CollectorRegistry()
        self.slack = Pulse(seconds)
        self.portal = Pulse(seconds)
        self.sockets: Callable[[], int] | None = None
        """Counts the open connections of Socket Mode; None where Slack calls us over HTTP."""
        self.sockets_silent: Callable[[], float] = lambda: 0.0
        """For how many seconds nothing can have come in over them."""
        self.echoes = Echoes(seconds)
        self.ahead_of_slack: timedelta | None = None
        """How far Relink's time is ahead of Slack's, as its newest answer showed; None before the first."""
        self.clock_off = 0.0
        """By how many seconds the machine's clock is wrong, or was set; below 0: behind."""
        self.down: str | None = None
        """When nothing lived before this life, and how many checks ran late; None if there was no gap."""
        self.troubles: tuple[str, ...] = ()
        """What this process finds wrong with Relink, as `bot.vitals` names it."""
        self.late_checks: deque[datetime] = deque(maxlen=10_000)
        """When the checks were due that ran late."""
        self.alerts = Counter(
            "relink_alerts_total", "Alerts taken, by what became of them", ["outcome"], registry=registry
        )
        self.incidents_open = Gauge("relink_incidents_open", "Open incidents", registry=registry)
        self.moves = Counter(
            "relink_moves_total", "Moves, by the step they left", ["step"], registry=registry
        )
        self.timer_lateness = Histogram(
            "relink_timer_lateness_seconds", "How late timers ran", buckets=_LATENESS, registry=registry
        )
        self.outbox_oldest = Gauge(
            "relink_outbox_oldest_seconds",
            "Age of the oldest message still to be delivered",
            registry=registry,
        )
        self.outgoing = Counter(
            "relink_outgoing_total",
            "Deliveries tried, by their outcome",
            ["kind", "outcome"],
            registry=registry,
        )
        self.click_seconds = Histogram(
            "relink_click_seconds", "From a click's arrival to its ack", buckets=_CLICK, registry=registry
        )
        self.portal_seconds = Histogram(
            "relink_portal_seconds",
            "Calls to the portal",
            ["call", "outcome"],
            buckets=_PORTAL,
            registry=registry,
        )
        self.digest_last = Gauge(
            "relink_digest_last_timestamp", "When the last digest was posted, Unix seconds", registry=registry
        )

    def checked(self, due_at: datetime, now: datetime) -> None:
        """A check that was due ran now (the procedure's time)."""
        late = max((now - due_at).total_seconds(), 0.0)
        self.timer_lateness.observe(late)
        if late > LATE:
            self.late_checks.append(due_at)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
