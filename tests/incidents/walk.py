"""A random walk through the house: whatever people, portal, Slack and clock do, everything holds after each step."""

import asyncio
import shutil
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.incidents import timers
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.messages.buttons import more_of
from bot.people import Person
from bot.portal.contract import Capabilities, Outcome
from bot.runbook.model import Role
from bot.runbook.press import Press, decode
from db.writer import open_database
from tests.incidents import walk_parts as parts
from tests.incidents.desk import LEAD, ONE, RULES, TECHNICIAN, alert
from tests.incidents.walk_house import House
from tests.incidents.walk_site import GOOD, UNLOCKED
from tests.incidents.walk_slack import Weather
from tests.incidents.walk_ways import WAYS, Way, raised

T = TypeVar("T")
DATA = st.data()
FORMS = {
    choice.id: RULES.runbook.forms[choice.form]
    for choice in (
        *(choice for step in RULES.runbook.steps.values() for choice in step.choices),
        *(every.choice for every in RULES.runbook.everywhere),
    )
    if choice.form
}
CHOICES = sorted({choice.id for step in RULES.runbook.steps.values() for choice in step.choices})
BAD_DAYS: st.SearchStrategy[list[Weather]] = st.lists(
    st.sampled_from(("slow down", "busy", "busy after", "cut before", "cut after")), min_size=1, max_size=3
)


class Walk(RuleBasedStateMachine):
    """Two stations; every rule is something that may happen at any time."""

    ways: ClassVar[Mapping[str, Way]] = WAYS
    """Where it may begin."""
    walked: ClassVar[set[str]] = set()
    """Where one of them has begun already."""
    migrated: ClassVar[Path]
    folder: ClassVar[Path]
    _walks = count()

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        database = shutil.copy(self.migrated, self.folder / f"walk-{next(self._walks)}.db")
        self.house = House(open_database(f"sqlite:///{database}"))
        self._numbers = count()

    def run(self, waiting: Awaitable[T]) -> T:
        """Wait for it here."""

        async def wait() -> T:
            return await waiting

        return self._loop.run(wait())

    def teardown(self) -> None:
        try:
            self.run(self.house.settles())
        finally:
            self.run(self.house.db.close())
            self._loop.close()

    @invariant()
    def everything_holds(self) -> None:
        self.run(self.house.holds())

    # What may happen outside

    @initialize(data=DATA)
    def somewhere_on_the_way(self, data: st.DataObject) -> None:
        way = data.draw(st.sampled_from(sorted(self.ways)), label="way")
        self.house.known = way in self.walked
        for act in self.ways[way]:
            self.run(act(self.house))
            self.run(self.house.holds())
        self.house.known = False
        self.walked.add(way)

    @rule(serial=st.sampled_from(parts.SERIALS), silent=st.sampled_from([1, 10, 29, 31, 600]))
    def an_alert(self, serial: str, silent: int) -> None:
        self.run(raised(silent, serial)(self.house))

    @rule(serial=st.sampled_from(parts.SERIALS))
    def an_alert_is_cleared(self, serial: str) -> None:
        now, seen = self.house.desk.now, StationSeen(serial=serial, id=None)
        gone = alert(f"c-{next(self._numbers)}", status="cleared", station=seen, cleared_at=now)
        self.run(self.house.desk.take(gone))

    @rule(pause=parts.PAUSES)
    def some_time_passes(self, pause: timedelta) -> None:
        self.house.time_passes(pause)

    @rule(abilities=parts.ABILITIES, outcome=st.sampled_from(Outcome))
    def the_portal_can_do_other_things(self, abilities: Capabilities, outcome: Outcome) -> None:
        self.house.desk.capabilities = abilities
        self.house.portal.outcome = outcome

    @rule(said=parts.READINGS)
    def what_is_due_is_looked_at(self, said: dict[str, Any]) -> None:
        self.run(self.house.desk.look(**said))

    @rule(said=parts.READINGS, times=st.integers(1, 3))
    def time_passes_to_the_next_looks(self, said: dict[str, Any], times: int) -> None:
        for _ in range(times):
            at = self.run(self.house.db.read(timers.next_due))
            if at is not None and at > self.house.desk.now:
                self.house.time_passes(at - self.house.desk.now)
            self.run(self.house.desk.look(**said))
            self.run(self.house.holds())

    @rule(weather=BAD_DAYS)
    def slack_has_a_bad_day(self, weather: list[Weather]) -> None:
        self.house.town.weather.extend(weather)

    @rule(data=DATA)
    def somebody_deletes_a_card(self, data: st.DataObject) -> None:
        cards = [row.key for row in self.house.now.rows if row.kind in {"card", "visit"}]
        self.house.town.delete(data.draw(st.sampled_from(cards)))

    @rule(rests=st.integers(1, 3))
    def the_courier_is_down(self, rests: int) -> None:
        self.house.rests = rests

    @precondition(lambda self: self.house.portal.sent)
    @rule(data=DATA, outcome=st.sampled_from(Outcome), ago=st.sampled_from([0, 1, 400]))
    def the_portal_answers_late(self, data: st.DataObject, outcome: Outcome, ago: int) -> None:
        """Any restart ever sent: also one answered before, also one the incident has moved on from."""
        sent = [(row.incident, row.turn) for row in self.house.now.rows if row.kind == "command"]
        incident, turn = data.draw(st.sampled_from(sent))
        sent_at = self.house.desk.now - timedelta(seconds=ago)
        self.run(self.house.answered(incident, turn, outcome, sent_at))

    # What people do

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_presses_a_button(self, data: st.DataObject, who: Person) -> None:
        self._press_what_is_offered(data, who)

    @rule(data=DATA, times=st.integers(1, 4))
    def the_right_people_go_on(self, data: st.DataObject, times: int) -> None:
        """A few buttons one after the other, each pressed by somebody who may."""
        for _ in range(times):
            self._press_what_is_offered(data, None)
            self.run(self.house.holds())

    @rule(data=DATA, who=parts.PEOPLE, back=st.integers(1, 3))
    def somebody_presses_an_old_card(self, data: st.DataObject, who: Person, back: int) -> None:
        incident = self._one(data)
        turn = self.house.now.incidents[incident].turn
        moves = len(self.house.now.moves[incident])
        pressed = Press(incident, max(turn - back, 0), data.draw(st.sampled_from(CHOICES)))
        moved = self._press(data, who, pressed)
        assert not (moved and turn > 0), moves

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_takes_more_of_the_menu(self, data: st.DataObject, who: Person) -> None:
        """Give up, others down too: what stands behind the menu's "More"."""
        incident = self._one(data)
        more = more_of(self.run(self.house.facts(incident)), RULES.runbook)
        if not more:
            return
        choice = data.draw(st.sampled_from([each.id for each in more]))
        self._press(data, who, self._here(incident, choice))

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_takes_it(self, data: st.DataObject, who: Person) -> None:
        self.run(self.house.take(self._one(data), who))

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_gives_it_back(self, data: st.DataObject, who: Person) -> None:
        self.run(self.house.release(self._one(data), self._owner_or(data, who)))

    @rule(data=DATA, who=parts.PEOPLE, to=parts.PEOPLE)
    def somebody_hands_it_over(self, data: st.DataObject, who: Person, to: Person) -> None:
        self.run(self.house.hand_over(self._one(data), self._owner_or(data, who), to))

    @rule(data=DATA, who=parts.PEOPLE, helping=st.booleans())
    def somebody_says_something(self, data: st.DataObject, who: Person, helping: bool) -> None:
        say = self.house.call_for_help if helping else self.house.note
        self.run(say(self._one(data), who, parts.NASTY))

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_corrects_an_answer(self, data: st.DataObject, who: Person) -> None:
        incident = self._one(data)
        people = [made.turn for made in self.house.now.moves[incident] if made.actor != "relink"]
        turn = data.draw(st.sampled_from(people or [0]))
        self.run(self.house.correct(self._here(incident, "correct"), who, turn, parts.NASTY))

    @precondition(lambda self: any(one.closed_at for one in self.house.now.incidents.values()))
    @rule(data=DATA, who=parts.PEOPLE, back=st.integers(0, 1))
    def somebody_opens_it_again(self, data: st.DataObject, who: Person, back: int) -> None:
        closed = [one.id for one in self.house.now.incidents.values() if one.closed_at is not None]
        incident = data.draw(st.sampled_from(closed), label="incident")
        pressed = Press(incident, self.house.now.incidents[incident].turn - back, "reopen")
        self.run(self.house.reopen(pressed, who, parts.NASTY))
        assert back == 0 or self.house.book.deed.what == "reopen: refused"

    @rule(data=DATA, who=parts.PEOPLE)
    def somebody_parks_it(self, data: st.DataObject, who: Person) -> None:
        self.run(self.house.park(self._here(self._one(data), "park"), who))

    @rule(data=DATA, who=parts.PEOPLE, days=st.sampled_from([0, 1, 2, 100]), on=st.booleans())
    def somebody_mutes_or_unmutes(self, data: st.DataObject, who: Person, days: int, on: bool) -> None:
        incident = self._one(data)
        self.run(self.house.mute(incident, who, days) if on else self.house.unmute(incident, who))

    @precondition(lambda self: any(self.house.now.locks.values()))
    @rule(data=DATA, who=parts.PEOPLE, typed=st.sampled_from(["T-114", "t-114 ", "T-115", ""]))
    def somebody_takes_own_locks_off(self, data: st.DataObject, who: Person, typed: str) -> None:
        incident = self._one(data)
        owners = {lock.technician for lock in self.house.now.locks[incident]}
        theirs = [one for one in parts.EVERYBODY if one.user_id in owners]
        who = data.draw(st.sampled_from([who, *theirs]), label="who")
        self.run(self.house.take_off_own(incident, who, {**UNLOCKED, "tag-1": typed}))

    # Hands

    def _one(self, data: st.DataObject) -> int:
        open_ones = [one.id for one in self.house.now.incidents.values() if one.closed_at is None]
        return data.draw(st.sampled_from(open_ones or sorted(self.house.now.incidents)), label="incident")

    def _here(self, incident: int, choice: str) -> Press:
        return Press(incident, self.house.now.incidents[incident].turn, choice)

    def _owner_or(self, data: st.DataObject, who: Person) -> Person:
        owners: Sequence[Person] = [one for one in parts.EVERYBODY if one.user_id in self._owners()]
        return data.draw(st.sampled_from([who, *owners]), label="who")

    def _owners(self) -> set[str | None]:
        return {one.owner for one in self.house.now.incidents.values()}

    def _press_what_is_offered(self, data: st.DataObject, who: Person | None) -> None:
        values = self.run(self.house.buttons(self._one(data)))
        if not values:
            return
        pressed = decode(data.draw(st.sampled_from(sorted(values)), label="button"))
        self._press(data, who or self._somebody_who_may(data, pressed), pressed)

    def _somebody_who_may(self, data: st.DataObject, pressed: Press) -> Person:
        """Somebody for whom this button is: the technician of the visit, a lead, else support."""
        incident = self.house.now.incidents[pressed.incident]
        step = RULES.runbook.steps[incident.step]
        everywhere = {every.choice.id: every.choice for every in RULES.runbook.everywhere}
        choice = step.choice(pressed.choice) or everywhere[pressed.choice]
        allowed = choice.by or step.by
        if Role.ASSIGNED in allowed:
            called = [one for one in parts.EVERYBODY if one.user_id == incident.technician] or [TECHNICIAN]
            return data.draw(st.sampled_from(called), label="who")
        return ONE if Role.SUPPORT in allowed else LEAD

    def _press(self, data: st.DataObject, who: Person, pressed: Press) -> bool:
        form = FORMS.get(pressed.choice)
        values = None
        if form is not None and form.id in GOOD and data.draw(st.integers(0, 3), label="good"):
            values = Values(form.id, data.draw(st.sampled_from(GOOD[form.id]), label="answers"))
        elif form is not None:
            values = parts.filled_in(data, form, self.house.desk.now)
        return self.run(self.house.press(pressed, who, values))
