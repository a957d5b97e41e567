"""When digests are due: once for every date of every zone, also on both days of a clock change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.schedule import DAY, DigestPlace, digest_of, due_now, first_moment, local_date

FIRST, LAST = date(2025, 1, 1), date(2035, 12, 31)
NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
HOURS = (time(0), time(0, 30), time(1, 30), time(2), time(2, 15), time(7), time(23, 30), time(23, 59))
"""What may be configured: hours that changes of the clocks skip or repeat somewhere, and the default."""
WEEK = timedelta(days=7)

Shift = tuple[datetime, timedelta | None]


def at(zone: ZoneInfo, *moment: int) -> datetime:
    """A moment by the clocks of a zone, in UTC."""
    return datetime(*moment, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def place(zone: ZoneInfo, hour: time) -> DigestPlace:
    """A channel of this zone."""
    return DigestPlace("C0ALERTS", hour, zone)


def shifts(zone: ZoneInfo) -> Iterator[Shift]:
    """The offset at the beginning, then every change of it: the moment (to the minute) and the offset after it.

    Looked for week by week: no zone changes its clocks twice within one.
    """
    begin = datetime.combine(FIRST - 2 * DAY, time(0), UTC)
    end = datetime.combine(LAST + 3 * DAY, time(0), UTC)
    offset, moment = begin.astimezone(zone).utcoffset(), begin
    yield begin, offset
    while moment < end:
        after = moment + WEEK
        if (changed := after.astimezone(zone).utcoffset()) != offset:
            before = moment
            while after - before > timedelta(minutes=1):
                middle = before + (after - before) // 2
                if middle.astimezone(zone).utcoffset() == offset:
                    before = middle
                else:
                    after = middle
            yield after.replace(second=0, microsecond=0), changed
            offset = changed
        moment += WEEK


@pytest.fixture(scope="module")
def clocks() -> dict[tuple[Shift, ...], ZoneInfo]:
    """One zone for every history of clocks: zones with the same changes and offsets show the same time all along."""
    zones = (ZoneInfo(name) for name in sorted(available_timezones()))
    return {tuple(shifts(zone)): zone for zone in zones}


def by_walking(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The same by brute force: walk on from the day before until the clock shows the hour, or has jumped over it.

    Changes of clocks fall on quarters of an hour, so quarters and the minutes in question are all there is to see.
    """
    wanted = datetime.combine(day, hour)
    rest = timedelta(minutes=hour.minute % 15)
    moment = datetime.combine(day, hour, zone).astimezone(UTC) - timedelta(hours=4, minutes=hour.minute % 15)
    while True:
        moment += QUARTER
        if moment.astimezone(zone).replace(tzinfo=None) >= wanted - rest:
            late = (moment + rest).astimezone(zone).replace(tzinfo=None)
            jumped = moment.astimezone(zone).replace(tzinfo=None) >= wanted
            return moment if jumped else moment + rest if late >= wanted else moment + QUARTER


def test_every_zone_has_one_digest_a_date_at_its_hour_on_every_day_of_eleven_years(
    clocks: dict[tuple[Shift, ...], ZoneInfo],
) -> None:
    """Each moment shows the configured hour of its own date, or that hour never came: then see the next test."""
    days = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
    assert len(days) == 4017
    for zone in clocks.values():
        skipped = 0
        before = first_moment(FIRST - DAY, time(7), zone)
        for day in days:
            moment = first_moment(day, time(7), zone)
            assert timedelta(hours=21) <= moment - before <= timedelta(hours=27)
            shown = moment.astimezone(zone)
            skipped += (shown.date(), shown.time()) != (day, time(7))
            before = moment
        assert skipped == 0, f"{zone}: no clock in the world skips 07:00"


def test_around_every_change_of_any_clock_the_moment_is_the_first_that_shows_the_hour_or_comes_after(
    clocks: dict[tuple[Shift, ...], ZoneInfo],
) -> None:
    changes = 0
    for history, zone in clocks.items():
        for changed, _ in history[1:]:
            changes += 1
            day = changed.astimezone(zone).date()
            for near in (day - DAY, day, day + DAY):
                for hour in HOURS:
                    moment = first_moment(near, hour, zone)
                    assert moment == by_walking(near, hour, zone), f"{zone} {near} {hour}"
    assert changes > 600


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("America/Nuuk", date(2026, 3, 28)),  # 23:00 to midnight is skipped on this Saturday
        ("America/Nuuk", date(2026, 10, 24)),  # and comes twice on this one
        ("America/Santiago", date(2026, 9, 6)),  # this Sunday has no midnight
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
        ("Antarctica/Troll", date(2026, 3, 29)),  # by two hours
        ("Africa/Casablanca", date(2026, 2, 15)),
    ],
)
@pytest.mark.parametrize("hour", [time(0), time(0, 30), time(2, 30), time(7), time(23, 30)])
def test_whoever_looks_again_and_again_finds_each_date_once_and_in_order(
    zone: str, day: date, hour: time
) -> None:
    there = place(ZoneInfo(zone), hour)
    moment = datetime.combine(day - 3 * DAY, time(12), UTC)
    found: list[tuple[date, datetime]] = []
    for _ in range(6 * 96):
        moment += QUARTER
        for due in due_now([there], moment):
            if due.day not in [seen for seen, _ in found]:
                found.append((due.day, moment))
    dates = [seen for seen, _ in found]
    assert dates[1:] == [dates[0] + number * DAY for number in range(1, len(dates))], "none left out"
    assert len(dates) in {6, 7}
    for seen, looked in found[1:]:
        assert timedelta(0) <= looked - digest_of(there, seen).at < QUARTER, "not early, and at once"


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        # The clocks go from 02:00 to 03:00: the first moment after.
        (NEW_YORK, date(2026, 3, 8), time(2, 30), at(NEW_YORK, 2026, 3, 8, 3)),
        (BERLIN, date(2026, 3, 29), time(2), at(BERLIN, 2026, 3, 29, 3)),
        # 01:30 comes twice: the first one.
        (NEW_YORK, date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (NEW_YORK, date(2026, 3, 8), time(7), datetime(2026, 3, 8, 11, tzinfo=UTC)),
        (NEW_YORK, date(2026, 11, 1), time(7), datetime(2026, 11, 1, 12, tzinfo=UTC)),
    ],
)
def test_on_the_days_of_a_change(zone: ZoneInfo, day: date, hour: time, moment: datetime) -> None:
    assert first_moment(day, hour, zone) == moment


def test_it_is_due_from_its_hour_to_midnight_and_days_gone_by_are_not_made_up_for() -> None:
    there = place(NEW_YORK, time(7))

    def days(*moment: int) -> list[date]:
        return [due.day for due in due_now([there], at(NEW_YORK, *moment))]

    assert days(2026, 11, 24, 6, 59) == []
    assert days(2026, 11, 24, 7) == [date(2026, 11, 24)]
    assert days(2026, 11, 24, 23, 59) == [date(2026, 11, 24)]
    assert days(2026, 11, 25, 0) == []


def test_every_channel_keeps_its_own_zone() -> None:
    now = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    places = [place(BERLIN, time(7)), place(NEW_YORK, time(7)), place(NEW_YORK, time(0))]
    due = due_now(places, now)
    assert [(one.place.zone.key, one.day) for one in due] == [
        ("Europe/Berlin", date(2026, 11, 24)),
        ("America/New_York", date(2026, 11, 24)),
    ]
    assert due[1].place.at == time(0)
    assert local_date(NEW_YORK, now) == date(2026, 11, 24)
