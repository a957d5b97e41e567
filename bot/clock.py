"""Where "now" comes from: the system, or a clock that tests and the demo move by hand."""

import time as time_module
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Tells the procedure's time. Always aware, always UTC."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


def seconds_awake_or_asleep() -> float:
    """Seconds of a clock that nobody can set and that goes on while the machine sleeps, where it has one."""
    boot: int | None = getattr(time_module, "CLOCK_BOOTTIME", getattr(time_module, "CLOCK_MONOTONIC", None))
    return time_module.monotonic() if boot is None else time_module.clock_gettime(boot)


class SteadyClock:
    """The machine's clock as it was when first read, carried on by one that nobody can set.

    Somebody who sets the machine's clock moves no timer with it: `step` is by how much they differ since, and
    `follow` makes this clock show what the machine's shows.
    """

    def __init__(
        self,
        machine: Clock | None = None,
        seconds: Callable[[], float] = seconds_awake_or_asleep,
    ) -> None:
        self._machine = machine or SystemClock()
        self._seconds = seconds
        self._start, self._began = self._machine.now(), seconds()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._start + timedelta(seconds=self._seconds() - self._began)

    @property
    def step(self) -> timedelta:
        """How far the machine's clock is ahead of this one."""
        return self._machine.now() - self.now()

    def follow(self) -> None:
        """Show what the machine's clock shows."""
        self._start, self._began = self._machine.now(), self._seconds()


class MovableClock:
    """A clock that stands at `start` (tests) or runs with real time from there (demo), and can be moved on.

    Whoever must look again after a jump registers with `on_move`.
    """

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._offset = start - datetime.now(UTC)
        self._frozen = None if running else start
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The present moment of this clock, in UTC."""
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def move(self, by: timedelta) -> None:
        """Jump by `by` and wake whoever waits on time; a negative jump is a clock set back."""
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by
        for wake in self._watchers:
            wake()

    def on_move(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every move."""
        self._watchers.append(wake)


def next_time(at: time, zone: tzinfo, now: datetime) -> datetime:
    """The next moment after `now` at which clocks in this zone show `at`, as aware UTC."""
    here = now.astimezone(zone)
    today = datetime.combine(here.date(), at.replace(tzinfo=None), zone)
    # Compared in UTC: within one zone Python compares what the clocks show, twice the same at their change.
    if today.astimezone(UTC) > now:
        return today.astimezone(UTC)
    return datetime.combine(here.date() + timedelta(days=1), at.replace(tzinfo=None), zone).astimezone(UTC)
