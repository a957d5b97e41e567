"""A digest's buttons, and what follows its way through the outbox in the transaction that writes down how it went."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import fates, outbox
from bot.messages.blocks import ButtonSpec
from bot.messages.queue import Parcel
from bot.runbook.press import DIGEST_FLAGGED, DIGEST_OPEN
from bot.schedule import DAY, local_date
from db.models import Outgoing
from db.statements import among, table_of


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
    fates.delivered(session, parcel, parcel.channel, ts, 1)
    rows = [outbox.chart(parcel.key, parcel.payload, now)]
    lost = parcel.payload.get("lost")
    if lost and not _told_yesterday(session, parcel):
        rows.append(outbox.lost_digest(parcel.key, lost, now))
    outbox.put(session, rows)


def let_go(session: Session, now: datetime) -> None:
    """Of the digests that still wait for a channel only today's goes out, and it tells what the others would have.

    Where none is of today the next one does: it begins where the last one ended that was not let go.
    """
    waiting = select(Outgoing).where(
        Outgoing.kind == "digest",
        among(table_of(Outgoing).c.state, ("new", "retry")),
        Outgoing.lease.is_(None),
    )
    places: defaultdict[str, list[Outgoing]] = defaultdict(list)
    for row in session.scalars(waiting.order_by(Outgoing.id)):
        places[row.payload["channel"]].append(row)
    for rows in places.values():
        newest = rows[-1]
        over = date.fromisoformat(newest.payload["day"]) < local_date(ZoneInfo(newest.payload["zone"]), now)
        newest.payload = {**newest.payload, "since": rows[0].payload["since"]}
        for row in rows if over else rows[:-1]:
            row.state, row.reason = "dead", "its day was over before it could be posted"
    session.flush()


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
