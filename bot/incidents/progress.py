"""A person presses a button, submits a form or leaves a note."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import FieldsWrong, First, NotAllowed, Refused, StaleChoice
from bot.incidents import answers, closing, moving
from bot.incidents.rules import Rules
from bot.knowledge import for_choices
from bot.messages import outbox
from bot.people import Person
from bot.portal.contract import Capabilities
from bot.runbook.judge import FORM_JUDGEMENTS
from bot.runbook.model import Choice, Form
from bot.runbook.moves import move, refuse_role, sought
from bot.runbook.press import Press
from db import queries
from db.queries import IncidentNow

MORNING = time(9)
"""When a person is reminded on a promised day, the sites' time."""

CLOSED_ALREADY = "This incident is closed. The card shows how it ended."


@dataclass(frozen=True, slots=True)
class Values:
    """What a form was submitted with, field by field."""

    form: str
    fields: Mapping[str, str]


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
    incident = _standing(session, pressed)
    choice = sought(rules.runbook, incident.step, pressed.choice)
    through_form = False
    if choice.form is not None:
        choice, through_form = _through(choice, values, incident, rules)
    taken = move(
        rules.runbook,
        incident.step,
        choice.id,
        facts=for_choices(session, incident, capabilities, rules.runbook, rules.timings, now),
        gates=frozenset(),
        roles=person.roles,
        origin=incident.origin_step,
        through_form=through_form,
    )
    if values is not None:
        said = {values.form: dict(values.fields)}
        answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    moving.enter(session, incident, taken, person, rules, now, _kept(values, rules, now))
    if taken.closes:
        closing.finish(session, incident, values.fields if values else {}, now)
    return incident


@dataclass(frozen=True, slots=True)
class Asked:
    """A form to open, with what is known to fill in beforehand."""

    form: Form
    suggestions: Mapping[str, str | None]


def ask(session: Session, pressed: Press, person: Person, rules: Rules) -> Asked:
    """The form behind a button. Refuses as `press` would, so that nobody types in vain."""
    incident = _standing(session, pressed)
    choice = sought(rules.runbook, incident.step, pressed.choice)
    refuse_role(choice.by or rules.runbook.steps[incident.step].by, person.roles)
    if choice.form is None:
        raise Refused("This button has no form. The card shows what is offered.")
    return Asked(rules.runbook.forms[choice.form], {"fix": incident.fix})


def refresh(session: Session, incident_id: int, now: datetime) -> None:
    """Show the card again: somebody clicked on an old one."""
    outbox.refresh_card(session, incident_id, now)


def note(session: Session, incident_id: int, person: Person, words: str, now: datetime) -> None:
    """A note in the thread, kept with the incident. Raises NotAllowed, Refused."""
    incident = may_note(session, incident_id, person)
    answers.record(
        session, incident, {"note": words}, source="person", actor=person.user_id, as_of=now, now=now
    )
    key = f"{incident_id}:{incident.turn}:note:{now.isoformat()}:{person.user_id}"
    outbox.add_line(session, incident_id, key, "lines/note.j2", {"by": person.name, "note": words}, now)


def may_note(session: Session, incident_id: int, person: Person) -> IncidentNow:
    """The open incident this person may add a note to. Raises NotAllowed, Refused."""
    if not person.roles:
        raise NotAllowed("Only support, technicians and leads may add notes.")
    return still_open(session, incident_id)


def _standing(session: Session, pressed: Press) -> IncidentNow:
    incident = queries.incident(session, pressed.incident)
    if incident is None:
        raise Refused("This incident does not exist.")
    if incident.turn != pressed.turn:
        raise _late(session, incident, pressed.turn)
    if incident.closed_at is not None:
        raise Refused(CLOSED_ALREADY)
    return incident


def still_open(session: Session, incident_id: int) -> IncidentNow:
    """The incident with this number. Raises Refused if it is closed."""
    incident = queries.incident(session, incident_id)
    if incident is None or incident.closed_at is not None:
        raise Refused(CLOSED_ALREADY)
    return incident


def _late(session: Session, incident: IncidentNow, turn: int) -> StaleChoice:
    row = queries.move_at(session, incident.id, turn)
    first = First(row.actor, row.choice, row.at) if row else None
    return StaleChoice("Somebody was first. The card shows how things stand.", first)


def _kept(values: Values | None, rules: Rules, now: datetime) -> Mapping[str, Any]:
    """What of the incident a form's answers become: a fix, the morning of a promised day where the sites are."""
    if values is None:
        return {}
    fields = {field.id: field for field in rules.runbook.forms[values.form].fields}
    kept: dict[str, Any] = {}
    for name, value in values.fields.items():
        column = fields[name].keeps if name in fields else None
        if column == "promised_at":
            kept[column] = _morning(name, value, rules, now)
        elif column is not None:
            kept[column] = value
    return kept


def _morning(field: str, day: str, rules: Rules, now: datetime) -> datetime:
    try:
        due = datetime.combine(date.fromisoformat(day), MORNING, rules.zone)
    except ValueError:
        raise FieldsWrong({field: "Please choose a day."}) from None
    if due.date() < now.astimezone(rules.zone).date():
        raise FieldsWrong({field: "This day is over. When is it due?"})
    return due.astimezone(UTC)


def _through(
    choice: Choice, values: Values | None, incident: IncidentNow, rules: Rules
) -> tuple[Choice, bool]:
    form = rules.runbook.forms[choice.form or ""]
    if values is None or values.form != form.id:
        raise Refused("This needs its form. Press the button on the card again.")
    if form.decides is None:
        return choice, True
    return sought(rules.runbook, incident.step, FORM_JUDGEMENTS[form.decides](values.fields)), True
