"""Draws what a delivery shows from the incident as it is at this moment, not as it was when the row was written."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import buttons, facts, gaps, limits, list_facts, log_facts, notices, visit_facts
from bot.messages.blocks import Block
from bot.messages.facts import CardFacts
from bot.messages.outbox import GAP, LIST, NOTE, SELF, card_key
from bot.messages.queue import Parcel
from bot.messages.render import Message, Renderer
from bot.messages.text import without_mentions
from bot.portal.contract import Capabilities
from bot.runbook.model import Runbook
from db import notices as written
from db import queries
from db.notices import Told
from db.queries import IncidentNow
from db.writer import Database

MARK: Final = "DRILL · "
"""How every message of a drill begins."""
LATE: Final = timedelta(minutes=5)
"""From this age on a call is looked at again before it rings (the procedure's time)."""
NOT_TAKEN: Final = "rings/not-taken.j2"
NOT_CALLED: Final = "Too late to call anybody: "
"""How a call begins that calls nobody any more."""
_CALLED: Final = re.compile(r"^(?:<[@!][^<>]+>\s*)+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message ready to go, and which version of which incident it shows; or of which other `subject`."""

    message: Message
    version: int
    reference: str
    subject: str = "incident"
    outdated: bool = False
    """A call that comes so late that nobody is needed for it any more: it rings nobody."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file ready to go: `alt` says what it shows to those who cannot see it."""

    filename: str
    title: str
    content: bytes
    alt: str


Draughtsman = Callable[[Parcel], Awaitable[Drawn | None]]
ChartMaker = Callable[[Parcel], Awaitable[Picture]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws cards, thread lines and logs."""

    db: Database
    render: Renderer
    runbook: Runbook
    timings: Mapping[str, timedelta]
    groups: Mapping[str, Sequence[str]]
    """Whom to call: `support` and `lead`, Slack user groups or users."""
    capabilities: Callable[[], Capabilities]
    clock: Clock
    park_at: time = time(7)
    """When a parked incident calls again, in the zone of the sites: it stands on a button."""
    command: str = "/charger"
    """What people type."""

    async def __call__(self, parcel: Parcel) -> Drawn | None:
        """The message of this row; None if its incident is gone."""
        if parcel.kind == LIST:
            version, listed = await self.db.read(list_facts.of_first_day)
            words = {**listed, "command": self.command}
            return Drawn(self.render.message(str(parcel.template), words, stamp=version), version, LIST)
        if parcel.kind in (GAP, NOTE):
            told = parcel.payload if parcel.kind == NOTE else await self._of_gap(parcel.payload)
            return Drawn(self.render.message(str(parcel.template), told), 1, parcel.key, parcel.kind)
        if parcel.kind == SELF:
            notice = await self.db.read(written.told, parcel.payload["notice"])
            return None if notice is None else self._of_self(parcel, notice)
        known = await self.facts(parcel.incident)
        if known is None:
            return None
        if parcel.kind == "card":
            return Drawn(self.card(known), known.incident.version, known.incident.reference)
        if parcel.kind == "visit":
            there = await self.db.read(visit_facts.of_visit, known.incident)
            message = self.visit(known, there, parcel.payload["to"])
            return Drawn(message, known.incident.version, known.incident.reference)
        line = await self._line(known, str(parcel.template), parcel.payload)
        if is_outdated(parcel, known.incident, self.clock.now()):
            return Drawn(_late(line), 1, known.incident.reference, outdated=True)
        return Drawn(line, 1, known.incident.reference)

    async def _of_gap(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self.db.read(gaps.facts, payload, self.clock.now())

    def _of_self(self, parcel: Parcel, told: Told) -> Drawn:
        version = 1 if told.over_at is None else 2
        message = self.render.message(str(parcel.template), notices.words(told))
        return Drawn(message, version, parcel.key, SELF)

    async def log(self, incident_id: int) -> Message | None:
        """The repair log of the incident's last closing; None before the first."""
        known, payload = await self.facts(incident_id), await self.db.read(log_facts.last, incident_id)
        return None if known is None or payload is None else await self._line(known, log_facts.LOG, payload)

    async def _line(self, known: CardFacts, template: str, payload: Mapping[str, Any]) -> Message:
        words = {**known.words, **await self.db.read(_line_words, known.incident.id, payload)}
        if template == log_facts.LOG:
            words |= await self.db.read(log_facts.of_incident, known.incident, self.runbook, payload)
        return _marked(self.render.message(template, words), known)

    async def facts(self, incident_id: int) -> CardFacts | None:
        """The facts of an incident now."""
        return await self.db.read(
            facts.of_incident,
            incident_id,
            self.runbook,
            self.capabilities(),
            self.timings,
            self.groups,
            self.park_at,
            self.clock.now(),
        )

    def card(self, known: CardFacts) -> Message:
        """The incident's card."""
        incident = known.incident
        if incident.closed_at is not None:
            left, stamp = buttons.of_closed(known, self.render), incident.version
            closed = self.render.message("closed.j2", known.words, buttons=left, stamp=stamp)
            return _marked(closed, known)
        mine, menu = buttons.of_card(known, self.runbook, self.render)
        template, stamp = self.runbook.steps[incident.step].says, incident.version
        card = self.render.message(template, known.words, buttons=mine, menu=menu, stamp=stamp)
        return _marked(card, known)

    def visit(self, known: CardFacts, there: Mapping[str, Any], technician: str) -> Message:
        """The technician's own card of the visit; whoever it was taken from is told only that."""
        incident, words = known.incident, {**known.words, **there}
        words["mine"] = [lock for lock in words["locks"] if lock["technician"] == technician]
        if incident.technician != technician:
            own = buttons.own_locks(known, technician) if words["mine"] else ()
            return self.render.message("visit/off.j2", words, buttons=own, stamp=incident.version)
        if incident.closed_at is not None:
            return self.render.message("visit/closed.j2", words, stamp=incident.version)
        mine, menu = buttons.of_visit(known, self.runbook, self.render)
        step = self.runbook.steps[incident.step]
        template = step.tells or "visit/waiting.j2"
        if step.needs - known.gates:
            # A gate that is not open now shows nothing, whatever step the incident stands on.
            mine, template = (), "visit/withheld.j2"
        return self.render.message(template, words, buttons=mine, menu=menu, stamp=incident.version)


def _marked(message: Message, known: CardFacts) -> Message:
    """The message of a drill says so in its text and at the beginning of its first line, whatever it is."""
    if not known.incident.drill:
        return message
    text = f"{MARK}{message.text}"[: limits.UPDATE_TEXT]
    return replace(message, text=text, blocks=[_with_mark(message.blocks[0]), *message.blocks[1:]])


def _with_mark(block: Block) -> Block:
    if block["type"] == "rich_text":
        first, *others = block["elements"]
        mark = {"type": "text", "text": MARK, "style": {"bold": True}}
        return {**block, "elements": [{**first, "elements": [mark, *first["elements"]]}, *others]}
    return {**block, "text": {**block["text"], "text": f"{MARK}{block['text']['text']}"}}


def quiet(drawn: Drawn) -> Drawn:
    """The card for its first moment in the channel, where a mention would ring somebody: without one.

    Its version is 0 where somebody was mentioned: an edit, which rings nobody, follows with the names.
    """
    hushed = _quiet(drawn.message)
    return drawn if hushed == drawn.message else replace(drawn, message=hushed, version=0)


def is_outdated(line: Parcel, incident: IncidentNow, now: datetime) -> bool:
    """Is this a call that waited so long for Slack that what it called for is over?

    Under a lock no call is ever too late, nor is one in a technician's own direct message while the incident is open.
    """
    if not str(line.template).startswith("rings/") or now - line.created_at < LATE or incident.drill:
        return False
    if incident.closed_at is not None:
        return True
    if incident.locks or line.under != card_key(incident.id):
        return False
    if line.template == NOT_TAKEN and incident.owner is not None:
        return True
    return bool(line.payload.get("turn", incident.turn) != incident.turn)


def _late(call: Message) -> Message:
    """The call without those it called."""
    first, *others = call.blocks
    (section,) = first["elements"]
    words = [*section["elements"]]
    while words and (words[0]["type"] != "text" or not words[0]["text"].strip()):
        words.pop(0)
    words = [{**words[0], "text": words[0]["text"].lstrip()}, *words[1:]] if words else []
    said = {**first, "elements": [{**section, "elements": [{"type": "text", "text": NOT_CALLED}, *words]}]}
    return _quiet(replace(call, text=f"{NOT_CALLED}{_CALLED.sub('', call.text)}", blocks=[said, *others]))


def _quiet(message: Message) -> Message:
    return replace(message, text=without_mentions(message.text), blocks=_hushed(message.blocks))


def _hushed(part: Any) -> Any:
    match part:
        case str():
            return without_mentions(part)
        case list():
            return [_hushed(each) for each in part]
        case {"type": "user" | "usergroup"}:
            return {"type": "text", "text": "somebody"}
        case dict():
            return {name: _hushed(each) for name, each in part.items()}
    return part


def _line_words(session: Session, incident_id: int, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a thread line tells: the move that ended its turn, the one before, what its payload brings along."""
    words: dict[str, Any] = {
        "by": facts.outside(payload.get("by")),
        "note": facts.outside(payload.get("note")),
        "called": payload.get("called", ""),
        "until": datetime.fromisoformat(payload["until"]) if "until" in payload else None,
    }
    turn: int = payload.get("turn", -1)
    rows = queries.answers(session, incident_id)
    told = {move.turn: facts.as_told(move, rows) for move in queries.moves(session, incident_id)}
    return words | {"move": told.get(turn), "before": told.get(turn - 1)}
