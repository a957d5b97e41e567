"""Which open incidents need somebody now, as conditions on the rows of incidents and stations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, or_

from bot.runbook.model import Role, Runbook, Step
from bot.runbook.waiting import waits_for_support, waits_for_technician
from db.models import Incident, Station
from db.queries import LISTED
from db.statements import table_of

NEEDS, WAITING, OPEN = "needs", "waiting", "open"
"""It needs the viewer now; it is the viewer's and waits for something else; it is open and neither."""

_I, _S = table_of(Incident).c, table_of(Station).c
_DESK: Final = frozenset({Role.SUPPORT, Role.LEAD})
_EITHER = (True, False)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, with the roles of this moment."""

    user_id: str
    roles: frozenset[Role]


def kind_of(viewer: Viewer, locked: Sequence[int], runbook: Runbook, now: datetime) -> ColumnElement[str]:
    """In which list an open incident is for this viewer; on those in `locked` a lock of theirs stands."""
    own_lock = _I.id.in_(locked)
    mine = or_(_I.owner == viewer.user_id, _I.technician == viewer.user_id, own_lock)
    needed = or_(_for_the_desk(viewer, runbook, now), _for_a_technician(viewer, runbook, now), own_lock)
    return case((needed, NEEDS), (mine, WAITING), else_=OPEN)


def waits(runbook: Runbook) -> ColumnElement[bool]:
    """Somebody of the support desk is waited for: `waits_for_support` as a condition."""
    ways = []
    for rung, promised, visit in product(_EITHER, _EITHER, _EITHER):
        steps = _at(
            step
            for step in runbook.steps.values()
            if waits_for_support(step, promised=promised, visit=visit, rung=rung)
        )
        given = (_I.promised_at.is_not(None) == promised, _I.visit.is_not(None) == visit)
        ways.append(and_(_I.rung_step == rung, *given, steps))
    return or_(*ways)


def _for_the_desk(viewer: Viewer, runbook: Runbook, now: datetime) -> ColumnElement[bool]:
    """A decision waits for the viewer, or for anybody of the desk; nobody is called for what rests.

    What the first day listed is nobody's need until somebody takes it. What a removed lock left open is one at
    any step, parked or not, as the digest has it.
    """
    if not viewer.roles & _DESK:
        return false()
    unlisted = _I.first_day.is_distinct_from(LISTED)
    whose = or_(_I.owner == viewer.user_id, and_(_I.owner.is_(None), unlisted))
    called = and_(~_after(_I.parked_until, now), waits(runbook))
    return and_(whose, ~_after(_S.muted_until, now), or_(called, _I.hazard.is_not(None)))


def _for_a_technician(viewer: Viewer, runbook: Runbook, now: datetime) -> ColumnElement[bool]:
    """The viewer's visit: to be answered, to be driven to now, or waiting at the station."""
    steps = runbook.steps.values()
    there = or_(
        _at(step for step in steps if waits_for_technician(step, rung=False)),
        and_(_I.rung_step, _at(step for step in steps if waits_for_technician(step, rung=True))),
    )
    go_now = and_(_I.visit == "accepted", ~_after(_I.planned_at, now))
    stands = or_(_I.visit == "asked", go_now, and_(_I.visit == "on site", there))
    return and_(_I.technician == viewer.user_id, stands)


def _at(steps: Iterable[Step]) -> ColumnElement[bool]:
    return _I.step.in_([step.id for step in steps])


def _after(moment: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Is this later than now? What is not set is not."""
    return and_(moment.is_not(None), moment > now)
