"""What somebody means by `30d`, `12m` or a day, and how months divide a length of time."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.reports.spans import EARLIEST, MOST_DAYS, MOST_MONTHS, Span, beginning, by_month, midnight, span

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
"""The evening of the 25th in New York."""
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "America/New_York",
            "Pacific/Auckland",
            "Asia/Kolkata",
            "Africa/Cairo",
            "Asia/Beirut",
        )
    ]
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1d", "2026-11-24"),
        ("7d", "2026-11-18"),
        ("30D", "2026-10-26"),
        ("1m", "2026-10-25"),
        ("12m", "2025-11-25"),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-25", "2026-11-25"),
    ],
)
def test_it_begins_with_that_day_of_the_sites_zone(typed: str, day: str) -> None:
    begins = beginning(typed, NEW_YORK, NOW)
    assert begins.astimezone(NEW_YORK) == datetime.combine(date.fromisoformat(day), time(), NEW_YORK)
    assert begins.tzinfo is UTC


def test_the_end_of_a_month_that_is_not_over_is_now() -> None:
    assert span("2026-11-01", "2026-12-01", UTC, NOW) == Span(midnight(date(2026, 11, 1), UTC), NOW)


def test_a_month_without_that_day_begins_with_its_last() -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert beginning("1m", UTC, now) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Say since when"),
        ("30", "no span"),
        ("d", "no span"),
        ("30w", "no span"),
        ("-30d", "no span"),
        ("3 0d", "no span"),
        ("\u0663\u0660d", "no span"),
        ("0d", "From 1d"),
        ("3661d", "to 3660d"),
        ("121m", "to 120m"),
        ("999999999d", "to 3660d"),
        ("2026-11-31", "no such day"),
        ("2026-13-01", "no such day"),
        ("2026-11-26", "not here yet"),
        ("1999-12-31", "From 2000-01-01"),
        ("0000-01-01", "no such day"),
        ("26-11-01", "no span"),
        ("2026-11-01T00:00", "no span"),
    ],
)
def test_anything_else_is_refused_with_what_to_type(typed: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        beginning(typed, NEW_YORK, NOW)
    assert "30d, 12m, or a date such as 2026-11-01" in refused.value.sentence


def test_a_span_ends_before_its_last_day_begins_and_never_after_now() -> None:
    november = Span(midnight(date(2026, 11, 1), NEW_YORK), midnight(date(2026, 11, 20), NEW_YORK))
    assert span("2026-11-01", "2026-11-20", NEW_YORK, NOW) == november
    assert span("2026-11-01", None, NEW_YORK, NOW).until == NOW
    for until in ("2026-11-01", "2026-10-01", "60d"):
        with pytest.raises(Refused, match="ends before it begins"):
            span("2026-11-01", until, NEW_YORK, NOW)


@given(st.text(max_size=20), ZONES, MOMENTS)
def test_whatever_is_typed_is_a_day_that_was_or_a_refusal(typed: str, zone: ZoneInfo, now: datetime) -> None:
    try:
        begins = beginning(typed, zone, now)
    except Refused:
        return
    assert begins <= now


@given(st.integers(1, MOST_DAYS), ZONES, MOMENTS)
def test_days_are_counted_back_from_today(days: int, zone: ZoneInfo, now: datetime) -> None:
    begins = beginning(f"{days}d", zone, now).astimezone(zone)
    assert now.astimezone(zone).date() - begins.date() == timedelta(days=days)
    before = begins.astimezone(UTC) - timedelta(seconds=1)
    assert before.astimezone(zone).date() < begins.date()


@given(st.integers(1, MOST_MONTHS), ZONES, MOMENTS)
def test_months_are_counted_back_to_the_same_day_or_the_months_last(
    months: int, zone: ZoneInfo, now: datetime
) -> None:
    today = now.astimezone(zone).date()
    day = beginning(f"{months}m", zone, now).astimezone(zone).date()
    assert (today.year - day.year) * 12 + today.month - day.month == months
    assert day.day == min(today.day, calendar.monthrange(day.year, day.month)[1])


@given(st.dates(EARLIEST, date(2026, 11, 25)), ZONES)
def test_a_day_is_itself(day: date, zone: ZoneInfo) -> None:
    assert beginning(f"{day}", zone, NOW).astimezone(zone).date() == day


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=800)), ZONES)
def test_months_divide_a_length_of_time_and_lose_nothing(
    since: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    parts = list(by_month(since, since + length, zone))
    assert sum((part for _, part in parts), timedelta()) == length
    months = [month for month, _ in parts]
    assert months == sorted(set(months))
    at = since
    for month, part in parts:
        last = at + part - timedelta(microseconds=1)
        assert f"{at.astimezone(zone):%Y-%m}" == f"{last.astimezone(zone):%Y-%m}" == month
        at += part


def test_a_silence_over_the_end_of_a_month_is_divided_by_the_sites_clocks() -> None:
    since = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    parts = list(by_month(since, since + timedelta(hours=1), NEW_YORK))
    assert parts == [("2026-10", timedelta(minutes=30)), ("2026-11", timedelta(minutes=30))]
