"""Judgements of what people entered: the values of a form name the choice they lead to.

`facts` are those a choice's `when` may ask.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from bot.errors import FieldsWrong

Facts: TypeAlias = Mapping[str, str]

ENOUGH_ON_THE_PHONE = 2
"""Manual 4.2 (1): with 2 bars or more on a phone the charger should be able to communicate."""

LIVE_VOLTS = 100.0
"""A known source shows at least so much, else the meter proves nothing; our number."""

TO_MEASURE = ("l1-l2", "l1-ground", "l2-ground")
"""What must be 0 V at the contactor input (manual 2 and 4.3 (1))."""

SESSION_PARTS = ("authentication", "start", "energy", "end", "record")
"""Manual 5 (7): what a test session must show."""


def sim_status(values: Mapping[str, str], _facts: Facts) -> str:
    """Manual 4.1 (4) and 1, the first match leads: defective, inactive or over its cap, the carrier, else nothing."""
    if values.get("defective") == "yes":
        return "sim-defective"
    if values.get("active") == "no" or values.get("cap") == "yes":
        return "inactive-or-cap"
    return "carrier-issue" if values.get("carrier") == "yes" else "nothing-found"


def paper(values: Mapping[str, str], _facts: Facts) -> str:
    """A visit whose results came on paper: the station was put right, or something was found and not."""
    return "put-right" if values.get("result") == "put right" else "found-only"


def session_tested(values: Mapping[str, str], _facts: Facts) -> str:
    """Manual 5 (7): the choice these answers lead to. Raises FieldsWrong without an answer or a cause."""
    _refuse_missing(part for part in SESSION_PARTS if values.get(part) not in {"yes", "no"})
    if all(values[part] == "yes" for part in SESSION_PARTS):
        return "passed"
    match values.get("cause"):
        case "connection":
            return "failed"
        case "another reason":
            return "failed-otherwise"
        case _:
            raise FieldsWrong({"cause": "One part failed: was it the connection or another reason?"})


def _refuse_missing(fields: Iterable[str]) -> None:
    missing = dict.fromkeys(fields, "Please answer yes or no.")
    if missing:
        raise FieldsWrong(missing)


def signal_on_site(values: Mapping[str, str], _facts: Facts) -> str:
    """Manual 4.2: what the display shows decides first, then the bars on the phone."""
    if values.get("display") == "dark":
        return "no-power"
    if values.get("display") == "normal":
        return "display-normal"
    return "enough-bars" if int(values["bars"]) >= ENOUGH_ON_THE_PHONE else "weak-bars"


def locked_out(values: Mapping[str, str], _facts: Facts) -> str:
    """Manual 2 and 4.3 (1): a lock of one's own on each circuit, then judged. Raises FieldsWrong."""
    wrong: dict[str, str] = {}
    if values["circuits"] == "2":
        wrong |= {
            name: "With two circuits this is needed too."
            for name in ("breaker-2", "tag-2")
            if not values.get(name)
        }
        if not wrong and same_tag(values["tag-1"], values["tag-2"]):
            wrong["tag-2"] = "Each breaker has a lock of its own: this is the tag of breaker 1."
        if not wrong and values["breaker-1"].casefold() == values["breaker-2"].casefold():
            wrong["breaker-2"] = "Each circuit has a breaker of its own: this is breaker 1."
    else:
        wrong |= {
            name: "You entered one circuit. Leave this empty, or enter two."
            for name in ("breaker-2", "tag-2")
            if values.get(name)
        }
    if values["glasses"] != "yes":
        wrong["glasses"] = "Put them on first."
    if values["told"] != "yes":
        wrong["told"] = "Tell the site contact first."
    if wrong:
        raise FieldsWrong(wrong)
    return "locked" if values["display"] == "dark" and values["car"] == "no" else "not-dead"


def same_tag(one: str, other: str) -> bool:
    """Do these name the same lock or tag? Case does not matter, nor do blanks around."""
    return one.strip().casefold() == other.strip().casefold()


def zero_volts(values: Mapping[str, str], facts: Facts) -> str:
    """Manual 2 and 4.3 (1): 0 V three times, with a meter proved before and after. Raises FieldsWrong."""
    volts = _numbers(values, ("before", *TO_MEASURE, "after"))
    if any(volts[name] != 0 for name in TO_MEASURE):
        return "not-zero"
    if min(abs(volts["before"]), abs(volts["after"])) < LIVE_VOLTS:
        return "meter-not-proved"
    return "all-proved" if facts.get("circuits") == "one" else "circuit-proved"


def cabinet(_values: Mapping[str, str], _facts: Facts) -> str:
    """All answers of the cabinet at once; what was found decides at the end of the visit."""
    return "answered-all"


FIX_OF: Mapping[str, str] = {
    "was loose": "SIM reseat",
    "cleaned": "SIM reseat",
    "SIM replaced": "SIM replaced",
    "was off, put right": "antenna reconnection",
    "antenna replaced": "antenna replaced",
}
NEEDS_OF: Mapping[str, str] = {"damaged": "sim", "not ChargePoint's": "sim", "part needed": "part"}


def cabinet_findings(values: Mapping[str, str]) -> Mapping[str, str]:
    """What answers about SIM and antenna make of the incident: its `fix` so far, what it `needs`."""
    said = [f"{part} replaced" if values[name] == "replaced" else values[name] for name, part in _PARTS]
    fixes = [FIX_OF[one] for one in said if one in FIX_OF]
    needs = [NEEDS_OF[one] for one in said if one in NEEDS_OF]
    return ({"fix": fixes[-1]} if fixes else {}) | ({"needs": needs[0]} if needs else {})


_PARTS = (("sim", "SIM"), ("antenna", "antenna"))


def power_on(values: Mapping[str, str], facts: Facts) -> str:
    """Manual 5 (1): locks off, power on; a finding of this visit leads on. Raises FieldsWrong."""
    wanted = {"clear": "yes", "others": "no", "breaker": "yes"}
    wrong = {name: _NOT_YET[name] for name, answer in wanted.items() if values.get(name) != answer}
    if wrong:
        raise FieldsWrong(wrong)
    return {"sim": "power-on-needs-sim", "part": "power-on-needs-part"}.get(
        facts.get("needs", ""), "power-on"
    )


_NOT_YET: Mapping[str, str] = {
    "clear": "Not before everybody is clear, tools are out and the panel is closed.",
    "others": "Not while somebody else's lock is on. Its owner takes it off.",
    "breaker": "Put the breaker back on, then record it.",
}


def _numbers(values: Mapping[str, str], names: Iterable[str]) -> Mapping[str, float]:
    volts: dict[str, float] = {}
    wrong: dict[str, str] = {}
    for name in names:
        if not _READING.fullmatch(values.get(name, "")):
            wrong[name] = "Please enter the volts as a number."
            continue
        volts[name] = float(values[name])
        if abs(volts[name]) > MOST_VOLTS:
            wrong[name] = f"A reading of at most {MOST_VOLTS} V, please."
    if wrong:
        raise FieldsWrong(wrong)
    return volts


MOST_VOLTS = 1000
"""More is no reading of this meter."""
_READING = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")
"""As a meter shows it. No exponent: what is not 0 as typed must not become 0 as a number."""

FORM_JUDGEMENTS: Mapping[str, Callable[[Mapping[str, str], Facts], str]] = {
    "test-session": session_tested,
    "sim-status": sim_status,
    "paper": paper,
    "signal-on-site": signal_on_site,
    "lock-out": locked_out,
    "zero-volts": zero_volts,
    "cabinet": cabinet,
    "power-on": power_on,
}
