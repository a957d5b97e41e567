"""A random walk on site: two technicians, locks, readings, a clock, a portal that may see the station online.

After every move everything is drawn that Slack could show, and judged by what the rows say was done.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import ClassVar, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.clock import MovableClock
from bot.errors import Refused
from bot.incidents import correcting, locks, progress
from bot.incidents.values import Values
from bot.messages import visit_facts
from bot.messages.drawing import Drawing
from bot.messages.render import Message
from bot.people import Person
from bot.runbook.press import Press, decode
from db.locks import Lock
from db.writer import Database, open_database
from tests.cabinet_text import leaked
from tests.incidents import walk_parts as parts
from tests.incidents.desk import LEAD, NIGHT, ONE, RENDER, RULES, TECHNICIAN, Desk
from tests.incidents.on_site import at_lock_out
from tests.incidents.site_parts import (
    DAY,
    EVERYBODY,
    KEEPS,
    LIKELY,
    NEVER_UNDER_A_LOCK,
    OPENS,
    TECHNICIANS,
    ZERO,
    all_locks,
    locks_of,
    new_lines,
    sent_commands,
    values_of,
)

T = TypeVar("T")


class SiteWalk(RuleBasedStateMachine):
    """One incident whose technician stands at the station."""

    migrated: ClassVar[Path]
    folder: ClassVar[Path]
    _walks = count()

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        database = shutil.copy(self.migrated, self.folder / f"site-{next(self._walks)}.db")
        self._db: Database = open_database(f"sqlite:///{database}")
        self._desk = Desk(self._db)
        self._clock = MovableClock(NIGHT)
        self._told: set[int] = set()

    def run(self, waiting: Awaitable[T]) -> T:
        """Wait for it here."""

        async def wait() -> T:
            return await waiting

        return self._loop.run(wait())

    def teardown(self) -> None:
        self.run(self._db.close())
        self._loop.close()

    # What may happen

    @initialize(upto=st.sampled_from(["lock-out", "verify-zero-volts", "open-cabinet"]))
    def somebody_is_there(self, upto: str) -> None:
        self.run(at_lock_out(self._desk))
        self._clock.move(self._desk.now - NIGHT)
        if upto != "lock-out":
            self._submit(TECHNICIAN, "lock", "lock-out", locks_of(TECHNICIAN))
        if upto == "open-cabinet":
            for _ in range(2):
                self._submit(TECHNICIAN, "measure", "readings", ZERO)
        assert self.run(self._desk.incident()).step == upto

    @rule(data=st.data())
    def the_technician_presses_a_button(self, data: st.DataObject) -> None:
        self._press_one(data, TECHNICIANS, data.draw(st.sampled_from([0, 1])))

    @rule(data=st.data())
    def the_technician_does_what_is_right(self, data: st.DataObject) -> None:
        incident = self.run(self._desk.incident())
        me = next((one for one in TECHNICIANS if one.user_id == incident.technician), None)
        assume(me is not None and incident.step in {"lock-out", "verify-zero-volts"})
        assert me is not None
        if incident.step == "lock-out":
            self._submit(me, "lock", "lock-out", locks_of(me))
        else:
            self._submit(me, "measure", "readings", ZERO)

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY), whose=st.integers(0, 1))
    def anybody_presses_the_technicians_button(self, data: st.DataObject, who: Person, whose: int) -> None:
        before = self.run(self._desk.incident())
        self._press_one(data, [who], whose)
        if who.user_id != before.technician:
            after = self.run(self._desk.incident())
            assert after.zero_at is None or after.zero_at == before.zero_at
            assert after.locks <= before.locks

    @rule(data=st.data(), who=st.sampled_from([ONE, LEAD]))
    def the_desk_presses_a_button(self, data: st.DataObject, who: Person) -> None:
        known = self.run(self._drawing().facts(1))
        assert known is not None
        values = values_of(self._drawing().card(known))
        assume(values)
        self._press(data, who, data.draw(st.sampled_from(values)))

    @rule(who=st.sampled_from(TECHNICIANS), right=st.booleans())
    def somebody_takes_ownlocks_off(self, who: Person, right: bool) -> None:
        tags = {"tag-1": f"{who.user_id}-A" if right else "x", "tag-2": f"{who.user_id}-b"}
        now = self._desk.now
        self._tried(self._db.write(locks.take_off_own, 1, tags, who, RULES, now))

    @rule(data=st.data(), who=st.sampled_from([TECHNICIAN, ONE]))
    def somebody_corrects_an_answer(self, data: st.DataObject, who: Person) -> None:
        incident = self.run(self._desk.incident())
        turn = data.draw(st.integers(0, incident.turn))
        pressed, now = Press(1, incident.turn, "correct"), self._desk.now
        self._tried(self._db.write(correcting.correct, pressed, turn, "was wrong", who, RULES, now))

    @rule(minutes=st.sampled_from([1, 4, 61, 721]), online=st.sampled_from([None, False, False, True]))
    def time_passes(self, minutes: int, online: bool | None) -> None:
        self._desk.later(minutes=minutes)
        self._clock.move(timedelta(minutes=minutes))
        self.run(self._desk.look(online=online, active=True))

    @rule(minutes=st.sampled_from([1, 721]))
    def time_passes_and_nobody_looks(self, minutes: int) -> None:
        """Relink was down, or is late: the cards are drawn all the same."""
        self._desk.later(minutes=minutes)
        self._clock.move(timedelta(minutes=minutes))

    # What always holds

    @invariant()
    def cabinet_text_is_nowhere_but_behind_both_gates(self) -> None:
        drawing, incident = self._drawing(), self.run(self._desk.incident())
        known = self.run(drawing.facts(1))
        assert known is not None
        there = self.run(self._db.read(visit_facts.of_visit, known.incident))
        card = drawing.card(known)
        assert not leaked([card.text, card.blocks])
        for row in self.run(self._db.read(new_lines, self._told)):
            line = self.run(drawing(row))
            assert line is not None
            assert not leaked([line.message.text, line.message.blocks])
            self._told.add(row.id)
        for technician in TECHNICIANS:
            mine = drawing.visit(known, there, technician.user_id)
            assert not leaked([mine.text])
            if technician.user_id != incident.technician or not self._truly_open():
                assert not leaked([mine.blocks])

    @invariant()
    def a_lock_ends_only_by_its_owner_or_a_leads_record(self) -> None:
        for lock in self._locks():
            if lock.off_at is not None:
                assert lock.off_by == (LEAD.user_id if lock.off_why else lock.technician)

    @invariant()
    def a_lock_keeps_the_incident_on_site(self) -> None:
        incident = self.run(self._desk.incident())
        if any(lock.off_at is None for lock in self._locks()):
            assert incident.closed_at is None
            assert incident.step not in NEVER_UNDER_A_LOCK
            assert not self.run(self._db.read(sent_commands))
            assert "silent" in self.run(self._desk.timers())

    @invariant()
    def whoever_is_there_has_a_way_on(self) -> None:
        incident = self.run(self._desk.incident())
        if incident.locks and incident.technician and incident.closed_at is None:
            gate = self.run(self._desk.timers()).get("gate")
            lapses = gate is not None and gate <= self._desk.now
            assert values_of(self._visit(incident.technician)) or lapses

    # Hands

    def _truly_open(self) -> bool:
        """By the moves and the locks alone: both gates are open for whoever has the visit."""
        incident = self.run(self._desk.incident())
        proved = None
        for move in self.run(self._desk.moves()):
            if move.choice in OPENS:
                proved = move.at
            elif move.choice not in KEEPS:
                proved = None
        mine = [
            lock for lock in self._locks() if lock.off_at is None and lock.technician == incident.technician
        ]
        measured = bool(mine) and all(lock.measured_at for lock in mine)
        return proved is not None and measured and self._desk.now - proved < DAY

    def _press_one(self, data: st.DataObject, people: Sequence[Person], whose: int) -> None:
        incident = self.run(self._desk.incident())
        assume(incident.technician is not None)
        values = values_of(self._visit(str(incident.technician)))
        assume(values)
        who = next((one for one in people if one.user_id == incident.technician), people[0])
        self._press(data, who if whose == 0 else people[-1], data.draw(st.sampled_from(values)))

    def _press(self, data: st.DataObject, who: Person, value: str) -> None:
        pressed = decode(value)
        form, values = parts.form_of(pressed.choice), None
        if form is not None:
            fields = {}
            for field in form.fields:
                options = LIKELY.get(field.id) or [one.value for one in field.options] or ["words"]
                allowed = [one.value for one in field.options]
                fitting = [one for one in options if not allowed or one in allowed] or allowed
                typed = data.draw(st.sampled_from(fitting), label=field.id)
                fields[field.id] = f"{who.user_id}{typed}" if field.id.startswith("tag-") else typed
            if fields.get("circuits") == "1":
                fields = {name: typed for name, typed in fields.items() if not name.endswith("-2")}
            people = {"technician": data.draw(st.sampled_from(TECHNICIANS))}
            people = people if form.id == "visit" else {}
            values = Values(form.id, fields, people)
        now, able = self._desk.now, self._desk.capabilities
        self._tried(self._db.write(progress.press, pressed, who, values, able, RULES, now))

    def _submit(self, who: Person, choice: str, form: str, fields: Mapping[str, str]) -> None:
        self._tried(self._desk.press(choice, who, Values(form, dict(fields))))

    def _tried(self, deed: Awaitable[object]) -> None:
        with suppress(Refused):
            self.run(deed)

    def _visit(self, technician: str) -> Message:
        drawing = self._drawing()
        known = self.run(drawing.facts(1))
        assert known is not None
        there = self.run(self._db.read(visit_facts.of_visit, known.incident))
        return drawing.visit(known, there, technician)

    def _drawing(self) -> Drawing:
        groups = {"support": ("S0SUPPORT",), "lead": ("S0LEAD",)}
        able = self._desk.capabilities
        return Drawing(self._db, RENDER, RULES.runbook, RULES.timings, groups, lambda: able, self._clock)

    def _locks(self) -> list[Lock]:
        return self.run(self._db.read(all_locks))
