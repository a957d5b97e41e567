"""What the leads were told of Relink itself: each trouble once from its beginning to its end."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from db.lives import Notice, Run
from db.models import Outgoing, Station
from db.statements import Both, table_of

_N, _R = table_of(Notice), table_of(Run)
_BEGIN = Both(lambda insert: insert(_N).on_conflict_do_nothing().returning(_N.c.id))


@dataclass(frozen=True, slots=True)
class Told:
    """One notice; `over_at` is None while the trouble lasts, `late` counts the checks that ran late meanwhile."""

    id: int
    trouble: str
    since: datetime
    over_at: datetime | None
    late: int
    off_seconds: int


def begin(
    session: Session,
    trouble: str,
    life: int,
    since: datetime,
    *,
    over_at: datetime | None = None,
    late: int = 0,
    off_seconds: int = 0,
) -> int | None:
    """Write it down; None if it stands already, or is known."""
    row = {"trouble": trouble, "life": life, "since": since, "over_at": over_at}
    rows = [row | {"late": late, "off_seconds": off_seconds}]
    number: int | None = session.execute(_BEGIN.of(session), rows).scalar_one_or_none()
    return number


def standing(session: Session) -> frozenset[str]:
    """Every trouble that lasts."""
    return frozenset(session.execute(select(_N.c.trouble).where(_N.c.over_at.is_(None))).scalars())


def end(
    session: Session, trouble: str, life: int, shared: bool, alive_since: datetime, now: datetime
) -> int | None:
    """It is over, if this life may say so: it saw it begin, everybody sees the same, or who saw it lives no more."""
    lives = select(_R.c.id).where(_R.c.id == _N.c.life, _R.c.alive_at >= alive_since).exists()
    stands = and_(_N.c.trouble == trouble, _N.c.over_at.is_(None))
    mine = stands if shared else and_(stands, or_(_N.c.life == life, ~lives))
    ended = update(_N).where(mine).values(over_at=now).returning(_N.c.id)
    number: int | None = session.execute(ended).scalar_one_or_none()
    return number


def leads_told(session: Session, number: int) -> frozenset[str]:
    """Whom this notice went to."""
    mine = table_of(Outgoing).c
    query = select(mine.payload).where(mine.key.startswith(f"self:{number}:", autoescape=True))
    return frozenset(str(row.payload["to"]) for row in session.execute(query))


def told(session: Session, number: int) -> Told | None:
    """The notice with this number."""
    row = session.execute(select(_N).where(_N.c.id == number)).one_or_none()
    if row is None:
        return None
    return Told(row.id, row.trouble, row.since, row.over_at, row.late, row.off_seconds)


def any_station(session: Session) -> str | None:
    """What the portal calls some station: to ask whether it answers at all."""
    query = select(Station.portal_id).where(Station.portal_id.is_not(None)).order_by(Station.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()
