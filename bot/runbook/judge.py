"""Judgements: what a reading of the portal means for the step; `judge_forms` has those of a form's values.

A judgement names a choice of its step, or `recovered`, or says None: it cannot tell, so a person is asked or
the bot looks again. `RESULTS` declares what each may say; `proof` holds the runbook against it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.portal.contract import Alarm, Capabilities, Capability, Command, Nearby, Outcome, Signal, Status

JUST_DROPPED = timedelta(minutes=30)
"""Manual 4.1 (2): under 30 minutes since the last communication the connection may have just dropped."""

CONFIGURATION_WITHIN_MS = 5000
"""Manual 5 (6): Get Configuration is answered within 5 seconds."""

OF_THE_CHECK = timedelta(minutes=1)
"""How much older than the check it is made for a reading may be; ours, portals are a little behind."""

ENOUGH_BARS = 2
"""Manual 5 (8): at least 2 bars."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an incident at one look. Times are aware UTC; None is "not known" or "not read".

    `last_communication` is the best known from alert and portal, `remedy_at` the last remedial move,
    `back_at` when the station was seen back, `watch` how long it must hold, `fresh` how old a reading of now may
    be. `touched`: a person made a move.
    `attempts` counts the looks in this step, this one included, `promised_at` and `deadline_at` are the step's,
    `visit` says how the visit stands, `zero_at` since when 0 V is proved. The readings `status`, `alarms`, `signal`,
    `configuration` are None when not read or when that failed.
    """

    now: datetime
    entered_at: datetime
    code: str
    step: str
    raised_at: datetime
    last_communication: datetime | None = None
    remedy_at: datetime | None = None
    back_at: datetime | None = None
    watch: timedelta = timedelta(minutes=30)
    fresh: timedelta = timedelta(minutes=6)
    touched: bool = False
    attempts: int = 1
    capabilities: Capabilities | None = None
    status: Status | None = None
    alarms: tuple[Alarm, ...] | None = None
    signal: Signal | None = None
    configuration: Command | None = None
    nearby: Nearby | None = None
    carrier: str | None = None
    promised_at: datetime | None = None
    deadline_at: datetime | None = None
    visit: str | None = None
    zero_at: datetime | None = None


def last_heard(now: datetime, *times: datetime | None) -> datetime | None:
    """The newest of `times` that is not in the future; a future time counts as not known (a wrong clock)."""
    return max((moment for moment in times if moment is not None and moment <= now), default=None)


def _heard(situation: Situation) -> datetime | None:
    status = situation.status
    return last_heard(
        situation.now, situation.last_communication, status.last_communication if status else None
    )


def _can(situation: Situation, name: str) -> Capability | None:
    """Who can do what `name` says, None while the portal has not told."""
    capability: Capability | None = getattr(situation.capabilities, name, None)
    return capability


def _active(situation: Situation) -> bool | None:
    """Is an alarm of this incident's code active? None if the alarms were not read."""
    if situation.alarms is None:
        return None
    return any(alarm.code == situation.code and alarm.cleared_at is None for alarm in situation.alarms)


def _online_since(situation: Situation, moment: datetime) -> bool | None:
    """Is the station online, by a reading and a contact both newer than `moment`? None: cannot tell."""
    status = situation.status
    if status is None or status.online is None or status.as_of <= moment:
        return None
    if not status.online:
        return False
    spoke = last_heard(situation.now, status.last_communication)
    return None if spoke is not None and spoke <= moment else True


def alert_active(situation: Situation) -> str | None:
    """Manual 4.1 (1). While nobody can tell, a prompt alert stays quiet until minute 30 of silence.

    An alert may be quicker than the portal's list: what is not on it has cleared only if the station is back.
    """
    active = _active(situation)
    if active:
        return "active"
    status = situation.status
    online = status.online if status and status.as_of >= situation.raised_at else None
    if active is False and (online or _can(situation, "status") is not Capability.AUTO):
        return "already-cleared"
    if active is False and online is False:
        return "cannot-tell"
    heard = last_heard(situation.now, situation.last_communication)
    quiet = heard is not None and situation.now - heard < JUST_DROPPED
    return None if quiet else "cannot-tell"


def last_communication(situation: Situation) -> str | None:
    """Manual 4.1 (2): under 30 minutes is recent. A person is asked where the portal cannot be."""
    heard = _heard(situation)
    if heard is None:
        return "not-known" if _can(situation, "status") is Capability.AUTO else None
    return "recent" if situation.now - heard < JUST_DROPPED else "older"


def back_online(situation: Situation) -> str | None:
    """Online again, by a reading newer than the alert."""
    return "recovered" if _online_since(situation, situation.raised_at) else None


def session_over(situation: Situation) -> str | None:
    """Has the session ended that a restart waits for? Only a reading of now that shows none counts."""
    if situation.promised_at is None:
        return None
    if situation.now >= situation.promised_at:
        return "waited-enough"
    status = situation.status
    of_now = status is not None and situation.now - status.as_of <= situation.fresh
    return "session-ended" if of_now and status and status.active_sessions == 0 else None


def visit(situation: Situation) -> str | None:
    """Before a visit: back by itself, or the technician who was asked does not answer in time."""
    overdue = situation.deadline_at is not None and situation.now >= situation.deadline_at
    if situation.visit == "asked" and overdue:
        return "unanswered"
    return back_online(situation)


def reconnected(situation: Situation) -> str | None:
    """Manual 4.1 (3): did the station come back after the restart? Silence while it may still boot says nothing."""
    if situation.remedy_at is None:
        return None
    online, check = _online_since(situation, situation.remedy_at), situation.deadline_at
    if online is False and check and situation.status and situation.status.as_of < check - OF_THE_CHECK:
        online = None
    return None if online is None else ("back" if online else "still-down")


def back_after_power(situation: Situation) -> str | None:
    """Manual 1 and 5 (3): online again, by a contact newer than the power's return. Not yet says nothing."""
    since = situation.remedy_at or situation.entered_at
    return "back" if _online_since(situation, since) else None


def online_under_lock(situation: Situation) -> str | None:
    """Online though it is locked out, by a contact newer than the proof of 0 V: a source may still be on.

    Whoever closes the cabinet as live has heard it and is not sent back to lock out once more.
    """
    if situation.step == "close-cabinet" and situation.zero_at is None:
        return None
    since = situation.zero_at or situation.entered_at
    return "online-under-lock" if _online_since(situation, since) else None


def online(situation: Situation) -> str | None:
    """Manual 5 (4): "Online", newer than the last remedial move, else than the alert."""
    seen = _online_since(situation, situation.remedy_at or situation.raised_at)
    if seen is None:
        return None
    lost = "not-online-on-site" if situation.visit == "on site" else "not-online"
    return "online" if seen else lost


def alert_cleared(situation: Situation) -> str | None:
    """Manual 5 (5): the alert is gone from the active ones."""
    return "cleared" if _active(situation) is False else None


def configuration(situation: Situation) -> str | None:
    """Manual 5 (6): an answer within 5 seconds. Slow or no answer is asked again, then a person is."""
    capability, command = _can(situation, "get_configuration"), situation.configuration
    if capability is Capability.MANUAL:
        # What came back untouched needs nobody: it is noted instead of asked.
        return None if situation.touched else "cannot-ask"
    if capability is Capability.NONE or (command and command.outcome is Outcome.UNSUPPORTED):
        return "cannot-ask"
    if command is None or command.outcome is not Outcome.ACCEPTED or command.round_trip_ms is None:
        return None
    return "answered" if command.round_trip_ms <= CONFIGURATION_WITHIN_MS else None


def session_waived(situation: Situation) -> str | None:
    """Manual 5 (7) needs somebody with a card; what nobody touched came back by itself and is waived."""
    return None if situation.touched else "waived"


def signal(situation: Situation) -> str | None:
    """Manual 5 (8): 2 bars or more since the last remedy, where the tier shows them. Weak on site: they are asked."""
    reading, remedy = situation.signal, situation.remedy_at
    if reading and reading.measured_at and remedy and reading.measured_at <= remedy:
        return None
    weak = None if reading is None else reading.weak
    if reading is not None and reading.bars is not None:
        weak = reading.bars < ENOUGH_BARS
    if weak is not None:
        there = situation.visit == "on site"
        return "good" if not weak else None if there else "weak"
    capability = _can(situation, "signal")
    nobody = capability is Capability.MANUAL and not situation.touched
    if reading is not None or nobody or capability is Capability.NONE:
        return "not-shown"
    return None


def stays_up(situation: Situation) -> str | None:
    """Before closing: what nobody touched must hold for `watch`, by the reading's own time; else back to triage."""
    status, back_at = situation.status, situation.back_at
    if status is None or back_at is None or status.as_of < back_at:
        return None
    if status.online is False:
        return "down-again" if status.as_of > back_at else None
    held = min(status.as_of + OF_THE_CHECK, situation.now) - back_at >= situation.watch
    return "closed-by-itself" if status.online and held and not situation.touched else None


def area(situation: Situation) -> str | None:
    """Manual 4.1 (5): others of the area with the same trouble make it the carrier's, not this unit's.

    Another carrier's station says nothing about ours. A list with gaps, or a station that cannot be read, proves
    no "none".
    """
    nearby = situation.nearby
    if nearby is None:
        return None
    alike = [
        one
        for one in nearby.items
        if None in {one.carrier, situation.carrier} or one.carrier == situation.carrier
    ]
    if any(one.online is False for one in alike):
        return "others-down"
    return "none" if nearby.complete and all(one.online for one in alike) else None


JUDGEMENTS: Mapping[str, Callable[[Situation], str | None]] = {
    "alert-active": alert_active,
    "last-communication": last_communication,
    "back-online": back_online,
    "session-over": session_over,
    "visit": visit,
    "reconnected": reconnected,
    "back-after-power": back_after_power,
    "online-under-lock": online_under_lock,
    "online": online,
    "alert-cleared": alert_cleared,
    "configuration": configuration,
    "session-waived": session_waived,
    "signal": signal,
    "stays-up": stays_up,
    "area": area,
}

RESULTS: Mapping[str, frozenset[str]] = {
    "alert-active": frozenset({"active", "already-cleared", "cannot-tell"}),
    "last-communication": frozenset({"recent", "older", "not-known"}),
    "back-online": frozenset({"recovered"}),
    "session-over": frozenset({"session-ended", "waited-enough"}),
    "visit": frozenset({"recovered", "unanswered"}),
    "reconnected": frozenset({"back", "still-down"}),
    "back-after-power": frozenset({"back"}),
    "online-under-lock": frozenset({"online-under-lock"}),
    "online": frozenset({"online", "not-online", "not-online-on-site"}),
    "alert-cleared": frozenset({"cleared"}),
    "configuration": frozenset({"answered", "cannot-ask"}),
    "session-waived": frozenset({"waived"}),
    "signal": frozenset({"good", "weak", "not-shown"}),
    "stays-up": frozenset({"closed-by-itself", "down-again"}),
    "area": frozenset({"others-down", "none"}),
    "sim-status": frozenset({"sim-defective", "inactive-or-cap", "carrier-issue", "nothing-found"}),
    "paper": frozenset({"put-right", "found-only"}),
    "test-session": frozenset({"passed", "failed", "failed-otherwise"}),
    "signal-on-site": frozenset({"enough-bars", "weak-bars", "display-normal", "no-power"}),
    "lock-out": frozenset({"locked", "not-dead"}),
    "zero-volts": frozenset({"circuit-proved", "meter-not-proved", "not-zero", "all-proved"}),
    "cabinet": frozenset({"answered-all"}),
    "power-on": frozenset({"power-on", "power-on-needs-sim", "power-on-needs-part"}),
}
"""What each judgement may say, those of `judge_forms` included."""
