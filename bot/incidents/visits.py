"""What a move on site does besides moving: locks, findings, what somebody read off the station."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.incidents import locks, stations
from bot.incidents.closing import POWER_CYCLE
from bot.incidents.rules import Rules
from bot.incidents.values import Values
from bot.people import Person
from bot.runbook.judge_forms import cabinet_findings
from bot.runbook.moves import Taken
from db.queries import IncidentNow

CABINET = "cabinet"
"""The form with all answers about what was found inside."""


def follow(
    session: Session,
    incident: IncidentNow,
    taken: Taken,
    values: Values | None,
    person: Person,
    rules: Rules,
    now: datetime,
) -> Mapping[str, Any]:
    """The incident's new values after a person's move. Raises FieldsWrong, Refused; then nothing was done."""
    # A restart that is promised for later leaves without anybody: it is refused when it is asked for.
    if incident.hazard and (taken.does is not None or taken.promises is not None or taken.closes):
        raise Refused(f"After a lock was removed {incident.hazard}. Settle that first; nothing was done.")
    form, fields = (values.form, values.fields) if values else (None, {})
    kept = dict(locks.follow(session, incident, taken, form, fields, person, rules, now))
    if fields.get("generation") in {"1", "2"}:
        stations.say_generation(session, incident.station_id, int(fields["generation"]))
    if form == CABINET:
        kept |= cabinet_findings(fields)
    if taken.choice == "settled":
        kept["hazard"] = None
    if taken.choice == "power-on" and incident.fix is None:
        # Nothing was found, and it was without power meanwhile: that is what may have helped (manual 5 (9)).
        kept["fix"] = POWER_CYCLE
    if incident.technician == person.user_id:
        kept["spoke_at"] = now
    return kept
