"""An incident ends: its fix is kept, the modem flagged where the manual asks for it, the log goes to the thread."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.incidents import learning
from bot.likely import POWER_CYCLE
from bot.messages import outbox
from bot.runbook.model import CLOSED
from db.models import Incident, Move, Station
from db.queries import IncidentNow

BY_ITSELF = "recovered by itself"
REPLACED = "modem replaced"
FLAG_REASON = "back after a power cycle, no hardware issue found"


def finish(session: Session, incident: IncidentNow, fields: Mapping[str, str], now: datetime) -> None:
    """What closing leaves behind, in the same transaction as the move that closed it (manual 5 (9))."""
    fix = fields.get("fix") or incident.fix or BY_ITSELF
    lost = (incident.back_at or now) - _lost_since(session, incident)
    # A station that went down again within a day adds to what the same incident lost before.
    seconds = func.coalesce(Incident.lost_seconds, 0) + max(int(lost.total_seconds()), 0)
    ended = update(Incident).where(Incident.id == incident.id)
    session.execute(ended.values(fix=fix, lost_seconds=seconds))
    if fix == REPLACED and not incident.drill:
        unflagged = {"modem_flagged_at": None, "modem_flag_reason": None}
        session.execute(update(Station).where(Station.id == incident.station_id).values(unflagged))
    if fix == POWER_CYCLE and not incident.drill:
        flag = {"modem_flagged_at": now, "modem_flag_reason": FLAG_REASON}
        session.execute(update(Station).where(Station.id == incident.station_id).values(flag))
    learning.learn(session, incident.id)
    if incident.listed:
        return
    key = f"{incident.id}:{incident.turn}:log"
    outbox.add_line(session, incident.id, key, "log/repair-log.j2", log_payload(incident, fix), now)


def _lost_since(session: Session, incident: IncidentNow) -> datetime:
    """Since when contact was lost; what an earlier closing has counted is not counted again."""
    since = incident.last_communication or incident.raised_at
    if not incident.reopenings:
        return since
    closings = select(func.max(Move.at)).where(
        Move.incident_id == incident.id, Move.to_step == CLOSED, Move.turn < incident.turn
    )
    before: datetime | None = session.execute(closings).scalar_one()
    return since if before is None else max(since, before)


def log_payload(incident: IncidentNow, fix: str) -> Mapping[str, Any]:
    """What the log needs that a re-opening wipes out: it may go out only after that."""
    times = {name: getattr(incident, name) for name in ("raised_at", "last_communication", "back_at")}
    written = {name: moment and moment.isoformat() for name, moment in times.items()}
    return {"turn": incident.turn, "fix": fix, "finding": incident.finding, **written}
