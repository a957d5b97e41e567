"""A random walk over the use cases: whatever people, portal and clock do, the incident stays whole."""

import asyncio
import shutil
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.clock import MovableClock
from bot.demo.slack.blocks_check import check_blocks
from bot.errors import Refused
from bot.incidents import asides, commands, ownership, progress, timers
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.messages.drawing import Drawing
from bot.people import Person
from bot.portal.contract import Capabilities, Command, Outcome
from bot.runbook.press import decode
from db.writer import Database, open_database
from tests.incidents import walk_parts as parts
from tests.incidents.desk import (
    NIGHT,
    RENDER,
    RULES,
    Desk,
    alert,
)

T = TypeVar("T")


class Walk(RuleBasedStateMachine):
    """Two stations; every rule is something that may happen at any time."""

    migrated: ClassVar[Path]
    folder: ClassVar[Path]
    _walks = count()

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        database = shutil.copy(self.migrated, self.folder / f"walk-{next(self._walks)}.db")
        self._db: Database = open_database(f"sqlite:///{database}")
        self._desk = Desk(self._db)
        self._clock = MovableClock(NIGHT)
        self._numbers = count()
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

    @initialize(begin=st.sampled_from(["opened", "at_restart", "restarted", "back", "proved", "closed"]))
    def somewhere_on_the_way(self, begin: str) -> None:
        self.run(getattr(self._desk, begin)())
        self._clock.move(self._desk.now - NIGHT)

    @rule(serial=st.sampled_from(parts.SERIALS), silent=st.sampled_from([10, 29, 31, 600]))
    def an_alert(self, serial: str, silent: int) -> None:
        self._alert(serial, silent)

    @rule(serial=st.sampled_from(parts.SERIALS))
    def an_alert_is_cleared(self, serial: str) -> None:
        now, seen = self._desk.now, StationSeen(serial=serial, id=None)
        gone = alert(f"c-{next(self._numbers)}", status="cleared", station=seen, cleared_at=now)
        self.run(self._desk.take(gone))

    @rule(pause=parts.PAUSES)
    def some_time_passes(self, pause: timedelta) -> None:
        self.time_passes(pause)

    def time_passes(self, pause: timedelta) -> None:
        self._desk.now += pause
        self._desk.real += pause
        self._clock.move(pause)

    @rule(abilities=parts.ABILITIES)
    def the_portal_can_do_other_things(self, abilities: Capabilities) -> None:
        self._desk.capabilities = abilities

    @rule(said=parts.READINGS)
    def what_is_due_is_looked_at(self, said: dict[str, Any]) -> None:
        self.run(self._desk.look(**said))

    @rule(said=parts.READINGS)
    def time_passes_to_the_next_look(self, said: dict[str, Any]) -> None:
        at = self.run(self._db.read(timers.next_due))
        if at is not None and at > self._desk.now:
            self.time_passes(at - self._desk.now)
        self.run(self._desk.look(**said))

    @rule(data=st.data(), who=parts.PEOPLE)
    def somebody_presses_a_button_of_a_card(self, data: st.DataObject, who: Person) -> None:
        values = [value for incident in self._incidents() for value in self._own_buttons(incident)]
        assume(values)
        self._press(data, who, data.draw(st.sampled_from(sorted(values))))

    @rule(data=st.data(), who=parts.PEOPLE)
    def somebody_gives_up(self, data: st.DataObject, who: Person) -> None:
        values = [value for incident in self._incidents() for value in self._buttons(incident)]
        ways_out = [value for value in values if value.endswith(":give-up")]
        assume(ways_out)
        self._press(data, who, data.draw(st.sampled_from(ways_out)))

    @rule(data=st.data(), who=parts.PEOPLE, back=st.integers(1, 3))
    def somebody_presses_an_old_card(self, data: st.DataObject, who: Person, back: int) -> None:
        choices = sorted({choice.id for step in RULES.runbook.steps.values() for choice in step.choices})
        incident = data.draw(st.sampled_from(self._incidents()))
        turn = self.run(self._desk.incident(incident)).turn
        before = self.run(self._desk.moves(incident))
        self._press(data, who, f"{incident}:{max(turn - back, 0)}:{data.draw(st.sampled_from(choices))}")
        if turn > 0:
            assert self.run(self._desk.moves(incident)) == before

    @rule(data=st.data(), who=parts.PEOPLE)
    def somebody_takes_it(self, data: st.DataObject, who: Person) -> None:
        incident = data.draw(st.sampled_from(self._incidents()))
        self._tried(self._db.write(ownership.take, incident, who, RULES, self._desk.now))

    @rule(data=st.data(), who=parts.PEOPLE)
    def somebody_leaves_a_note(self, data: st.DataObject, who: Person) -> None:
        incident = data.draw(st.sampled_from(self._incidents()))
        self._tried(self._db.write(asides.note, incident, who, parts.NASTY, self._desk.now))

    @rule(data=st.data(), outcome=st.sampled_from(Outcome), ago=st.sampled_from([0, 1, 400]))
    def the_portal_answers_a_restart(self, data: st.DataObject, outcome: Outcome, ago: int) -> None:
        """Any restart ever sent: also one answered before, also one the incident has moved on from."""
        sent = self._commands()
        assume(sent)
        incident, turn = data.draw(st.sampled_from(sent))
        now = self._desk.now
        sent_at = now - timedelta(seconds=ago)
        told = Command("c-1", outcome, parts.NASTY)
        self.run(self._db.write(commands.answered, incident, turn, told, sent_at, now, RULES))

    # What always holds

    @invariant()
    def the_turn_counts_the_moves(self) -> None:
        for incident in self._incidents():
            moves = self.run(self._desk.moves(incident))
            assert self.run(self._desk.incident(incident)).turn == len(moves)
            assert [move.turn for move in moves] == list(range(len(moves)))
            assert [move.to_step for move in moves[:-1]] == [move.step for move in moves[1:]]

    @invariant()
    def one_open_incident_a_station(self) -> None:
        still_open = [serial for serial, is_open in self.run(self._desk.incidents()) if is_open]
        assert len(still_open) == len(set(still_open))

    @invariant()
    def no_restart_without_a_person(self) -> None:
        sent = self._commands()
        for number in self._incidents():
            incident = self.run(self._desk.incident(number))
            approved = [move for move in self.run(self._desk.moves(number)) if move.choice in parts.RESTARTS]
            assert all(move.actor != "relink" for move in approved)
            assert incident.restarts <= len(approved)
            assert len([one for one in sent if one[0] == number]) <= len(approved)

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """A closed incident has no timer; an open one is looked at, waits for an answer, or shows a person a way."""
        sent = self._commands()
        for number in self._incidents():
            incident = self.run(self._desk.incident(number))
            armed = self.run(self._desk.timers(number))
            if incident.closed_at is not None:
                assert armed == {}
            else:
                waits = (number, incident.turn) in sent
                assert "look" in armed or waits or self._own_buttons(number)

    @invariant()
    def every_card_and_line_can_be_drawn(self) -> None:
        drawing = self._drawing()
        for number in self._incidents():
            known = self.run(drawing.facts(number))
            assert known is not None
            message = drawing.card(known)
            assert not check_blocks(message.blocks).found
            assert message.text
        for row in self.run(self._db.read(parts.new_lines, self._told)):
            drawn = self.run(drawing(row))
            assert drawn is not None
            assert not check_blocks(drawn.message.blocks).found
            self._told.add(row.id)

    # Hands

    def _alert(self, serial: str, silent: int) -> None:
        now = self._desk.now
        seen = StationSeen(serial=serial, id=None, name=parts.NASTY, site=parts.NASTY)
        heard = now - timedelta(minutes=silent)
        raised = alert(f"a-{next(self._numbers)}", station=seen, raised_at=now, last_communication=heard)
        self.run(self._desk.take(raised))

    def _press(self, data: st.DataObject, who: Person, value: str) -> None:
        pressed = decode(value)
        form = parts.form_of(pressed.choice)
        values = None if form is None else Values(form.id, parts.filled_in(data, form))
        self._tried(
            self._db.write(
                progress.press, pressed, who, values, self._desk.capabilities, RULES, self._desk.now
            )
        )

    def _tried(self, deed: Awaitable[object]) -> None:
        with suppress(Refused):
            self.run(deed)

    def _drawing(self) -> Drawing:
        groups = {"support": ("S0SUPPORT",), "lead": ("S0LEAD",)}
        abilities = self._desk.capabilities
        return Drawing(self._db, RENDER, RULES.runbook, RULES.timings, groups, lambda: abilities, self._clock)

    def _incidents(self) -> Sequence[int]:
        return self.run(self._db.read(parts.incident_numbers))

    def _commands(self) -> Sequence[tuple[int, int]]:
        return self.run(self._db.read(parts.sent_commands))

    def _buttons(self, incident: int) -> list[str]:
        """The values of everything on the card that takes a choice."""
        drawing = self._drawing()
        known = self.run(drawing.facts(incident))
        assert known is not None
        elements = [part for block in drawing.card(known).blocks for part in block.get("elements", ())]
        values = [part["value"] for part in elements if parts.takes_choice(part)]
        menus = [option["value"] for part in elements for option in part.get("options", ())]
        return values + [value for value in menus if value.count(":") == parts.PARTS_OF_A_PRESS - 1]

    def _own_buttons(self, incident: int) -> list[str]:
        return [value for value in self._buttons(incident) if not value.endswith(":give-up")]
