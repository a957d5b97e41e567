"""What must hold while somebody may have a hand inside: locks, gates, and where the words of the cabinet stand."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.messages import visit_facts
from bot.messages.drawing import Drawing
from db.locks import Lock
from db.models import WAITING
from db.queries import Moved
from db.writer import Database
from tests.incidents.desk import TEMPLATES
from tests.incidents.walk_book import Snapshot
from tests.incidents.walk_law import LOCK, ORDER, STEPS, ZERO, gates_of
from tests.incidents.walk_parts import ROLES
from tests.incidents.walk_slack import Town

BOTH = {LOCK, ZERO}
GATED = {name for name, step in STEPS.items() if ZERO in step.get("needs", ())}
UNDER_LOCK = set(ORDER[ORDER.index("lock-out") : ORDER.index("restore-power") + 1])
_CABINET = "visit/cabinet.j2"


def _sentences() -> tuple[str, ...]:
    """The sentences that stand in the cabinet's template and in no other."""
    texts = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.j2")}
    says = texts.pop(_CABINET).partition("{% block says %}")[2]
    lines = [line for line in says.splitlines() if line and not re.search(r"[{}]", line)]
    found = tuple(line for line in lines if not any(line in text for text in texts.values()))
    assert len(found) > 10
    return found


SENTENCES = _sentences()


def tells_cabinet(words: str) -> bool:
    """Does a word of the cabinet stand here?"""
    return any(sentence in words for sentence in SENTENCES)


def _said(*parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False)


def check_locks(before: Snapshot, now: Snapshot) -> None:
    """Locks come and go only as their owner or a lead says, and the gates are what the moves made of them."""
    for number, incident in now.incidents.items():
        moves, locks = now.moves[number], now.locks[number]
        new = moves[len(before.moves.get(number, ())) :]
        standing = [lock for lock in locks if lock.off_at is None]
        assert len({(lock.technician, lock.circuit) for lock in standing}) == len(standing)
        gates = gates_of(moves)
        assert (LOCK in gates.open) == bool(standing), f"{number}: {standing}"
        assert (ZERO in gates.open) == (incident.zero_at is not None)
        if ZERO in gates.open:
            mine = [lock for lock in standing if lock.technician == incident.technician]
            assert mine, f"{number}: nobody there has a lock on"
            assert all(lock.measured_at is not None for lock in mine)
        held = any(lock.off_at is None for lock in before.locks.get(number, ()))
        if standing or incident.hazard:
            assert incident.closed_at is None
            waiting = [row for row in now.commands(number) if row.state in WAITING]
            assert not (waiting and standing), waiting
        known = before.incidents.get(number)
        unsettled = known is not None and known.hazard is not None and incident.hazard is not None
        if (standing and held) or unsettled:
            assert len(now.commands(number)) == len(before.commands(number))
        assert not standing or incident.step in UNDER_LOCK
        _check_openings(new, known.technician if known else None)
        _check_each(before.locks.get(number, ()), locks, new)


def _check_openings(new: Sequence[Moved], technician: str | None) -> None:
    """0 V is said by the technician of the visit, with nothing but readings."""
    for made in new:
        if made.choice == "all-proved":
            assert made.actor == technician
            assert "technician" in ROLES[made.actor]


def _check_each(before: Sequence[Lock], now: Sequence[Lock], new: Sequence[Moved]) -> None:
    known = {lock.id: lock for lock in before}
    assert known.keys() <= {lock.id for lock in now}, "a record of a lock is gone"
    for lock in now:
        old = known.get(lock.id)
        if old is None:
            assert [(made.choice in {"locked", "not-dead"}, made.actor) for made in new] == [
                (True, lock.technician)
            ]
            assert lock.off_at is None
            continue
        assert _identity(lock) == _identity(old)
        if old.off_at is not None:
            assert (lock.off_at, lock.off_by, lock.off_why) == (old.off_at, old.off_by, old.off_why)
        elif lock.off_at is not None:
            _check_taken_off(lock, now, new)


def _identity(lock: Lock) -> tuple[object, ...]:
    return lock.technician, lock.circuit, lock.breaker, lock.tag, lock.on_at


def _check_taken_off(lock: Lock, locks: Sequence[Lock], new: Sequence[Moved]) -> None:
    """By its owner, at the step for it or once a successor's is on; or by a lead's record that says why."""
    by = [(made.choice, made.actor) for made in new]
    if lock.off_why is not None:
        assert by == [("lock-removed", lock.off_by)]
        assert "lead" in ROLES[str(lock.off_by)]
        return
    assert lock.off_by == lock.technician, f"{lock} was taken off by somebody else"
    if new:
        ((choice, actor),) = by
        assert choice.startswith("power-on"), choice
        assert actor == lock.technician
    else:
        assert any(one.off_at is None and one.technician != lock.technician for one in locks)


def check_told(now: Snapshot, town: Town) -> None:
    """Whatever was written to Slack since: the cabinet's words went to whom they are for, while they were."""
    for told in town.told:
        if tells_cabinet(told.words):
            _check_place(told.key, told.channel, now, town, told.at)
    town.told.clear()


def check_standing(now: Snapshot, town: Town, moment: datetime) -> None:
    """The courier is quiet: the cabinet's words stand nowhere but where they may, until the clock is looked at."""
    for (channel, ts), post in town.posts.items():
        stands = town.world.talk.find(channel, ts)
        if stands is None or not tells_cabinet(_said(stands.text, stands.blocks)):
            continue
        incident = next(row.incident for row in now.rows if row.key == post.key)
        lapses = now.timers[incident].get("gate")
        overdue = lapses is not None and lapses <= moment
        _check_place(post.key, channel, now, town, post.at if overdue else moment)


def _check_place(key: str, channel: str, now: Snapshot, town: Town, moment: datetime) -> None:
    row = next(row for row in now.rows if row.key == key)
    assert row.kind == "visit", f"the cabinet stands in {key}"
    to = row.payload["to"]
    assert channel == town.world.workspace.ims[to]
    assert to == now.incidents[row.incident].technician, f"{key} is not the visit of {to}"
    assert gates_of(now.moves[row.incident]).at(moment) >= BOTH, f"{key}: a gate is shut"


async def check_drawn(db: Database, now: Snapshot, drawing: Drawing) -> int:
    """Each card as it would be drawn now; how many of them show the cabinet."""
    shown = 0
    for number, incident in now.incidents.items():
        visits = [row.payload["to"] for row in now.rows if row.kind == "visit" and row.incident == number]
        known = await drawing.facts(number) if visits else None
        if known is None:
            continue
        card, opened = drawing.card(known), gates_of(now.moves[number]).at(drawing.clock.now()) >= BOTH
        assert not tells_cabinet(_said(card.text, card.blocks))
        there = await db.read(visit_facts.of_visit, incident)
        for to in visits:
            visit = drawing.visit(known, there, to)
            assert not tells_cabinet(_said(visit.text))
            tells = tells_cabinet(_said(visit.blocks))
            assert tells == (opened and to == incident.technician and incident.step in GATED), to
            shown += tells
    return shown
