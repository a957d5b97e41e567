"""The house in which the walk happens: database, courier, strict Slack, portal, and what holds after each deed."""

from collections import Counter
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.clock import MovableClock
from bot.errors import Refused
from bot.incidents import asides, commands, correcting, locks, ownership, pausing, progress, reopening
from bot.incidents.values import Values
from bot.knowledge import waits_for_support
from bot.messages import forms, queue, visit_facts
from bot.messages.courier import Courier
from bot.messages.drawing import Drawn
from bot.messages.facts import CardFacts
from bot.messages.weather import Weather
from bot.metrics import Metrics
from bot.people import RELINK, Person
from bot.portal.contract import Command, Outcome
from bot.runbook.model import CLOSED
from bot.runbook.press import Press
from bot.tasks import Tasks
from db.models import WAITING
from db.queries import Moved
from db.writer import Database
from tests.incidents import walk_gates as gates
from tests.incidents import walk_law as law
from tests.incidents.desk import NIGHT, RULES, Desk
from tests.incidents.walk_book import Book, Deed, Snapshot, snapshot
from tests.incidents.walk_call import Call
from tests.incidents.walk_cards import check_cards, drawing_of
from tests.incidents.walk_parts import AT_ONCE, DESK, MORNING, ROLES, pressable
from tests.incidents.walk_portal import TalkingPortal
from tests.incidents.walk_rings import PROOF, check_calls, check_pushes
from tests.incidents.walk_slack import Town
from tests.messages.rows import no_chart

NOT_UNDER_A_LOCK = "a lock was put on"  # why a restart may die here that had not left yet


class House:
    """Deeds are tried as people try them: what is refused has changed nothing, and everything is checked again."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = Desk(db)
        self.clock, self.real = MovableClock(NIGHT), MovableClock(NIGHT)
        self.town = Town(self.clock, self.real, lambda: self.desk.capabilities)
        self.portal = TalkingPortal()
        self.book = Book()
        self.now = Snapshot({}, {}, {}, [])
        self.rests = 0
        """For so many checks the courier does not run: its process is gone."""
        self.known = False
        """Whether it was here before in the very same way: then nothing is drawn only to be looked at again."""
        self.done: Counter[str] = Counter()
        """How often each deed succeeded, and each step was stood at."""
        self.refusal = ""
        """What somebody was told who was refused last."""
        self._pushes = 0
        self._compared = self.now
        self._rows = 0
        self._beside = Tasks()
        metrics = Metrics()
        self._courier = Courier(
            db=db,
            slack=self.town.client,
            portal=self.portal,
            draw=self._draw,
            chart=no_chart,
            weather=Weather(db, self.town.client, metrics, RULES.channel, (), self.clock, self.real),
            plain=str,
            blank=partial(forms.blank, "The gate is shut."),
            answered=partial(commands.answered, rules=RULES),
            metrics=metrics,
            spawn=self._beside.spawn,
            clock=self.clock,
            real=self.real,
            paces=AT_ONCE,
        )

    async def _draw(self, parcel: queue.Parcel) -> Drawn | None:
        return await drawing_of(self.db, self.desk.capabilities, self.clock)(parcel)

    # Deeds

    def time_passes(self, pause: timedelta) -> None:
        """Both clocks go on."""
        self.desk.now += pause
        self.desk.real += pause
        self.clock.move(pause)
        self.real.move(pause)
        self.book.deed = Deed("time passes")

    async def tried(
        self, what: str, deed: Awaitable[object], incident: int = 0, to: str | None = None
    ) -> bool:
        """Was this deed allowed? Whatever calls somebody now is called for it."""
        self.book.deed = Deed(what, incident, to)
        try:
            await deed
        except Refused as refusal:
            self.refusal = str(refusal)
            self.book.deed = Deed(f"{what}: refused")
            return False
        self.done[what] += 1
        return True

    async def press(self, pressed: Press, who: Person, values: Values | None) -> bool:
        """Somebody presses a button of a card, or sends its form."""
        abilities, now = self.desk.capabilities, self.desk.now
        deed = self.db.write(progress.press, pressed, who, values, abilities, RULES, now)
        return await self.tried("press", deed, pressed.incident)

    async def take(self, incident: int, who: Person) -> None:
        """Somebody takes it."""
        deed = self.db.write(ownership.take, incident, who, RULES, self.desk.now)
        if await self.tried("take", deed, incident):
            self.book.owns(incident, who.user_id, self.desk.now)

    async def release(self, incident: int, who: Person) -> None:
        """Somebody gives it back."""
        deed = self.db.write(ownership.release, incident, who, RULES, self.desk.now)
        if await self.tried("release", deed, incident):
            self.book.owns(incident, None, self.desk.now)

    async def hand_over(self, incident: int, who: Person, to: Person) -> None:
        """Somebody hands it over."""
        deed = self.db.write(ownership.hand_over, incident, who, to, RULES, self.desk.now)
        if await self.tried("hand over", deed, incident, to.user_id):
            self.book.owns(incident, to.user_id, self.desk.now)

    async def note(self, incident: int, who: Person, words: str) -> None:
        """Somebody leaves a note."""
        await self.tried("note", self.db.write(asides.note, incident, who, words, self.desk.now), incident)

    async def call_for_help(self, incident: int, who: Person, words: str) -> None:
        """Somebody calls for help."""
        deed = self.db.write(asides.call_for_help, incident, who, words, self.desk.now)
        await self.tried("help", deed, incident)

    async def correct(self, pressed: Press, who: Person, turn: int, words: str) -> None:
        """Somebody puts an answer right."""
        deed = self.db.write(correcting.correct, pressed, turn, words, who, RULES, self.desk.now)
        await self.tried("correct", deed, pressed.incident)

    async def reopen(self, pressed: Press, who: Person, why: str) -> None:
        """Somebody opens a closed incident again."""
        deed = self.db.write(reopening.by_hand, pressed, who, why, "/charger", RULES, self.desk.now)
        await self.tried("reopen", deed, pressed.incident)

    async def park(self, pressed: Press, who: Person) -> None:
        """Somebody parks it until the morning."""
        now = self.desk.now
        deed = self.db.write(pausing.park, pressed, who, RULES, now)
        if await self.tried("park", deed, pressed.incident):
            page = self.book.page(pressed.incident)
            morning = datetime.combine(now.date(), MORNING, UTC)
            page.parked = [morning if morning > now else morning + timedelta(days=1)]
            self.book.owns(pressed.incident, page.owner or who.user_id, now)

    async def mute(self, incident: int, who: Person, days: int) -> None:
        """Somebody mutes the station for so many days."""
        day = (self.desk.now + timedelta(days=days)).date()
        deed = self.db.write(pausing.mute, incident, who, day.isoformat(), "rebuilt", RULES, self.desk.now)
        if await self.tried("mute", deed, incident):
            station = self.now.incidents[incident].station_id
            self.book.muted[station] = [datetime.combine(day, MORNING, UTC)]

    async def unmute(self, incident: int, who: Person) -> None:
        """Somebody ends that early."""
        deed = self.db.write(pausing.unmute, incident, who, RULES, self.desk.now)
        if await self.tried("unmute", deed, incident):
            self.book.muted[self.now.incidents[incident].station_id] = []

    async def take_off_own(self, incident: int, who: Person, fields: Mapping[str, str]) -> None:
        """Whoever handed a visit over takes their own locks off."""
        deed = self.db.write(locks.take_off_own, incident, fields, who, RULES, self.desk.now)
        await self.tried("own locks", deed, incident)

    async def answered(self, incident: int, turn: int, outcome: Outcome, sent_at: datetime) -> None:
        """The portal answers a restart: any one ever sent, also one the incident has moved on from."""
        told, now = Command("c-1", outcome, "late"), self.desk.now
        self.book.deed = Deed("answer")
        await self.db.write(commands.answered, incident, turn, told, sent_at, now, RULES)

    # What always holds

    async def holds(self) -> None:
        """Check what was done; then the courier has its turn, and what it did is checked."""
        await self._look_round()
        self.book.deed = Deed("courier")
        if self.rests:
            self.rests -= 1
            return
        while await self._courier.run_due():
            await self._beside.drain()
            await self._look_round()
        gates.check_told(self.now, self.town)
        pushes = self.town.pushes()
        check_pushes(pushes[self._pushes :], self.now, self.town)
        self._pushes = len(pushes)
        waiting = any(row.state in WAITING for row in self.now.rows)
        if not waiting and self._compared != self.now and not self.known:
            await check_cards(self.db, self.now, self.town)
            gates.check_standing(self.now, self.town, self.desk.now)
            self._compared = self.now

    async def settles(self) -> None:
        """However bad the day was, in the end everything is out."""
        self.rests = 0
        lost_answers = len(self.town.weather)  # each is asked about after a minute: three rounds
        for _ in range(40 + 3 * lost_answers):
            await self.holds()
            wake = await self._courier.next_wake()
            if wake is None:
                return
            self.real.move(timedelta(seconds=max(wake, 20.0)))
        raise AssertionError("the courier is never done")

    async def _look_round(self) -> None:
        before, self.now = self.now, await self.db.read(snapshot)
        for number, incident in self.now.incidents.items():
            known = before.incidents.get(number)
            made, moves = len(before.moves.get(number, ())), self.now.moves[number]
            assert incident.turn == len(moves)
            law.check_moves(moves, made, known.technician if known else None)
            law.check_restarts(self.now, number, self.portal.sent)
            for move in moves[made:]:
                self._write_down(number, move)
            assert incident.owner == self.book.page(number).owner, f"{number} after {self.book.deed}"
            self.done[incident.step] += 1
            if not self.known:
                await self._is_not_forgotten(number)
        gates.check_locks(before, self.now)
        if not self.known:
            drawing = drawing_of(self.db, self.desk.capabilities, self.clock)
            self.done["cabinet shown"] += await gates.check_drawn(self.db, self.now, drawing)
        still_open = [one.station_id for one in self.now.incidents.values() if one.closed_at is None]
        assert len(still_open) == len(set(still_open))
        dead = [(row.key, row.reason) for row in self.now.rows if row.state == "dead"]
        assert {reason for _, reason in dead} <= {NOT_UNDER_A_LOCK}, dead
        new = [row for row in self.now.rows if row.id > self._rows]
        check_calls(Call(row, self.now, self.book, self.desk.capabilities) for row in new if row.ring)
        self._rows = max((row.id for row in new), default=self._rows)

    def _write_down(self, incident: int, move: Moved) -> None:
        """What a move does to ownership and to peace, by the product's words."""
        self.done[f"{move.step}.{move.choice}"] += 1
        page = self.book.page(incident)
        if move.choice == "reopened":
            page.parked = []
            if move.actor != RELINK.user_id:
                self.book.owns(incident, move.actor, move.at)
            return
        if move.step in PROOF and move.to_step not in {*PROOF, CLOSED}:
            page.parked = []  # it was back and is down once more: that is another matter than the one that was parked
        if move.actor == RELINK.user_id or not ROLES[move.actor] & DESK:
            return
        page.parked = []
        choice, for_desk = law.meant_for(move, DESK)
        if for_desk and page.owner is None:
            self.book.owns(incident, move.actor, move.at)
        if "parks" in choice:
            page.parked = [move.at + RULES.timings[choice["parks"]]]

    async def _is_not_forgotten(self, number: int) -> None:
        """A closed incident has no timer; an open one is looked at, waits for an answer, or shows a way to go on."""
        incident, armed = self.now.incidents[number], self.now.timers[number]
        if incident.closed_at is not None:
            assert armed == {}
            return
        waits = any(row.turn == incident.turn for row in self.now.commands(number))
        assert "look" in armed or waits or await self.buttons(number), f"{number} waits for nothing"
        ends = self.book.page(number).parked
        if ends and self.book.has_peace(incident, self.desk.now):
            assert "wake" in armed, f"{number} is never called again"
        elif ends and "wake" not in armed and waits_for_support(incident, RULES.runbook):
            last = max((move.at for move in self.now.moves[number]), default=incident.opened_at)
            woken = [one.created_at for one in self.now.lines(number) if one.ring == "waking"]
            assert last >= max(ends) or any(at >= max(ends) for at in woken), f"{number} was not called again"

    # Seeing

    async def facts(self, incident: int) -> CardFacts:
        """What is known of an incident."""
        known = await drawing_of(self.db, self.desk.capabilities, self.clock).facts(incident)
        assert known is not None
        return known

    async def buttons(self, incident: int) -> list[str]:
        """The buttons a person would see now: on the card, and on the card of the visit."""
        known, drawing = await self.facts(incident), drawing_of(self.db, self.desk.capabilities, self.clock)
        values = pressable(drawing.card(known).blocks)
        technician = known.incident.technician
        if technician is not None:
            there = await self.db.read(visit_facts.of_visit, known.incident)
            values += pressable(drawing.visit(known, there, technician).blocks)
        return values
