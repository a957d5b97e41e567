"""What a card says of earlier incidents: how often, what fixed the last one, what is most likely now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from bot.knowledge import waits_for_support
from bot.likely import POWER_CYCLE, RESTARTS, Case, Likely, Restart, keys_of, most_likely, quarter_of
from bot.runbook.model import Phase, Runbook
from db import history, tallies
from db.queries import IncidentNow

SEEN_BEFORE: Final = timedelta(days=30)
OFTEN: Final = 3
"""So many incidents within `SEEN_BEFORE` are a pattern: the card brings the manual's advice."""
VISIT: Final = "dispatch"


def seen_before(session: Session, incident: IncidentNow, now: datetime) -> Mapping[str, Any]:
    """How often the station was down in 30 days, this time included, and how the last time before this one ended."""
    times = history.times_down(session, incident.station_id, now - SEEN_BEFORE)
    last = history.last_of(session, incident.station_id, besides=incident.id)
    return {
        "times_down": times,
        "often": times >= OFTEN,
        "last_fix": last.fix or "" if last else "",
        "last_closed_at": last.closed_at if last else None,
    }


def likely(session: Session, incident: IncidentNow, runbook: Runbook) -> Likely | None:
    """What it most likely is, with its counts; None where nobody decides from afar or too few cases are known."""
    step = runbook.steps[incident.step]
    if step.phase is not Phase.REMOTE or not runbook.lies_before(incident.step, VISIT):
        return None
    if not waits_for_support(incident, runbook):
        return None
    # How the last restart had ended is told by the same question that counts, so all three answers are asked for.
    keys = {restart: keys_of(_case(incident, restart)) for restart in RESTARTS}
    asked = {key for each in keys.values() for key in each.values()}
    restart, found = tallies.cases(session, asked, incident.station_id, incident.opened_at, POWER_CYCLE)
    return most_likely(keys[restart], found)


def _case(incident: IncidentNow, restart: Restart) -> Case:
    failed_at = incident.last_communication or incident.raised_at
    place = (incident.site, incident.area, incident.carrier, incident.generation)
    return Case(incident.station_id, *place, quarter_of(failed_at), restart)
