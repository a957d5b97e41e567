"""A time in which nothing could be posted, told afterwards in one message.

Before it is tried again, what nobody needs to see any more is let go: cards of what opened and closed meanwhile, and
digests of days that are over. What is still open is drawn as it is then, by itself.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.messages import digests, outbox
from bot.messages.queue import Parcel
from bot.messages.text import Outside
from db.models import WAITING, Incident, Outgoing, Station
from db.queries import count_open
from db.statements import among, table_of
from db.troubles import Standing

LONG: Final = timedelta(minutes=15)
"""From this length on a gap is told (the procedure's time); after a shorter one everything just comes late."""
UNSEEN: Final = "opened and closed before it could be posted"
"""The reason on the card and the lines of an incident that nobody saw."""
MOST: Final = 20
"""How many of what came and went are named."""

_OUT, _I, _S = table_of(Outgoing), table_of(Incident), table_of(Station)
_CLOSED = exists().where(_I.c.id == _OUT.c.incident_id, _I.c.closed_at.is_not(None))
_DEAD = {"state": "dead", "reason": UNSEEN, "lease": None, "lease_until": None}


def is_long(trouble: Standing, now: datetime) -> bool:
    """Is it told?"""
    return now - trouble.since >= LONG


def prepare(session: Session, trouble: Standing, home: str, now: datetime) -> None:
    """Before the first try after a long gap: let go what is over, and put what tells of it before all else."""
    if not is_long(trouble, now) or (trouble.channel not in (None, home) and not _was_home(session, trouble)):
        return
    _let_go(session, trouble.channel)
    digests.let_go(session, now)
    since = trouble.since.isoformat()
    told = {"since": since, "lost": trouble.channel or "", "here": trouble.channel == home}
    outbox.put(session, [outbox.gap(f"{trouble.key}:{since}", home, told, now)])


def unseen(session: Session, parcel: Parcel) -> bool:
    """This card was looked for and is not there: let it go if its incident is closed by now. True if so."""
    mine = and_(_OUT.c.id == parcel.id, _OUT.c.lease == parcel.lease, _OUT.c.kind == "card")
    gone = update(_OUT).where(mine, _OUT.c.ts.is_(None), _CLOSED).values(_DEAD)
    if session.execute(gone.returning(_OUT.c.id)).first() is None:
        return False
    session.execute(_lines_under([parcel.key]))
    return True


def facts(session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """What is told of a gap that ends now."""
    since, lost = datetime.fromisoformat(payload["since"]), payload["lost"]
    if elsewhere := isinstance(lost, dict):
        # It could not be told where it was meant for either.
        lost = lost["channel"]
    never = and_(_OUT.c.kind == "card", _OUT.c.ts.is_(None))
    cards = _OUT.join(_I, _I.c.id == _OUT.c.incident_id).join(_S, _S.c.id == _I.c.station_id)
    # One whose answer was lost is still looked for; nobody has told of it either.
    came_and_went = select(
        func.coalesce(_S.c.serial, _S.c.portal_id).label("label"),
        *(_S.c.site, _I.c.opened_at, _I.c.closed_at, _I.c.fix),
    ).select_from(cards)
    gone = or_(_OUT.c.reason == UNSEEN, among(_OUT.c.state, WAITING))
    went = session.execute(
        came_and_went.where(never, gone, ~_I.c.drill, _I.c.closed_at >= since).order_by(_I.c.opened_at)
    ).all()
    coming = select(func.count()).select_from(cards)
    known = coming.where(_OUT.c.kind == "card", _OUT.c.ts.is_not(None), _I.c.closed_at >= since, ~_I.c.drill)
    new = coming.where(never, among(_OUT.c.state, WAITING), _I.c.closed_at.is_(None), ~_I.c.drill)
    return {
        "lost": lost,
        "here": payload["here"] and not elsewhere,
        "since": since,
        "until": now,
        "came": int(session.execute(new).scalar_one()),
        "closed": int(session.execute(known).scalar_one()),
        "open": count_open(session),
        "went": len(went),
        "named": [
            {
                "label": Outside(row.label or "?"),
                "site": Outside(row.site or ""),
                "opened_at": row.opened_at,
                "closed_at": row.closed_at,
                "fix": row.fix or "",
            }
            for row in went[:MOST]
        ],
        "more": max(len(went) - MOST, 0),
    }


def _was_home(session: Session, trouble: Standing) -> bool:
    """Do cards wait for this channel that were never posted? Then it was the alert channel before another one."""
    cards = select(_OUT.c.id).where(
        _OUT.c.kind == "card", _OUT.c.ts.is_(None), _OUT.c.channel == trouble.channel
    )
    return session.execute(cards.where(among(_OUT.c.state, WAITING)).limit(1)).first() is not None


def _let_go(session: Session, channel: str | None) -> None:
    """The cards of what opened and closed unseen, with their lines. One that may be out is looked for first."""
    never = and_(
        _OUT.c.kind == "card",
        _OUT.c.ts.is_(None),
        among(_OUT.c.state, ("new", "retry")),
        or_(_OUT.c.lease.is_(None), _OUT.c.lease != "doubtful"),
        _CLOSED,
    )
    here = never if channel is None else and_(never, _OUT.c.channel == channel)
    gone = session.scalars(update(_OUT).where(here).values(_DEAD).returning(_OUT.c.key)).all()
    if gone:
        session.execute(_lines_under(gone))


def _lines_under(cards: Any) -> Any:
    return update(_OUT).where(_OUT.c.under.in_(cards), among(_OUT.c.state, WAITING)).values(_DEAD)
