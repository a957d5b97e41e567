"""What a move makes known: both cards, a command for the portal, and one line in the thread."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.incidents import calling
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.people import RELINK, Person
from bot.runbook.model import CLOSED, Gate, Phase
from bot.runbook.moves import Taken
from db.queries import IncidentNow, visits_of


def rows(
    session: Session,
    before: IncidentNow,
    after: IncidentNow,
    taken: Taken,
    actor: Person,
    rules: Rules,
    now: datetime,
) -> list[outbox.Row]:
    """What a move makes known: both cards, a command, and one line; where somebody is called, the line that calls.

    `after` is `standing` after the move.
    """
    turn, version = before.turn + 1, before.version + 1
    if before.zero_at is not None and after.zero_at is None:
        outbox.blank_views(session, before.id)
    going_out = [outbox.first_day(rules.channel, now)] if before.listed else []
    if after.listed:
        return going_out
    going_out.append(outbox.card(before.id, version, rules.channel, now))
    if taken.does is not None:
        going_out.append(_command(before, taken.does, rules, now))
    called: list[outbox.Row] = []
    if (template := calls(before, taken, actor)) is not None:
        called = calling.rows(session, after, taken.to, turn, template, rules, now, leads=taken.rings_leads)
    if not any(row["under"] == outbox.card_key(before.id) for row in called):
        key, payload = f"{before.id}:{before.turn}:move", {"turn": before.turn}
        going_out.append(outbox.line(before.id, key, "lines/move.j2", payload, now))
    return [*going_out, *called, *_to_technicians(session, before, after, taken, actor, rules, now)]


def _to_technicians(
    session: Session,
    before: IncidentNow,
    after: IncidentNow,
    taken: Taken,
    actor: Person,
    rules: Rules,
    now: datetime,
) -> list[outbox.Row]:
    """The visit's own card for whoever has the visit, or had it; a line where an edit alone would go unheard."""
    version, key = before.version + 1, f"{before.id}:{before.turn + 1}:visit"
    has, had = after.technician, before.technician
    if has is None and had is None:
        return []
    told = visits_of(session, before.id)
    # Also whoever had it before: their own locks may stand, and their card says when those come off.
    cards = dict.fromkeys([*told, *(one for one in (had, has) if one is not None)])
    shuts = before.zero_at is not None and after.zero_at is None
    rows = [outbox.visit(before.id, one, version, now, withdraws=shuts) for one in cards]
    lines: list[tuple[str, str]] = []
    asked_again = taken.sets.get("visit") == "asked" or has != had
    if has is not None and asked_again and has in told:
        lines.append((has, "rings/visit-asked.j2"))
    if had is not None and had not in (has, actor.user_id):
        lines.append((had, "rings/visit-off.j2"))
    if has is not None and actor is RELINK and Gate.LOCK_ON in taken.gates_after:
        # Nobody pressed anything, and whoever stands at the cabinet looks elsewhere than at a card.
        lines.append((has, "rings/gate-shut.j2"))
    if has is not None and had not in (None, has) and taken.gates_after:
        lines.append((has, "rings/follows.j2"))
    if (
        has is not None
        and after.visit != calling.ON_SITE
        and is_proof(taken.to, rules)
        and not is_proof(before.step, rules)
    ):
        lines.append((has, "rings/visit-perhaps-off.j2"))
    return rows + [
        calling.to_technician(before, one, key, template, before.turn + 1, now) for one, template in lines
    ]


def standing(before: IncidentNow, values: Mapping[str, Any]) -> IncidentNow:
    """The incident as calls and cards need it after a move: whose visit it is, and until when it rests."""
    names = ("technician", "visit", "parked_until", "zero_at", "first_day")
    return before._replace(**{name: values[name] for name in names})


def is_proof(step: str, rules: Rules) -> bool:
    """Does this step belong to the proof that the station is back?"""
    return step != CLOSED and rules.runbook.steps[step].phase is Phase.PROOF


def calls(before: IncidentNow, taken: Taken, actor: Person) -> str | None:
    """The template that calls a person for this move, if it does: who made it knows, an owner may not be there."""
    alone = actor is RELINK or taken.rings_always
    if not alone or (taken.rings_owner and before.owner is None):
        return None
    return taken.rings


def _command(before: IncidentNow, does: str, rules: Rules, now: datetime) -> outbox.Row:
    station, expires_at = before.portal_id or before.label, now + rules.timings["restart-expiry"]
    return outbox.command(before.id, before.turn + 1, does, station, expires_at, now)
