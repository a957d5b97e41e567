"""Exports as a spreadsheet reads them, and a way to an incident that is down again."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.incidents.values import Values
from bot.reports import export
from bot.reports.spans import Span
from db.writer import Database
from tests.incidents.desk import NIGHT, REPAIR_LOG, RULES, Desk, alert

NEW_YORK = ZoneInfo("America/New_York")
EVER = Span(NIGHT - timedelta(days=400), NIGHT + timedelta(days=400))

Row = dict[str, str]


async def exported(db: Database, span: Span = EVER) -> list[Row]:
    """The lines of the file, by the names of the columns."""
    pages = [page async for page in export.incidents(db, span, RULES.runbook, NEW_YORK)]
    rows = rows_of(b"".join(page.content for page in pages))
    assert len(rows) == sum(page.incidents for page in pages)
    return rows


def rows_of(content: bytes) -> list[Row]:
    """A file as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def down_again(desk: Desk, number: int) -> None:
    """Two hours later the station is down for ten minutes, comes back by itself and is logged by support."""
    desk.later(hours=2)
    silent = desk.now - timedelta(minutes=10)
    (result,) = await desk.take(alert(f"a-{number}", raised_at=desk.now, last_communication=silent))
    assert result.outcome == "reopened"
    await desk.look(active=False, online=True)
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    await desk.press("waive")
    await desk.look(bars=4)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": "antenna reconnection"}))
