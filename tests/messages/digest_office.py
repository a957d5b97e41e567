"""An office that delivers digests: how one gets due, and what is seen of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.demo.slack.talk import Message as Talk
from bot.demo.slack.workspace import Channel
from bot.messages import outbox
from bot.messages.drawing import Drawn, Picture
from bot.messages.queue import Parcel
from bot.messages.render import Message
from db.writer import Database
from tests.messages.post_office import CHANNEL, PostOffice, a_post_office

LEADS = "C0LEADS"
TUESDAY = date(2026, 11, 24)
KEY, CHART = f"digest:{LEADS}:2026-11-24", f"chart:{LEADS}:2026-11-24"
COMPLETE = "files.completeUploadExternal"


async def draw(parcel: Parcel) -> Drawn | None:
    """A digest of one line, or the line that tells of a lost channel."""
    words = f"{parcel.kind} {parcel.payload.get('lost', parcel.payload).get('reason', 'as usual')}"
    return Drawn(
        Message(words, [{"type": "header", "text": {"type": "plain_text", "text": words}}]),
        1,
        "2026-11-24",
        "digest",
    )


async def a_chart(parcel: Parcel) -> Picture:
    """A very small one."""
    return Picture("relink-2026-11-24.png", "14 days", b"\x89PNG", "nothing happened")


def _write(session: Session, channel: str, day: date, now: datetime) -> None:
    payload = {"channel": channel, "day": day.isoformat()}
    outbox.put(session, [outbox.digest(channel, day, payload, now)])


async def write(office: PostOffice, channel: str = LEADS, day: date = TUESDAY) -> None:
    """The digest of a channel is due."""
    await office.db.write(_write, channel, day, office.desk.now)


async def deliver(office: PostOffice, chart: Any = a_chart) -> None:
    """One round of a courier."""
    await office.courier(draw=draw, chart=chart).run_due()
    await office.tasks.drain()


@asynccontextmanager
async def a_digest_office(db: Database) -> AsyncIterator[PostOffice]:
    """An office with a channel for the leads."""
    async with a_post_office(db) as office:
        office.slack.workspace.channels[LEADS] = replace(
            office.slack.workspace.channels[CHANNEL], id=LEADS, name="leads"
        )
        yield office


def seen(office: PostOffice, id_: str = LEADS) -> list[Talk]:
    """Everything in a channel: each message, then its thread."""
    slack = office.slack
    return [
        each
        for message in slack.messages(id_)
        if message.thread_ts is None
        for each in (message, *slack.thread(id_, message.ts))
    ]


def channel(office: PostOffice, id_: str = LEADS) -> Channel:
    """A channel of the workspace."""
    return office.slack.workspace.channels[id_]
