"""How an incident goes from one step to the next. Everything that moves one, a click or a timer, passes here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, update
from sqlalchemy.orm import Session

from bot.errors import StaleChoice
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.people import RELINK, Person
from bot.runbook.model import CLOSED, Automatic, Phase, Since
from bot.runbook.moves import Taken, automatic_of
from db.models import Incident, Move, Timer
from db.queries import IncidentNow
from db.statements import Both, ready, table_of

NOT_BACK = frozenset({"false alarm", "could not complete"})
"""Fixes that end an incident without the station having come back."""

NOTHING: Mapping[str, Any] = {}

_INCIDENTS, _TIMERS = table_of(Incident), table_of(Timer)
_GO_ON = ready(
    update(_INCIDENTS).where(
        _INCIDENTS.c.id == bindparam("incident"),
        _INCIDENTS.c.turn == bindparam("left_turn"),
        _INCIDENTS.c.closed_at.is_(None),
    )
)
_GO_ON_AND_OWN = ready(_GO_ON.values(owner=func.coalesce(_INCIDENTS.c.owner, bindparam("person"))))
_KEEP_MOVE = ready(insert(table_of(Move)))
_DISARM_ALL = ready(delete(_TIMERS).where(_TIMERS.c.incident_id == bindparam("incident")))
_DISARM = _DISARM_ALL.where(_TIMERS.c.kind == bindparam("kind"))


def _arm(insert: Any) -> Any:
    made = insert(_TIMERS)
    anew = {"turn": made.excluded.turn, "due_at": made.excluded.due_at, "lease": None, "lease_until": None}
    return made.on_conflict_do_update(index_elements=["incident_id", "kind"], set_=anew)


_ARM = Both(_arm)


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

    `kept` is what a form's answers become of the incident (`promised_at`, `fix`). A move by somebody of
    the support desk takes ownership where nobody has it. Raises StaleChoice when somebody
    else moved the incident first; then nothing was written.
    """
    values = _after(now_at, taken, actor, rules, now, kept)
    guard: dict[str, Any] = {"incident": now_at.id, "left_turn": now_at.turn}
    if actor.may_own:
        moved = session.execute(_GO_ON_AND_OWN, {**values, **guard, "person": actor.user_id})
    else:
        moved = session.execute(_GO_ON, {**values, **guard})
    if moved.rowcount == 0:  # type: ignore[attr-defined]  # Result of an UPDATE is a CursorResult
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
    _arm_step(session, now_at, taken, values["deadline_at"], rules, now)
    going_out = [outbox.card(now_at.id, now_at.version + 1, rules.channel, now)]
    if taken.does is not None:
        going_out.append(_command(now_at, taken.does, rules, now))
    # Where a person is newly needed, the move's one line is the one that rings.
    if (template := _calls(now_at, taken, actor)) is not None:
        going_out.append(_ringing(session, now_at, now_at.turn + 1, template, rules, now))
    else:
        key, payload = f"{now_at.id}:{now_at.turn}:move", {"turn": now_at.turn}
        going_out.append(outbox.line(now_at.id, key, "lines/move.j2", payload, now))
    outbox.put(session, going_out)


def look_now(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """Look at this incident at once, unless its next look was promised for a minute or none is due at all."""
    automatic = automatic_of(rules.runbook, incident.step, frozenset())
    if automatic is None or not automatic.first_look:
        return
    session.execute(
        update(Timer).where(Timer.incident_id == incident.id, Timer.kind == "look").values(due_at=now)
    )


def arm(session: Session, incident_id: int, kind: str, turn: int, due_at: datetime) -> None:
    """Set the incident's timer of this kind; one that is already set is moved."""
    timer = {"incident_id": incident_id, "kind": kind, "turn": turn, "due_at": due_at}
    session.execute(_ARM.of(session), timer)


def disarm(session: Session, incident_id: int, kind: str) -> None:
    """Take the incident's timer of this kind away."""
    session.execute(_DISARM, {"incident": incident_id, "kind": kind})


def ring(
    session: Session, incident: IncidentNow, turn: int, template: str, rules: Rules, now: datetime
) -> None:
    """Call a person by a new thread line: the owner, else support; unowned, the leads follow after `take`."""
    outbox.put(session, [_ringing(session, incident, turn, template, rules, now)])


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
    values: dict[str, Any] = {
        "turn": before.turn + 1,
        "version": before.version + 1,
        "entered_at": now,
        "attempts": 0,
        "rung_step": _calls(before, taken, actor) is not None,
        "deadline_at": None,
        "promised_at": None,
        **_marks(before, taken, rules, now),
        **kept,
    }
    if actor is not RELINK:
        values["first_person_at"] = before.first_person_at or now
    if taken.closes:
        return values | {"closed_at": now}
    automatic = automatic_of(rules.runbook, taken.to, taken.gates_after)
    return values | {
        "step": taken.to,
        "origin_step": before.step,
        "deadline_at": deadline_of(automatic, before, taken, rules, now, kept.get("promised_at")),
    }


def _calls(before: IncidentNow, taken: Taken, actor: Person) -> str | None:
    """The template that calls a person for this move; a person who made it, or an owner there is not, is none."""
    if actor is not RELINK or (taken.rings_owner and before.owner is None):
        return None
    return taken.rings


def _marks(before: IncidentNow, taken: Taken, rules: Rules, now: datetime) -> Mapping[str, Any]:
    """What a move says about the repair: the remedy, the fix so far, whether the station is back."""
    marks: dict[str, Any] = {key: value for key, value in taken.sets.items() if key in {"fix", "finding"}}
    if taken.remedy:
        marks["remedy_at"] = now
        if rules.runbook.steps[before.step].phase is Phase.REMOTE:
            marks |= {"restarts": before.restarts + 1, "tried": True}
    if taken.to == CLOSED:
        return marks
    proving = rules.runbook.steps[taken.to].phase is Phase.PROOF and marks.get("fix") not in NOT_BACK
    if proving and before.back_at is None and before.fix not in NOT_BACK:
        marks["back_at"] = now
    elif not proving:
        # Down again: what seemed to have fixed it did not.
        marks = {"back_at": None, "fix": None} | marks
    return marks


def _arm_step(
    session: Session,
    before: IncidentNow,
    taken: Taken,
    deadline: datetime | None,
    rules: Rules,
    now: datetime,
) -> None:
    # Also whoever was called for the step before is not missed any more; a new ring arms this anew.
    session.execute(_DISARM_ALL, {"incident": before.id})
    if taken.closes:
        return
    automatic = automatic_of(rules.runbook, taken.to, taken.gates_after)
    due = first_look(automatic, now, deadline) if automatic else None
    if due is not None:
        arm(session, before.id, "look", before.turn + 1, due)


def _command(before: IncidentNow, does: str, rules: Rules, now: datetime) -> outbox.Row:
    station, expires_at = before.portal_id or before.label, now + rules.timings["restart-expiry"]
    return outbox.command(before.id, before.turn + 1, does, station, expires_at, now)


def _ringing(
    session: Session, incident: IncidentNow, turn: int, template: str, rules: Rules, now: datetime
) -> outbox.Row:
    if incident.owner is None:
        arm(session, incident.id, "take", turn, now + rules.timings["take"])
    return outbox.line(incident.id, f"{incident.id}:{turn}:ring", template, {"turn": turn}, now)
