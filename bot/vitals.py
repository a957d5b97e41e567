"""What Relink notices of itself, and when the leads are told. Pure: measurements in, what is to be said out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

LOOKS: Final = 2
"""So many looks in a row must agree before anything is said: what one look sees may be over at the next."""

SMALL_STEP: Final = timedelta(seconds=5)
"""Machines correct their clocks by so much without anybody noticing."""


class Trouble(StrEnum):
    """What may be wrong with Relink itself."""

    TIMERS = "timers"
    """Checks run late."""
    OUTBOX = "outbox"
    """Messages wait although Slack answers."""
    SOCKETS = "sockets"
    """Nothing can be heard from Slack."""
    PORTAL = "portal"
    """The portal cannot be read."""
    CLOCK = "clock"
    """The machine's clock is wrong, or was set."""


DOWN: Final = "down"
"""Not judged but known: no process of Relink lived for a while, or it was asleep."""

SHARED: Final = frozenset({Trouble.TIMERS, Trouble.OUTBOX})
"""What every process sees alike, because it is in the database; of the rest each knows only its own."""

LIMITS: Final[Mapping[Trouble, float]] = MappingProxyType(dict.fromkeys(Trouble, 60.0))
"""Seconds. With the looks, 15 s apart, and the delivery the leads hear of it within two minutes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What changed, and for how many looks each trouble has been there (above 0) or not (below)."""

    looks: Mapping[Trouble, int]
    begun: tuple[Trouble, ...]
    over: tuple[Trouble, ...]


def judge(
    seconds: Mapping[Trouble, float], before: Mapping[Trouble, int], standing: Collection[Trouble]
) -> Judged:
    """What to say now: `seconds` is how long (of the clock: by how much) each is wrong, `standing` what was said."""
    looks = {one: _counted(seconds.get(one, 0.0) > LIMITS[one], before.get(one, 0)) for one in Trouble}
    begun = tuple(one for one, count in looks.items() if count >= LOOKS and one not in standing)
    over = tuple(one for one, count in looks.items() if count <= -LOOKS and one in standing)
    return Judged(looks, begun, over)


def believes_machine(step: timedelta, ours: timedelta | None) -> bool:
    """Whether Relink's time follows the machine's clock, which was set by `step`.

    `ours` is how far Relink's own time is ahead of Slack's; None while Slack has not said since. A small step is a
    correction; a large one is believed if it leads nearer to Slack's time.
    """
    if abs(step) <= SMALL_STEP:
        return True
    return ours is not None and abs(ours + step) + SMALL_STEP < abs(ours)


def _counted(ill: bool, before: int) -> int:
    return max(before, 0) + 1 if ill else min(before, 0) - 1
