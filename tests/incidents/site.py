"""Ways to a station at the desk: a visit, a lock, an open gate. What is read there is read from the rows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.incidents import locks as use
from bot.incidents.values import Values
from bot.people import Person
from bot.portal.contract import Outcome
from bot.runbook.model import Role
from db import locks
from db.locks import Lock
from db.models import Outgoing
from tests.incidents.desk import ONE, RULES, TECHNICIAN, Desk

Say = Callable[[Session, int, Person, str, datetime], None]
"""Something a person says beside the procedure."""

TECH = TECHNICIAN
NEXT = Person("U0TECH2", frozenset({Role.TECHNICIAN}), "Tech 2")

SIGNAL = {"bars": "3", "display": "Network Error", "wifi": "no"}
DEAD = {"display": "dark", "car": "no", "glasses": "yes", "told": "yes"}
ONE_LOCK = {"circuits": "1", "breaker-1": "14", "tag-1": "T-114", **DEAD}
TWO_LOCKS = {**ONE_LOCK, "circuits": "2", "breaker-2": "16", "tag-2": "T-115"}
NEXT_LOCK = {**ONE_LOCK, "tag-1": "N-1"}
NEXT_LOCKS = {**TWO_LOCKS, "tag-1": "N-1", "tag-2": "N-2"}
ZERO = {"meter": "M-7", "before": "120", "l1-l2": "0", "l1-ground": "0", "l2-ground": "0", "after": "120"}
UNLOCK = {"clear": "yes", "others": "no", "tag-1": "T-114", "tag-2": "T-115", "breaker": "yes"}
REMOVED = {"reason": "the key was lost", "panel": "yes", "power": "yes"}


def form(name: str, fields: Mapping[str, str], **people: Person) -> Values:
    """A submitted form."""
    return Values(name, dict(fields) | {field: one.user_id for field, one in people.items()}, people)


async def asked(desk: Desk, technician: Person = TECH) -> None:
    """A technician was asked to go; the restart helped nothing."""
    await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    await desk.look(online=False)
    await desk.press("no-answer")
    await desk.look()
    await desk.press("none")
    await desk.press("choose", values=form("visit", {}, technician=technician))
    await desk.stands("dispatch")


async def on_site(desk: Desk, technician: Person = TECH) -> None:
    """The technician stands at the station."""
    await asked(desk, technician)
    await desk.press("accept", technician)
    await desk.press("on-site", technician)
    await desk.stands("check-signal")


async def at_lock_out(desk: Desk) -> None:
    """The signal is good enough, the breaker is next."""
    await on_site(desk)
    await desk.press("check", TECH, form("signal-check", SIGNAL))
    await desk.press("to-lock-out", TECH)
    await desk.stands("lock-out")


async def lock_out(desk: Desk, fields: Mapping[str, str] = ONE_LOCK, person: Person = TECH) -> None:
    """The form of the lock-out is submitted."""
    await desk.press("lock", person, form("lock-out", fields))


async def locked(desk: Desk, fields: Mapping[str, str] = ONE_LOCK) -> None:
    """The locks are on, nothing is measured."""
    await at_lock_out(desk)
    await lock_out(desk, fields)
    await desk.stands("verify-zero-volts")


async def measure(desk: Desk, person: Person = TECH, **volts: str) -> None:
    """One circuit is measured; `l1_l2="0.1"` and so on differ from 0 V."""
    changed = {name.replace("_", "-"): value for name, value in volts.items()}
    await desk.press("measure", person, form("readings", {**ZERO, **changed}))


async def stopped(desk: Desk) -> None:
    """Volts were found behind the lock."""
    await locked(desk)
    await measure(desk, l1_l2="118")


async def gate_open(desk: Desk, fields: Mapping[str, str] = ONE_LOCK) -> None:
    """0 V is proved on every circuit."""
    await locked(desk, fields)
    for _ in range(int(fields["circuits"])):
        await measure(desk)
    await desk.stands("open-cabinet")


async def at_restore(desk: Desk, fields: Mapping[str, str] = ONE_LOCK) -> None:
    """The panel is closed again."""
    await gate_open(desk, fields)
    for choice in ("opened", "sim-fine", "antenna-fine", "closed-up"):
        await desk.press(choice, TECH)
    await desk.stands("restore-power")


async def change(desk: Desk, to: Person = NEXT) -> None:
    """Support says who is at the station now."""
    await desk.press("change-technician", ONE, form("visit", {}, technician=to))


async def take_off_own(desk: Desk, person: Person, **tags: str) -> None:
    """Who handed the visit over takes own locks off, in the own direct message."""
    fields = {name.replace("_", "-"): tag for name, tag in tags.items()}
    await desk.db.write(use.take_off_own, 1, fields, person, RULES, desk.now)


async def locks_of(desk: Desk) -> list[Lock]:
    """Every lock there ever was, in order."""
    return await desk.db.read(locks.all_of, 1)


async def standing(desk: Desk) -> list[tuple[str, int, str]]:
    """The locks that are on: whose, on which circuit, with which tag."""
    found = await desk.db.read(locks.standing, 1)
    return [(lock.technician, lock.circuit, lock.tag) for lock in found]


async def measured(desk: Desk) -> list[bool]:
    """Of each lock that is on: is its circuit proved?"""
    return [lock.measured_at is not None for lock in await desk.db.read(locks.standing, 1)]


async def rows(desk: Desk, kind: str) -> list[dict[str, Any]]:
    """The outbox's rows of a kind, in order."""

    def read(session: Session) -> list[dict[str, Any]]:
        found = session.scalars(select(Outgoing).where(Outgoing.kind == kind).order_by(Outgoing.id))
        return [
            {column.key: getattr(row, column.key) for column in Outgoing.__table__.columns} for row in found
        ]

    return await desk.db.read(read)
