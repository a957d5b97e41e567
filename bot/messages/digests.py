"""A digest's buttons, and what follows its way through the outbox in the transaction that writes down how it went."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import outbox, queue
from bot.messages.blocks import ButtonSpec
from bot.messages.queue import Parcel
from bot.runbook.press import DIGEST_FLAGGED, DIGEST_OPEN
from bot.schedule import DAY
from db.models import Outgoing


def buttons_of(facts: Mapping[str, Any]) -> list[ButtonSpec]:
    """What stands under a digest, where it leads to anything."""
    is_open = facts["down"] or facts["decide"] or facts["wait"]
    buttons = [ButtonSpec(DIGEST_OPEN, "open", "Open list")] if is_open else []
    return buttons + ([ButtonSpec(DIGEST_FLAGGED, "flagged", "Flagged modems")] if facts["flagged"] else [])


def chart_file(day: str) -> str:
    """The name of a chart's file, by which it is known in a thread. `day` is a local date as ISO writes it."""
    return f"relink-{day}.png"


def posted(session: Session, parcel: Parcel, ts: str, now: datetime) -> None:
    """The digest is out: its chart follows in its thread, and if it went elsewhere the leads are told why."""
    queue.delivered(session, parcel, parcel.channel, ts, 1)
    rows = [outbox.chart(parcel.key, parcel.payload, now)]
    lost = parcel.payload.get("lost")
    if lost and not _told_yesterday(session, parcel):
        rows.append(outbox.lost_digest(parcel.key, lost, now))
    outbox.put(session, rows)


def has_chart(parcel: Parcel, message: Any) -> bool:
    """Is this the message of the chart? A file carries no metadata, so its name tells."""
    if parcel.kind != "chart":
        return False
    ours = chart_file(parcel.payload["day"])
    return any(file.get("name") == ours for file in message.get("files") or ())


def _told_yesterday(session: Session, parcel: Parcel) -> bool:
    """Did yesterday's go elsewhere too? The leads are told on the first such morning only."""
    place, day = str(parcel.payload["channel"]), date.fromisoformat(parcel.payload["day"])
    yesterday = select(Outgoing.payload).where(
        Outgoing.key == outbox.digest_key(place, day - DAY), Outgoing.state == "sent"
    )
    before: Any = session.execute(yesterday).scalar_one_or_none()
    return bool((before or {}).get("lost"))
