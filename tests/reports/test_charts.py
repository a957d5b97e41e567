"""The chart of 14 days: the right days, the right causes, words for those who cannot see it, a picture."""

import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from bot.messages import limits
from bot.reports import charts
from bot.reports.causes import CAUSES, NOT_KNOWN
from bot.reports.charts import COLOURS, DAYS, OPEN, Fortnight
from bot.reports.digest import Morning
from db.writer import Database
from tests.reports.nights import SEVEN, TUESDAY, closed, incident

DAY = timedelta(days=1)
PNG = b"\x89PNG\r\n\x1a\n"


async def test_incidents_stand_on_the_day_they_began_by_their_cause(db: Database) -> None:
    def fill(session: Session) -> None:
        closed(session, "SIM reseat", 20, opened_at=SEVEN - DAY)
        closed(session, "SIM replaced", 40, opened_at=SEVEN - DAY)
        closed(session, "modem replaced", 700, opened_at=SEVEN - 13 * DAY)
        closed(session, "modem replaced", 9_999, opened_at=SEVEN - 14 * DAY)  # a day too old
        closed(session, "modem replaced", 9_999, opened_at=SEVEN - DAY, drill=True)
        incident(session)

    await db.write(fill)
    shown = await db.read(charts.fortnight, TUESDAY)
    assert (shown.days[0], shown.days[-1], len(shown.days)) == (date(2026, 11, 11), date(2026, 11, 24), DAYS)
    assert list(shown.counts) == ["modem", "SIM", OPEN]
    assert shown.counts["SIM"] == [0] * 12 + [2, 0]
    assert shown.counts["modem"] == [1] + [0] * 13
    assert shown.counts[OPEN] == [0] * 13 + [1]
    assert shown.minutes == {"modem": [700] + [0] * 13, "SIM": [0] * 12 + [60, 0]}
    assert shown.zone == "New York"


@pytest.mark.parametrize(("local", "day"), [("23:59", 12), ("00:01", 13)])
async def test_days_are_those_of_the_channels_zone_also_when_clocks_change(
    db: Database, local: str, day: int
) -> None:
    """New York, 1 November 2026: a day of 25 hours."""
    zone = ZoneInfo("America/New_York")
    change = date(2026, 11, 1)
    moment = datetime.fromisoformat(f"{change if day == 13 else change - DAY} {local}").replace(tzinfo=zone)
    due = datetime(2026, 11, 1, 12, tzinfo=UTC)
    sunday = Morning("C0ALERTS", zone, change, due, due - DAY, due)
    await db.write(lambda session: closed(session, "false alarm", opened_at=moment.astimezone(UTC)))
    shown = await db.read(charts.fortnight, sunday)
    assert shown.counts["false alarm"][day] == 1


def test_every_cause_has_a_colour_of_its_own() -> None:
    assert {*CAUSES.values(), NOT_KNOWN, OPEN} == set(COLOURS)
    assert len(set(COLOURS.values())) == len(COLOURS)


def fortnight(*causes: str, number: int = 7) -> Fortnight:
    """Two weeks with so many incidents of each of these causes a day."""
    days = tuple(date(2026, 11, 11) + day * DAY for day in range(DAYS))
    counts = {cause: [number] * DAYS for cause in causes}
    return Fortnight(days, counts, {cause: [60 * number] * DAYS for cause in causes if cause != OPEN}, "UTC")


@pytest.mark.parametrize("causes", [(), tuple(COLOURS)], ids=["none", "all"])
def test_it_is_a_picture_and_words_whatever_happened(causes: tuple[str, ...]) -> None:
    shown = fortnight(*causes, number=10**7)
    assert charts.draw(shown).startswith(PNG)
    assert 0 < len(charts.alt_text(shown)) <= limits.FILE_ALT
    assert "matplotlib.pyplot" not in sys.modules, "pyplot keeps every figure that was ever drawn"


def test_the_words_say_how_many_when_and_how_long() -> None:
    told = charts.alt_text(fortnight("modem", "SIM", OPEN))
    assert "Chart of 11 Nov to 24 Nov." in told
    assert "modem 98" in told
    assert "Minutes lost: modem 5,880, SIM 5,880." in told
    assert charts.alt_text(fortnight()) == "Chart: no incident from 11 Nov to 24 Nov."
