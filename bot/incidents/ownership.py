"""Who of the support desk has an incident: taking it, giving it back, handing it over.

This is about support only. A technician on site has the visit, not the incident.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.errors import First, NotAllowed, Refused, StaleChoice
from bot.incidents import arming, first_day, practice
from bot.incidents.progress import still_open
from bot.incidents.rules import Rules
from bot.knowledge import waits_for_support
from bot.messages import outbox
from bot.people import Person
from bot.runbook.model import Role
from db.models import Incident
from db.queries import IncidentNow, lock_incident
from db.statements import rows_changed

STAYS = "It stays with whoever began it, and ends on its card."


def take(session: Session, incident_id: int, person: Person, rules: Rules, now: datetime) -> None:
    """The person becomes the owner. Raises NotAllowed, or StaleChoice if it has one already."""
    person.must_own()
    lock_incident(session, incident_id)
    incident = still_open(session, incident_id)
    if incident.owner == person.user_id:
        raise StaleChoice("You have it already.")
    if incident.owner is not None:
        raise StaleChoice("Somebody else has taken it already.", First(incident.owner, "take", now))
    _change_owner(session, incident, person.user_id, rules, now)
    key = f"{incident_id}:{incident.turn}:taken:{person.user_id}:{incident.version}"
    outbox.add_line(session, incident_id, key, "lines/taken.j2", {"by": person.name}, now)


def release(session: Session, incident_id: int, person: Person, rules: Rules, now: datetime) -> None:
    """The owner gives it back, or a lead takes it from them: nobody has it then.

    Where the incident waits for support the group is newly needed: it is called once, the leads after `take`.
    Raises NotAllowed, Refused.
    """
    person.must_own()
    lock_incident(session, incident_id)
    incident = still_open(session, incident_id)
    practice.must_be_real(incident, STAYS)
    if incident.owner is None:
        raise Refused("Nobody has it. There is nothing to give back.")
    _must_decide(incident, person, "give it back")
    _change_owner(session, incident, None, rules, now)
    key = f"{incident_id}:{incident.turn}:released:{incident.version}"
    if waits_for_support(incident, rules.runbook) and incident.quiet_until(now) is None:
        payload = {"by": person.name, "turn": incident.turn}
        outbox.add_line(session, incident_id, key, "rings/released.j2", payload, now)
        arming.arm(session, incident_id, "take", incident.turn, now + rules.timings["take"])
    else:
        outbox.add_line(session, incident_id, key, "lines/released.j2", {"by": person.name}, now)


def hand_over(
    session: Session, incident_id: int, person: Person, to: Person, rules: Rules, now: datetime
) -> None:
    """`to` becomes the owner and is called; who had it before is not. `to` has the roles of this moment.

    The owner may do this, a lead, and while nobody has it everybody of the support desk.
    Raises NotAllowed, or Refused where `to` cannot have it.
    """
    lock_incident(session, incident_id)
    incident = may_hand_over(session, incident_id, person)
    if not to.may_own:
        raise Refused("This person is neither support nor lead right now, so nothing was handed over.")
    if incident.owner == to.user_id:
        raise Refused("They have it already." if to.user_id != person.user_id else "You have it already.")
    _change_owner(session, incident, to.user_id, rules, now)
    key = f"{incident_id}:{incident.turn}:handed:{to.user_id}:{incident.version}"
    if to.user_id == person.user_id:
        outbox.add_line(session, incident_id, key, "lines/taken.j2", {"by": person.name}, now)
    else:
        payload = {"by": person.name, "called": to.user_id}
        outbox.add_line(session, incident_id, key, "rings/handed-over.j2", payload, now)


def may_hand_over(session: Session, incident_id: int, person: Person) -> IncidentNow:
    """The open incident this person may hand over to somebody. Raises NotAllowed, Refused."""
    person.must_own()
    incident = still_open(session, incident_id)
    practice.must_be_real(incident, STAYS)
    if incident.owner is not None:
        _must_decide(incident, person, "hand it over")
    return incident


def _must_decide(incident: IncidentNow, person: Person, what: str) -> None:
    if incident.owner != person.user_id and Role.LEAD not in person.roles:
        raise NotAllowed(f"Only its owner or a lead may {what}. The card says who has it.")


def _change_owner(
    session: Session, incident: IncidentNow, owner: str | None, rules: Rules, now: datetime
) -> None:
    """Write the new owner, unless somebody else did meanwhile (StaleChoice); the card follows."""
    if incident.listed:
        incident = first_day.leave(session, incident, now)
        # Whoever has it now knows of it.
        arming.disarm(session, incident.id, arming.WAKE)
    unchanged = (Incident.id == incident.id) & Incident.owner.is_not_distinct_from(incident.owner)
    values: dict[str, Any] = {"owner": owner, "version": Incident.version + 1}
    if owner is not None:
        values["first_person_at"] = incident.first_person_at or now
    changed = session.execute(update(Incident).where(unchanged).values(values))
    if rows_changed(changed) == 0:
        raise StaleChoice("Somebody was first. The card shows who has it.")
    arming.disarm(session, incident.id, "take")
    version = incident.version + 1
    outbox.show_cards(session, incident.id, version, rules.channel, incident.technician, now)
