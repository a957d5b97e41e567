"""Which gates every step and every choice of the procedure is about, said a second time.

Written from the manual (2, 4.3 to 4.5, 5 (1) and 5 (9)) and from what was decided about the order of the visit, not
from the procedure's files: a gate that is lost or added there differs from here.
"""

from bot.runbook.model import Gate

Gates = frozenset[Gate]

NONE: Gates = frozenset()
LOCK: Gates = frozenset({Gate.LOCK_ON})
ZERO: Gates = frozenset({Gate.ZERO_VOLTS})
BOTH: Gates = frozenset(Gate)

STEPS: dict[str, tuple[Gates, Gates]] = {
    # Under a lock nobody triages, restarts, drives out, proves or closes.
    "confirm-alert": (NONE, LOCK),
    "check-last-communication": (NONE, LOCK),
    "wait-and-monitor": (NONE, LOCK),
    "restart-station": (NONE, LOCK),
    "wait-for-reconnect": (NONE, LOCK),
    "call-support": (NONE, LOCK),
    "order-sim": (NONE, LOCK),
    "wait-for-provider": (NONE, LOCK),
    "check-area": (NONE, LOCK),
    "carrier-outage": (NONE, LOCK),
    "dispatch": (NONE, LOCK),
    # 4.2 is before LOTO, and so is the breaker off and on (1).
    "check-signal": (NONE, LOCK),
    "power-cycle-breaker": (NONE, LOCK),
    # 4.3 (1): the lock comes first and may already be on when it is entered anew; nothing measured holds there.
    "lock-out": (NONE, ZERO),
    "verify-zero-volts": (LOCK, ZERO),
    # 2 and 4.3 (2) to 4.5: locked out and 0 VAC verified before anything inside.
    "open-cabinet": (BOTH, NONE),
    "inspect-sim": (BOTH, NONE),
    "inspect-antenna": (BOTH, NONE),
    # 5 (9), moved: closed also by whoever has not proved 0 V, and always before the power comes back in 5 (1).
    "close-cabinet": (LOCK, NONE),
    "restore-power": (LOCK, ZERO),
    # 5 (2) on: the power is on.
    "wait-for-boot": (NONE, LOCK),
    "reconfigure-wifi": (NONE, LOCK),
    "wait-for-connection": (NONE, LOCK),
    "modem-failed": (NONE, LOCK),
    "verify-online": (NONE, LOCK),
    "verify-alert-cleared": (NONE, LOCK),
    "get-configuration": (NONE, LOCK),
    "test-session": (NONE, LOCK),
    "verify-signal": (NONE, LOCK),
    "log-repair": (NONE, LOCK),
}
"""Step: the gates it needs, the gates it forbids."""

CHOICES: dict[tuple[str, str], tuple[Gates, Gates]] = {
    # A lock stands from the moment it is recorded, whatever the display shows.
    ("lock-out", "locked"): (LOCK, NONE),
    ("lock-out", "not-dead"): (LOCK, NONE),
    ("verify-zero-volts", "all-proved"): (ZERO, NONE),
    ("close-cabinet", "closed-up"): (NONE, ZERO),
    # Own tags typed again, breaker restored.
    ("restore-power", "power-on"): (NONE, LOCK),
    ("restore-power", "power-on-needs-sim"): (NONE, LOCK),
    ("restore-power", "power-on-needs-part"): (NONE, LOCK),
}
"""Step and choice: the gates it opens, the gates it shuts. What is not here does neither."""

ORDER = tuple(STEPS)
"""The steps in the order in which they lie, as the manual and the product's table have them."""


def _from(first: str, before: str) -> frozenset[str]:
    """The steps from one, before the other."""
    return frozenset(ORDER[ORDER.index(first) : ORDER.index(before)])


_TRIAGE_AND_VISIT = _from("confirm-alert", "verify-online")
_UNDER_A_LOCK = frozenset(
    {"lock-out", "verify-zero-volts", "open-cabinet", "inspect-sim", "inspect-antenna", "close-cabinet"}
    | {"restore-power"}
)
_ON_SITE = frozenset({"check-signal", "power-cycle-breaker", "lock-out"}) | {
    *("wait-for-boot", "reconfigure-wifi", "wait-for-connection")
}
_AT_THE_CABINET = frozenset({"open-cabinet", "inspect-sim", "inspect-antenna"})

EVERYWHERE: dict[str, tuple[Gates, Gates, dict[Gates, frozenset[str]]]] = {
    # Seen online at any step without a lock before the proof.
    "recovered": (NONE, NONE, {NONE: _TRIAGE_AND_VISIT}),
    # Without a lock, with a reason; the log itself is the end of that way.
    "give-up": (NONE, NONE, {NONE: frozenset(ORDER) - {"log-repair"}}),
    "others-too": (NONE, NONE, {NONE: _from("confirm-alert", "check-signal") - {"carrier-outage"}}),
    "correct": (NONE, NONE, {gates: frozenset(ORDER) for gates in (NONE, LOCK, BOTH)}),
    # With a lock on: close the cabinet. Without one: no access leads to dispatch, stop to the log.
    "stop": (NONE, ZERO, {gates: _AT_THE_CABINET | {"verify-zero-volts"} for gates in (LOCK, BOTH)}),
    "stop-here": (NONE, NONE, {NONE: _from("check-signal", "modem-failed")}),
    "no-access": (NONE, NONE, {NONE: _from("check-signal", "modem-failed")}),
    # Gate zero-volts shut while the work is not done.
    "lapse": (NONE, ZERO, {BOTH: _AT_THE_CABINET | {"close-cabinet"}}),
    "online-under-lock": (
        NONE,
        ZERO,
        {gates: _AT_THE_CABINET | {"verify-zero-volts", "close-cabinet"} for gates in (LOCK, BOTH)},
    ),
    # A change of technician is a hand-over to somebody on site, who locks out and measures; also after a wrong one.
    "change-technician": (NONE, ZERO, dict.fromkeys((LOCK, BOTH), _UNDER_A_LOCK)),
    "lock-removed": (NONE, BOTH, dict.fromkeys((LOCK, BOTH), _UNDER_A_LOCK)),
}
"""What is declared for all steps: what it opens, what it shuts, and at which steps it is there under which gates."""
