"""What of the incident a form's answers become: its fix, a day, a moment, the technician of a visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from bot.errors import FieldsWrong
from bot.incidents.rules import Rules
from bot.people import Person
from bot.runbook.model import Form, Role

LONG_AGO: Final = timedelta(hours=12)
"""So long ago something may have been done that is entered now."""
FAR_AHEAD: Final = timedelta(days=60)
"""So far ahead a visit may be planned."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a form was submitted with, field by field."""

    form: str
    fields: Mapping[str, str]
    people: Mapping[str, Person] = field(default_factory=dict)
    """Who was chosen in which field, with the roles of this moment."""


def becomes(form: Form, values: Values, rules: Rules, now: datetime) -> Mapping[str, Any]:
    """The incident's new values, as its columns are called, and `sent_at`. Raises FieldsWrong."""
    new: dict[str, Any] = {}
    for asked in form.fields:
        said = values.fields.get(asked.id)
        if said is None or asked.keeps is None:
            continue
        match asked.keeps:
            case "promised_at":
                new["promised_at"] = _morning(asked.id, said, rules, now)
            case "planned_at":
                new["planned_at"] = _ahead(asked.id, said, now)
            case "sent_at":
                new["sent_at"] = _past(asked.id, said, now)
            case "technician":
                new |= _technician(asked.id, values.people)
            case name:
                new[name] = said
    return new


def _technician(field_id: str, people: Mapping[str, Person]) -> Mapping[str, str]:
    person = people.get(field_id)
    if person is None or Role.TECHNICIAN not in person.roles:
        raise FieldsWrong({field_id: "This person is no technician right now. TECHNICIAN_GROUP says who is."})
    return {"technician": person.user_id, "technician_name": person.name}


def _morning(field_id: str, day: str, rules: Rules, now: datetime) -> datetime:
    """The hour of a promised day at which its owner is reminded, where the sites are."""
    try:
        due = datetime.combine(date.fromisoformat(day), rules.remind_at, rules.zone)
    except ValueError:
        raise FieldsWrong({field_id: "Please choose a day."}) from None
    if due.date() < now.astimezone(rules.zone).date():
        raise FieldsWrong({field_id: "This day is over. When is it due?"})
    return due.astimezone(UTC)


def _past(field_id: str, stamp: str, now: datetime) -> datetime:
    at = moment(field_id, stamp)
    if at > now:
        raise FieldsWrong({field_id: "This is in the future. When was it?"})
    if now - at > LONG_AGO:
        raise FieldsWrong({field_id: "This is more than 12 hours ago. Restart it anew."})
    return at


def _ahead(field_id: str, stamp: str, now: datetime) -> datetime:
    at = moment(field_id, stamp)
    if at < now:
        raise FieldsWrong({field_id: "This is over. When will you come?"})
    if at - now > FAR_AHEAD:
        raise FieldsWrong({field_id: "This is more than 60 days ahead."})
    return at


def moment(field_id: str, stamp: str) -> datetime:
    """The moment a date and time picker sent: Unix seconds. Raises FieldsWrong."""
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise FieldsWrong({field_id: "Please choose day and time."}) from None
