"""What waits to go out: claiming it with a lease, at Slack's pace. What becomes of it: `bot.messages.fates`.

All times here are real time, except where `now` of the procedure is named. Units of work for `db.write`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.messages.outbox import CARDS, POSTS, UNDER, WITHDRAWAL
from bot.messages.pace import Paces, book, spend
from db.models import WAITING, Outgoing, Pace
from db.statements import among, ready, table_of
from db.troubles import Standing, Trouble

LEASE = timedelta(seconds=30)
"""Longer than the longest wait for Slack."""
COMMAND_LEASE = timedelta(seconds=45)
"""Longer than the longest wait for the portal's answer to a command."""

WORN = 3
"""After so many tries in vain others show whether Slack gets anything through; it may be the fault of this one."""

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
    created_at: datetime
    """The procedure's time, since when it waits."""
    under: str | None = None
    urgent: bool = False
    """It takes words of the cabinet back."""


class Air(NamedTuple):
    """What may go out at this moment: to Slack everything, nothing, or one row that shows whether it gets through.

    What takes words of the cabinet back is tried all the same.
    """

    slack: Literal["open", "shut", "one"] = "open"
    shut: tuple[str, ...] = ()
    """The channels to which nothing can go."""


OPEN = Air()


def claim(
    session: Session, paces: Paces, real_now: datetime, now: datetime, air: Air = OPEN
) -> tuple[Parcel, ...]:
    """Claim what may go out now: all commands, one post a channel, one edit. `now` is the procedure's time.

    What withdraws words of the cabinet goes with the commands, and nothing else is claimed before it is out.
    """
    rows = _rows(session, paces, real_now, air)
    return tuple(_lease(session, row, real_now, now) for row in rows)


def _rows(session: Session, paces: Paces, real_now: datetime, air: Air) -> list[Any]:
    urgent = session.execute(_URGENT, {"real_now": real_now}).all()
    rows = [row for row in urgent if row.kind not in CARDS]
    withdrawals = [row for row in urgent if row.kind in CARDS]
    if withdrawals and book(session, "withdrawal", paces.withdrawal, real_now):
        # They overdraw the pace of the edits; the others make up for it.
        spend(session, "edit", len(withdrawals) * paces.edit.interval, real_now)
        return [*withdrawals, *rows]
    if air.slack == "shut":
        return rows
    others = _others(session, paces, real_now, air)
    if others and air.slack == "one":
        others = [min(others, key=lambda row: bool(row.attempts >= WORN))]
    return rows + others


def _others(session: Session, paces: Paces, real_now: datetime, air: Air) -> list[Any]:
    """One post a channel, one edit."""
    rows: list[Any] = []
    busy = [*air.shut]
    while (post := _next_post(session, busy, real_now, air)) is not None:
        if book(session, f"post:{post.to}", paces.post, real_now):
            rows.append(post)
        busy.append(post.to or "")
    edit = _next_edit(session, air.shut, real_now)
    if edit is not None and book(session, "edit", paces.edit, real_now):
        rows.append(edit)
    return rows


class Outlook(NamedTuple):
    """How many rows are not delivered yet, and what troubles stand in their way, by their keys."""

    waiting: int
    troubles: dict[str, Standing]


def outlook(session: Session) -> Outlook:
    """How things stand before a round; one statement, because it is asked for after every click."""
    rows = session.execute(_OUTLOOK).all()
    troubles = {row.key: Standing(*row[1:]) for row in rows if row.key is not None}
    return Outlook(int(rows[0].waiting), troubles)


def oldest(session: Session) -> datetime | None:
    """Since when (the procedure's time) the oldest undelivered row waits."""
    moment: datetime | None = session.execute(_OLDEST).scalar_one()
    return moment


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


def _in_order(query: Any, most: int, *before: Any) -> Any:
    ordered = query.order_by(*before, _OUT.c.rank, _OUT.c.id).limit(most)
    return ordered.with_for_update(skip_locked=True, of=_OUT)


def _urgent() -> Any:
    """Commands, forms to be blanked, and cards that must show no words of the cabinet any more."""
    row = _OUT.c
    withdraws = and_(row.rank == WITHDRAWAL, row.ts.is_not(None))
    query = _claimed(row.channel, case((among(row.kind, CARDS), row.ts)))
    return _in_order(query.where(or_(among(row.kind, ("command", "view")), withdraws), _free(row)), 20)


def _edits(shut: Any = None) -> Any:
    row = _OUT.c
    query = _claimed(row.channel, row.ts).where(among(row.kind, CARDS), row.ts.is_not(None), _free(row))
    return _in_order(query if shut is None else query.where(row.channel.not_in(shut)), 1)


def _posts(busy: Any = None, *before: Any) -> Any:
    """New messages and what stands under one, outside the busy channels. Lines wait for their card, in order."""
    row, card, earlier = _OUT.c, _OUT.alias("card"), _OUT.alias("earlier").c
    channel = func.coalesce(card.c.channel, row.channel)
    stands_under = case((among(row.kind, UNDER), card.c.ts))
    query = (
        _claimed(channel, stands_under)
        .select_from(_OUT.outerjoin(card, card.c.key == row.under))
        .where(
            or_(
                and_(among(row.kind, POSTS), row.ts.is_(None)),
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
    return _in_order(query if busy is None else query.where(channel.not_in(busy)), 1, *before)


def _next_post(session: Session, busy: Sequence[str], real_now: datetime, air: Air) -> Any:
    if air.slack == "one":
        return session.execute(_TRIAL_POSTS, {"busy": busy, "real_now": real_now}).first()
    if busy:
        return session.execute(_OTHER_POSTS, {"busy": busy, "real_now": real_now}).first()
    return session.execute(_POSTS, {"real_now": real_now}).first()


def _next_edit(session: Session, shut: Sequence[str], real_now: datetime) -> Any:
    if shut:
        return session.execute(_OTHER_EDITS, {"shut": shut, "real_now": real_now}).first()
    return session.execute(_EDITS, {"real_now": real_now}).first()


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
        created_at=row.created_at,
        under=row.under,
        urgent=row.kind == "view" or (row.rank == WITHDRAWAL and row.ts is not None),
    )
    until = real_now + (COMMAND_LEASE if row.kind == "command" else LEASE)
    taken = {"row": row.id, "as": lease, "until": until, "since": sending_at}
    session.execute(_LEASE, taken)
    return parcel


# Built once: the writer claims after every click, and building these was two thirds of a claim.
_URGENT, _EDITS, _POSTS = ready(_urgent()), ready(_edits()), ready(_posts())
_OTHER_POSTS = _posts(bindparam("busy", expanding=True))
_TRIAL_POSTS = _posts(bindparam("busy", expanding=True), case((_OUT.c.attempts < WORN, 0), else_=1))
_OTHER_EDITS = _edits(bindparam("shut", expanding=True))
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
_COUNTED = select(func.count().label("waiting")).where(among(_OUT.c.state, WAITING)).subquery()
_T = table_of(Trouble).c
_OUTLOOK = ready(
    select(_COUNTED.c.waiting, _T.key, _T.reason, _T.since, _T.tries, _T.next_at).select_from(
        _COUNTED.outerjoin(table_of(Trouble), _T.ended_at.is_(None))
    )
)
_OLDEST = ready(select(func.min(_OUT.c.created_at)).where(among(_OUT.c.state, WAITING)))
