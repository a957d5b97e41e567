"""Ways to every step and through every deed, so that a walk begins deep and no corner depends on luck."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.people import Person
from bot.portal.contract import Outcome
from bot.runbook.press import Press
from tests.incidents.desk import BY_HAND, ONE, REPAIR_LOG, SERIAL, TECHNICIAN, alert
from tests.incidents.walk_house import House
from tests.incidents.walk_parts import BACK, NASTY
from tests.incidents.walk_slack import Weather

Act = Callable[[House], Awaitable[object]]
Way = tuple[Act, ...]

DOWN = {"online": False, "active": True}
NOTHING = dict.fromkeys(("active", "cap", "carrier", "defective"), "not known")
TESTED = dict.fromkeys(("authentication", "start", "energy", "end", "record"), "yes")
_numbers = count()


def raised(silent: int = 10, serial: str = SERIAL) -> Act:
    """An alert comes in after so many minutes of silence."""

    async def act(house: House) -> None:
        now = house.desk.now
        seen = StationSeen(serial=serial, id=None, name=NASTY, site=NASTY)
        heard = now - timedelta(minutes=silent)
        came = alert(f"a-{next(_numbers)}", station=seen, raised_at=now, last_communication=heard)
        await house.desk.take(came)

    return act


async def silent_alert(house: House) -> None:
    """An alert that does not say since when, while only people can look into the portal."""
    house.desk.capabilities = BY_HAND
    await house.desk.take(alert("a-silent", last_communication=None))


def look(**said: Any) -> Act:
    """What is due is looked at."""
    return lambda house: house.desk.look(**said)


def later(**length: float) -> Act:
    """Time passes."""

    async def act(house: House) -> None:
        house.time_passes(timedelta(**length))

    return act


def press(choice: str, who: Person = ONE, values: Values | None = None) -> Act:
    """Somebody presses a button that must be offered to them."""

    async def act(house: House) -> None:
        pressed = Press(1, house.now.incidents[1].turn, choice)
        assert await house.press(pressed, who, values), f"{choice} is refused"

    return act


def tries(choice: str, who: Person) -> Act:
    """Somebody presses a button that is not for them: nothing comes of it."""

    async def act(house: House) -> None:
        pressed = Press(1, house.now.incidents[1].turn, choice)
        values = Values("visit", {"technician": ONE.user_id}, {"technician": ONE})
        assert not await house.press(pressed, who, values if choice.startswith("choose") else None)

    return act


def form(choice: str, name: str, fields: Mapping[str, str], who: Person = ONE) -> Act:
    """Somebody sends the form of a button."""
    return press(choice, who, Values(name, fields))


def ask(choice: str, technician: Person, who: Person = ONE) -> Act:
    """A technician is asked for a visit."""
    values = Values("visit", {"technician": technician.user_id}, {"technician": technician})
    return press(choice, who, values)


def said(told: Mapping[str, str]) -> Act:
    """ChargePoint Support answered the call."""
    return form("answers", "sim-status", {**NOTHING, **told})


def logged(fix: str) -> Act:
    """The repair is logged."""
    return form("log", REPAIR_LOG, {"fix": fix})


def plan(who: Person) -> Act:
    """The technician says when."""

    async def act(house: House) -> None:
        at = str(int((house.desk.now + timedelta(hours=6)).timestamp()))
        await form("plan", "plan", {"at": at}, who)(house)

    return act


def sent_at(minutes_ago: int) -> Act:
    """The restart was sent by hand, so long ago."""

    async def act(house: House) -> None:
        at = str(int((house.desk.now - timedelta(minutes=minutes_ago)).timestamp()))
        await form("sent-earlier", "sent-at", {"at": at})(house)

    return act


def day(choice: str, name: str, days: int) -> Act:
    """A form with a day."""

    async def act(house: House) -> None:
        await form(choice, name, {"eta": f"{house.desk.now + timedelta(days=days):%Y-%m-%d}"})(house)

    return act


def does(deed: str, who: Person, *given: Any) -> Act:
    """One of the house's other deeds with the one incident; it must be allowed."""

    async def act(house: House) -> None:
        turn = house.now.incidents[1].turn
        first = (Press(1, turn, deed),) if deed in {"correct", "park", "reopen"} else (1,)
        await getattr(house, deed)(*first, who, *given)
        assert not house.book.deed.what.endswith("refused"), house.book.deed

    return act


def portal_says(outcome: Outcome) -> Act:
    """What the portal will answer a restart."""

    async def act(house: House) -> None:
        house.portal.outcome = outcome

    return act


def by_hand(house: House) -> Awaitable[object]:
    """The portal can do nothing by itself any more."""
    house.desk.capabilities = BY_HAND
    return _nothing()


def weather(*bad: Weather) -> Act:
    """The next calls go wrong like this."""

    async def act(house: House) -> None:
        house.town.weather.extend(bad)

    return act


def deleted(key: str) -> Act:
    """Somebody deletes a card."""

    async def act(house: House) -> None:
        house.town.delete(key)

    return act


async def _nothing() -> None:
    pass


SEEN_BACK, STILL_OUT = look(**BACK), look(online=False)
OPENED: Way = (raised(),)
WAITS: Way = (*OPENED, look(active=True), look(**DOWN))
AT_RESTART: Way = (*OPENED, look(active=True), later(minutes=20), look(), look())
RESTARTED: Way = (*AT_RESTART, press("restart"))
FAILED: Way = (*AT_RESTART, portal_says(Outcome.NOT_CONNECTED), press("restart"))
AREA: Way = (*FAILED, press("no-answer"))
DISPATCH: Way = (*AREA, look(online=False, others=[True]))
ASKED: Way = (*DISPATCH, ask("choose", TECHNICIAN))
ACCEPTED: Way = (*ASKED, press("accept", TECHNICIAN))
BACK_AGAIN: Way = (*RESTARTED, later(minutes=3), SEEN_BACK)
PROVED: Way = (*BACK_AGAIN, SEEN_BACK, SEEN_BACK, SEEN_BACK, press("waive"), SEEN_BACK)
CLOSED: Way = (*PROVED, logged("modem power cycle"))
CHARGING: Way = (
    *AT_RESTART,
    later(minutes=3),
    look(online=False, sessions=1),
    press("when-it-ends"),
)
SIM: Way = (*FAILED, said({"defective": "yes"}))

WAYS: Mapping[str, Way] = {
    "opened": OPENED,
    "asked by hand": (by_hand, *OPENED, press("active")),
    "waits": WAITS,
    "restart": AT_RESTART,
    "sent by hand": (*AT_RESTART, by_hand, sent_at(1)),
    "restarted": RESTARTED,
    "charging": CHARGING,
    "failed": FAILED,
    "sim": SIM,
    "sim shipped": (*SIM, day("shipped", "sim-order", 1)),
    "provider": (*FAILED, said({"cap": "yes"})),
    "outage": (*FAILED, said({"carrier": "yes"})),
    "area": AREA,
    "dispatch": DISPATCH,
    "asked": ASKED,
    "accepted": ACCEPTED,
    "back": BACK_AGAIN,
    "session": (*PROVED[:-2],),
    "proved": PROVED,
    "closed": CLOSED,
    "parked": (*AT_RESTART, does("park", ONE)),
    "muted": (*AT_RESTART, does("mute", ONE, 2)),
}
"""Where a walk may begin."""
