"""What heals is logged as what healed it: carrier, provider, nobody, unless somebody knows better."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.incidents.values import Values
from db.models import Incident
from tests.incidents import site
from tests.incidents.desk import REASON, REPAIR_LOG, Desk
from tests.incidents.site import TECH, form

CARRIER, PROVIDER = "carrier recovered", "provider restored service"


async def in_an_outage(desk: Desk) -> None:
    """The carrier is waited for."""
    await desk.at_restart()
    await desk.press("others-too")
    await desk.stands("carrier-outage")


async def with_the_provider(desk: Desk) -> None:
    """The data cap was exceeded, and the provider is waited for."""
    await desk.at_restart()
    await desk.press("skip", values=REASON)
    sim = {"active": "yes", "cap": "yes", "carrier": "no", "defective": "no"}
    await desk.press("answers", values=Values("sim-status", sim))
    await desk.stands("wait-for-provider")


async def seen_back(desk: Desk) -> None:
    """The next look finds it online."""
    desk.later(hours=1)
    await desk.look(online=True)
    await desk.stands("verify-online")


async def logged(desk: Desk, **said: str) -> str | None:
    """It is proved, logged and closed; the fix that is kept."""
    await desk.look(online=True)
    await desk.look(active=False)
    await desk.look(milliseconds=840)
    await desk.press("waive")
    await desk.look(bars=4)
    await desk.press("log", values=Values(REPAIR_LOG, said))
    return (await desk.incident()).fix


@pytest.mark.parametrize(("waits", "fix"), [(in_an_outage, CARRIER), (with_the_provider, PROVIDER)])
async def test_what_was_waited_for_is_what_fixed_it(
    desk: Desk, waits: Callable[[Desk], Awaitable[None]], fix: str
) -> None:
    await waits(desk)
    assert (await desk.incident()).fix is None
    await seen_back(desk)
    assert (await desk.incident()).fix == fix
    assert await logged(desk) == fix


async def test_the_person_may_choose_another_fix_in_the_log(desk: Desk) -> None:
    await in_an_outage(desk)
    await seen_back(desk)
    assert await logged(desk, fix="SIM reseat") == "SIM reseat"


async def test_a_fix_that_is_known_already_stays(desk: Desk) -> None:
    def known(session: Session) -> None:
        session.execute(update(Incident).values(fix="antenna reconnection"))

    await in_an_outage(desk)
    await desk.db.write(known)
    await seen_back(desk)
    assert (await desk.incident()).fix == "antenna reconnection"


async def test_down_again_it_was_not_that(desk: Desk) -> None:
    await in_an_outage(desk)
    await seen_back(desk)
    for _ in range(6):
        desk.later(minutes=3)
        await desk.look(online=False)
    await desk.stands("restart-station")
    assert (await desk.incident()).fix is None


async def test_given_up_it_did_not_heal(desk: Desk) -> None:
    await in_an_outage(desk)
    await desk.press("give-up", values=REASON)
    assert (await desk.incident()).fix == "could not complete"


# Back before the breaker was touched


async def test_online_before_anybody_cycled_the_breaker_it_has_recovered_and_no_cycle_is_told(
    desk: Desk,
) -> None:
    await site.on_site(desk)
    await desk.press("check", TECH, form("signal-check", site.SIGNAL))
    await desk.press("to-breaker", TECH)
    await desk.stands("power-cycle-breaker")
    desk.later(minutes=1)
    await desk.look(online=True)

    await desk.stands("verify-online")
    assert (await desk.moves())[-1].choice == "recovered"
    assert (await desk.incident()).fix != "modem power cycle"
