"""Who fails when of what: the plan of a made-up history. Pure, and the same for the same seed.

Each station gets its share of the incidents, one to a slot of equal length, so that none begins within a day of
the one before (that would be the same incident again). What breaks depends on the station's weakness, on the
hour and on the hardware; carriers fail for an area at once. A model that looks at the same things can learn it.
"""

import heapq
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Literal

from bot.portal.contract import Station

# fmt: off
Kind = Literal[
    "blip", "late", "hang", "cap", "outage", "defective SIM", "loose SIM", "antenna",
    "antenna broken", "Wi-Fi", "weak", "dark", "modem", "false", "given up",
]
# fmt: on

SLOT: Final = timedelta(days=6)
"""The shortest slot."""
REST: Final = timedelta(days=2)
"""The end of each slot, in which nothing begins: what began is over by its half, and a day of rest follows."""
LONG: Final[frozenset[Kind]] = frozenset({"defective SIM", "modem"})
"""What takes up to two days more, for something is ordered."""
QUIET: Final = timedelta(days=1)
"""So long before the end the last slot ends: what fails in the demo is a new incident."""
OUTAGES_APART: Final = timedelta(days=120)
"""How far apart a carrier's outages in one area are, about."""

COMMON: Final[Mapping[Kind, float]] = {
    "blip": 56,
    "late": 5,
    "hang": 9,
    "cap": 3,
    "defective SIM": 1,
    "loose SIM": 2,
    "antenna": 2,
    "antenna broken": 1,
    "Wi-Fi": 2,
    "weak": 1,
    "dark": 1,
    "modem": 1,
    "false": 2,
    "given up": 1,
}
"""How often what happens, of a hundred or so."""
BY_DAY: Final[frozenset[Kind]] = frozenset({"loose SIM", "antenna", "antenna broken", "Wi-Fi", "dark"})
"""What people bring about who work at the site: three times as often by day."""
BY_LIGHT: Final = range(6, 18)
WEAKNESSES: Final[tuple[Kind | None, ...]] = (
    *("hang", "hang", "antenna", "cap", "loose SIM", "weak", "Wi-Fi", None, None, None),
)
"""What a station may be prone to, eight times as likely there as elsewhere."""
WITH_WIFI: Final = 2
"""The one generation that has Wi-Fi (manual 1)."""
PRONE: Final = 8.0
OFFENDERS: Final = 12
"""One station in so many fails three times as often as others."""


@dataclass(frozen=True, slots=True)
class Temper:
    """What a station is prone to, and how many times as often as others it fails."""

    weakness: Kind | None = None
    times: float = 1.0


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A station, by its place among those given, falls silent."""

    silent_at: datetime
    station: int
    kind: Kind


def failures(
    stations: Sequence[Station],
    until: datetime,
    incidents: int,
    *,
    days: int = 0,
    tempers: Mapping[str, Temper] | None = None,
    seed: int = 5,
) -> Iterator[Failure]:
    """So many failures in the order of time, the last of them `QUIET` before `until`.

    They fill `days` days, or more where that would be too narrow. `tempers`, by serial, are for stations whose
    temper is not left to chance. Nothing is kept in memory but what comes next.
    """
    chance = random.Random(seed)  # noqa: S311 (a story, no secret)
    given = tempers or {}
    known = [given.get(station.serial) or _temper(chance) for station in stations]
    counts = _shares([temper.times for temper in known], incidents)
    span = max(timedelta(days=days), SLOT * max(counts, default=0))
    end = until.replace(hour=0, minute=0, second=0, microsecond=0) - QUIET
    groups = sorted({(station.area, station.carrier) for station in stations}, key=str)
    outages = {group: list(_outages(chance, end - span, end)) for group in groups}
    lives = (
        _life(
            random.Random(chance.random()),  # noqa: S311 (a story, no secret)
            number,
            station,
            known[number].weakness,
            counts[number],
            (end - span, end),
            outages[station.area, station.carrier],
        )
        for number, station in enumerate(stations)
    )
    return heapq.merge(*lives)


def _temper(chance: random.Random) -> Temper:
    return Temper(chance.choice(WEAKNESSES), 3.0 if chance.randrange(OFFENDERS) == 0 else 1.0)


def _shares(weights: Sequence[float], whole: int) -> list[int]:
    """`whole` divided by these weights, in whole numbers."""
    counts, given, reached, together = [], 0, 0.0, sum(weights)
    for weight in weights:
        reached += weight
        upto = round(whole * reached / together)
        counts.append(upto - given)
        given = upto
    return counts


def _outages(chance: random.Random, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The nights in which a carrier fails in one area."""
    at = begin + OUTAGES_APART * chance.random()
    while at < end:
        yield at.replace(hour=chance.randrange(5), minute=chance.randrange(60), second=0, microsecond=0)
        at += OUTAGES_APART * chance.uniform(0.6, 1.4)


def _life(
    chance: random.Random,
    number: int,
    station: Station,
    weakness: Kind | None,
    count: int,
    span: tuple[datetime, datetime],
    outages: Sequence[datetime],
) -> Iterator[Failure]:
    """The failures of one station."""
    begin, end = span
    slot = (end - begin) / count if count else timedelta(0)
    nights = iter(outages)
    night = next(nights, None)
    for index in range(count):
        first, last = begin + slot * index, begin + slot * (index + 1) - REST
        at = (first + (last - first) * chance.random()).replace(microsecond=0)
        while night is not None and night < first:
            night = next(nights, None)
        if night is not None and night < last:
            yield Failure(night + timedelta(seconds=chance.randrange(240)), number, "outage")
            continue
        kinds, weights = _odds(weakness, station.generation, at.hour in BY_LIGHT)
        (kind,) = chance.choices(kinds, cum_weights=weights)
        late = kind in LONG and at > last - timedelta(days=2)
        yield Failure(at - timedelta(days=2) if late else at, number, kind)


@cache
def _odds(weakness: Kind | None, generation: int | None, by_day: bool) -> tuple[list[Kind], list[float]]:
    """What may happen, and the odds added up."""
    kinds, weights, sum_so_far = list[Kind](), list[float](), 0.0
    for kind, odds in COMMON.items():
        if kind == "Wi-Fi" and generation != WITH_WIFI:
            continue
        factor = (PRONE if kind == weakness else 1.0) * (3.0 if by_day and kind in BY_DAY else 1.0)
        sum_so_far += odds * factor
        kinds.append(kind)
        weights.append(sum_so_far)
    return kinds, weights
