"""Who may be rung, for what and when: the product's list ("Who is rung"), written down a second time.

Every line that calls somebody is held against it when it comes into being, every phone that rang when it rang.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.demo.slack.rings import Push
from bot.people import RELINK
from bot.portal.contract import Capability
from db.queries import IncidentNow
from tests.incidents.walk_book import Row, Snapshot
from tests.incidents.walk_call import Call
from tests.incidents.walk_slack import CHANNEL, LEAD_GROUP, MEMBERS, SUPPORT_GROUP, Town

PROOF = {
    "verify-online",
    "verify-alert-cleared",
    "get-configuration",
    "test-session",
    "verify-signal",
    "log-repair",
}
CALLED_BACK_AT = {"call-support", "check-area", "dispatch"}
REMINDED = time(9)
_PROVED_BY = {
    "verify-online": (("status", "alarms", "signal"), 15 * 60),
    "verify-alert-cleared": (("alarms",), 15 * 60),
    "get-configuration": (("get_configuration",), 10),
    "verify-signal": (("signal",), 0),
    "test-session": ((), 0),
}
"""What a step of the proof asks the portal for, and for how many seconds it tries before it calls somebody."""


def _bot(*ways: str) -> Callable[[Call], bool]:
    """Relink itself moved, by one of these choices."""
    told = {tuple(way.split(".")) for way in ways}

    def moved(call: Call) -> bool:
        made = call.move
        return made is not None and made.actor == RELINK.user_id and (made.step, made.choice) in told

    return moved


def _at(*steps: str, **length: float) -> Callable[[Call], bool]:
    """It stands at one of these steps, for so long."""
    return lambda call: call.step in steps and call.waited(**length)


def _done(*deeds: str) -> Callable[[Call], bool]:
    """Somebody has just done this with this incident."""
    return lambda call: call.book.deed.what in deeds and call.book.deed.incident == call.row.incident


def _person(*choices: str) -> Callable[[Call], bool]:
    """A person has just chosen one of these."""
    return lambda call: (
        call.move is not None and call.move.choice in choices and call.move.actor != RELINK.user_id
    )


def _is_there(call: Call) -> bool:
    """It calls the technician of the visit, who stands at the station."""
    visit = call.incident
    return visit.visit == "on site" and visit.technician == call.row.payload.get("called")


def _there(*steps: str, **length: float) -> Callable[[Call], bool]:
    """It stands at one of these steps of the technician there, for so long."""
    return lambda call: _at(*steps, **length)(call) and _is_there(call)


def _silent(call: Call) -> bool:
    """A lock is on, and for an hour its technician did nothing and nobody was told so."""
    since = call.row.created_at - timedelta(minutes=60)
    spoke = [made.at for made in call.moves if made.actor == call.incident.technician]
    told = [one.created_at for one in call.earlier("silent")]
    entered = call.now.entered(call.row.incident, call.row.turn)
    return call.incident.locks > 0 and max([*told, *(spoke or [entered])]) <= since


def _back(call: Call) -> bool:
    made = call.move
    watched = made is not None and (made.actor, made.choice) == (RELINK.user_id, "recovered")
    return watched and made is not None and made.step in CALLED_BACK_AT and call.incident.owner is not None


def _three_minutes_over(call: Call) -> bool:
    """Manual 4.1 (3): they count from the restart."""
    restarted = call.incident.remedy_at
    return (
        call.step == "wait-for-reconnect"
        and restarted is not None
        and call.row.created_at - restarted >= timedelta(minutes=3)
    )


def _proof_is_late(call: Call) -> bool:
    """Verification looks for 15 minutes, unless the portal cannot be asked; Get Configuration is asked twice."""
    needs, longest = _PROVED_BY[call.step]
    if longest == 0 and not _is_there(call):
        return False  # only whoever is there can do anything about it
    unaided = any(getattr(call.abilities, name) is not Capability.AUTO for name in needs)
    return unaided or call.waited(seconds=longest)


def _sim_is_due(call: Call) -> bool:
    """The day somebody entered has come."""
    promised = call.incident.promised_at
    if call.step != "order-sim" or promised is None:
        return False
    morning = datetime.combine(date.fromisoformat(f"{promised:%Y-%m-%d}"), REMINDED, UTC)
    return call.row.created_at >= morning


def _peace_is_over(call: Call) -> bool:
    """Peace was ended by hand, or an end that somebody set has come and nobody was called for it yet."""
    woken = [
        one.created_at
        for one in call.now.lines(call.row.incident)
        if one.id < call.row.id and one.ring == "waking"
    ]
    last = max(woken, default=call.incident.opened_at)
    return _done("unmute")(call) or any(
        last < end <= call.row.created_at for end in call.book.ends(call.incident)
    )


def _nobody_took_it(call: Call) -> bool:
    """Support was called, and for ten minutes nobody had it."""
    page = call.book.page(call.row.incident)
    since = call.row.created_at - timedelta(minutes=10)
    lines = call.now.lines(call.row.incident)
    calls = [one for one in lines if one.ring and one.turn == call.row.turn and one.created_at <= since]
    told = [
        one for one in lines if one.ring == "not-taken" and one.turn == call.row.turn and one.id < call.row.id
    ]
    nobody = page.owner is None and (page.owned_since is None or page.owned_since <= since)
    return nobody and len(calls) > len(told)


def _asked_again(call: Call) -> bool:
    made = call.move
    return made is not None and (made.choice, call.incident.visit) in {
        ("choose", "asked"),
        ("choose-another", "asked"),
        ("change-technician", "on site"),
    }


def _taken_away(call: Call) -> bool:
    return call.incident.technician != str(call.row.payload["called"])


def _no_more_visit(call: Call) -> bool:
    made = call.move
    theirs = call.incident.technician == call.row.payload["called"]
    return theirs and made is not None and made.to_step in PROOF and made.step not in PROOF


def _reopened(call: Call) -> bool:
    """Opened again by an alert: whoever does it by hand has it and knows."""
    return call.move is not None and (call.move.actor, call.move.choice) == (RELINK.user_id, "reopened")


def _released(call: Call) -> bool:
    return _done("release")(call) and call.incident.owner is None


def _lapsed(call: Call) -> bool:
    made = call.move
    return made is not None and (made.actor, made.choice) == (RELINK.user_id, "lapse")


def _under_lock(call: Call) -> bool:
    made = call.move
    seen = made is not None and (made.actor, made.choice) == (RELINK.user_id, "online-under-lock")
    return seen and call.incident.locks > 0


DESK, OWNER, LEADS, CALLED = "the owner, else support", "the owner", "the leads", "who is named"


@dataclass(frozen=True)
class Reason:
    """A reason to ring: in the product's words, for whom, and when it holds."""

    why: str
    whom: str
    holds: Callable[[Call], bool]
    once: bool = True
    """Once in one turn of an incident."""
    by_hand: bool = False
    """Somebody calls somebody here, or a life may be in danger: heard also while it is muted or parked."""


NEEDED, FAILED = "a person is newly needed", "a check that was promised failed"
PHONE = "the lead is told to phone"
REASONS: Mapping[str, Reason] = {
    "restart-station": Reason(
        NEEDED,
        DESK,
        _bot(
            "check-last-communication.older", "check-last-communication.not-known", "wait-and-monitor.silent"
        ),
    ),
    "last-communication": Reason(NEEDED, DESK, _at("check-last-communication")),
    "check-area": Reason(NEEDED, DESK, _at("check-area")),
    "dispatch": Reason(NEEDED, DESK, _bot("check-area.none")),
    "still-charging": Reason(NEEDED, DESK, _bot("restart-station.waited-enough")),
    "visit-refused": Reason(NEEDED, DESK, _person("cannot", "cannot-lock", "no-access")),
    "visit-unanswered": Reason(NEEDED, DESK, _bot("dispatch.unanswered")),
    "released": Reason(NEEDED, DESK, _released, once=False),
    "reconnected": Reason(FAILED, DESK, _three_minutes_over),
    "still-down": Reason(FAILED, DESK, _bot("wait-for-reconnect.still-down")),
    "not-delivered": Reason(FAILED, DESK, _bot("wait-for-reconnect.not-delivered")),
    "not-online": Reason(FAILED, DESK, _bot("verify-online.not-online", "verify-online.not-online-on-site")),
    "modem-failed": Reason(NEEDED, DESK, _person("modem-dead")),
    "boot": Reason(NEEDED, CALLED, _there("wait-for-boot", seconds=60)),
    "connection": Reason(FAILED, CALLED, _there("wait-for-connection", minutes=3)),
    "verify": Reason(FAILED, DESK, _proof_is_late),
    "sim-due": Reason("SIM due", DESK, _sim_is_due),
    "provider": Reason("the owner is reminded at 24 h", DESK, _at("wait-for-provider", hours=24)),
    "outage": Reason("a lead is asked at 4 h", LEADS, _at("carrier-outage", hours=4)),
    "not-taken": Reason("escalation", LEADS, _nobody_took_it, once=False),
    "back": Reason("back during a call or before a visit", OWNER, _back),
    "reopened": Reason("re-opening", DESK, _reopened),
    "waking": Reason("the time of peace is over", DESK, _peace_is_over, once=False),
    "volts": Reason("volts found", LEADS, _person("not-zero", "in-doubt"), by_hand=True),
    "stopped": Reason(PHONE, LEADS, _person("stop"), by_hand=True),
    "changed": Reason(PHONE, LEADS, _person("change-technician"), by_hand=True),
    "sim-needed": Reason(NEEDED, DESK, _person("power-on-needs-sim")),
    "part-needed": Reason(NEEDED, DESK, _person("power-on-needs-part")),
    "lapse": Reason(PHONE, LEADS, _lapsed, by_hand=True),
    "online-under-lock": Reason(PHONE, LEADS, _under_lock, by_hand=True),
    "silent": Reason(PHONE, LEADS, _silent, once=False, by_hand=True),
    "help": Reason("somebody calls for help", LEADS, _done("help"), once=False, by_hand=True),
    "handed-over": Reason("handed over", CALLED, _done("hand over"), once=False, by_hand=True),
    "visit-asked": Reason("dispatch", CALLED, _asked_again, by_hand=True),
    "follows": Reason("dispatch", CALLED, _person("change-technician"), by_hand=True),
    "gate-shut": Reason("keep out", CALLED, lambda call: _lapsed(call) or _under_lock(call), by_hand=True),
    "visit-off": Reason("dispatch", CALLED, _taken_away, by_hand=True),
    "visit-perhaps-off": Reason("recovery before a visit", CALLED, _no_more_visit, by_hand=True),
}
"""By the name of the template: nothing else rings."""


def check_calls(calls: Iterable[Call]) -> None:
    """Every line that calls somebody has a reason that holds now, and no peace is broken by it."""
    for call in calls:
        reason = REASONS[str(call.row.ring)]
        told = f"{call.row.key}: {call.row.template} at {call.row.created_at} after {call.book.deed}"
        assert reason.holds(call), f"{told}: no reason, {reason.why}?"
        assert not (reason.once and call.earlier(str(call.row.ring))), f"{told}: called twice"
        if reason.why in {NEEDED, FAILED} and reason.once:
            others = [name for name, other in REASONS.items() if other.why in {NEEDED, FAILED} and other.once]
            assert not call.earlier(*others), f"{told}: was called for already"
        peace = call.book.has_peace(call.incident, call.row.created_at)
        assert reason.by_hand or not peace, f"{told}: nobody was to be called yet"


def check_pushes(pushes: Iterable[Push], now: Snapshot, town: Town) -> None:
    """Every phone that rang belongs to somebody whom a line calls, or to the technician a visit is given to."""
    rows = {row.key: row for row in now.rows}
    rung: Counter[tuple[str, str]] = Counter()
    for push in pushes:
        row = rows[town.posts[push.channel, push.ts].key]
        rung[row.key, push.who] += 1
        if row.kind == "visit" or push.channel != CHANNEL:
            assert push.who == row.payload.get("called", row.payload.get("to")), row.key
            continue
        assert row.ring is not None, f"{push.who} was rung by {row.key}: {push.text}"
        assert push.who in _whom(REASONS[row.ring].whom, row, now.incidents[row.incident]), (
            f"{row.key}: {push.who}"
        )
    for (key, who), times in rung.items():
        again = {key, rows[key].under} & town.deleted
        assert times == 1 or again, f"{who} was rung {times} times by {key}"


def _whom(whom: str, row: Row, incident: IncidentNow) -> tuple[str, ...]:
    owner = () if incident.owner is None else (incident.owner,)
    match whom:
        case "the leads":
            return MEMBERS[LEAD_GROUP]
        case "who is named":
            return (str(row.payload["called"]),)
        case "the owner":
            return owner
        case _:
            return owner or MEMBERS[SUPPORT_GROUP]
