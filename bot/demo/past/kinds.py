"""How each kind of trouble went through the procedure, from the alert to the log.

The same steps in the same order as in service; a test holds every course against the runbook.
"""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.demo.past.course import Course
from bot.demo.past.failures import Failure, Kind
from bot.demo.past.parts import (
    NOTHING_WRONG,
    back,
    cabinet,
    called,
    connected,
    healed,
    log,
    no_help_from_afar,
    on_site,
    proof,
    restart,
    to_dispatch,
    triage,
)
from bot.demo.stories import SUPPORT_1, SUPPORT_2, DemoPerson

CODE: Final = "CP-ERR-WIFI"
ALERT: Final = timedelta(minutes=10)
"""After so long without contact the alert comes (manual 1)."""

_AT_FIRST: Final[Mapping[str, Any]] = {
    "code": CODE,
    "step": "confirm-alert",
    "origin_step": None,
    "turn": 0,
    "version": 1,
    "attempts": 0,
    "rung_step": False,
    "owner": None,
    "first_person_at": None,
    "remedy_at": None,
    "back_at": None,
    "restarts": 0,
    "tried": False,
    "technician": None,
    "technician_name": None,
    "visit": None,
    "spoke_at": None,
    "fix": None,
    "finding": None,
    "reopenings": 0,
    "drill": False,
}
"""Of what an incident has at its end; what is not named here is empty then."""


def course_of(failure: Failure, number: int, station: int, runbook: str, chance: random.Random) -> Course:
    """The whole course of this failure. `number` and `station`: the incident's and the station's rows."""
    opened_at = failure.silent_at + ALERT
    times = dict.fromkeys(("opened_at", "raised_at", "entered_at"), opened_at)
    row = {
        **_AT_FIRST,
        **times,
        "id": number,
        "station_id": station,
        "runbook": runbook,
        "last_communication": failure.silent_at,
    }
    course = Course(row, opened_at, chance)
    _COURSES[failure.kind](course)
    until = row["back_at"] or row["closed_at"]
    row["looked_at"] = row["closed_at"]
    row["lost_seconds"] = int((until - failure.silent_at).total_seconds())
    return course


def _blip(course: Course) -> None:
    triage(course)
    back(course, "recovered", course.some(2, 18))
    healed(course)


def _late(course: Course) -> None:
    called(course)
    back(course, "recovered", course.some(3, 9))
    healed(course)


def _hang(course: Course) -> None:
    by = called(course)
    restart(course, by, "accepted")
    back(course, "back", 3)
    proof(course, "waive", by)
    log(course, by, "modem power cycle", "Back after the restart.")


def _cap(course: Course) -> None:
    by = called(course)
    no_help_from_afar(course, by)
    course.fill("sim-status", by, course.some(5, 25), **(NOTHING_WRONG | {"cap": "yes"}))
    course.move("inactive-or-cap", "wait-for-provider", by=by)
    back(course, "recovered", course.some(60, 900))
    proof(course, "waive", by)
    log(course, by, "provider restored service", "NOC lifted the data cap.")


def _outage(course: Course) -> None:
    by = called(course, down=3)
    course.move("others-down", "carrier-outage", course.some(1, 10), by)
    back(course, "recovered", course.some(50, 280))
    proof(course, "waive", by)
    log(course, by, "carrier recovered", "Others of the carrier came back too.")


def _defective_sim(course: Course) -> None:
    by = called(course)
    no_help_from_afar(course, by)
    course.fill("sim-status", by, course.some(5, 25), **(NOTHING_WRONG | {"defective": "yes"}))
    course.move("sim-defective", "order-sim", by=by)
    eta = (course.at + timedelta(days=1)).date().isoformat()
    course.fill("sim-order", by, course.some(2, 9), eta=eta)
    course.move("shipped", "order-sim", by=by)
    course.move("arrived", "dispatch", course.some(1000, 1900), by)
    _repaired(course, by, "sim-replaced", "antenna-fine", "SIM replaced", "New SIM from ChargePoint.")


def _repaired(course: Course, by: DemoPerson, sim: str, antenna: str, fix: str, note: str) -> None:
    who = on_site(course, by)
    cabinet(course, who, sim, antenna)
    connected(course, who)
    log(course, who, fix, note)


def _loose_sim(course: Course) -> None:
    by = to_dispatch(course)
    _repaired(course, by, "sim-was-loose", "antenna-fine", "SIM reseat", "Heavy trucks pass by.")


def _antenna(course: Course) -> None:
    by = to_dispatch(course)
    _repaired(course, by, "sim-fine", "antenna-reconnected", "antenna reconnection", "U.FL was off.")


def _antenna_broken(course: Course) -> None:
    by = to_dispatch(course)
    _repaired(course, by, "sim-fine", "antenna-replaced", "antenna replaced", "Cable was torn.")


def _wifi(course: Course) -> None:
    who = on_site(course, to_dispatch(course))
    cabinet(course, who, "sim-fine", "antenna-fine")
    course.move("wifi-intended", "reconfigure-wifi", 1.5, who)
    course.move("applied-at-port", "wait-for-connection", course.some(5, 15), who)
    course.row["remedy_at"] = course.at
    back(course, "back", course.some(0.5, 2.5))
    proof(course, "passed", who)
    log(course, who, "Wi-Fi reconfiguration", "The site had changed its Wi-Fi.")


def _weak(course: Course) -> None:
    who = on_site(course, to_dispatch(course))
    course.fill("signal-check", who, course.some(3, 8), bars="1", display="Network Error", wifi="no")
    course.move("weak-bars", "check-signal", by=who)
    course.row["finding"] = "coverage"
    course.fill("reason", who, 2, reason="1 bar everywhere on this level")
    course.move("recommend", "log-repair", by=who)
    log(course, who, "coverage finding", "External antenna recommended.")


def _dark(course: Course) -> None:
    who = on_site(course, to_dispatch(course))
    course.fill("signal-check", who, course.some(3, 8), bars="4", display="dark", wifi="not known")
    course.move("no-power", "log-repair", by=who)
    log(course, who, "no power (not communications)", "Breaker was off.")


def _modem(course: Course) -> None:
    by = to_dispatch(course)
    who = on_site(course, by)
    cabinet(course, who, "sim-fine", "antenna-fine")
    course.move("indicator", "wait-for-connection", 1.5, who)
    course.move("modem-dead", "modem-failed", course.some(3, 5), who)
    course.row |= {"technician": None, "technician_name": None, "visit": None}
    course.fill("case", by, course.some(1100, 1700), part="modem board")
    course.move("new-visit", "dispatch", by=by)
    done = {"result": "put right", "fix": "modem replaced", "technician": who.name}
    course.fill("paper", by, course.some(200, 400), **done)
    course.move("put-right", "verify-online", by=by)
    course.row |= {"remedy_at": course.at, "back_at": course.at}
    course.tell(online=True, signal={"bars": 4, "weak": False})
    proof(course, "waive", by)
    log(course, by, "modem replaced", "The vendor sent a new board.")


def _false(course: Course) -> None:
    by = course.chance.choice((SUPPORT_1, SUPPORT_2))
    course.move("not-this-station", "log-repair", course.some(3, 15), by)
    log(course, by, "false alarm", "Another station was meant.")


def _given_up(course: Course) -> None:
    by = called(course)
    course.fill("reason", by, course.some(5, 30), reason="The site is being rebuilt")
    course.move("give-up", "log-repair", by=by)
    log(course, by, "could not complete", "Closed until the site is open again.")


_COURSES: Final[Mapping[Kind, Callable[[Course], None]]] = {
    "blip": _blip,
    "late": _late,
    "hang": _hang,
    "cap": _cap,
    "outage": _outage,
    "defective SIM": _defective_sim,
    "loose SIM": _loose_sim,
    "antenna": _antenna,
    "antenna broken": _antenna_broken,
    "Wi-Fi": _wifi,
    "weak": _weak,
    "dark": _dark,
    "modem": _modem,
    "false": _false,
    "given up": _given_up,
}
