"""What waits to go out: claiming it with a lease, keeping Slack's pace, and writing down what became of it.

All times here are real time, except where `now` of the procedure is named. Units of work for `db.write`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.messages.outbox import CARDS, EDIT, NEW_CARD, WITHDRAWAL
from bot.messages.pace import Paces, book, spend
from db.models import Outgoing, Pace

LEASE = timedelta(seconds=30)
"""Longer than the longest wait for Slack or the portal."""

WAITING = ("new", "retry", "sending")
"""The states of what is not delivered yet."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row, as plain data. `doubtful`: a sender died or lost its answer, it may be out already."""

    id: int
    key: str
    kind: str
    incident: int
    template: str | None
    payload: Any
    attempts: int
    lease: str
    doubtful: bool
    channel: str | None
    ts: str | None
    expires_at: datetime | None
    sending_at: datetime | None
    under: str | None = None


def claim(session: Session, paces: Paces, real_now: datetime, now: datetime) -> tuple[Parcel, ...]:
    """Claim what may go out now: all commands, one post a channel, one edit. `now` is the procedure's time.

    What withdraws words of the cabinet goes with the commands, and nothing else is claimed before it is out.
    """
    rows: list[tuple[Outgoing, str | None, str | None]] = [
        (row, None, None) for row in session.scalars(_COMMANDS, {"real_now": real_now})
    ]
    withdrawals = _withdrawals(session, paces, real_now)
    if withdrawals:
        return tuple(_lease(session, *row, real_now, now) for row in (*withdrawals, *rows))
    busy: list[str] = []
    while (post := _next_post(session, busy, real_now)) is not None:
        channel = post[1]
        if book(session, f"post:{channel}", paces.post, real_now):
            rows.append(post)
        busy.append(channel or "")
    if (edit := session.scalars(_EDITS, {"real_now": real_now}).first()) is not None and book(
        session, "edit", paces.edit, real_now
    ):
        rows.append((edit, edit.channel, edit.ts))
    return tuple(_lease(session, *row, real_now, now) for row in rows)


def waiting(session: Session) -> int:
    """How many rows are not delivered yet."""
    query = select(func.count()).where(Outgoing.state.in_(WAITING))
    return session.execute(query).scalar_one()


def oldest(session: Session) -> datetime | None:
    """Since when (the procedure's time) the oldest undelivered row waits."""
    query = select(func.min(Outgoing.created_at)).where(Outgoing.state.in_(WAITING))
    return session.execute(query).scalar_one()


def delivered(session: Session, parcel: Parcel, channel: str | None, ts: str | None, version: int) -> None:
    """It is out. A card whose incident moved on meanwhile goes out again."""
    # What was drawn before the gate shut withdraws nothing: only what shows all that is wanted does. What shows no
    # more than it did before never will, and must not go round without a pace.
    withdrawn = or_(Outgoing.wanted <= version, Outgoing.delivered == version)
    values = {
        "state": case((Outgoing.wanted > version, "new"), else_="sent"),
        "attempts": 0,
        "channel": channel,
        "ts": ts,
        "delivered": version,
        "lease": None,
        "lease_until": None,
        "rank": case((and_(Outgoing.rank == WITHDRAWAL, withdrawn), EDIT), else_=Outgoing.rank),
    }
    session.execute(update(Outgoing).where(_mine(parcel)).values(values))


def later(
    session: Session, parcel: Parcel, at: datetime, reason: str, *, doubtful: bool, repost: bool = False
) -> None:
    """Try again at `at`. `doubtful`: look first whether it arrived after all. `repost`: the card is gone."""
    values: dict[str, Any] = {
        "state": "retry",
        "attempts": parcel.attempts + 1,
        "next_at": at,
        "reason": reason[:300],
        "lease": "doubtful" if doubtful else None,
        "lease_until": None,
    }
    if repost and parcel.kind in CARDS:
        values |= {"ts": None, "rank": NEW_CARD}
    elif repost:
        _post_card_anew(session, parcel)
    session.execute(update(Outgoing).where(_mine(parcel)).values(values))


def _post_card_anew(session: Session, line: Parcel) -> None:
    """A line found no card to stand under: it waits for a new one. A card on its way finds out by itself."""
    card = and_(Outgoing.key == line.under, Outgoing.ts == line.ts, Outgoing.state == "sent")
    session.execute(update(Outgoing).where(card).values(ts=None, rank=NEW_CARD, state="new"))


def dead(session: Session, parcel: Parcel, reason: str) -> None:
    """It can never be delivered; the row stays with its reason."""
    values = {"state": "dead", "reason": reason[:300], "lease": None, "lease_until": None}
    session.execute(update(Outgoing).where(_mine(parcel)).values(values))


def next_wake(session: Session, paces: Paces, real_now: datetime) -> datetime | None:
    """When something waiting may go out next; None if nothing waits."""
    open_rows = Outgoing.state.in_(WAITING)
    soonest = func.coalesce(Outgoing.lease_until, Outgoing.next_at)
    rows = session.execute(select(soonest).where(open_rows).order_by(soonest).limit(1)).first()
    if rows is None:
        return None
    frees = session.execute(select(func.min(Pace.free_at)).where(Pace.free_at > real_now)).scalar_one()
    candidates = [moment for moment in (rows[0], frees) if moment is not None and moment > real_now]
    return min(candidates, default=real_now + paces.post.interval)


def _free(real_now: Any) -> Any:
    """Rows nobody is sending: new ones, those whose time has come, those whose sender is gone."""
    return or_(
        Outgoing.state == "new",
        and_(Outgoing.state == "retry", or_(Outgoing.next_at.is_(None), Outgoing.next_at <= real_now)),
        and_(Outgoing.state == "sending", Outgoing.lease_until < real_now),
    )


def _in_order(query: Any) -> Any:
    return query.order_by(Outgoing.rank, Outgoing.id).with_for_update(skip_locked=True, of=Outgoing)


def _commands(real_now: Any) -> Any:
    at_once = Outgoing.kind.in_(("command", "view"))
    return _in_order(select(Outgoing).where(at_once, _free(real_now)).limit(20))


def _edits(real_now: Any) -> Any:
    card = and_(Outgoing.kind.in_(CARDS), Outgoing.ts.is_not(None))
    return _in_order(select(Outgoing).where(card, _free(real_now)).limit(1))


def _withdrawing(real_now: Any) -> Any:
    card = and_(Outgoing.rank == WITHDRAWAL, Outgoing.ts.is_not(None))
    return _in_order(select(Outgoing).where(card, _free(real_now)).limit(20))


def _withdrawals(
    session: Session, paces: Paces, real_now: datetime
) -> list[tuple[Outgoing, str | None, str | None]]:
    """What takes words of the cabinet back. It overdraws the pace of the edits; the others make up for it."""
    found = session.scalars(_WITHDRAWING, {"real_now": real_now}).all()
    if not found or not book(session, "withdrawal", paces.withdrawal, real_now):
        return []
    spend(session, "edit", len(found) * paces.edit.interval, real_now)
    return [(row, row.channel, row.ts) for row in found]


def _posts(busy: Any, real_now: Any) -> Any:
    """New cards and thread lines outside the busy channels. A line waits for its card, and lines keep order."""
    card, earlier = aliased(Outgoing), aliased(Outgoing)
    channel = func.coalesce(card.channel, Outgoing.channel)
    query = (
        select(Outgoing, channel, card.ts)
        .outerjoin(card, card.key == Outgoing.under)
        .where(
            or_(
                and_(Outgoing.kind.in_(CARDS), Outgoing.ts.is_(None)),
                and_(Outgoing.kind == "line", card.ts.is_not(None)),
            ),
            _free(real_now),
            channel.not_in(busy),
            ~exists().where(
                Outgoing.kind == "line",
                earlier.incident_id == Outgoing.incident_id,
                earlier.under == Outgoing.under,
                earlier.kind == "line",
                earlier.state.in_(WAITING),
                earlier.id < Outgoing.id,
            ),
        )
        .limit(1)
    )
    return _in_order(query)


def _next_post(
    session: Session, busy: Sequence[str], real_now: datetime
) -> tuple[Outgoing, str | None, str | None] | None:
    row = session.execute(_POSTS, {"busy": busy, "real_now": real_now}).first()
    if row is None:
        return None
    outgoing: Outgoing = row[0]
    return outgoing, row[1], row[2] if outgoing.kind == "line" else None


def _lease(
    session: Session,
    row: Outgoing,
    channel: str | None,
    ts: str | None,
    real_now: datetime,
    now: datetime,
) -> Parcel:
    lease = secrets.token_hex(8)
    was_sending = row.state == "sending"
    sending_at = row.sending_at if was_sending else now
    parcel = Parcel(
        row.id,
        row.key,
        row.kind,
        row.incident_id or 0,
        row.template,
        row.payload,
        row.attempts,
        lease,
        was_sending or row.lease == "doubtful",
        channel or row.channel,
        ts,
        row.expires_at,
        sending_at,
        row.under,
    )
    values = {"state": "sending", "lease": lease, "lease_until": real_now + LEASE, "sending_at": sending_at}
    session.execute(update(Outgoing).where(Outgoing.id == row.id).values(values))
    return parcel


def _mine(parcel: Parcel) -> Any:
    return and_(Outgoing.id == parcel.id, Outgoing.lease == parcel.lease)


# Built once: the writer claims after every click, and building these was two thirds of a claim.
_REAL_NOW: Any = bindparam("real_now")
_COMMANDS, _EDITS, _WITHDRAWING = _commands(_REAL_NOW), _edits(_REAL_NOW), _withdrawing(_REAL_NOW)
_POSTS = _posts(bindparam("busy", expanding=True), _REAL_NOW)
