"""The story of the work on site, behind its two gates."""

from collections.abc import Mapping

from bot.demo.plays.beginnings import visit_asked
from bot.demo.script import Fills, Looks, Mends, Passes, Presses, Scene, Story
from bot.demo.stories import SUPPORT_1, TECH_1

_LOCKS: Mapping[str, str] = {
    "circuits": "2",
    "breaker-1": "14",
    "tag-1": "T-114",
    "breaker-2": "16",
    "tag-2": "T-115",
    "display": "dark",
    "car": "no",
    "glasses": "yes",
    "told": "yes",
}
_ZERO: Mapping[str, str] = {
    "meter": "M-7",
    "before": "120",
    "l1-l2": "0",
    "l1-ground": "0",
    "l2-ground": "0",
    "after": "120",
}
_UNLOCK: Mapping[str, str] = {
    "clear": "yes",
    "others": "no",
    "tag-1": "T-114",
    "tag-2": "T-115",
    "breaker": "yes",
}
_TESTED: Mapping[str, str] = dict.fromkeys(("authentication", "start", "energy", "end", "record"), "yes")

BEHIND_TWO_GATES = Story(
    "behind-two-gates",
    "On site: two gates",
    "The technician is led to the antenna. Nothing of the cabinet shows before the locks are on and 0 V is proved.",
    (
        *visit_asked("Support 1 chooses who.", "Tech 1's phone rings."),
        Scene("One press: accepted.", Presses(TECH_1, "Accept"), shows="has accepted the visit"),
        Scene("Another one on arrival.", Presses(TECH_1, "I am on site"), shows="on site"),
        Scene("First the signal, before anything is locked.", Presses(TECH_1, "Enter what you see")),
        Scene(
            "3 bars on the phone: the charger should do. It must be something inside.",
            Fills(TECH_1, {"bars": "3", "display": "Network Error", "wifi": "no"}),
        ),
        Scene("So: lock out.", Presses(TECH_1, "Lock out")),
        Scene("DANGER first, then one action a line.", Looks(TECH_1, direct=True)),
        Scene("Breaker and own tag for each circuit, typed.", Presses(TECH_1, "Enter lock-out")),
        Scene(
            "The channel now says who has locked out, and that nobody may restart.",
            Fills(TECH_1, _LOCKS),
            shows="LOCKED OUT by Tech 1",
        ),
        Scene("Live until proved dead: the readings of circuit 1.", Presses(TECH_1, "Enter readings")),
        Scene(
            "0 V three times, the meter proved before and after.",
            Fills(TECH_1, _ZERO),
            shows="tag T-114 · 0 V",
        ),
        Scene("And of circuit 2.", Presses(TECH_1, "Enter readings")),
        Scene(
            "Both are dead: the second gate opens, and the whole list comes in one edit.",
            Fills(TECH_1, _ZERO),
            shows="0 V proved",
        ),
        Scene("It stands here and nowhere else.", Looks(TECH_1, direct=True)),
        Scene("Panel off.", Presses(TECH_1, "Panel is off")),
        Scene("The SIM is fine.", Presses(TECH_1, "Fine")),
        Scene("The antenna was off.", Presses(TECH_1, "Was off, put right")),
        Scene(
            "The panel is closed before the power comes back. The list is gone with it.",
            Presses(TECH_1, "Panel is closed"),
        ),
        Scene("Locks off: the tags are typed once more.", Presses(TECH_1, "Enter lock off")),
        Scene("That ends the lock-out.", Fills(TECH_1, _UNLOCK), shows="wait for boot"),
        Scene("The antenna does its work.", Mends()),
        Scene("60 seconds to boot, then the proof begins by itself.", Passes(4), shows="verifying"),
        Scene("Somebody is there: a test session.", Presses(TECH_1, "Enter test session")),
        Scene("All five parts worked.", Fills(TECH_1, _TESTED)),
        Scene("The signal is still weak, which goes into the log.", Presses(TECH_1, "Less than 2 bars")),
        Scene("What is left is the log.", Presses(TECH_1, "Log the repair"), shows="log the repair"),
        Scene(
            "Locks, readings and proof are in it.",
            Fills(TECH_1, {"fix": "antenna reconnection"}),
            shows="Closed",
        ),
        Scene("The whole visit, line by line.", Looks(SUPPORT_1, thread=True)),
    ),
)
