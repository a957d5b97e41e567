"""What a move on site does besides moving: locks, findings, what somebody read off the station."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import FieldsWrong, Refused
from bot.incidents import locks, stations
from bot.incidents.rules import Rules
from bot.incidents.values import LONG_AGO, Values, moment
from bot.likely import POWER_CYCLE
from bot.people import Person
from bot.runbook.judge_forms import cabinet_findings
from bot.runbook.model import Phase
from bot.runbook.moves import Taken
from db.queries import IncidentNow

CABINET = "cabinet"
"""The form with all answers about what was found inside."""
HANDED_OVER = "change-technician"
"""The choice by which somebody else has the visit: whose silence counts begins anew."""


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
    if incident.hazard and (taken.closes or _restarts(taken, rules)):
        raise Refused(f"After a lock was removed {incident.hazard}. Settle that first; nothing was done.")
    form, fields = (values.form, values.fields) if values else (None, {})
    kept = dict(locks.follow(session, incident, taken, form, fields, person, rules, now))
    if fields.get("generation") in {"1", "2"}:
        stations.say_generation(session, incident.station_id, int(fields["generation"]))
    if form == CABINET:
        _refuse_wrong_time(fields, now)
        kept |= cabinet_findings(fields)
    if taken.choice == "settled":
        kept["hazard"] = None
    if taken.choice == "power-on" and incident.fix is None:
        # Nothing was found, and it was without power meanwhile: that is what may have helped (manual 5 (9)).
        kept["fix"] = POWER_CYCLE
    if incident.technician == person.user_id or taken.choice == HANDED_OVER:
        kept["spoke_at"] = now
    return kept


def _restarts(taken: Taken, rules: Rules) -> bool:
    """Is this a restart from afar: sent now, promised for later, or sent by hand?"""
    remote = rules.runbook.steps[taken.step].phase is Phase.REMOTE
    return taken.does is not None or taken.promises is not None or (taken.remedy and remote)


def _refuse_wrong_time(fields: Mapping[str, str], now: datetime) -> None:
    """Late answers bring the time they were done. Raises FieldsWrong for one that cannot be."""
    if "at" in fields:
        done = moment("at", fields["at"])
        if done > now:
            raise FieldsWrong({"at": "This is in the future. When was it done?"})
        if now - done > LONG_AGO:
            raise FieldsWrong({"at": "This is more than 12 hours ago. When was it done?"})
