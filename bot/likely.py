"""What an incident most likely is, told from how the team's own earlier ones ended. Pure counting.

A closed incident that says something counts once at each level of likeness, from its own station to all stations.
The most specific level with enough cases answers; its shares are pulled towards those of the more general ones, so
that a handful of cases does not shout down hundreds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from bot.reports.causes import NOT_KNOWN, cause_of

LEAST: Final = 5
"""Below so many cases a level says nothing; our number."""
PULL: Final = 8.0
"""How many cases of its own the next more general level weighs as; our number."""
WAITED_SECONDS: Final = 30 * 60
"""What healed by itself sooner was over before anybody was asked (manual 4.1 (2)): no evidence about the rest."""
POWER_CYCLE: Final = "modem power cycle"

_NO_EVIDENCE: Final = frozenset({"false alarm", NOT_KNOWN})
_MODEM: Final[Mapping[str, str]] = {POWER_CYCLE: "modem hang", "modem replaced": "modem failure"}
"""A modem that hangs and one that is broken have one cause in the reports, but not one remedy."""

Restart = Literal["helped", "failed", "none"]
"""How the last restart of the same station ended."""
RESTARTS: Final[tuple[Restart, ...]] = ("helped", "failed", "none")


@dataclass(frozen=True, slots=True)
class Case:
    """What an incident is likened by; names are None where they are not known."""

    station: int
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    quarter: int
    """Of the day in which it failed, see `quarter_of`."""
    restart: Restart


@dataclass(frozen=True, slots=True)
class Likely:
    """The cause that is most likely: so many `cases` of `all` that are alike by `level`."""

    cause: str
    cases: int
    all: int
    level: str


def quarter_of(moment: datetime) -> int:
    """The quarter of the day (0 to 3) in UTC: what counts is that equal hours meet, whatever zone is set."""
    return moment.astimezone(UTC).hour // 6


def evidence_of(fix: str | None, lost_seconds: int) -> str | None:
    """The cause a closed incident speaks for; None for one that says nothing. `lost_seconds`: without contact."""
    cause = cause_of(fix)
    if cause in _NO_EVIDENCE or (cause == "by itself" and lost_seconds < WAITED_SECONDS):
        return None
    return _MODEM.get(fix or "", cause)


def keys_of(case: Case) -> Mapping[str, str]:
    """The key of each level this case counts at, the most specific one first.

    A level that asks for something not known is left out. Keys hold names as they came: where two names made one
    key, their cases would be counted together, nothing worse.
    """
    keys = {"hours": f"hours {case.quarter} {case.station}", "station": f"station {case.station}"}
    if case.area and case.carrier:
        keys["area"] = f"area {case.quarter} {case.area} / {case.carrier}"
    if case.site:
        keys["site"] = f"site {case.site}"
    if case.carrier and case.generation:
        keys["kind"] = f"kind {case.restart} {case.generation} {case.carrier}"
    return keys | {"all": "all"}


def most_likely(keys: Mapping[str, str], tallies: Mapping[str, Mapping[str, int]]) -> Likely | None:
    """The most likely cause by these levels, given how many cases of each cause every key has; None if too few.

    A level whose own count contradicts its smoothed shares is passed over for the more general one: what is shown
    is always the biggest count of its level.
    """
    answer, shares = None, dict[str, float]()
    for level, key in reversed(list(keys.items())):
        counts = tallies.get(key, {})
        total = sum(counts.values())
        causes = sorted(counts.keys() | shares.keys())
        shares = {
            cause: (counts.get(cause, 0) + PULL * shares.get(cause, 0.0)) / (total + PULL) for cause in causes
        }
        if total < LEAST:
            continue
        top = max(causes, key=shares.__getitem__)
        if counts.get(top) == max(counts.values()):
            answer = Likely(top, counts[top], total, level)
    return answer
