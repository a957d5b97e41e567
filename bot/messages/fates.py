"""What becomes of a claimed row: it is out, is tried again, goes elsewhere, or can never be delivered.

Units of work for `db.write`. Whoever lost the lease changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from bot.messages.outbox import CARDS, EDIT, NEW_CARD, WITHDRAWAL
from bot.messages.queue import LEASE, Parcel
from db.models import Outgoing
from db.statements import ready, rows_changed, table_of

REST = timedelta(minutes=10)
"""How long a card that was posted anew is not posted anew again; four times as long each further time."""
LONGEST_REST = timedelta(days=1)

_OUT = table_of(Outgoing)


def delivered(session: Session, parcel: Parcel, channel: str | None, ts: str | None, version: int) -> bool:
    """It is out. A card whose incident moved on meanwhile goes out again. False if somebody else has it now."""
    out = session.execute(_DELIVERED, _mine(parcel) | {"to": channel, "at": ts, "shows": version})
    return rows_changed(out) > 0


def renewed(session: Session, parcel: Parcel, real_now: datetime) -> bool:
    """Hold it for another lease; False if somebody else has taken it meanwhile."""
    held = _OURS.values(lease_until=real_now + LEASE).returning(_OUT.c.id)
    return session.execute(held, _mine(parcel)).first() is not None


def later(session: Session, parcel: Parcel, at: datetime, reason: str, *, doubtful: bool = False) -> None:
    """Try again at `at`, real time. `doubtful`: look first whether it arrived after all."""
    values = {
        "state": "retry",
        "attempts": parcel.attempts + 1,
        "next_at": at,
        "reason": reason[:300],
        "lease": "doubtful" if doubtful else None,
        "lease_until": None,
    }
    session.execute(_OURS.values(values), _mine(parcel))


def anew(
    session: Session,
    parcel: Parcel,
    at: datetime,
    reason: str,
    real_now: datetime,
    channel: str | None = None,
) -> None:
    """The card is gone: it is posted anew, in `channel` if that is given; a line waits for it.

    Once at once. Deleted again, it rests, longer each time: whatever deletes it may do so for ever.
    """
    elsewhere = {} if channel is None else {"channel": channel}
    posted = {"ts": None, "rank": NEW_CARD, "state": "retry", **elsewhere}
    later(session, parcel, at, reason)
    if parcel.kind in CARDS:
        which = _OUT.c.id == parcel.id
    else:
        # A card on its way finds out by itself.
        which = and_(_OUT.c.key == parcel.under, _OUT.c.ts == parcel.ts, _OUT.c.state == "sent")
    card = session.execute(select(_OUT.c.id, _OUT.c.payload).where(which)).first()
    if card is not None:
        mine = _OUT.c.lease.is_(None)
        again = _posted_anew(card.payload, at, real_now)
        session.execute(update(_OUT).where(_OUT.c.id == card.id, mine).values(**posted, **again))


def _posted_anew(payload: Any, at: datetime, real_now: datetime) -> dict[str, Any]:
    """When a card is posted anew, with the note of how often that was so lately."""
    before = payload.get("anew") or {"times": 0, "at": real_now.isoformat()}
    last, times = datetime.fromisoformat(before["at"]), before["times"]
    rest = min(REST * 4 ** (times - 1), LONGEST_REST) if times else timedelta(0)
    if real_now - last > LONGEST_REST:
        times, rest = 0, timedelta(0)
    when = max(at, last + rest)
    return {"next_at": when, "payload": {**payload, "anew": {"times": times + 1, "at": when.isoformat()}}}


def redirect(session: Session, parcel: Parcel, channel: str, reason: str) -> None:
    """It cannot go where it should: it goes to this channel, and knows why."""
    lost = {"channel": parcel.channel, "reason": reason}
    values = {"state": "new", "channel": channel, "payload": {**parcel.payload, "lost": lost}, "lease": None}
    session.execute(_OURS.values(values | {"lease_until": None}), _mine(parcel))


def dead(session: Session, parcel: Parcel, reason: str) -> None:
    """It can never be delivered; the row stays with its reason."""
    values = {"state": "dead", "reason": reason[:300], "lease": None, "lease_until": None}
    session.execute(_OURS.values(values), _mine(parcel))


def _mine(parcel: Parcel) -> dict[str, Any]:
    return {"row": parcel.id, "mine": parcel.lease}


_OURS = update(_OUT).where(_OUT.c.id == bindparam("row"), _OUT.c.lease == bindparam("mine"))
# What was drawn before the gate shut withdraws nothing: only what shows all that is wanted does. What shows no more
# than it did before never will, and must not go round without a pace.
_WITHDRAWN = and_(
    _OUT.c.rank == WITHDRAWAL,
    or_(_OUT.c.wanted <= bindparam("shows"), _OUT.c.delivered == bindparam("shows")),
)
_DELIVERED = ready(
    _OURS.values(
        state=case((_OUT.c.wanted > bindparam("shows"), "new"), else_="sent"),
        attempts=0,
        channel=bindparam("to"),
        ts=bindparam("at"),
        delivered=bindparam("shows"),
        lease=None,
        lease_until=None,
        rank=case((_WITHDRAWN, EDIT), else_=_OUT.c.rank),
    )
)
