"""Ways to a step on site, at the desk."""

from dataclasses import replace

from bot.incidents.values import Values
from bot.portal.contract import Capability
from tests.incidents.desk import AUTO, TECHNICIAN, Desk
from tests.incidents.site_parts import ZERO, locks_of

CHOSEN = Values("visit", {"technician": TECHNICIAN.user_id}, {"technician": TECHNICIAN})


async def at_the_station(desk: Desk) -> None:
    """The technician is there and has checked the signal."""
    # Others of the area are a person's answer here: that is how a visit begins.
    desk.capabilities = replace(AUTO, nearby=Capability.MANUAL)
    await desk.at_restart()
    await desk.press("skip", values=Values("reason", {"reason": "known to be stuck"}))
    sim = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}
    await desk.press("answers", values=Values("sim-status", sim))
    await desk.press("none")
    await desk.press("choose", values=CHOSEN)
    await desk.press("accept", TECHNICIAN)
    await desk.press("on-site", TECHNICIAN)
    seen = {"bars": "3", "display": "Network Error", "wifi": "no"}
    await desk.press("check", TECHNICIAN, Values("signal-check", seen))


async def at_lock_out(desk: Desk) -> None:
    """Nothing is locked yet."""
    await at_the_station(desk)
    await desk.press("to-lock-out", TECHNICIAN)


async def lock(desk: Desk) -> None:
    """Both breakers are locked."""
    await desk.press("lock", TECHNICIAN, Values("lock-out", locks_of(TECHNICIAN)))


async def open_gate(desk: Desk) -> None:
    """0 V is proved on both circuits."""
    await at_lock_out(desk)
    await lock(desk)
    for _ in range(2):
        await desk.press("measure", TECHNICIAN, Values("readings", ZERO))
    await desk.stands("open-cabinet")
