"""A command's way: whether it may still be sent, and what the portal's answer means."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.incidents import answers, arming, moving
from bot.incidents.rules import Rules
from bot.messages import outbox
from bot.people import RELINK
from bot.portal.contract import Command, Outcome
from bot.runbook.moves import automatic_of, move
from db import queries
from db.models import Incident

NOT_DELIVERED = "not-delivered"


def answered(
    session: Session,
    incident_id: int,
    turn: int,
    command: Command,
    sent_at: datetime,
    now: datetime,
    rules: Rules,
) -> None:
    """The portal answered a restart, or surely never will.

    Taken or queued: the 3 minutes (manual 4.1 (3)) count from now. Not known: they count from the sending, and no
    second restart goes out before they are over. Surely nothing happened: on to the next step at once.
    """
    # Locked: a person's move must not come between this look at the turn and what follows from it.
    here = select(Incident.id).where(Incident.id == incident_id, Incident.turn == turn).with_for_update()
    standing = session.execute(here).first()
    incident = queries.incident(session, incident_id) if standing else None
    if incident is None or incident.closed_at is not None:
        return
    said = {"restart": {"outcome": command.outcome.value, "detail": (command.detail or "")[:200]}}
    answers.record(session, incident, said, source="portal", actor=None, as_of=now, now=now)
    took_effect = command.outcome.took_effect
    if took_effect is False:
        # Nothing was restarted, so nothing of the budget is used, and the last remedy is the one before.
        unused = {
            "restarts": max(incident.restarts - 1, 0),
            "remedy_at": _last_effective(session, incident_id),
        }
        session.execute(update(Incident).where(Incident.id == incident_id).values(unused))
        taken = move(
            rules.runbook,
            incident.step,
            NOT_DELIVERED,
            facts={},
            gates=frozenset(),
            roles=None,
            origin=incident.origin_step,
        )
        moving.enter(session, incident, taken, RELINK, rules, now)
        return
    since = now if took_effect else sent_at
    automatic = automatic_of(rules.runbook, incident.step, frozenset())
    if automatic is None or automatic.lasts is None:
        return
    deadline = since + automatic.lasts.length(rules.timings)
    values = {"deadline_at": deadline, "remedy_at": since, "version": incident.version + 1}
    session.execute(update(Incident).where(Incident.id == incident_id).values(values))
    arming.arm(session, incident_id, "look", turn, deadline)
    version = incident.version + 1
    outbox.show_cards(session, incident_id, version, rules.channel, incident.technician, now)


def _last_effective(session: Session, incident_id: int) -> datetime | None:
    """When the portal last said of a restart that it took it, or could not say."""
    told = (row for row in queries.answers(session, incident_id) if row.name == "restart")
    return max(
        (row.at for row in told if Outcome(row.value["outcome"]).took_effect is not False), default=None
    )
