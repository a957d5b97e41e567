"""Stretches of the way that many incidents share: triage, restart, visit, cabinet, proof, log."""

from datetime import timedelta
from typing import Final

from bot.demo.past.course import RELINK, Course
from bot.demo.stories import SUPPORT_1, SUPPORT_2, TECH_1, TECH_2, DemoPerson

WAITED: Final = timedelta(minutes=30)
"""So long support is not called (manual 4.1 (2))."""
NOT_REACHED: Final = 0.6
"""The share of restarts that do not arrive: a station out of contact takes none, mostly."""
NOTHING_WRONG: Final = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}


def triage(course: Course, down: int = 0) -> None:
    """The alert is active and fresh: Relink watches."""
    nearby = {"all": 5, "down": down, "not_known": 0, "complete": True}
    course.tell(online=False, active_sessions=0, alert_active=True, nearby=nearby)
    course.move("active", "check-last-communication")
    course.move("recent", "wait-and-monitor")


def called(course: Course, down: int = 0) -> DemoPerson:
    """Silent for half an hour: somebody of the desk is called. Who it is."""
    triage(course, down)
    course.at = course.row["last_communication"] + WAITED
    course.move("silent", "restart-station")
    course.row["rung_step"] = True
    return course.chance.choice((SUPPORT_1, SUPPORT_2))


def restart(course: Course, by: DemoPerson, outcome: str) -> None:
    """One restart is sent; what the portal says to it."""
    course.move("restart", "wait-for-reconnect", course.some(1, 14), by)
    course.row["tried"] = True
    course.pass_time(0.1)
    course.tell(restart={"outcome": outcome, "detail": ""})
    if outcome == "not_connected":
        course.move("not-delivered", "call-support")
    else:
        course.row |= {"restarts": 1, "remedy_at": course.at}


def no_help_from_afar(course: Course, by: DemoPerson) -> None:
    """A restart does not help, or does not even arrive: ChargePoint is called."""
    if course.chance.random() < NOT_REACHED:
        restart(course, by, "not_connected")
    else:
        restart(course, by, "accepted")
        course.move("still-down", "call-support", 3)


def back(course: Course, choice: str, after: float = 0.0) -> None:
    course.pass_time(after)
    course.tell(online=True, signal={"bars": 4, "weak": False})
    course.move(choice, "verify-online")
    course.row["back_at"] = course.at


def proof(course: Course, tested: str, by: DemoPerson = RELINK) -> None:
    """The five verify steps; `tested`: how the test session went."""
    course.move("online", "verify-alert-cleared")
    course.tell(alert_active=False)
    course.move("cleared", "get-configuration", course.some(0, 2))
    course.tell(configuration={"outcome": "accepted", "ms": course.chance.randrange(400, 2400)})
    course.move("answered", "test-session")
    if tested == "passed":
        parts = dict.fromkeys(("authentication", "start", "energy", "end", "record"), "yes")
        course.fill("test-session", by, course.some(3, 8), **parts)
    course.move(tested, "verify-signal", course.some(1, 6) if tested == "waive" else 0, by)
    course.move("good", "log-repair")


def log(course: Course, by: DemoPerson, fix: str, note: str) -> None:
    course.fill("repair-log", by, course.some(1, 8), fix=fix, note=note)
    course.move("log", "closed", by=by)
    course.row["fix"] = fix


def healed(course: Course) -> None:
    """Nobody touched it: watched for 30 minutes and closed."""
    proof(course, "waived")
    course.move("closed-by-itself", "closed", 30)
    course.row["fix"] = "recovered by itself"


def to_dispatch(course: Course) -> DemoPerson:
    """Nothing can be done from afar: a visit is needed. Who is at it."""
    by = called(course)
    no_help_from_afar(course, by)
    course.fill("sim-status", by, course.some(5, 25), **NOTHING_WRONG)
    course.move("nothing-found", "check-area", by=by)
    course.move("none", "dispatch")
    return by


def on_site(course: Course, by: DemoPerson) -> DemoPerson:
    """A technician is asked, accepts and comes. Who it is."""
    who = course.chance.choice((TECH_1, TECH_2))
    course.fill("visit", by, course.some(2, 15), technician=who.id, technician_name=who.name)
    course.move("choose", "dispatch", by=by)
    course.row |= {"technician": who.id, "technician_name": who.name, "visit": "on site"}
    course.move("accept", "dispatch", course.some(1, 12), who)
    course.move("on-site", "check-signal", course.some(60, 420), who)
    return who


def inside(course: Course, who: DemoPerson) -> None:
    """Signal seen, locked out, proved dead, panel off."""
    course.fill("signal-check", who, course.some(3, 8), bars="3", display="Network Error", wifi="not known")
    course.move("enough-bars", "check-signal", by=who)
    course.row["finding"] = "none"
    course.move("to-lock-out", "lock-out", 1, who)
    tag = course.chance.randrange(100, 900)
    tags = {1: f"T-{tag}", 2: f"T-{tag + 1}"}
    locked = {"breaker_1": "14", "tag_1": tags[1], "breaker_2": "16", "tag_2": tags[2]}
    safe = {"display": "dark", "car": "no", "glasses": "yes", "told": "yes"}
    course.fill("lock-out", who, course.some(6, 12), circuits="2", **locked, **safe)
    put_on = {"incident_id": course.row["id"], "technician": who.id, "technician_name": who.name}
    course.locks = [
        {**put_on, "circuit": circuit, "breaker": breaker, "tag": tags[circuit], "on_at": course.at}
        for circuit, breaker in ((1, "14"), (2, "16"))
    ]
    course.move("locked", "verify-zero-volts", by=who)
    dead = {"before": "240", "l1_l2": "0", "l1_ground": "0", "l2_ground": "0", "after": "240"}
    for lock, choice, to in zip(
        course.locks, ("circuit-proved", "all-proved"), ("verify-zero-volts", "open-cabinet"), strict=True
    ):
        course.fill("readings", who, course.some(3, 6), meter="M-7", **dead)
        lock["measured_at"] = course.at
        course.move(choice, to, by=who)
    course.move("opened", "inspect-sim", course.some(2, 5), who)


def cabinet(course: Course, who: DemoPerson, sim: str, antenna: str) -> None:
    """What was done inside, then panel, locks and power, until it boots."""
    inside(course, who)
    course.move(sim, "inspect-antenna", course.some(3, 8), who)
    course.move(antenna, "close-cabinet", course.some(3, 9), who)
    course.move("closed-up", "restore-power", course.some(2, 5), who)
    first, second = (lock["tag"] for lock in course.locks)
    clear = {"clear": "yes", "others": "no", "breaker": "yes"}
    course.fill("unlock", who, course.some(1, 4), **clear, tag_1=first, tag_2=second)
    for lock in course.locks:
        lock |= {"off_at": course.at, "off_by": who.id}
    course.move("power-on", "wait-for-boot", by=who)
    course.row["remedy_at"] = course.at


def connected(course: Course, who: DemoPerson) -> None:
    course.move("indicator", "wait-for-connection", 1.5, who)
    back(course, "back", course.some(0.7, 2.5))
    proof(course, "passed", who)
