"""When a channel's morning digest is due: once for every date of its own zone. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DigestPlace:
    """Where a digest goes, and at what time of day of which zone."""

    channel: str
    at: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DigestDue:
    """The digest of one channel for one local date, due `at` (UTC)."""

    place: DigestPlace
    day: date
    at: datetime


def local_date(zone: ZoneInfo, now: datetime) -> date:
    """The date the calendars of this zone show at `now`."""
    return now.astimezone(zone).date()


def first_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When clocks of this zone first show `at` on this day, in UTC.

    Where they never do, because they were put forward over it: the first moment after.
    """
    wanted = datetime.combine(day, at, zone)
    earlier = wanted.replace(fold=0).astimezone(UTC)
    if earlier.astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return earlier
    # The clocks jump between the two readings of a time that does not exist; the moment is found by halving.
    before, after = wanted.replace(fold=1).astimezone(UTC), earlier
    jumped = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + ((after - before) // 2 // SECOND) * SECOND
        if middle.astimezone(zone).utcoffset() == jumped:
            after = middle
        else:
            before = middle
    return after


def digest_of(place: DigestPlace, day: date) -> DigestDue:
    """The digest of this place for this local date."""
    return DigestDue(place, day, first_moment(day, place.at, place.zone))


def due_now(places: Iterable[DigestPlace], now: datetime) -> tuple[DigestDue, ...]:
    """The digests that may go out at `now`: due, and their day is not over yet."""
    found = []
    for place in places:
        today = local_date(place.zone, now)
        # Yesterday's as well: where the clocks jump over midnight its hour comes only after the date has changed.
        for day in (today - DAY, today):
            digest = digest_of(place, day)
            if digest.at <= now < _over(digest):
                found.append(digest)
    return tuple(found)


def _over(digest: DigestDue) -> datetime:
    """When it is too late for this digest: the date on which it was due has ended, or the next one is due."""
    place = digest.place
    midnight = first_moment(local_date(place.zone, digest.at) + DAY, time(0), place.zone)
    return min(midnight, digest_of(place, digest.day + DAY).at)
