"""What follows a digest's way through the outbox, in the transaction that writes down how it went."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import outbox, queue
from bot.messages.queue import Parcel
from bot.schedule import DAY
from db.models import Outgoing


def posted(session: Session, parcel: Parcel, ts: str, now: datetime) -> None:
    """The digest is out: its chart follows in its thread."""
    queue.delivered(session, parcel, parcel.channel, ts, 1)
    outbox.put(session, [outbox.chart(parcel.key, parcel.payload, now)])


def elsewhere(session: Session, parcel: Parcel, channel: str, reason: str, now: datetime) -> None:
    """Its own channel is lost: it goes to this one. The leads are told on the first such morning only."""
    queue.redirect(session, parcel, channel, reason)
    place, day = str(parcel.payload["channel"]), date.fromisoformat(parcel.payload["day"])
    yesterday = select(Outgoing.payload).where(Outgoing.key == outbox.digest_key(place, day - DAY))
    before: Any = session.execute(yesterday).scalar_one_or_none()
    if not (before or {}).get("lost"):
        payload = {"channel": place, "reason": reason}
        outbox.put(session, [outbox.lost_digest(parcel.key, payload, now)])
