"""What Relink counts and measures about itself, for `/metrics` and `/readyz`."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.echoes import Echoes

_CLICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
_LATENESS = (0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200)
_PORTAL = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(slots=True)
class Pulse:
    """Whether somebody we depend on answered when last spoken to; `ok` is None before the first time."""

    ok: bool | None = None
    _at: float = 0

    def beat(self, ok: bool) -> None:
        """Say how it went just now."""
        self.ok = ok
        self._at = time.monotonic()

    @property
    def age(self) -> float | None:
        """Seconds since the last beat."""
        return None if self.ok is None else time.monotonic() - self._at


class Metrics:
    """One set of metrics with a registry of its own, so that a process can hold several apps."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.slack = Pulse()
        self.portal = Pulse()
        self.sockets: Callable[[], int] | None = None
        """Counts the open connections of Socket Mode; None where Slack calls us over HTTP."""
        self.sockets_silent: Callable[[], float] = lambda: 0.0
        """For how many seconds nothing can have come in over them."""
        self.echoes = Echoes()
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

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
