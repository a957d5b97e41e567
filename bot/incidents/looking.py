"""What a look at the portal means for an incident: on to the next step, another look, or a person is called."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from bot.incidents import answers, arming, calling, closing, first_day, moving, stations
from bot.incidents.answers import Readings
from bot.incidents.rules import Rules
from bot.knowledge import abilities, for_choices, gates_of, hold
from bot.people import RELINK
from bot.portal.contract import Capabilities
from bot.runbook.judge import JUDGEMENTS, Situation
from bot.runbook.model import Automatic, Gate, Since
from bot.runbook.moves import UNBOUND, automatic_of, holds, move, shared_automatic
from db import queries
from db.models import Incident
from db.queries import IncidentNow
from db.statements import ready, table_of

_INCIDENTS = table_of(Incident)
_CHANGE = ready(update(_INCIDENTS).where(_INCIDENTS.c.id == bindparam("incident")))


def act(
    session: Session,
    incident: IncidentNow,
    readings: Readings,
    capabilities: Capabilities,
    rules: Rules,
    now: datetime,
) -> bool:
    """Go on by itself, look again later, or call a person. False where the step does nothing by itself."""
    automatic = automatic_of(rules.runbook, incident.step, gates_of(incident, rules.timings, now))
    if automatic is None:
        return False
    capabilities = abilities(incident, capabilities)
    incident = _with_readings(session, incident, readings, automatic, rules, now)
    situation = _situation(session, incident, readings, capabilities, rules, now)
    found = JUDGEMENTS[automatic.decides](situation)
    if found is not None and not _is_there(session, incident, found, capabilities, rules, now):
        found = None
    choice = found or _recovered(incident, situation, rules)
    over = _is_over(incident, automatic, now)
    if choice is None and over and automatic.then is not None:
        choice = automatic.then
    if choice is not None:
        go_on(session, incident, choice, capabilities, rules, now)
        return True
    if (
        over
        and not (incident.rung_step or automatic.beside)
        and _is_called(automatic, incident, capabilities)
    ):
        _ask_a_person(session, incident, automatic, rules, now)
    _look_again(session, incident, automatic, rules, now)
    return True


def _with_readings(
    session: Session,
    incident: IncidentNow,
    readings: Readings,
    automatic: Automatic,
    rules: Rules,
    now: datetime,
) -> IncidentNow:
    """The incident with what this look found; the card is edited only if that is something new."""
    new = answers.record_readings(session, incident, readings, now)
    if readings.station is not None:
        new = stations.describe(session, incident.station_id, readings.station) or new
    # While it is online the incident keeps the last contact before the silence: the log counts from there.
    silent = readings.status is not None and readings.status.online is not True
    heard = readings.status.last_communication if readings.status and silent else None
    known = incident.last_communication
    newer = heard is not None and heard <= now and (known is None or heard > known)
    # A check that was promised for a minute and found nothing changes what the card promises next.
    promised = not automatic.first_look
    attempts = incident.attempts + 1
    changed = new or newer or promised
    version = incident.version + 1 if changed else incident.version
    heard = heard if newer else known
    # Nobody can have looked in the future: a portal whose clock is ahead would be believed for too long.
    looked_at = min(readings.status.as_of, now) if readings.status else incident.looked_at
    values: dict[str, Any] = {
        "attempts": attempts,
        "version": version,
        "last_communication": heard,
        "looked_at": looked_at,
    }
    session.execute(_CHANGE, values | {"incident": incident.id})
    if changed:
        first_day.show(session, incident, version, rules, now)
    return incident._replace(**values)


def _situation(
    session: Session,
    incident: IncidentNow,
    readings: Readings,
    capabilities: Capabilities,
    rules: Rules,
    now: datetime,
) -> Situation:
    return Situation(
        now=now,
        entered_at=incident.entered_at,
        code=incident.code,
        step=incident.step,
        last_communication=incident.last_communication,
        raised_at=incident.raised_at,
        remedy_at=incident.remedy_at,
        back_at=incident.back_at,
        watch=hold(session, incident, rules.timings, now),
        fresh=2 * rules.timings["look"],
        touched=queries.touched(session, incident.id, RELINK.user_id),
        attempts=incident.attempts,
        capabilities=capabilities,
        status=readings.status,
        alarms=readings.alarms,
        signal=readings.signal,
        configuration=readings.configuration,
        nearby=readings.nearby,
        carrier=incident.carrier,
        promised_at=incident.promised_at,
        deadline_at=incident.deadline_at,
        visit=incident.visit,
        zero_at=incident.zero_at,
    )


def _is_there(
    session: Session,
    incident: IncidentNow,
    found: str,
    capabilities: Capabilities,
    rules: Rules,
    now: datetime,
) -> bool:
    """Can what the step found be chosen now? Online before anybody touched the breaker is no power cycle."""
    choice = rules.runbook.steps[incident.step].choice(found)
    if choice is None or not choice.when:
        return True
    facts = for_choices(session, incident, capabilities, rules.runbook, rules.timings, now)
    return holds(choice, {**facts, **UNBOUND})


def _recovered(incident: IncidentNow, situation: Situation, rules: Rules) -> str | None:
    """Was the station seen online where that leads on from any step? Its own way says nothing of it."""
    gates = gates_of(incident, rules.timings, situation.now)
    shared = shared_automatic(rules.runbook, incident.step, gates)
    return JUDGEMENTS[shared.decides](situation) if shared is not None else None


def go_on(
    session: Session,
    incident: IncidentNow,
    choice: str,
    capabilities: Capabilities,
    rules: Rules,
    now: datetime,
) -> None:
    """Take this choice for Relink itself, and close what it closes."""
    taken = move(
        rules.runbook,
        incident.step,
        choice,
        facts=for_choices(session, incident, capabilities, rules.runbook, rules.timings, now),
        gates=_gates_at(incident, choice, rules, now),
        roles=None,
        origin=incident.origin_step,
    )
    moving.enter(session, incident, taken, RELINK, rules, now)
    if taken.closes:
        closing.finish(session, incident, {}, now)


def _gates_at(incident: IncidentNow, choice: str, rules: Rules, now: datetime) -> frozenset[Gate]:
    gates = gates_of(incident, rules.timings, now)
    # By the time it lapses the gate is shut by its age already; the move that says so still shuts it.
    return gates | {Gate.ZERO_VOLTS} if choice == "lapse" and incident.locks else gates


def _is_over(incident: IncidentNow, automatic: Automatic, now: datetime) -> bool:
    """Is the wait over? What nobody has promised a day for is not overdue."""
    if incident.deadline_at is None:
        return automatic.since is not Since.PROMISED
    return now >= incident.deadline_at


def _is_called(automatic: Automatic, incident: IncidentNow, capabilities: Capabilities) -> bool:
    """Is a person called now? A promised check that the portal leaves open once is made again first."""
    unaided = not capabilities.can_all(automatic.does)
    return automatic.first_look or unaided or incident.attempts > 1


def _ask_a_person(
    session: Session, incident: IncidentNow, automatic: Automatic, rules: Rules, now: datetime
) -> None:
    """The portal leaves it open: the card gets the buttons for people and, where the step says so, it rings. Once."""
    there = calling.is_with_technician(incident, incident.step, rules)
    template = automatic.rings_there if there and automatic.rings_there else automatic.rings
    not_promised = automatic.since is Since.PROMISED and incident.promised_at is None
    if template is not None and not not_promised:
        calling.ring(session, incident, incident.turn, template, rules, now)
    version = incident.version + 1
    values = {"rung_step": True, "version": version}
    session.execute(_CHANGE, values | {"incident": incident.id})
    first_day.show(session, incident, version, rules, now)


def _look_again(
    session: Session, incident: IncidentNow, automatic: Automatic, rules: Rules, now: datetime
) -> None:
    if automatic.every is None:
        return
    due = now + automatic.every.length(rules.timings)
    if incident.deadline_at is not None and now < incident.deadline_at:
        due = min(due, incident.deadline_at)
    arming.arm(session, incident.id, arming.LOOK, incident.turn, due)


def as_readings(found: Sequence[tuple[str, Any]]) -> Readings:
    """Readings from pairs of a portal method and its answer; the method fixes what that is."""
    names = {"get_configuration": "configuration"}
    return Readings(**{names.get(name, name): value for name, value in found})
