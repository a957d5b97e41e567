"""What waits to go out: claiming it with a lease, keeping Slack's pace, and writing down what became of it.

All times here are real time, except where `now` of the procedure is named. Units of work for `db.write`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.messages.outbox import CARDS, EDIT, NEW_CARD, UNDER, WITHDRAWAL
from bot.messages.pace import Paces, book, spend
from db.models import WAITING, Outgoing, Pace
from db.statements import among, ready, rows_changed, table_of

LEASE = timedelta(seconds=30)
"""Longer than the longest wait for Slack."""
COMMAND_LEASE = timedelta(seconds=45)
"""Longer than the longest wait for the portal's answer to a command."""

_OUT = table_of(Outgoing)
_REAL_NOW: Any = bindparam("real_now", type_=_OUT.c.next_at.type)


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
    """Claim what may go out now: all commands, one post a channel, one edit. `now` is the procedure's time.

    What withdraws words of the cabinet goes with the commands, and nothing else is claimed before it is out.
    """
    free = {"real_now": real_now}
    urgent = session.execute(_URGENT, free).all()
    rows = [row for row in urgent if row.kind not in CARDS]
    withdrawals = [row for row in urgent if row.kind in CARDS]
    if withdrawals and book(session, "withdrawal", paces.withdrawal, real_now):
        # They overdraw the pace of the edits; the others make up for it.
        spend(session, "edit", len(withdrawals) * paces.edit.interval, real_now)
        return tuple(_lease(session, row, real_now, now) for row in (*withdrawals, *rows))
    busy: list[str] = []
    while (post := _next_post(session, busy, real_now)) is not None:
        if book(session, f"post:{post.to}", paces.post, real_now):
            rows.append(post)
        busy.append(post.to or "")
    edit = session.execute(_EDITS, free).first()
    if edit is not None and book(session, "edit", paces.edit, real_now):
        rows.append(edit)
    return tuple(_lease(session, row, real_now, now) for row in rows)


def waiting(session: Session) -> int:
    """How many rows are not delivered yet."""
    return int(session.execute(_HOW_MANY).scalar_one())


def oldest(session: Session) -> datetime | None:
    """Since when (the procedure's time) the oldest undelivered row waits."""
    moment: datetime | None = session.execute(_OLDEST).scalar_one()
    return moment


def delivered(session: Session, parcel: Parcel, channel: str | None, ts: str | None, version: int) -> bool:
    """It is out. A card whose incident moved on meanwhile goes out again. False if somebody else has it now."""
    out = session.execute(_DELIVERED, _mine(parcel) | {"to": channel, "at": ts, "shows": version})
    return rows_changed(out) > 0


def renewed(session: Session, parcel: Parcel, real_now: datetime) -> bool:
    """Hold it for another lease; False if somebody else has taken it meanwhile."""
    held = _OURS.values(lease_until=real_now + LEASE).returning(_OUT.c.id)
    return session.execute(held, _mine(parcel)).first() is not None


def later(
    session: Session, parcel: Parcel, at: datetime, reason: str, *, doubtful: bool, repost: bool = False
) -> None:
    """Try again at `at`. `doubtful`: look first whether it arrived after all. `repost`: the card is gone."""
    values = {
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
    session.execute(_OURS.values(values), _mine(parcel))


def _post_card_anew(session: Session, line: Parcel) -> None:
    """A line found no card to stand under: it waits for a new one. A card on its way finds out by itself."""
    card = and_(_OUT.c.key == line.under, _OUT.c.ts == line.ts, _OUT.c.state == "sent")
    session.execute(update(_OUT).where(card).values(ts=None, rank=NEW_CARD, state="new"))


def redirect(session: Session, parcel: Parcel, channel: str, reason: str) -> None:
    """It cannot go where it should: it goes to this channel, and knows why."""
    lost = {"channel": parcel.channel, "reason": reason}
    values = {"state": "new", "channel": channel, "payload": {**parcel.payload, "lost": lost}, "lease": None}
    session.execute(_OURS.values(values | {"lease_until": None}), _mine(parcel))


def dead(session: Session, parcel: Parcel, reason: str) -> None:
    """It can never be delivered; the row stays with its reason."""
    values = {"state": "dead", "reason": reason[:300], "lease": None, "lease_until": None}
    session.execute(_OURS.values(values), _mine(parcel))


def next_wake(session: Session, paces: Paces, real_now: datetime) -> datetime | None:
    """When something waiting may go out next; None if nothing waits."""
    open_rows = among(_OUT.c.state, WAITING)
    soonest = func.coalesce(_OUT.c.lease_until, _OUT.c.next_at)
    rows = session.execute(select(soonest).where(open_rows).order_by(soonest).limit(1)).first()
    if rows is None:
        return None
    frees = session.execute(select(func.min(Pace.free_at)).where(Pace.free_at > real_now)).scalar_one()
    candidates = [moment for moment in (rows[0], frees) if moment is not None and moment > real_now]
    return min(candidates, default=real_now + paces.post.interval)


def _free(row: Any) -> Any:
    """Rows nobody is sending: new ones, those whose time has come, those whose sender is gone."""
    due = or_(
        row.state == "new",
        and_(row.state == "retry", or_(row.next_at.is_(None), row.next_at <= _REAL_NOW)),
        and_(row.state == "sending", row.lease_until < _REAL_NOW),
    )
    return and_(among(row.state, WAITING), due)


def _claimed(to: Any, ts: Any) -> Any:
    """All of a row, with where it goes: channel and the message it edits or stands under."""
    return select(_OUT, to.label("to"), ts.label("at"))


def _in_order(query: Any, most: int) -> Any:
    ordered = query.order_by(_OUT.c.rank, _OUT.c.id).limit(most)
    return ordered.with_for_update(skip_locked=True, of=_OUT)


def _urgent() -> Any:
    """Commands, forms to be blanked, and cards that must show no words of the cabinet any more."""
    row = _OUT.c
    withdraws = and_(row.rank == WITHDRAWAL, row.ts.is_not(None))
    query = _claimed(row.channel, case((among(row.kind, CARDS), row.ts)))
    return _in_order(query.where(or_(among(row.kind, ("command", "view")), withdraws), _free(row)), 20)


def _edits() -> Any:
    row = _OUT.c
    query = _claimed(row.channel, row.ts).where(among(row.kind, CARDS), row.ts.is_not(None), _free(row))
    return _in_order(query, 1)


def _posts(busy: Any = None) -> Any:
    """New messages and what stands under one, outside the busy channels. Lines wait for their card, in order."""
    row, card, earlier = _OUT.c, _OUT.alias("card"), _OUT.alias("earlier").c
    channel = func.coalesce(card.c.channel, row.channel)
    stands_under = case((among(row.kind, UNDER), card.c.ts))
    query = (
        _claimed(channel, stands_under)
        .select_from(_OUT.outerjoin(card, card.c.key == row.under))
        .where(
            or_(
                and_(among(row.kind, (*CARDS, "digest")), row.ts.is_(None)),
                and_(among(row.kind, UNDER), card.c.ts.is_not(None)),
            ),
            _free(row),
            ~exists().where(
                row.kind == "line",
                earlier.incident_id == row.incident_id,
                earlier.under == row.under,
                earlier.kind == "line",
                among(earlier.state, WAITING),
                earlier.id < row.id,
            ),
        )
    )
    return _in_order(query if busy is None else query.where(channel.not_in(busy)), 1)


def _next_post(session: Session, busy: Sequence[str], real_now: datetime) -> Any:
    if busy:
        return session.execute(_OTHER_POSTS, {"busy": busy, "real_now": real_now}).first()
    return session.execute(_POSTS, {"real_now": real_now}).first()


def _lease(session: Session, row: Any, real_now: datetime, now: datetime) -> Parcel:
    lease = secrets.token_hex(8)
    was_sending = row.state == "sending"
    sending_at = row.sending_at if was_sending else now
    parcel = Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        incident=row.incident_id or 0,
        template=row.template,
        payload=row.payload,
        attempts=row.attempts,
        lease=lease,
        doubtful=was_sending or row.lease == "doubtful",
        channel=row.to or row.channel,
        ts=row.at,
        expires_at=row.expires_at,
        sending_at=sending_at,
        under=row.under,
    )
    until = real_now + (COMMAND_LEASE if row.kind == "command" else LEASE)
    taken = {"row": row.id, "as": lease, "until": until, "since": sending_at}
    session.execute(_LEASE, taken)
    return parcel


def _mine(parcel: Parcel) -> dict[str, Any]:
    return {"row": parcel.id, "mine": parcel.lease}


# Built once: the writer claims after every click, and building these was two thirds of a claim.
_URGENT, _EDITS, _POSTS = ready(_urgent()), ready(_edits()), ready(_posts())
_OTHER_POSTS = _posts(bindparam("busy", expanding=True))
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
_LEASE = ready(
    update(_OUT)
    .where(_OUT.c.id == bindparam("row"))
    .values(
        state="sending",
        lease=bindparam("as"),
        lease_until=bindparam("until"),
        sending_at=bindparam("since"),
    )
)
_HOW_MANY = ready(select(func.count()).select_from(_OUT).where(among(_OUT.c.state, WAITING)))
_OLDEST = ready(select(func.min(_OUT.c.created_at)).where(among(_OUT.c.state, WAITING)))
