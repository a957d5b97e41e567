"""How an incident goes from one step to the next. Everything that moves one, a click or a timer, passes here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.orm import Session

from bot.errors import Refused, StaleChoice
from bot.incidents import arming, locks, practice, telling
from bot.incidents.rules import Rules
from bot.knowledge import gates_of
from bot.messages import outbox
from bot.people import RELINK, SUPPORT_DESK, Person
from bot.runbook.model import CLOSED, Automatic, Gate, Phase, Since
from bot.runbook.moves import Taken, automatic_of
from db.models import Incident, Move, Timer
from db.queries import LEFT, IncidentNow
from db.statements import ready, rows_changed, table_of

NOT_BACK = frozenset(
    {"false alarm", "could not complete", "coverage finding", "no power (not communications)"}
)
"""Fixes that end an incident without the station having come back."""

NOTHING: Mapping[str, Any] = {}

VISITED = frozenset({Phase.VISIT, Phase.ON_SITE, Phase.PROOF})
"""The phases in which a visit that was given to somebody stays theirs."""

_INCIDENTS = table_of(Incident)
_GO_ON = ready(
    update(_INCIDENTS).where(
        _INCIDENTS.c.id == bindparam("incident"),
        _INCIDENTS.c.turn == bindparam("left_turn"),
        _INCIDENTS.c.closed_at.is_(None),
    )
)
_GO_ON_AND_OWN = ready(_GO_ON.values(owner=func.coalesce(_INCIDENTS.c.owner, bindparam("person"))))
_KEEP_MOVE = ready(insert(table_of(Move)))


def enter(
    session: Session,
    now_at: IncidentNow,
    taken: Taken,
    actor: Person,
    rules: Rules,
    now: datetime,
    kept: Mapping[str, Any] = NOTHING,
) -> None:
    """Make one move: the step changes, the move is kept, timers and messages follow, all in this transaction.

    `kept` is what a form's answers become of the incident (see `bot.incidents.values`). A move by somebody of
    the support desk takes ownership where nobody has it. Raises StaleChoice when somebody
    else moved the incident first, and Refused for a restart or a closing while a removed lock left a hazard, and
    for a visit in a drill; then nothing was written.
    """
    if now_at.hazard and (taken.does or taken.promises or taken.closes):
        raise Refused(f"After a lock was removed {now_at.hazard}. Settle that first; nothing was done.")
    practice.refuse_move(now_at, taken, rules)
    values = _after(now_at, taken, actor, rules, now, kept)
    guard: dict[str, Any] = {"incident": now_at.id, "left_turn": now_at.turn}
    if actor.may_own and _is_for_support(now_at, taken, rules):
        moved = session.execute(_GO_ON_AND_OWN, {**values, **guard, "person": actor.user_id})
    else:
        moved = session.execute(_GO_ON, {**values, **guard})
    if rows_changed(moved) == 0:
        raise StaleChoice("Somebody was first. The card now shows how it stands.")
    move = {
        "incident_id": now_at.id,
        "turn": now_at.turn,
        "step": now_at.step,
        "choice": taken.choice,
        "to_step": taken.to,
        "actor": actor.user_id,
        "actor_name": actor.name or None,
        "at": now,
        "runbook": rules.runbook.digest,
    }
    session.execute(_KEEP_MOVE, move)
    if now_at.zero_at is not None and values["zero_at"] is None:
        locks.measure_anew(session, now_at.id)
    after = telling.standing(now_at, values)
    _arm_step(session, now_at, after, taken, values, rules, now)
    outbox.put(session, telling.rows(session, now_at, after, taken, actor, rules, now))


def _is_for_support(now_at: IncidentNow, taken: Taken, rules: Rules) -> bool:
    """Is this the desk's to do? Whoever does a technician's part, desk or not, has the visit, not the incident."""
    step = rules.runbook.steps[now_at.step]
    everywhere = {every.choice.id: every.choice for every in rules.runbook.everywhere}
    choice = step.choice(taken.choice) or everywhere.get(taken.choice)
    return choice is None or bool((choice.by or step.by) & SUPPORT_DESK)


def _ends(step: str, rules: Rules) -> bool:
    """Is this the step from which an incident is closed?"""
    return any(choice.to == CLOSED for choice in rules.runbook.steps[step].choices)


def look_now(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """Look at this incident at once, unless its next look was promised for a minute or none is due at all."""
    automatic = automatic_of(rules.runbook, incident.step, gates_of(incident, rules.timings, now))
    if automatic is None or not automatic.first_look:
        return
    session.execute(
        update(Timer).where(Timer.incident_id == incident.id, Timer.kind == "look").values(due_at=now)
    )


def first_look(automatic: Automatic, entered: datetime, deadline: datetime | None) -> datetime | None:
    """When a step's automatic way is asked first; None when something else must arm it."""
    return entered if automatic.first_look else deadline


def deadline_of(
    automatic: Automatic | None,
    incident: IncidentNow,
    taken: Taken,
    rules: Rules,
    now: datetime,
    promised: datetime | None = None,
) -> datetime | None:
    """When this step's wait is over, fixed on entry; None without one or while its beginning is not known."""
    if automatic is not None and automatic.since is Since.PROMISED:
        return promised
    if automatic is None or automatic.lasts is None:
        return None
    if automatic.since is Since.ANSWER and taken.does is not None:
        return None
    began = now
    if automatic.since is Since.LAST_COMMUNICATION and incident.last_communication is not None:
        began = min(incident.last_communication, now)
    return began + automatic.lasts.length(rules.timings)


def _after(
    before: IncidentNow, taken: Taken, actor: Person, rules: Rules, now: datetime, kept: Mapping[str, Any]
) -> dict[str, Any]:
    kept = dict(kept)
    began = kept.pop("sent_at", now)
    values: dict[str, Any] = {
        "turn": before.turn + 1,
        "version": before.version + 1,
        "entered_at": now,
        "attempts": 0,
        "rung_step": telling.calls(before, taken, actor) is not None,
        "deadline_at": None,
        "promised_at": taken.promises and now + taken.promises.length(rules.timings),
        "parked_until": _rest(before, taken, actor, rules, now),
        "zero_at": (before.zero_at or now) if Gate.ZERO_VOLTS in taken.gates_after else None,
        "first_day": LEFT if before.listed and _fails_again(before, taken, rules) else before.first_day,
        **_visit(before, taken, rules),
        **_marks(before, taken, rules, now, began),
        **kept,
    }
    values |= _given_back(values)
    if actor is not RELINK:
        values["first_person_at"] = before.first_person_at or now
    if taken.closes:
        return values | {"closed_at": now}
    automatic = automatic_of(rules.runbook, taken.to, taken.gates_after)
    return values | {
        "step": taken.to,
        "origin_step": before.step,
        "deadline_at": deadline_of(automatic, before, taken, rules, began, values["promised_at"]),
    }


def _rest(before: IncidentNow, taken: Taken, actor: Person, rules: Rules, now: datetime) -> datetime | None:
    """Until when nobody is called: whoever wanted peace keeps it until the desk goes on, or it is down once more."""
    if taken.parks is not None:
        return now + taken.parks.length(rules.timings)
    ends = actor.may_own or taken.closes or _fails_again(before, taken, rules)
    until = before.parked_until
    return until if until is not None and now < until and not ends else None


def _fails_again(before: IncidentNow, taken: Taken, rules: Rules) -> bool:
    """Was the station back, and is it not any more?"""
    return telling.is_proof(before.step, rules) and not (taken.closes or telling.is_proof(taken.to, rules))


def _visit(before: IncidentNow, taken: Taken, rules: Rules) -> dict[str, Any]:
    """The visit, which stays with its technician until triage begins anew."""
    stays = taken.closes or rules.runbook.steps[taken.to].phase in VISITED
    names = ("technician", "technician_name", "visit", "planned_at")
    return {name: getattr(before, name) if stays else None for name in names}


def _given_back(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whose visit is "none" has no technician."""
    if values["visit"] != "none":
        return {}
    return {"visit": None, "technician": None, "technician_name": None, "planned_at": None}


def _marks(
    before: IncidentNow, taken: Taken, rules: Rules, now: datetime, began: datetime
) -> Mapping[str, Any]:
    """What a move says about the repair: the remedy (at `began`), the fix so far, whether the station is back."""
    marks: dict[str, Any] = {
        key: value for key, value in taken.sets.items() if key in {"fix", "finding", "visit", "needs"}
    }
    if taken.remedy:
        marks["remedy_at"] = began
        if rules.runbook.steps[before.step].phase is Phase.REMOTE:
            marks |= {"restarts": before.restarts + 1, "tried": True}
    if taken.to == CLOSED:
        return marks
    proving = rules.runbook.steps[taken.to].phase is Phase.PROOF and marks.get("fix") not in NOT_BACK
    if proving and before.back_at is None and before.fix not in NOT_BACK:
        # Straight from triage or a visit to the log nothing was seen back.
        unproved = not telling.is_proof(before.step, rules) and _ends(taken.to, rules)
        marks |= {} if unproved else {"back_at": now}
        heals = rules.runbook.steps[before.step].heals
        if heals is not None and before.fix is None and not unproved:
            marks.setdefault("fix", heals)
    elif not proving:
        # Down again: what seemed to have fixed it did not. What is done on site adds up.
        proved = rules.runbook.steps[before.step].phase is Phase.PROOF
        marks = {"back_at": None} | ({"fix": None} if proved else {}) | marks
    return marks


def _arm_step(
    session: Session,
    before: IncidentNow,
    after: IncidentNow,
    taken: Taken,
    values: Mapping[str, Any],
    rules: Rules,
    now: datetime,
) -> None:
    # Also whoever was called for the step before is not missed any more; a new ring arms this anew.
    arming.disarm_all(session, before.id)
    if taken.closes:
        return
    automatic = automatic_of(rules.runbook, taken.to, taken.gates_after)
    due = first_look(automatic, now, values["deadline_at"]) if automatic else None
    if due is not None:
        arming.arm(session, before.id, arming.LOOK, before.turn + 1, due)
    _arm_gates(session, before, taken, values, rules, now)
    if before.drill:
        arming.arm(
            session, before.id, arming.DRILL, before.turn + 1, before.opened_at + rules.timings["drill"]
        )
    if (quiet_until := after.quiet_until(now)) is not None:
        arming.arm(session, before.id, arming.WAKE, before.turn + 1, quiet_until)


def _arm_gates(
    session: Session,
    before: IncidentNow,
    taken: Taken,
    values: Mapping[str, Any],
    rules: Rules,
    now: datetime,
) -> None:
    """While a lock is on its technician's silence is noticed; what was measured holds for some hours only."""
    turn = before.turn + 1
    if Gate.LOCK_ON in taken.gates_after:
        silence, spoke = rules.timings["silence"], values.get("spoke_at") or before.spoke_at or now
        # Overdue already: whatever Relink moved under a lock has just called the leads.
        due = spoke + silence if spoke + silence > now else now + silence
        arming.arm(session, before.id, arming.SILENT, turn, due)
    if values["zero_at"] is not None:
        arming.arm(session, before.id, arming.GATE, turn, values["zero_at"] + rules.timings["gate"])
