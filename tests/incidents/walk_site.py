"""Ways through a visit: the forms of the steps on site, and acts that nothing else needs."""

from collections.abc import Mapping

from bot.people import Person
from tests.incidents.desk import LEAD, ONE, REASON, TECHNICIAN
from tests.incidents.walk_house import House
from tests.incidents.walk_law import gates_of
from tests.incidents.walk_parts import SECOND_TECHNICIAN
from tests.incidents.walk_ways import ACCEPTED, Act, Way, ask, form, later, look, press

SIGNAL = {"bars": "3", "display": "Network Error", "wifi": "no"}
LOCKED = {
    "circuits": "1",
    "breaker-1": "14",
    "tag-1": "T-114",
    "display": "dark",
    "car": "no",
    "glasses": "yes",
    "told": "yes",
}
LOCKED_TWICE = {**LOCKED, "circuits": "2", "breaker-2": "16", "tag-2": "T-115"}
STILL_LIT = {**LOCKED, "display": "still lit"}
ZERO = {"meter": "M-7", "before": "120", "l1-l2": "0", "l1-ground": "0", "l2-ground": "0", "after": "120"}
NOT_ZERO = {**ZERO, "l1-l2": "208"}
NO_METER = {**ZERO, "after": "0"}
UNLOCKED = {"clear": "yes", "others": "no", "tag-1": " t-114 ", "tag-2": "T-115", "breaker": "yes"}
FOUND = {"sim": "was loose", "antenna": "fine"}
REMOVED = {"reason": "the owner went home", "panel": "yes", "power": "yes"}
UNSAFE = {**REMOVED, "panel": "not known"}
CASE = {"case": "C-1", "part": "modem"}

GOOD: Mapping[str, list[Mapping[str, str]]] = {
    "signal-check": [SIGNAL, {**SIGNAL, "bars": "0"}],
    "lock-out": [LOCKED, LOCKED_TWICE, STILL_LIT],
    "readings": [ZERO, ZERO, ZERO, NOT_ZERO, NO_METER],
    "unlock": [UNLOCKED],
    "cabinet": [FOUND, {"sim": "damaged", "antenna": "part needed"}, {"sim": "fine", "antenna": "fine"}],
    "lock-removed": [REMOVED, UNSAFE],
    "case": [CASE],
}
"""What people really enter, by form: a random answer would seldom get through a gate."""


def there(choice: str, who: Person = TECHNICIAN) -> Act:
    """The technician of the visit presses a button."""
    return press(choice, who)


def why(choice: str, who: Person = TECHNICIAN) -> Act:
    """Somebody presses a button that asks for a reason."""
    return press(choice, who, REASON)


def signal(who: Person = TECHNICIAN, **seen: str) -> Act:
    """What phone and display show."""
    return form("check", "signal-check", {**SIGNAL, **seen}, who)


def lock(fields: Mapping[str, str] = LOCKED, who: Person = TECHNICIAN) -> Act:
    """The lock-out is entered."""
    return form("lock", "lock-out", own_tags(fields, who), who)


def own_tags(fields: Mapping[str, str], who: Person) -> Mapping[str, str]:
    """Nobody's lock is another's: these tags, by whoever is not the first technician marked as their own."""
    if who == TECHNICIAN:
        return fields
    return {
        name: f"{who.name} {typed.strip()}" if name.startswith("tag") else typed
        for name, typed in fields.items()
    }


def measure(fields: Mapping[str, str] = ZERO, who: Person = TECHNICIAN) -> Act:
    """A circuit's readings are entered."""
    return form("measure", "readings", fields, who)


def answers(choice: str, who: Person = TECHNICIAN, **found: str) -> Act:
    """All answers of the cabinet at once."""
    return form(choice, "cabinet", {**FOUND, **found}, who)


def unlock(who: Person = TECHNICIAN) -> Act:
    """The locks are off and the power is on."""
    return form("unlock", "unlock", own_tags(UNLOCKED, who), who)


def removed(fields: Mapping[str, str] = REMOVED) -> Act:
    """A lead records that a lock was removed."""
    return form("lock-removed", "lock-removed", fields, LEAD)


def own_locks_off(who: Person = TECHNICIAN, tag: str = "T-114") -> Act:
    """Whoever handed the visit over takes their own locks off."""

    async def act(house: House) -> None:
        await house.take_off_own(1, who, own_tags({**UNLOCKED, "tag-1": tag}, who))
        assert not house.book.deed.what.endswith("refused"), house.book.deed

    return act


def refused(act: Act, because: str = "") -> Act:
    """This is tried, and nothing comes of it."""

    async def tried(house: House) -> None:
        turn, locks = house.now.incidents[1].turn, house.now.incidents[1].locks
        try:
            await act(house)
        except AssertionError:
            assert house.book.deed.what.endswith("refused"), house.book.deed
            assert because in house.refusal, house.refusal
        await house.holds()
        assert (house.now.incidents[1].turn, house.now.incidents[1].locks) == (turn, locks)

    return tried


def rung(name: str, who: Person) -> Act:
    """Check that this person was rung by this line, and by that of the last turn."""

    async def act(house: House) -> None:
        turn = house.now.incidents[1].turn
        assert any(
            (one.ring, one.turn, one.payload.get("called")) == (name, turn, who.user_id)
            for one in house.now.lines(1)
        )

    return act


def stands(step: str, *gates: str) -> Act:
    """Check where the incident stands and which gates are open, by the moves."""

    async def act(house: House) -> None:
        assert house.now.incidents[1].step == step
        assert gates_of(house.now.moves[1]).at(house.desk.now) == set(gates)

    return act


LOCK_ON, BOTH_OPEN = ("lock-on",), ("lock-on", "zero-volts")
ON_SITE: Way = (*ACCEPTED, there("on-site"), stands("check-signal"))
SEEN: Way = (*ON_SITE, signal())
BREAKER: Way = (*SEEN, there("to-breaker"))
AT_LOCK_OUT: Way = (*SEEN, there("to-lock-out"))
LOCKED_OUT: Way = (*AT_LOCK_OUT, lock(), stands("verify-zero-volts", *LOCK_ON))
TWO_LOCKS: Way = (*AT_LOCK_OUT, lock(LOCKED_TWICE), measure())
OPEN: Way = (*LOCKED_OUT, measure(), stands("open-cabinet", *BOTH_OPEN))
AT_SIM: Way = (*OPEN, there("opened"))
AT_ANTENNA: Way = (*AT_SIM, there("sim-fine"))
INSIDE_DONE: Way = (*AT_ANTENNA, there("antenna-reconnected"), stands("close-cabinet", *BOTH_OPEN))
CLOSED_UP: Way = (*INSIDE_DONE, there("closed-up"), stands("restore-power", *LOCK_ON))
POWER_ON: Way = (*CLOSED_UP, unlock(), stands("wait-for-boot"))
CONNECTING: Way = (*POWER_ON, there("indicator"))
DEAD: Way = (*CONNECTING, there("modem-dead"))
SECOND_THERE: Way = (*OPEN, ask("change-technician", SECOND_TECHNICIAN, ONE), stands("lock-out", *LOCK_ON))
SECOND_LOCKED: Way = (*SECOND_THERE, lock(who=SECOND_TECHNICIAN))
LIT: Way = (*AT_LOCK_OUT, lock(STILL_LIT), stands("lock-out", *LOCK_ON))
LAPSED: Way = (*OPEN, later(hours=12), look(), stands("lock-out", *LOCK_ON))

SITE_WAYS: Mapping[str, Way] = {
    "on site": ON_SITE,
    "signal seen": SEEN,
    "breaker": BREAKER,
    "lock-out": AT_LOCK_OUT,
    "not dead": LIT,
    "locked out": LOCKED_OUT,
    "two locks": TWO_LOCKS,
    "gate open": OPEN,
    "at the SIM": AT_SIM,
    "at the antenna": AT_ANTENNA,
    "inside done": INSIDE_DONE,
    "closed up": CLOSED_UP,
    "power on": POWER_ON,
    "connecting": CONNECTING,
    "modem failed": DEAD,
    "second there": SECOND_THERE,
    "second locked": SECOND_LOCKED,
}
"""Where a walk may begin on site."""
