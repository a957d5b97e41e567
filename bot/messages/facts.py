"""From rows to the plain facts a template gets. Names from outside are `Outside`; times stay times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.clock import next_time
from bot.knowledge import (
    Known,
    abilities,
    asked,
    charging,
    for_choices,
    gates_of,
    hold,
    holding,
    waits_for_support,
)
from bot.messages import past
from bot.messages.text import Outside
from bot.people import RELINK
from bot.portal.contract import Capabilities
from bot.runbook.judge_forms import TO_MEASURE
from bot.runbook.model import Gate, Runbook
from bot.runbook.record import checks
from db import locks, queries
from db.locks import Lock
from db.queries import IncidentNow, Moved, Said

BY_HAND = frozenset({"sent-by-hand", "sent-earlier"})
"""The choices by which a person tells of a restart they sent in the portal."""
WHEN_IT_ENDS = frozenset({"when-it-ends", "when-it-ends-again"})
"""The choices by which a person orders a restart for the end of a charging session; Relink sends it then."""

_BETWEEN: Mapping[str, str] = {
    "l1-l2": "L1 to L2",
    "l1-ground": "L1 to ground",
    "l2-ground": "L2 to ground",
}
_NO_CALL: Mapping[str, str] = {"active": "", "cap": "", "carrier": "", "defective": ""}
"""The answers about the SIM before anybody has called ChargePoint Support."""

_TOLD_TIMINGS = (
    *("look", "take", "look-seldom", "provider", "outage-look", "outage", "restart-wait", "again", "accept"),
    *("gate", "silence"),
)
"""Our own lengths of time that messages name; underscores stand for dashes there."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything a card, a line or a log of one incident is drawn from."""

    incident: IncidentNow
    for_choices: Mapping[str, str]
    gates: frozenset[Gate]
    words: Mapping[str, Any]


def of_incident(
    session: Session,
    incident_id: int,
    runbook: Runbook,
    capabilities: Capabilities,
    timings: Mapping[str, timedelta],
    callable_groups: Mapping[str, Sequence[str]],
    park_at: time,
    now: datetime,
) -> CardFacts | None:
    """The facts of an incident as it is now; None if there is no such incident."""
    incident = queries.incident(session, incident_id)
    if incident is None:
        return None
    capabilities = abilities(incident, capabilities)
    rows = queries.answers(session, incident_id)
    held = holding(rows)
    moves = queries.moves(session, incident_id)
    words: dict[str, Any] = {
        **_station(incident),
        **_standing(session, incident),
        **past.seen_before(session, incident, now),
        "likely": past.likely(session, incident, runbook),
        "charging": charging(incident, held, timings["look"], now),
        "sessions": held["active_sessions"].value if "active_sessions" in held else None,
        "sessions_as_of": incident.looked_at if "active_sessions" in held else None,
        "alert_active": _value(held, "alert_active"),
        "online": _value(held, "online"),
        "nearby": _value(held, "nearby"),
        "signal": _value(held, "signal") or {"bars": None, "weak": None},
        "configuration": _value(held, "configuration") or {"outcome": None, "ms": None},
        "read_at": incident.looked_at,
        "asked": (who := asked(incident, capabilities, runbook, now)),
        "waits": waits_for_support(incident, runbook),
        "looks_up": who == "person" and _asks_first(runbook, incident.step),
        "park_at": park_at,
        "rests": _rests_till_morning(incident, park_at, now),
        "restart": restart(moves, rows, incident),
        "checks": checks(runbook, moves, back=incident.back_at is not None),
        "portal": {"restart": capabilities.restart.value, "status": capabilities.status.value},
        "sim": {**_NO_CALL, **(_value(held, "sim-status") or {})},
        **{name.replace("-", "_"): timings[name] for name in _TOLD_TIMINGS},
        "boot_look_seconds": int(timings["boot-look"].total_seconds()),
        "hold": hold(session, incident, timings, now),
        "called": "",
        **_callable(incident, callable_groups),
        "now": now,
    }
    facts = for_choices(session, incident, capabilities, runbook, timings, now)
    return CardFacts(incident, facts, gates_of(incident, timings, now), words)


def _callable(incident: IncidentNow, groups: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    """Whom calls for the desk and for the leads reach; in a drill whoever began it, and nobody else."""
    if incident.drill:
        alone = [incident.owner] if incident.owner else []
        return {"support": alone, "leads": alone}
    return {"support": list(groups["support"]), "leads": list(groups["lead"])}


def _rests_till_morning(incident: IncidentNow, park_at: time, now: datetime) -> bool:
    """Is it parked for as long as the button to park it would?"""
    morning = next_time(park_at, park_at.tzinfo or UTC, now)
    return incident.parked_until is not None and incident.parked_until >= morning


def outside(value: str | None) -> Outside | str:
    """Text from outside, marked as such; empty where there is none."""
    return Outside(value) if value else ""


def as_told(move: Moved, answers: Sequence[Said]) -> Mapping[str, Any]:
    """A move as a template tells it: step, choice, by, at, and `said`, what its form was submitted with."""
    said = [row.value for row in answers if row.turn == move.turn and isinstance(row.value, dict)]
    fields = {key: _field(key, value) for values in said for key, value in values.items()}
    return {
        "step": move.step,
        "choice": move.choice,
        "by": move.actor,
        "name": outside(move.actor_name),
        "at": move.at,
        "said": fields,
    }


def _asks_first(runbook: Runbook, step: str) -> bool:
    """Does this step ask the portal before it asks a person?"""
    automatic = runbook.steps[step].automatic
    return automatic is not None and not automatic.beside


def told_lock(lock: Lock) -> Mapping[str, Any]:
    """A lock as templates tell it; breaker, tag and name were typed by people."""
    return {
        "circuit": lock.circuit,
        "breaker": outside(lock.breaker),
        "tag": outside(lock.tag),
        "technician": lock.technician,
        "name": outside(lock.technician_name),
        "on_at": lock.on_at,
        "measured_at": lock.measured_at,
        "off_at": lock.off_at,
        "off_why": outside(lock.off_why),
    }


def volts_found(readings: Mapping[str, str]) -> str:
    """What of the readings at the contactor input was not 0: "118 V, L1 to ground"; empty if all of it was."""
    found = [(_BETWEEN[name], float(readings[name])) for name in TO_MEASURE]
    return "; ".join(f"{volts:g} V, {where}" for where, volts in found if volts != 0)


def _field(name: str, value: Any) -> Any:
    """One answer of a form; a moment (`at`) was sent in Unix seconds."""
    if name == "at" and isinstance(value, str) and value.isdecimal():
        return datetime.fromtimestamp(int(value), UTC)
    return outside(str(value))


def restart(moves: Sequence[Moved], answers: Sequence[Said], incident: IncidentNow) -> Mapping[str, Any]:
    """The last restart: by whom, when, what the portal said; all None before the first.

    One that waited for a charging session to end is by whoever ordered it, and was `ordered_at` that time.
    """
    sent = [move for move in moves if (move.step, move.to_step) == ("restart-station", "wait-for-reconnect")]
    if not sent:
        return {"by": None, "at": None, "ordered_at": None, "outcome": None, "answered_at": None, "count": 0}
    last = sent[-1]
    told = [row for row in answers if row.name == "restart" and row.turn > last.turn]
    entered = as_told(last, answers)["said"].get("at")
    orders = [move for move in moves if move.choice in WHEN_IT_ENDS and move.turn < last.turn]
    order = orders[-1] if last.actor == RELINK.user_id and orders else None
    return {
        "by": order.actor if order else last.actor,
        "ordered_at": order.at if order else None,
        "at": entered if isinstance(entered, datetime) else last.at,
        "by_hand": last.choice in BY_HAND,
        "outcome": told[-1].value["outcome"] if told else None,
        "answered_at": told[-1].at if told else None,
        "count": incident.restarts,
    }


def _station(incident: IncidentNow) -> Mapping[str, Any]:
    return {
        "label": incident.label,
        "name": outside(incident.name),
        "site": outside(incident.site),
        "area": outside(incident.area),
        "carrier": outside(incident.carrier),
        "generation": incident.generation,
        "flagged_at": incident.modem_flagged_at,
        "flag_reason": incident.modem_flag_reason or "",
    }


def _standing(session: Session, incident: IncidentNow) -> Mapping[str, Any]:
    return {
        "reference": incident.reference,
        "standing_at": _in_words(incident.step),
        "step": incident.step,
        "origin": incident.origin_step,
        "owner": incident.owner,
        "opened_at": incident.opened_at,
        "raised_at": incident.raised_at,
        "last_communication": incident.last_communication,
        "entered_at": incident.entered_at,
        "deadline_at": incident.deadline_at,
        "promised_at": incident.promised_at,
        "technician": incident.technician or "",
        "technician_name": outside(incident.technician_name),
        "locks": [told_lock(lock) for lock in locks.standing(session, incident.id)] if incident.locks else [],
        "zero_at": incident.zero_at,
        "needs": incident.needs or "none",
        "hazard": incident.hazard or "",
        "visit": incident.visit or "none",
        "planned_at": incident.planned_at,
        "parked_until": incident.parked_until,
        "muted_until": incident.muted_until,
        "next_look": queries.next_look(session, incident.id),
        "first_person_at": incident.first_person_at,
        "back_at": incident.back_at,
        "closed_at": incident.closed_at,
        "without_contact": incident.without_contact,
        "fix": incident.fix,
        "finding": incident.finding,
        "reopenings": incident.reopenings,
        "drill": incident.drill,
    }


def _in_words(step: str) -> str:
    """A step's id as words of a sentence."""
    return step.replace("-", " ")


def _value(held: Mapping[str, Known], name: str) -> Any:
    known = held.get(name)
    return known.value if known else None
