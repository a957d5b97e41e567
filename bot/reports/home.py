"""What the Home tab tells one person: what needs them, what of theirs waits, what else is open, how the house is.

All of it comes from the open incidents and the stations; the history is asked only for the last 30 days.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session

from bot.messages.text import Outside
from bot.reports import health, needing
from bot.reports.needing import NEEDS, OPEN, WAITING, Viewer
from bot.runbook.model import Runbook
from db.models import Incident, Lockout, Outgoing, Station
from db.statements import table_of

FIRST: Final = 5
"""Rows of a list on the first page."""
FEW: Final = 3
"""Rows there of what is only good to know."""
PAGE: Final = 20
"""Rows of a list that is shown alone."""
MOST_AREAS: Final = 10
REPEATED: Final = 3
"""The third incident within `WITHIN` is one too many."""
WITHIN: Final = timedelta(days=30)
FLAGGED, MUTED, COMING_BACK = "flagged", "muted", "back"
LISTS: Final = (NEEDS, WAITING, OPEN, FLAGGED, MUTED, COMING_BACK)
"""What can be shown alone, page by page."""

_I, _S = table_of(Incident).c, table_of(Station).c
_LOCKS, _OUT = table_of(Lockout).c, table_of(Outgoing).c

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Row:
    """One open incident. `needs`: it waits for the viewer; `card`: channel and ts of the card they go to."""

    id: int
    step: str
    owner: str | None
    technician: str | None
    visit: str | None
    planned_at: datetime | None
    promised_at: datetime | None
    parked_until: datetime | None
    muted_until: datetime | None
    deadline_at: datetime | None
    last_communication: datetime | None
    label: str
    name: Outside
    site: Outside
    needs: bool
    card: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """One station: since or until when, why or how often."""

    label: str
    site: Outside
    at: datetime | None = None
    why: str = ""
    times: int = 0


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """Some rows of a list that has `all`, from its row `at` on."""

    rows: tuple[R, ...] = ()
    all: int = 0
    at: int = 0

    @property
    def left(self) -> int:
        """How many come after these."""
        return self.all - self.at - len(self.rows)


def overview(session: Session, viewer: Viewer, runbook: Runbook, now: datetime) -> Mapping[str, Any]:
    """The first page: the beginnings of all lists, the areas, and how the house is doing at `now`."""
    asks = _Asks.of(session, viewer, runbook, now)
    counts, areas = asks.counts()
    vitals = health.vitals(session, now)
    return {
        NEEDS: asks.incidents(NEEDS, counts[NEEDS], 0, FIRST),
        WAITING: asks.incidents(WAITING, counts[WAITING], 0, FIRST),
        OPEN: counts[OPEN],
        "areas": areas[:MOST_AREAS],
        "more_areas": max(0, len(areas) - MOST_AREAS),
        "down": sum(counts.values()),
        FLAGGED: asks.flagged(0, FEW),
        MUTED: asks.muted(0, FEW),
        COMING_BACK: asks.coming_back(0, FEW),
        "timers_late": timedelta(seconds=vitals.timers_late),
        "outbox_oldest": timedelta(seconds=vitals.outbox_oldest),
    }


def listed(
    session: Session, viewer: Viewer, which: str, at: int, runbook: Runbook, now: datetime
) -> Listed[Any]:
    """One of `LISTS` from its row `at` on; the last page where it has become shorter than that."""
    asks = _Asks.of(session, viewer, runbook, now)
    if which in {NEEDS, WAITING, OPEN}:
        counts, _ = asks.counts()
        return asks.incidents(which, counts[which], at, PAGE)
    ways: Mapping[str, Callable[[int, int], Listed[Any]]] = {
        FLAGGED: asks.flagged,
        MUTED: asks.muted,
        COMING_BACK: asks.coming_back,
    }
    return ways[which](at, PAGE)


@dataclass(frozen=True, slots=True)
class _Asks:
    """The questions of one viewer at one moment; `kind` is in which list an open incident is."""

    session: Session
    viewer: Viewer
    now: datetime
    kind: ColumnElement[str]

    @classmethod
    def of(cls, session: Session, viewer: Viewer, runbook: Runbook, now: datetime) -> "_Asks":
        return cls(session, viewer, now, needing.kind_of(viewer, _own_locks(session, viewer), runbook, now))

    def counts(self) -> tuple[dict[str, int], list[dict[str, Any]]]:
        """How many incidents are in each list, and how many of the third are in which area, most first."""
        query = _open(select(self.kind, _S.area, func.count())).group_by(self.kind, _S.area)
        counts, areas = dict.fromkeys((NEEDS, WAITING, OPEN), 0), []
        for which, area, count in self.session.execute(query):
            counts[which] += count
            if which == OPEN:
                areas.append({"area": Outside(area or ""), "count": count})
        areas.sort(key=lambda each: (-each["count"], each["area"]))
        return counts, areas

    def incidents(self, which: str, count: int, at: int, most: int) -> Listed[Row]:
        """The rows of a list of incidents that has `count`."""
        at = _within(at, count, most)
        if count == 0:
            return Listed()
        mine = or_(_I.owner == self.viewer.user_id, _I.technician == self.viewer.user_id)
        order: Sequence[ColumnElement[Any]] = (
            (func.coalesce(_S.area, ""), _I.id)
            if which == OPEN
            else (case((mine, 0), else_=1), _I.entered_at, _I.id)
        )
        query = _open(select(*_SHOWN)).where(self.kind == which).order_by(*order).limit(most).offset(at)
        found = self.session.execute(query).all()
        cards = self._cards([(row.id, row.technician) for row in found])
        rows = tuple(_row(row, which == NEEDS, cards.get(row.id)) for row in found)
        return Listed(rows, count, at)

    def flagged(self, at: int, most: int) -> Listed[Noted]:
        """The modems flagged for the next scheduled visit, oldest flag first."""
        return self._stations(_S.modem_flagged_at.is_not(None), _S.modem_flagged_at, at, most)

    def muted(self, at: int, most: int) -> Listed[Noted]:
        """The stations nobody is called for, the first to call again first."""
        return self._stations(_S.muted_until > self.now, _S.muted_until, at, most)

    def coming_back(self, at: int, most: int) -> Listed[Noted]:
        """The stations with their third incident within 30 days, the worst first."""
        times = func.count().label("times")
        often = (
            select(_I.station_id, times)
            .where(_I.opened_at > self.now - WITHIN, _I.drill.is_(false()))
            .group_by(_I.station_id)
            .having(times >= REPEATED)
            .subquery()
        )
        count = self.session.execute(select(func.count()).select_from(often)).scalar_one()
        if count == 0:
            return Listed()
        at = _within(at, count, most)
        query = select(_S.serial, _S.portal_id, _S.site, often.c.times).join_from(
            often, table_of(Station), often.c.station_id == _S.id
        )
        query = query.order_by(often.c.times.desc(), _S.id).limit(most).offset(at)
        rows = tuple(
            Noted(row.serial or row.portal_id or "?", Outside(row.site or ""), times=row.times)
            for row in self.session.execute(query)
        )
        return Listed(rows, count, at)

    def _stations(
        self, which: ColumnElement[bool], since: ColumnElement[Any], at: int, most: int
    ) -> Listed[Noted]:
        count = self.session.execute(
            select(func.count()).select_from(table_of(Station)).where(which)
        ).scalar_one()
        if count == 0:
            return Listed()
        at = _within(at, count, most)
        columns = (_S.serial, _S.portal_id, _S.site, since, _S.modem_flag_reason)
        query = select(*columns).where(which).order_by(since, _S.id).limit(most).offset(at)
        rows = tuple(
            Noted(serial or portal_id or "?", Outside(site or ""), moment, why or "")
            for serial, portal_id, site, moment, why in self.session.execute(query)
        )
        return Listed(rows, count, at)

    def _cards(self, shown: Iterable[tuple[int, str | None]]) -> Mapping[int, tuple[str, str]]:
        """Where each incident's card stands; of the viewer's visits their own card."""
        me = self.viewer.user_id
        keys = {
            (f"visit:{number}:{me}" if technician == me else f"card:{number}"): number
            for number, technician in shown
        }
        query = select(_OUT.key, _OUT.channel, _OUT.ts).where(_OUT.key.in_(keys))
        found = self.session.execute(query).all()
        return {keys[row.key]: (row.channel, row.ts) for row in found if row.channel and row.ts}


_SHOWN = (
    *(_I[name] for name in ("id", "step", "owner", "technician", "visit", "planned_at", "promised_at")),
    *(_I.parked_until, _S.muted_until, _I.deadline_at, _I.last_communication),
    *(_S.serial, _S.portal_id, _S.name, _S.site),
)


def _own_locks(session: Session, viewer: Viewer) -> Sequence[int]:
    """The incidents on which a lock of the viewer stands: nobody else may take it off."""
    mine = (_LOCKS.technician == viewer.user_id, _LOCKS.off_at.is_(None))
    return list(session.scalars(select(_LOCKS.incident_id).where(*mine).distinct()))


def _row(row: Any, needs: bool, card: tuple[str, str] | None) -> Row:
    said = dict(row._mapping)
    label = said.pop("serial") or said.pop("portal_id", None) or "?"
    said.pop("portal_id", None)
    names = {part: Outside(said.pop(part) or "") for part in ("name", "site")}
    return Row(**said, **names, label=label, needs=needs, card=card)


def _open(query: Select[Any]) -> Select[Any]:
    """Of the open incidents; an exercise counts nowhere."""
    joined = query.join_from(table_of(Incident), table_of(Station))
    return joined.where(_I.closed_at.is_(None), _I.drill.is_(false()))


def _within(at: int, count: int, most: int) -> int:
    """The beginning of a page there is."""
    return max(0, min(at, (count - 1) // most * most))
