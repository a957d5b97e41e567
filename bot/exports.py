"""Hands the exports out: in Slack as files in a direct message, on the command line as a file or standard output."""

import asyncio
import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import BinaryIO, Final

from bot.config import Settings
from bot.deps import Deps
from bot.errors import Refused
from bot.messages import outcomes
from bot.messages.files import upload
from bot.messages.outcomes import NothingPosted, Verdict
from bot.people import Person
from bot.reports import export, lost_minutes, spans
from bot.reports.spans import Span
from bot.runbook.model import Runbook
from db.opening import open_beside
from db.writer import Database

MOST_BYTES: Final = 20_000_000
"""A file for Slack is held in memory; a bigger one is for the command line, which holds only a piece of it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody was sent: since which day of the sites' zone, and how many incidents stand in it."""

    since: str
    incidents: int


async def send(deps: Deps, person: Person, since: str) -> Sent:
    """Both files since `since` (as it was typed) to this person, as a direct message. Raises Refused."""
    now, zone = deps.clock.now(), deps.settings.site_timezone
    span = spans.span(since, None, zone, now)
    found = export.incidents(deps.db, span, deps.rules.runbook, zone)
    count, closed, lost = 0, bytearray(), bytearray()
    async for page in found:
        count += page.incidents
        closed += page.content
        _must_fit(closed)
    async for piece in lost_minutes.table(deps.db, span, zone, now):
        lost += piece
        _must_fit(lost)
    day, today = _day(span.since, zone), _day(now, zone)
    files = (
        ("incidents", f"Closed incidents since {day}", bytes(closed)),
        ("minutes", f"Minutes without contact since {day}, by month and cause", bytes(lost)),
    )
    try:
        channel = await _direct_message(deps, person)
        for name, title, content in files:
            await upload(
                deps.slack,
                channel=channel,
                filename=f"relink-{name}-{day}-to-{today}.csv",
                title=title,
                content=content,
                alt=f"{title}. A table (CSV).",
            )
    except outcomes.FAILURES as error:
        raise Refused(_why(error)) from error
    return Sent(day, count)


async def _direct_message(deps: Deps, person: Person) -> str:
    """The direct message with this person, opened; that may be repeated, whatever became of it."""
    try:
        opened = await deps.slack.conversations_open(users=person.user_id)
    except outcomes.FAILURES as error:
        failure = outcomes.judge(error)
        raise NothingPosted(failure.reason, again=failure.verdict is not Verdict.NEVER) from error
    return str(opened["channel"]["id"])


def _must_fit(content: bytearray) -> None:
    if len(content) > MOST_BYTES:
        raise Refused(
            f"That is more than {MOST_BYTES // 1_000_000} MB. Ask for a shorter time, or let whoever runs Relink "
            "use `python app.py export`, which takes any."
        )


def _why(error: BaseException) -> str:
    failure = outcomes.judge(error)
    if failure.verdict is Verdict.DOUBTFUL:
        return "Slack gave no clear answer. Look into your direct messages with Relink before you ask again."
    again = " Try again in a moment." if failure.verdict is Verdict.LATER else ""
    return f"Slack did not take both files ({failure.reason}).{again}"


def _day(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


# The command line


def add_arguments(parser: ArgumentParser) -> None:
    """What `python app.py export` takes."""
    parser.add_argument(
        "--since", required=True, metavar="WHEN", help="30d, 12m, or a date such as 2026-11-01"
    )
    parser.add_argument(
        "--until", metavar="WHEN", help="up to the beginning of this day; up to now without it"
    )
    parser.add_argument("--minutes", action="store_true", help="minutes without contact by station and month")
    parser.add_argument("--out", type=Path, metavar="FILE", help="standard output without it")


async def run(settings: Settings, asked: Namespace, runbook: Runbook, now: datetime) -> None:
    """Write what was asked for; a bot may serve meanwhile. Raises ConfigWrong, Refused, Busy, OSError."""
    zone = settings.site_timezone
    span = spans.span(asked.since, asked.until, zone, now)
    db = await open_beside(settings.database_url)
    try:
        await _write(db, asked, span, runbook, zone, now)
    finally:
        await db.close()


async def _write(
    db: Database, asked: Namespace, span: Span, runbook: Runbook, zone: tzinfo, now: datetime
) -> None:
    """`--out` is there only once it is whole."""
    pieces = lost_minutes.table(db, span, zone, now) if asked.minutes else _contents(db, span, runbook, zone)
    if asked.out is None:
        await _pour(pieces, sys.stdout.buffer)
        return
    # In a folder of its own beside it: no file of somebody else's is in the way, and moving it is one step.
    with tempfile.TemporaryDirectory(prefix=".export-", dir=asked.out.parent) as folder:
        part = Path(folder) / "part"
        with part.open("wb") as file:
            await _pour(pieces, file)
        os.replace(part, asked.out)


async def _contents(db: Database, span: Span, runbook: Runbook, zone: tzinfo) -> AsyncIterator[bytes]:
    async for page in export.incidents(db, span, runbook, zone):
        yield page.content


async def _pour(pieces: AsyncIterator[bytes], into: BinaryIO) -> None:
    async for piece in pieces:
        await asyncio.to_thread(into.write, piece)
    into.flush()
