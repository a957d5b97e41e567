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

from bot.messages import limits
from bot.messages.outbox import CARDS, NEW_CARD, UNDER
from db.models import Outgoing, Pace
from db.statements import Both, table_of

LEASE = timedelta(seconds=30)
"""Longer than the longest wait for Slack or the portal."""

WAITING = ("new", "retry", "sending")
"""The states of what is not delivered yet."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One pace: a call every `interval`, `burst` of them may come at once."""

    interval: timedelta
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast Relink calls Slack: below what Slack allows, so that 429 stays the exception."""

    post: Beat = Beat(timedelta(seconds=1 / limits.POSTS_PER_SECOND))
    """Posts, in each channel."""
    edit: Beat = Beat(timedelta(seconds=1.5), burst=10)
    """chat.update over all cards: 40 a minute and 10 at once stay within its 50 in any minute."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row, as plain data. `doubtful`: a sender died or lost its answer, it may be out already."""

    id: int
    key: str
    kind: str
    incident: int
    """0 for what belongs to none."""
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
    """Claim what may go out now: all commands, one post a channel, one edit. `now` is the procedure's time."""
    rows: list[tuple[Outgoing, str | None, str | None]] = [
        (row, None, None) for row in session.scalars(_COMMANDS, {"real_now": real_now})
    ]
    busy: list[str] = []
    while (post := _next_post(session, busy, real_now)) is not None:
        channel = post[1]
        if _book(session, f"post:{channel}", paces.post, real_now):
            rows.append(post)
        busy.append(channel or "")
    if (edit := session.scalars(_EDITS, {"real_now": real_now}).first()) is not None and _book(
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
    values = {
        "state": case((Outgoing.wanted > version, "new"), else_="sent"),
        "attempts": 0,
        "channel": channel,
        "ts": ts,
        "delivered": version,
        "lease": None,
        "lease_until": None,
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


def redirect(session: Session, parcel: Parcel, channel: str, reason: str) -> None:
    """It cannot go where it should: it goes to this channel, and knows why."""
    lost = {"channel": parcel.channel, "reason": reason}
    values = {"state": "new", "channel": channel, "payload": {**parcel.payload, "lost": lost}, "lease": None}
    session.execute(update(Outgoing).where(_mine(parcel)).values(values | {"lease_until": None}))


def dead(session: Session, parcel: Parcel, reason: str) -> None:
    """It can never be delivered; the row stays with its reason."""
    values = {"state": "dead", "reason": reason[:300], "lease": None, "lease_until": None}
    session.execute(update(Outgoing).where(_mine(parcel)).values(values))


def slow_down(session: Session, key: str, beat: Beat, until: datetime) -> None:
    """Slack asked for a pause: nothing of this pace goes out before `until`."""
    _set_pace(session, key, until + (beat.burst - 1) * beat.interval)


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


def _posts(busy: Any, real_now: Any) -> Any:
    """New messages and what stands under one, outside the busy channels. Lines wait for their card, in order."""
    card, earlier = aliased(Outgoing), aliased(Outgoing)
    channel = func.coalesce(card.channel, Outgoing.channel)
    query = (
        select(Outgoing, channel, card.ts)
        .outerjoin(card, card.key == Outgoing.under)
        .where(
            or_(
                and_(Outgoing.kind.in_((*CARDS, "digest")), Outgoing.ts.is_(None)),
                and_(Outgoing.kind.in_(UNDER), card.ts.is_not(None)),
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
    return outgoing, row[1], row[2] if outgoing.kind in UNDER else None


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


def _book(session: Session, key: str, beat: Beat, real_now: datetime) -> bool:
    """Take one place of this pace if there is one now (a leaky bucket kept as one moment)."""
    # The row is there before it is locked, else the first two couriers would both see a free place.
    session.execute(_FIRST_PACE.of(session), {"key": key, "free_at": real_now})
    free_at = session.execute(select(Pace.free_at).where(Pace.key == key).with_for_update()).scalar_one()
    if free_at > real_now + (beat.burst - 1) * beat.interval:
        return False
    _set_pace(session, key, max(free_at, real_now) + beat.interval)
    return True


def _set_pace(session: Session, key: str, free_at: datetime) -> None:
    session.execute(_PACE.of(session), {"key": key, "free_at": free_at})


def _pace(insert: Any) -> Any:
    made = insert(table_of(Pace))
    return made.on_conflict_do_update(index_elements=["key"], set_={"free_at": made.excluded.free_at})


# Built once: the writer claims after every click, and building these was two thirds of a claim.
_REAL_NOW: Any = bindparam("real_now")
_COMMANDS, _EDITS = _commands(_REAL_NOW), _edits(_REAL_NOW)
_POSTS = _posts(bindparam("busy", expanding=True), _REAL_NOW)

_PACE = Both(_pace)
_FIRST_PACE = Both(lambda insert: insert(table_of(Pace)).on_conflict_do_nothing())
