"""The morning digests are put into the outbox, each once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.messages import outbox
from bot.schedule import DAY, DigestDue, digest_of
from db import runs
from db.models import Outgoing

LOOK_BACK = 14
"""So many days back the digest before this one is looked for."""


def owed(session: Session, due: Sequence[DigestDue]) -> list[DigestDue]:
    """Which of these digests are not written yet.

    What was due before Relink was ever started is not owed: it would tell of a day nobody watched.
    """
    first = runs.first_start(session)
    if first is None:
        return []
    keys = {outbox.digest_key(one.place.channel, one.day): one for one in due if one.at >= first}
    written = select(Outgoing.key).where(Outgoing.key.in_(list(keys)))
    gone = set(session.scalars(written)) if keys else set()
    return [one for key, one in keys.items() if key not in gone]


def write(session: Session, due: Sequence[DigestDue], now: datetime, *, by_hand: bool = False) -> None:
    """Put these digests into the outbox; one that is there already stays as it is.

    Asked for `by_hand`, one that died is written anew: whatever killed it may have been put right.
    """
    rows = [_row(session, one, now) for one in due]
    outbox.put(session, rows)
    for row in rows if by_hand else ():
        anew = ("payload", "channel", "state", "attempts", "created_at")
        dead = update(Outgoing).where(Outgoing.key == row["key"], Outgoing.state == "dead")
        session.execute(dead.values({name: row[name] for name in anew} | {"reason": None, "next_at": None}))


def unsent(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Of these digests what is not out yet, with its state; their charts count too."""
    under = Outgoing.key.in_(list(keys)) | Outgoing.under.in_(list(keys))
    rows = session.execute(select(Outgoing.key, Outgoing.state).where(under, Outgoing.state != "sent"))
    return {row.key: row.state for row in rows}


def _row(session: Session, due: DigestDue, now: datetime) -> outbox.Row:
    place = due.place
    payload = {
        "channel": place.channel,
        "zone": place.zone.key,
        "day": due.day.isoformat(),
        "due": due.at.isoformat(),
        # What one digest told the next one does not tell again, also if one of them was late.
        "since": _since(session, due).isoformat(),
        "until": now.isoformat(),
    }
    return outbox.digest(place.channel, due.day, payload, now)


def _since(session: Session, due: DigestDue) -> datetime:
    """Up to when the newest digest before this one told; without one, when yesterday's would have been due.

    One that died told nobody anything. One that still waits will be told.
    """
    days = [due.day - number * DAY for number in range(1, LOOK_BACK + 1)]
    keys = [outbox.digest_key(due.place.channel, day) for day in days]
    told = select(Outgoing.key, Outgoing.payload).where(Outgoing.key.in_(keys), Outgoing.state != "dead")
    before: dict[str, Any] = {row.key: row.payload for row in session.execute(told)}
    # The keys of one channel differ by their days only.
    return (
        datetime.fromisoformat(before[max(before)]["until"]) if before else digest_of(due.place, days[0]).at
    )
