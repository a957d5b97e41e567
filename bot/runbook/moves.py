"""The rules by which an incident moves from step to step. No I/O, no clock.

The same rules serve the buttons (`offered`), the move itself (`move`) and the walk of `proof`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.runbook.model import (
    CLOSED,
    EARLIER,
    ORIGIN,
    Automatic,
    Choice,
    Everywhere,
    Gate,
    Role,
    Runbook,
    Span,
    Step,
)

UNBOUND: Mapping[str, str] = {"asked": "person"}
"""Facts that limit people only: what the portal is being asked, Relink may answer with what it said."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One move that is allowed: what the incident becomes and what has to happen."""

    step: str
    choice: str
    to: str
    """The next step's id, `CLOSED` at the end."""
    gates_after: frozenset[Gate]
    sets: Mapping[str, str]
    does: str | None
    rings: str | None
    rings_owner: bool
    rings_always: bool
    rings_leads: bool
    line: str | None
    remedy: bool
    closes: bool
    promises: Span | None = None
    parks: Span | None = None


def offered(
    runbook: Runbook, step_id: str, facts: Mapping[str, str], gates: frozenset[Gate]
) -> tuple[Choice, ...]:
    """The step's buttons under these facts and open gates, in their order."""
    return _buttons(runbook, runbook.steps[step_id].choices, facts, gates)


def everywhere_offered(
    runbook: Runbook, step_id: str, facts: Mapping[str, str], gates: frozenset[Gate]
) -> tuple[Choice, ...]:
    """The choices declared once for all steps that a person may take here."""
    here = (every.choice for every in _everywhere_at(runbook, step_id, gates))
    return _buttons(runbook, here, facts, gates)


def automatic_of(runbook: Runbook, step_id: str, gates: frozenset[Gate]) -> Automatic | None:
    """How the step goes on by itself: its own way, else the one for all steps; None if only a person can."""
    return runbook.steps[step_id].automatic or shared_automatic(runbook, step_id, gates)


def shared_automatic(runbook: Runbook, step_id: str, gates: frozenset[Gate]) -> Automatic | None:
    """The automatic way that holds at this step because it holds at all such steps."""
    shared = (every.automatic for every in _everywhere_at(runbook, step_id, gates))
    return next((automatic for automatic in shared if automatic is not None), None)


def move(
    runbook: Runbook,
    step_id: str,
    choice_id: str,
    *,
    facts: Mapping[str, str],
    gates: frozenset[Gate],
    roles: frozenset[Role] | None,
    origin: str | None,
    through_form: bool = False,
    earlier: str | None = None,
) -> Taken:
    """Take `choice_id` at `step_id`, or raise Refused with the sentence a person reads.

    `roles` are the person's; None is Relink itself, which may take any choice, also while it is the portal
    that is asked. A person takes buttons, and through a submitted form (`through_form`) also what its values
    decide; a button with a form is not taken without it. `origin` is the step the incident came from,
    `earlier` the one whose answer was wrong. Raises StaleChoice if the step has no such choice, NotAllowed for
    the wrong person, Refused where facts or gates forbid it.
    """
    choice = sought(runbook, step_id, choice_id, gates)
    if roles is not None:
        _refuse_person(runbook, runbook.steps[step_id], choice, roles, through_form)
    _refuse_facts(choice, facts if roles is not None else {**facts, **UNBOUND})
    to = _target(choice, origin, earlier)
    after = gates_after(choice, gates)
    refusal = entry_refusal(runbook, to, after)
    if refusal is not None:
        raise Refused(refusal)
    return Taken(
        step=step_id,
        choice=choice_id,
        to=to,
        gates_after=after,
        sets=choice.sets,
        does=choice.does,
        rings=choice.rings,
        rings_owner=choice.rings_owner,
        rings_always=choice.rings_always,
        rings_leads=choice.rings_leads,
        line=choice.line,
        remedy=choice.remedy,
        closes=to == CLOSED,
        promises=choice.promises,
        parks=choice.parks,
    )


def sought(runbook: Runbook, step_id: str, choice_id: str, gates: frozenset[Gate] = frozenset()) -> Choice:
    """The choice of this name, the step's own or one for all steps. Raises StaleChoice without one."""
    for choice in choices_at(runbook, step_id, gates):
        if choice.id == choice_id:
            return choice
    raise StaleChoice("This is not offered any more. The card shows what is.")


def choices_at(runbook: Runbook, step_id: str, gates: frozenset[Gate]) -> Iterator[Choice]:
    """Every choice of the step, then those declared for all steps that apply here."""
    yield from runbook.steps[step_id].choices
    for every in _everywhere_at(runbook, step_id, gates):
        calls = not every.rings_at or step_id in every.rings_at
        yield every.choice if calls else replace(every.choice, rings=None)


def refuse_role(allowed: frozenset[Role], roles: frozenset[Role]) -> None:
    """Raise NotAllowed unless one of the person's `roles` is allowed; a lead may do what support may."""
    acting = roles | {Role.SUPPORT} if Role.LEAD in roles else roles
    if not allowed & acting:
        who = " or ".join(_WHO[role] for role in Role if role in allowed) or "nobody"
        raise NotAllowed(f"This is for {who}.")


def gates_after(choice: Choice, gates: frozenset[Gate]) -> frozenset[Gate]:
    """The open gates after `choice`; what it shuts is shut whatever it opens."""
    return (gates | choice.opens) - choice.shuts


def holds(choice: Choice, facts: Mapping[str, str]) -> bool:
    """Is the choice offered under these facts? A fact that is missing never fits."""
    return all(facts.get(fact) in values for fact, values in choice.when.items())


def entry_refusal(runbook: Runbook, to: str, gates: frozenset[Gate]) -> str | None:
    """Why step `to` (or the end) cannot be entered with these gates open, as a sentence; None if it can."""
    if to == CLOSED:
        return _LOCKED if Gate.LOCK_ON in gates else None
    step = runbook.steps[to]
    if step.forbids & gates:
        return _LOCKED if Gate.LOCK_ON in step.forbids & gates else _MEASURED
    missing = step.needs - gates
    if Gate.LOCK_ON in missing:
        return "Not before the lock-out is recorded."
    return "Not before 0 V is proved on every circuit." if missing else None


_WHO: Mapping[Role, str] = {
    Role.SUPPORT: "support",
    Role.TECHNICIAN: "a technician",
    Role.LEAD: "a lead",
    Role.ASSIGNED: "the technician of this visit",
}
_LOCKED = "A lock is on. Not before its owner has taken it off."
_MEASURED = "The cabinet gate is open. Close the cabinet first."

_FACT_REFUSALS: Mapping[tuple[str, str], str] = {
    ("session", "running"): "A session is running, a restart would end it. Restart when it ends.",
    ("budget", "used"): "This station was restarted already. A second restart needs a reason.",
    ("budget", "free"): "This station was not restarted yet. Use the plain restart.",
    ("restart", "auto"): "Relink can restart this station itself. Use the restart button.",
    ("restart", "manual"): "Relink cannot restart here. Restart it in the portal, then say what happened.",
    ("restart", "none"): "The portal offers no restart for this station.",
}


def _everywhere_at(runbook: Runbook, step_id: str, gates: frozenset[Gate]) -> Iterator[Everywhere]:
    for every in runbook.everywhere:
        # What only leads to where the incident stands is idle there, unless its form says something new.
        elsewhere = every.choice.to != step_id or every.choice.form is not None
        here = every.before is None or runbook.lies_before(step_id, every.before)
        there = every.since is None or not runbook.lies_before(step_id, every.since)
        if here and there and elsewhere and every.needs <= gates and not every.forbids & gates:
            yield every


def _buttons(
    runbook: Runbook, choices: Iterable[Choice], facts: Mapping[str, str], gates: frozenset[Gate]
) -> tuple[Choice, ...]:
    return tuple(
        choice
        for choice in choices
        if choice.label and holds(choice, facts) and _leads_on(runbook, choice, gates)
    )


def _leads_on(runbook: Runbook, choice: Choice, gates: frozenset[Gate]) -> bool:
    """Could the choice be taken under these gates? What a form decides, or the way back, shows only then."""
    if choice.to in {None, ORIGIN, EARLIER}:
        return True
    return entry_refusal(runbook, str(choice.to), gates_after(choice, gates)) is None


def _refuse_person(
    runbook: Runbook, step: Step, choice: Choice, roles: frozenset[Role], through_form: bool
) -> None:
    """A person reaches a choice by its button, and what stands behind a form only through the form."""
    if choice.label is not None:
        refuse_role(choice.by or step.by, roles)
        if choice.form is not None and not through_form:
            raise Refused("This needs its form. Press the button on the card.")
        return
    doors = [door for door in step.choices if door.label and door.form and runbook.forms[door.form].decides]
    if not doors or not through_form:
        raise StaleChoice("This is not offered as a button. The card shows what is.")
    refuse_role(frozenset().union(*(door.by or step.by for door in doors)), roles)


def _refuse_facts(choice: Choice, facts: Mapping[str, str]) -> None:
    for fact, values in choice.when.items():
        if facts.get(fact) not in values:
            sentence = _FACT_REFUSALS.get((fact, facts.get(fact, "")))
            raise Refused(sentence or "This is not possible now. The card shows what is.")


def _target(choice: Choice, origin: str | None, earlier: str | None) -> str:
    if choice.to is None:
        raise Refused("The answers of the form decide here. Fill it in first.")
    back = {ORIGIN: origin, EARLIER: earlier}
    to = back.get(choice.to, choice.to)
    if to is None:
        raise Refused("There is no step to go back to.")
    return to
