"""What the Home tab tells one person: what needs them, what of theirs waits, what else is open, how the house is.

All of it comes from the open incidents and the stations; the history is asked only for the last 30 days.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session

from bot.messages.text import Outside
from bot.reports import health, needing
from bot.reports.digest import REPEAT, REPEAT_DAYS
from bot.reports.needing import NEEDS, OPEN, WAITING, Viewer
from bot.runbook.model import Runbook
from db.models import Incident, Lockout, Outgoing, Station
from db.queries import LISTED
from db.statements import table_of

FIRST: Final = 5
"""Rows of a list on the first page."""
FEW: Final = 3
"""Rows there of what is only good to know."""
PAGE: Final = 20
"""Rows of a list that is shown alone."""
MOST_AREAS: Final = 10
FLAGGED, MUTED, COMING_BACK = "flagged", "muted", "back"
LISTS: Final = (NEEDS, WAITING, OPEN, FLAGGED, MUTED, COMING_BACK)
"""What can be shown alone, page by page."""

_I, _S = table_of(Incident).c, table_of(Station).c
_LOCKS, _OUT = table_of(Lockout).c, table_of(Outgoing).c
_LATELY = table_of(Incident).alias("lately")

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
    hazard: str | None
    first_day: str | None
    label: str
    name: Outside
    site: Outside
    phase: str
    needs: bool
    own_lock: bool
    """A lock of the viewer stands, who handed the visit over: nobody else may take it off."""
    locked_by: tuple[str, ...] = ()
    """Whose locks stand."""
    card: tuple[str, str] | None = None

    @property
    def listed(self) -> bool:
        """Is it a line of the first day's list, without a card to go to?"""
        return self.first_day == LISTED

    @property
    def standing(self) -> str:
        """The step in words."""
        return self.step.replace("-", " ")


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
    known = asks.sorted_out()
    areas = Counter(one.area for one in known[OPEN]).most_common()
    flagged, muted = asks.noted()
    vitals = health.vitals(session, now)
    return {
        NEEDS: asks.incidents(known[NEEDS], NEEDS, 0, FIRST),
        WAITING: asks.incidents(known[WAITING], WAITING, 0, FIRST),
        OPEN: len(known[OPEN]),
        "areas": [{"area": Outside(area), "count": count} for area, count in areas[:MOST_AREAS]],
        "more_areas": max(0, len(areas) - MOST_AREAS),
        "down": sum(map(len, known.values())),
        FLAGGED: asks.flagged(flagged, 0, FEW),
        MUTED: asks.muted(muted, 0, FEW),
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
        return asks.incidents(asks.sorted_out()[which], which, at, PAGE)
    if which == COMING_BACK:
        return asks.coming_back(at, PAGE)
    flagged, muted = asks.noted()
    return asks.flagged(flagged, at, PAGE) if which == FLAGGED else asks.muted(muted, at, PAGE)


class _Known(NamedTuple):
    """What is read of every open incident."""

    id: int
    area: str


@dataclass(frozen=True, slots=True)
class _Asks:
    """The questions of one viewer at one moment; `kind` is in which list an open incident is."""

    session: Session
    viewer: Viewer
    runbook: Runbook
    now: datetime
    locked: Sequence[int]
    kind: ColumnElement[str]

    @classmethod
    def of(cls, session: Session, viewer: Viewer, runbook: Runbook, now: datetime) -> "_Asks":
        locked = _own_locks(session, viewer)
        kind = needing.kind_of(viewer, locked, runbook, now)
        return cls(session, viewer, runbook, now, locked, kind)

    def sorted_out(self) -> Mapping[str, list[_Known]]:
        """All open incidents by list: the viewer's own first, then whoever waits longest; the third by area."""
        me = self.viewer.user_id
        theirs = case((or_(_I.owner == me, _I.technician == me), 0), else_=1)
        query = _open(select(_I.id, self.kind, _S.area)).order_by(theirs, _I.entered_at, _I.id)
        found: dict[str, list[_Known]] = {NEEDS: [], WAITING: [], OPEN: []}
        for number, kind, area in self.session.execute(query):
            found[kind].append(_Known(number, area or ""))
        found[OPEN].sort(key=lambda one: (one.area, one.id))
        return found

    def incidents(self, known: Sequence[_Known], which: str, at: int, most: int) -> Listed[Row]:
        """The rows of a list of incidents."""
        at = _within(at, len(known), most)
        wanted = [one.id for one in known[at : at + most]]
        query = _open(select(*_TOLD, _S.serial, _S.portal_id, _S.name, _S.site)).where(_I.id.in_(wanted))
        found = {row.id: row for row in self.session.execute(query)} if wanted else {}
        cards = self._cards((row.id, row.technician) for row in found.values())
        holders = self._holders(wanted)
        rows = tuple(
            self._row(found[one], which == NEEDS, holders.get(one, ()), cards.get(one)) for one in wanted
        )
        return Listed(rows, len(known), at)

    def noted(self) -> tuple[int, int]:
        """How many stations have a flagged modem, and how many are muted."""
        muted = func.count(case((_S.muted_until > self.now, 1)))
        flagged, quiet = self.session.execute(select(func.count(_S.modem_flagged_at), muted)).one()
        return flagged, quiet

    def flagged(self, count: int, at: int, most: int) -> Listed[Noted]:
        """The modems flagged for the next scheduled visit, oldest flag first."""
        flagged = _S.modem_flagged_at.is_not(None)
        return self._stations(flagged, _S.modem_flagged_at, count, at, most)

    def muted(self, count: int, at: int, most: int) -> Listed[Noted]:
        """The stations nobody is called for, the first to call again first."""
        return self._stations(_S.muted_until > self.now, _S.muted_until, count, at, most)

    def coming_back(self, at: int, most: int) -> Listed[Noted]:
        """The stations that are down for the third time within 30 days, the worst first.

        The digest has those that are up again, too: to find them among a million takes longer than Home may.
        """
        lately = _LATELY.c.opened_at > self.now - REPEAT_DAYS
        times = select(func.count()).where(_LATELY.c.station_id == _I.station_id, lately)
        query = select(_I.station_id, times.scalar_subquery().label("times"))
        down = self.session.execute(query.where(_I.closed_at.is_(None), _I.drill.is_(false())))
        # Chosen here: as a condition the database would count once more.
        often = {row.station_id: row.times for row in down if row.times >= REPEAT}
        found = sorted(often, key=lambda station: (-often[station], station))
        at = _within(at, len(found), most)
        shown = found[at : at + most]
        named = select(_S.id, _S.serial, _S.portal_id, _S.site).where(_S.id.in_(shown))
        rows = {row.id: row for row in self.session.execute(named)}
        told = (Noted(_label(rows[one]), Outside(rows[one].site or ""), times=often[one]) for one in shown)
        return Listed(tuple(told), len(found), at)

    def _stations(
        self, which: ColumnElement[bool], since: ColumnElement[Any], count: int, at: int, most: int
    ) -> Listed[Noted]:
        if count == 0:
            return Listed()
        at = _within(at, count, most)
        columns = (_S.serial, _S.portal_id, _S.site, since.label("moment"), _S.modem_flag_reason)
        query = select(*columns).where(which).order_by(since, _S.id).limit(most).offset(at)
        rows = tuple(
            Noted(_label(row), Outside(row.site or ""), row.moment, row.modem_flag_reason or "")
            for row in self.session.execute(query)
        )
        return Listed(rows, count, at)

    def _row(self, row: Any, needs: bool, holders: Iterable[str], card: tuple[str, str] | None) -> Row:
        told = {column.name: getattr(row, column.name) for column in _TOLD}
        handed_over = row.id in self.locked and row.technician != self.viewer.user_id
        return Row(
            **told,
            label=_label(row),
            name=Outside(row.name or ""),
            site=Outside(row.site or ""),
            phase=self.runbook.steps[row.step].phase.value,
            needs=needs,
            own_lock=handed_over,
            locked_by=tuple(holders),
            card=card,
        )

    def _holders(self, shown: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Whose locks stand on which of these incidents, the first lock first."""
        here = (_LOCKS.incident_id.in_(shown), _LOCKS.off_at.is_(None))
        each = select(_LOCKS.incident_id, _LOCKS.technician).where(*here)
        query = each.group_by(_LOCKS.incident_id, _LOCKS.technician).order_by(func.min(_LOCKS.id))
        found: dict[int, list[str]] = {}
        for number, technician in self.session.execute(query) if shown else ():
            found.setdefault(number, []).append(technician)
        return found

    def _cards(self, shown: Iterable[tuple[int, str | None]]) -> Mapping[int, tuple[str, str]]:
        """Where each incident's card stands; of a visit of the viewer, or one they locked, their own card."""
        me, theirs = self.viewer.user_id, set(self.locked)
        keys = {
            (f"visit:{number}:{me}" if technician == me or number in theirs else f"card:{number}"): number
            for number, technician in shown
        }
        query = select(_OUT.key, _OUT.channel, _OUT.ts).where(_OUT.key.in_(keys))
        found = self.session.execute(query).all() if keys else []
        return {keys[row.key]: (row.channel, row.ts) for row in found if row.channel and row.ts}


_TOLD = (
    *(_I[name] for name in ("id", "step", "owner", "technician", "visit", "planned_at", "promised_at")),
    *(_I.parked_until, _S.muted_until, _I.deadline_at, _I.last_communication, _I.hazard, _I.first_day),
)


def _own_locks(session: Session, viewer: Viewer) -> Sequence[int]:
    """The incidents on which a lock of the viewer stands: nobody else may take it off."""
    mine = (_LOCKS.technician == viewer.user_id, _LOCKS.off_at.is_(None))
    return list(session.scalars(select(_LOCKS.incident_id).where(*mine).distinct()))


def _label(row: Any) -> str:
    """The serial of a row's station, else the portal's id of it."""
    return str(row.serial or row.portal_id or "?")


def _open(query: Select[Any]) -> Select[Any]:
    """Of the open incidents; an exercise counts nowhere."""
    joined = query.join_from(table_of(Incident), table_of(Station))
    return joined.where(_I.closed_at.is_(None), _I.drill.is_(false()))


def _within(at: int, count: int, most: int) -> int:
    """The beginning of a page there is."""
    return max(0, min(at, (count - 1) // most * most))
