"""The morning digest as facts: what needs a decision, what waits, what happened since the last one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.messages.text import Outside
from bot.reports.causes import cause_of
from bot.runbook.model import Role, Runbook, Since
from bot.schedule import DAY, DigestDue, first_moment, local_date
from db import mornings, runs, standing
from db.mornings import Group, Outage
from db.standing import Standing, Waiting

DECISIONS, WAITS, OUTAGES, REPEATS, MUTED, GAPS = 8, 6, 4, 5, 3, 3
"""So many of each are told; the rest is a count. Whatever the names, one message holds them."""
IN_A_WINDOW = 40
"""So many of each are in the window that a digest's button opens."""
IN_A_BLOCK = 4
"""Incidents in one block."""
NAME = 20
"""Characters of a name from outside: longer ones would push the next step off a phone's line."""
REPEAT, REPEAT_DAYS = 3, timedelta(days=30)
"""So many incidents in so many days are a station that keeps coming back."""
LATE = timedelta(minutes=5)
"""From so much delay on a digest is called late."""
MINUTE = 60
"""Seconds."""
DOWN = timedelta(minutes=1)
"""A shorter gap between two lives is a restart."""

SILENT = timedelta(minutes=2)
"""So long without a beat no process lives, or it was asleep, whatever it believes itself."""

_HEALED: Mapping[str, str] = {
    "recovered by itself": "self",
    "provider restored service": "provider",
    "false alarm": "false alarm",
    "could not complete": "not healed",
    "coverage finding": "not healed",
    "no power (not communications)": "not healed",
    "modem power cycle": "remote",
    "Wi-Fi reconfiguration": "remote",
}
"""How a fix healed; what is not here needs hands at the station."""


@dataclass(frozen=True, slots=True)
class Morning:
    """What a digest is about: `day` in `zone`, from the last digest (`since`) `until` this one was written.

    `due` is None for one that somebody asked for in between. `lost` names the channel it should have gone to.
    """

    channel: str
    zone: ZoneInfo
    day: date
    due: datetime | None
    since: datetime
    until: datetime
    lost: Mapping[str, str] | None = None

    @classmethod
    def of_row(cls, payload: Mapping[str, Any]) -> "Morning":
        """The one a row of the outbox holds."""
        due, since, until = (datetime.fromisoformat(payload[name]) for name in ("due", "since", "until"))
        zone, day = ZoneInfo(payload["zone"]), date.fromisoformat(payload["day"])
        return cls(payload["channel"], zone, day, due, since, until, payload.get("lost"))

    @classmethod
    def asked_for(cls, yesterday: DigestDue, now: datetime) -> "Morning":
        """One for somebody who wants to know now."""
        zone = yesterday.place.zone
        return cls(yesterday.place.channel, zone, local_date(zone, now), None, yesterday.at, now)


def waiting_of(runbook: Runbook) -> Waiting:
    """How the steps of the procedure wait."""
    steps = runbook.steps.values()
    promised = {step.id for step in steps if step.automatic and step.automatic.since is Since.PROMISED}
    beside = {step.id for step in steps if step.automatic and step.automatic.beside} - promised
    return Waiting(
        support=frozenset(step.id for step in steps if Role.SUPPORT in step.by),
        alone=frozenset({step.id for step in steps if step.automatic} - beside - promised),
        beside=frozenset(beside),
        promised=frozenset(promised),
    )


def of_morning(
    session: Session, morning: Morning, waiting: Waiting, now: datetime, *, beside: bool = False
) -> Mapping[str, Any]:
    """The facts of the digest: how things stand at `now`, and what happened in its time.

    `beside`: asked by a process that does not serve, so that a book of lives without a beat means nobody does.
    Owners are Slack user ids; whoever draws it knows their names.
    """
    month = now - REPEAT_DAYS
    return {
        **_heading(morning, now),
        **still_open(session, morning.zone, waiting, now, DECISIONS, WAITS),
        **_since(session, morning),
        **_keeps_coming_back(session, month),
        "flagged": mornings.flagged(session),
        **_muted(session, now),
        **_own_gaps(session, morning, now, beside),
        "now": now,
    }


def still_open(
    session: Session, zone: ZoneInfo, waiting: Waiting, now: datetime, decisions: int, waits: int
) -> Mapping[str, Any]:
    """What is open at `now`: so many that need a decision before the day in `zone` ends, so many that wait."""
    tonight = first_moment(local_date(zone, now) + DAY, time(0), zone)
    counts = standing.counts(session, waiting, now, tonight)
    decide = standing.standing(session, waiting, now, tonight, decides=True, most=decisions)
    wait = standing.standing(session, waiting, now, tonight, decides=False, most=waits)
    stations = (one.station_id for one in (*decide, *wait))
    times = mornings.times_down(session, stations, now - REPEAT_DAYS)
    return {
        "down": counts.down,
        "listed": counts.listed,
        "portal_at": counts.looked_at,
        "decide": _chunks([_told(one, times, tonight) for one in decide]),
        "decide_all": counts.decide,
        "decide_more": max(counts.decide - len(decide), 0),
        "wait": _chunks([_told(one, times, tonight) for one in wait]),
        "wait_more": max(counts.wait - len(wait), 0),
    }


def zone_name(zone: ZoneInfo) -> str:
    """A zone as people call it: "New York"."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def clipped(name: str | None) -> Outside | str:
    """A name from outside, short enough for a line."""
    name = " ".join((name or "").split())
    return Outside(name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…") if name else ""


def _heading(morning: Morning, now: datetime) -> Mapping[str, Any]:
    """Day and hour in the words of the channel's zone. One that is due shows its hour, and whether it is late."""
    at = (morning.due or now).astimezone(morning.zone)
    day = morning.day
    return {
        "heading": f"{day:%A} {day.day} {day:%b}, {at:%H:%M} {zone_name(morning.zone)}",
        "late": morning.due is not None and now - morning.due > LATE,
        "due": morning.due or now,
        "scheduled": morning.due is not None,
        "lost": morning.lost or "",
        "since": morning.since,
    }


def _since(session: Session, morning: Morning) -> Mapping[str, Any]:
    groups = mornings.closed(session, morning.since, morning.until)
    healed: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for group in groups:
        healed[_how(group)] += group.count
        lost[cause_of(mornings.OUTAGE_OVER if group.outage else group.fix)] += group.lost
    healed.pop("outage", None)
    outages = _outages(mornings.outages(session, morning.since, morning.until))
    return {
        "opened": mornings.opened(session, morning.since, morning.until),
        "closed": healed.total(),
        "healed": _ranked(healed),
        "minutes_lost": [(cause, seconds // MINUTE) for cause, seconds in _ranked(lost) if seconds >= MINUTE],
        "outages": outages[:OUTAGES],
        "outages_more": max(len(outages) - OUTAGES, 0),
    }


def _ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    """Most first, then by name, the same on every database."""
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _how(group: Group) -> str:
    how = "outage" if group.outage else _HEALED.get(group.fix or "", "visit")
    return "visit" if group.visited and how == "remote" else how


def _outages(rows: Sequence[Outage]) -> list[Mapping[str, Any]]:
    """One line an area and carrier, the largest first; part of it may stand while another part is over."""
    known: dict[tuple[str | None, str | None], dict[str, Any]] = {}
    for row in rows:
        fresh = {"since": row.since, "until": None, "down": 0, "all": 0, "asked": False}
        one = known.setdefault((row.area, row.carrier), fresh)
        one["since"] = min(one["since"], row.since)
        one["until"] = max(filter(None, (one["until"], row.until)), default=None)
        one["down"] += 0 if row.until else row.count
        one["all"] += row.count
        one["asked"] |= row.asked
    told = [
        {"area": clipped(area), "carrier": clipped(carrier), **one} for (area, carrier), one in known.items()
    ]
    return sorted(told, key=lambda one: (-one["all"], one["since"]))


def _told(one: Standing, times: Mapping[int, int], tonight: datetime) -> Mapping[str, Any]:
    return {
        "label": one.label,
        "site": clipped(one.site),
        "since": one.since,
        "step": one.step,
        "standing_at": one.step.replace("-", " "),
        "owner": one.owner or "",
        "promised_at": one.promised_at,
        "today": one.promised_at is not None and one.promised_at < tonight,
        "deadline_at": one.deadline_at,
        "planned_at": one.planned_at,
        "visit": one.visit or "none",
        "technician": clipped(one.technician_name),
        "back": one.back_at is not None,
        "hazard": one.hazard or "",
        "muted_until": one.muted_until,
        "locks": one.locks,
        "times": ordinal(count) if (count := times.get(one.station_id, 0)) > 1 else "",
    }


def _keeps_coming_back(session: Session, month: datetime) -> Mapping[str, Any]:
    rows, count = mornings.repeats(session, month, REPEAT, REPEATS)
    told = [
        {"label": label, "site": clipped(site), "generation": generation, "times": times}
        for label, site, generation, times in rows
    ]
    return {"repeats": told, "repeats_more": count - len(told)}


def _muted(session: Session, now: datetime) -> Mapping[str, Any]:
    rows, count = mornings.muted(session, now, MUTED)
    return {
        "muted": [{"label": label, "until": until} for label, until in rows],
        "muted_more": count - len(rows),
    }


def _own_gaps(session: Session, morning: Morning, now: datetime, beside: bool) -> Mapping[str, Any]:
    """When no process of Relink was alive in the time of this digest."""
    gaps: list[tuple[datetime, datetime, int]] = []
    lives = mornings.lives(session, morning.since)
    seen = lives[0][1] if lives else now
    for started_at, alive_at, late in lives[1:]:
        if started_at > morning.since and started_at - seen > DOWN:
            gaps.append((seen, started_at, late))
        seen = max(seen, alive_at)
    if beside and now - seen > SILENT:
        gaps.append((seen, now, 0))
    first = runs.first_start(session)
    return {
        "gaps": [{"since": since, "until": until, "late": late} for since, until, late in gaps[-GAPS:]],
        "gaps_more": max(len(gaps) - GAPS, 0),
        "began": first if first is not None and first > morning.since else None,
    }


def ordinal(number: int) -> str:
    """ "3rd", as people count."""
    teen = number % 100 in range(11, 14)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _chunks(told: list[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    return [told[first : first + IN_A_BLOCK] for first in range(0, len(told), IN_A_BLOCK)]
