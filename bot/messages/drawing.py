"""Draws what a delivery shows from the incident as it is at this moment, not as it was when the row was written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import buttons, facts, log_facts, visit_facts
from bot.messages.facts import CardFacts
from bot.messages.queue import Parcel
from bot.messages.render import Message, Renderer
from bot.messages.text import without_mentions
from bot.portal.contract import Capabilities
from bot.runbook.model import Runbook
from db import queries
from db.writer import Database


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message ready to go, and which version of which incident it shows."""

    message: Message
    version: int
    reference: str


Draughtsman = Callable[[Parcel], Awaitable[Drawn | None]]


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

    async def __call__(self, parcel: Parcel) -> Drawn | None:
        """The message of this row; None if its incident is gone."""
        known = await self.facts(parcel.incident)
        if known is None:
            return None
        if parcel.kind == "card":
            return Drawn(self.card(known), known.incident.version, known.incident.reference)
        if parcel.kind == "visit":
            there = await self.db.read(visit_facts.of_visit, known.incident)
            message = self.visit(known, there, parcel.payload["to"])
            return Drawn(message, known.incident.version, known.incident.reference)
        return Drawn(
            await self._line(known, str(parcel.template), parcel.payload), 1, known.incident.reference
        )

    async def log(self, incident_id: int) -> Message | None:
        """The repair log of the incident's last closing; None before the first."""
        known, payload = await self.facts(incident_id), await self.db.read(log_facts.last, incident_id)
        return None if known is None or payload is None else await self._line(known, log_facts.LOG, payload)

    async def _line(self, known: CardFacts, template: str, payload: Mapping[str, Any]) -> Message:
        words = {**known.words, **await self.db.read(_line_words, known.incident.id, payload)}
        if template == log_facts.LOG:
            words |= await self.db.read(log_facts.of_incident, known.incident, self.runbook, payload)
        return self.render.message(template, words)

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
            left = buttons.of_closed(known, self.render)
            return self.render.message("closed.j2", known.words, buttons=left, stamp=incident.version)
        mine, menu = buttons.of_card(known, self.runbook, self.render)
        template = self.runbook.steps[incident.step].says
        return self.render.message(template, known.words, buttons=mine, menu=menu, stamp=incident.version)

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


def quiet(drawn: Drawn) -> Drawn:
    """The card for its first moment in the channel, where a mention would ring somebody: without one.

    Its version is 0 where somebody was mentioned: an edit, which rings nobody, follows with the names.
    """
    message = drawn.message
    hushed = replace(message, text=without_mentions(message.text), blocks=_hushed(message.blocks))
    return drawn if hushed == message else replace(drawn, message=hushed, version=0)


def _hushed(part: Any) -> Any:
    match part:
        case str():
            return without_mentions(part)
        case list():
            return [_hushed(each) for each in part]
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
