"""A closed incident counts for "most likely" from then on, once, as it was closed last."""

from sqlalchemy.orm import Session

from bot.likely import POWER_CYCLE, Case, evidence_of, keys_of, quarter_of
from db import tallies
from db.tallies import Counted


def learn(session: Session, incident_id: int) -> None:
    """Count this incident, which was closed in this transaction, unless it says nothing or is a drill."""
    ended = tallies.closed(session, incident_id, POWER_CYCLE)
    if ended is None or ended.drill:
        return
    cause = evidence_of(ended.fix, ended.lost_seconds or 0)
    if cause is None:
        return
    place = (ended.site, ended.area, ended.carrier, ended.generation)
    counted = Counted(cause, ended.station_id, *place, quarter_of(ended.failed_at), ended.restart)
    tallies.keep(session, incident_id, counted, keys_of(_case(counted)).values())


def forget(session: Session, incident_id: int) -> None:
    """Count this incident no more: it is open again. What was counted then is taken back, whatever changed since."""
    counted = tallies.counted(session, incident_id)
    if counted is not None:
        tallies.forget(session, incident_id, counted, keys_of(_case(counted)).values())


def _case(counted: Counted) -> Case:
    place = (counted.site, counted.area, counted.carrier, counted.generation)
    return Case(counted.station_id, *place, counted.quarter, counted.restart)
