"""A person presses a button or submits a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import First, Refused, StaleChoice
from bot.incidents import answers, closing, first_day, moving, practice, visits
from bot.incidents.rules import Rules
from bot.incidents.values import Values, becomes
from bot.knowledge import for_choices, gates_of
from bot.messages import outbox
from bot.people import Person
from bot.portal.contract import Capabilities
from bot.runbook.judge_forms import FORM_JUDGEMENTS
from bot.runbook.model import Choice, Form, Gate, Role
from bot.runbook.moves import move, refuse_role, sought
from bot.runbook.press import Press
from db import queries
from db.queries import IncidentNow

CLOSED_ALREADY = "This incident is closed. The card shows how it ended."


def press(
    session: Session,
    pressed: Press,
    person: Person,
    values: Values | None,
    capabilities: Capabilities,
    rules: Rules,
    now: datetime,
) -> IncidentNow:
    """Take a choice for a person, with the values of its form where it has one.

    Raises NotAllowed, StaleChoice (somebody was first), FieldsWrong or Refused; nothing is changed then.
    """
    queries.lock_incident(session, pressed.incident)
    incident = first_day.leave(session, standing(session, pressed), now)
    facts = for_choices(session, incident, capabilities, rules.runbook, rules.timings, now)
    gates = gates_of(incident, rules.timings, now)
    choice = sought(rules.runbook, incident.step, pressed.choice, gates)
    through_form = False
    if choice.form is None and values is not None:
        raise Refused("This button has no form. The card shows what is offered.")
    practice.refuse_form(incident, choice.form)
    if choice.form is not None:
        refuse_role(choice.by or rules.runbook.steps[incident.step].by, roles_of(person, incident))
        choice, through_form = _through(choice, values, incident, facts, gates, rules)
    taken = move(
        rules.runbook,
        incident.step,
        choice.id,
        facts=facts,
        gates=gates,
        roles=roles_of(person, incident),
        origin=incident.origin_step,
        through_form=through_form,
    )
    if values is not None:
        names = {f"{field}-name": chosen.name for field, chosen in values.people.items()}
        said = {values.form: {**values.fields, **names}}
        answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    kept = dict(becomes(rules.runbook.forms[values.form], values, rules, now)) if values else {}
    kept |= visits.follow(session, incident, taken, values, person, rules, now)
    moving.enter(session, incident, taken, person, rules, now, kept)
    if taken.closes:
        closing.finish(session, incident, values.fields if values else {}, now)
    return incident


@dataclass(frozen=True, slots=True)
class Asked:
    """A form to open, with what is known to fill in beforehand."""

    form: Form
    suggestions: Mapping[str, str | None]
    gated: bool = False
    """It belongs to a step behind the gate zero-volts."""


def ask(session: Session, pressed: Press, person: Person, rules: Rules, now: datetime) -> Asked:
    """The form behind a button. Refuses as `press` would, so that nobody types in vain."""
    incident = standing(session, pressed)
    gates = gates_of(incident, rules.timings, now)
    choice = sought(rules.runbook, incident.step, pressed.choice, gates)
    refuse_role(choice.by or rules.runbook.steps[incident.step].by, roles_of(person, incident))
    if choice.form is None:
        raise Refused("This button has no form. The card shows what is offered.")
    practice.refuse_form(incident, choice.form)
    gated = Gate.ZERO_VOLTS in rules.runbook.steps[incident.step].needs
    return Asked(rules.runbook.forms[choice.form], {"fix": incident.fix}, gated)


def refresh(session: Session, incident_id: int, now: datetime) -> None:
    """Show the cards again: somebody clicked on an old one."""
    outbox.refresh_cards(session, incident_id, now)


def roles_of(person: Person, incident: IncidentNow) -> frozenset[Role]:
    """The person's roles on this incident: who has its visit is its technician, and nobody else.

    Raises NotAllowed for a guest on anybody else's.
    """
    assigned = incident.technician == person.user_id and Role.TECHNICIAN in person.roles
    if assigned:
        return person.roles | {Role.ASSIGNED}
    person.must_not_be_a_guest()
    return person.roles


def standing(session: Session, pressed: Press) -> IncidentNow:
    """The open incident a button belongs to. Raises StaleChoice if it moved on, Refused if it is closed or gone."""
    incident = queries.incident(session, pressed.incident)
    if incident is None:
        raise Refused("This incident does not exist.")
    if incident.turn != pressed.turn:
        raise late(session, incident, pressed.turn)
    if incident.closed_at is not None:
        raise Refused(CLOSED_ALREADY)
    return incident


def still_open(session: Session, incident_id: int) -> IncidentNow:
    """The incident with this number. Raises Refused if it is closed."""
    incident = queries.incident(session, incident_id)
    if incident is None or incident.closed_at is not None:
        raise Refused(CLOSED_ALREADY)
    return incident


def late(session: Session, incident: IncidentNow, turn: int) -> StaleChoice:
    """What somebody is told whose card showed this turn, which is over."""
    row = queries.move_at(session, incident.id, turn)
    first = First(row.actor, row.choice, row.at) if row else None
    return StaleChoice("Somebody was first. The card shows how things stand.", first)


def _through(
    choice: Choice,
    values: Values | None,
    incident: IncidentNow,
    facts: Mapping[str, str],
    gates: frozenset[Gate],
    rules: Rules,
) -> tuple[Choice, bool]:
    form = rules.runbook.forms[choice.form or ""]
    if values is None or values.form != form.id:
        raise Refused("This needs its form. Press the button on the card again.")
    if form.decides is None:
        return choice, True
    decided = FORM_JUDGEMENTS[form.decides](values.fields, facts)
    return sought(rules.runbook, incident.step, decided, gates), True
