"""Rows of the outbox: what puts them there, what claims them, how the courier sees them. No network."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.incidents.stations import StationSeen
from bot.messages import fates, outbox, queue
from bot.messages.drawing import Picture
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from db.models import Outgoing
from tests.incidents.desk import Desk, alert

CHANNEL, OTHER = "C0ALERTS", "C0OTHER"
PACES = Paces()
SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)


async def stations_down(desk: Desk, count: int) -> None:
    """So many incidents, so many new cards."""
    seen = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(count)]
    await desk.take(*(alert(f"a-{number}", station=one) for number, one in enumerate(seen)))


async def claim(desk: Desk, paces: Paces = PACES) -> tuple[Parcel, ...]:
    """Claim what may go out now."""
    return await desk.db.write(queue.claim, paces, desk.real, desk.now)


async def posted(desk: Desk, parcel: Parcel, ts: str = "1.0", version: int = 1) -> None:
    """This parcel is out."""
    await desk.db.write(fates.delivered, parcel, parcel.channel, ts, version)


async def with_card(desk: Desk) -> None:
    """One incident whose card is in the channel, and a second later."""
    await desk.opened()
    (card,) = await claim(desk)
    await posted(desk, card)
    desk.real += SECOND


async def line(desk: Desk, number: int, incident: int = 1) -> None:
    """A line for a thread."""
    key = f"{incident}:{number}"
    await desk.db.write(outbox.add_line, incident, key, "lines/note.j2", {}, desk.now)


async def edit(desk: Desk, version: int, incident: int = 1, channel: str = CHANNEL) -> None:
    """The card has this version to show."""
    await desk.db.write(outbox.show_cards, incident, version, channel, None, desk.now)


async def row(desk: Desk, key: str) -> dict[str, Any]:
    """One row as it is."""

    def read(session: Session) -> dict[str, Any]:
        found = session.scalars(select(Outgoing).where(Outgoing.key == key)).one()
        return {column.key: getattr(found, column.key) for column in Outgoing.__table__.columns}

    return await desk.db.read(read)


async def no_chart(parcel: Parcel) -> Picture:
    """For houses that send none."""
    raise AssertionError(f"no chart was expected: {parcel.key}")


def keys(parcels: Sequence[Parcel]) -> list[str]:
    """What was claimed."""
    return [parcel.key for parcel in parcels]


def move_card(session: Session, incident: int, channel: str) -> None:
    """The card belongs into another channel."""
    session.scalars(select(Outgoing).where(Outgoing.key == f"card:{incident}")).one().channel = channel


def parcel_of(row: Outgoing) -> Parcel:
    """This row, claimed a moment ago."""
    return Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        incident=row.incident_id or 0,
        template=row.template,
        payload=row.payload,
        attempts=row.attempts,
        lease="mine",
        doubtful=False,
        channel=row.channel,
        ts=row.ts,
        expires_at=row.expires_at,
        sending_at=row.sending_at,
        created_at=row.created_at,
        under=row.under,
    )
