"""What stood on the first day's list is called for once it is an ordinary incident, or was one from the beginning."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.incidents import asides, ownership, reporting
from bot.incidents.stations import StationSeen
from bot.portal.contract import Capability
from tests.incidents.desk import AUTO, NIGHT, ONE, RULES, SILENT_SINCE, TECHNICIAN, Desk, alert
from tests.incidents.test_first_day import LONG_AGO, listed, park, started

Act = Callable[[Desk], Awaitable[None]]


async def noted(desk: Desk) -> None:
    """A technician leaves a note."""
    await desk.db.write(asides.note, 1, TECHNICIAN, "no lights on it", desk.now)


async def reported(desk: Desk) -> None:
    """A technician reports it by hand."""
    seen = StationSeen("CT4G-20117", None)
    await desk.db.write(reporting.report, seen, TECHNICIAN, "dark", RULES, desk.now)


async def taken(desk: Desk) -> None:
    """Somebody takes it."""
    await desk.db.write(ownership.take, 1, ONE, RULES, desk.now)


async def rung(desk: Desk) -> list[str]:
    """The lines that call somebody."""
    return [line for line in await desk.lines() if line.startswith("rings/")]


async def test_what_had_just_dropped_is_watched_and_called_for_at_minute_30(desk: Desk) -> None:
    await started(desk)
    await desk.take(alert(raised_at=NIGHT - timedelta(minutes=1), last_communication=SILENT_SINCE))
    for _ in range(2):
        await desk.look(active=True, online=False)
    await desk.stands("wait-and-monitor")
    desk.later(minutes=19)
    await desk.look(online=False)
    assert await rung(desk) == []

    desk.later(minutes=1)
    await desk.look(online=False)

    assert await rung(desk) == ["rings/restart-station.j2"]


@pytest.mark.parametrize("acts", [noted, reported])
async def test_whoever_acts_and_does_not_take_it_gets_support_called_and_then_the_leads(
    desk: Desk, acts: Act
) -> None:
    await listed(desk)
    await acts(desk)

    await desk.look(online=False)
    assert await rung(desk) == ["rings/waking.j2"]
    desk.later(minutes=9)
    await desk.look(online=False)
    assert await rung(desk) == ["rings/waking.j2"]
    desk.later(minutes=1)
    await desk.look(online=False)

    assert await rung(desk) == ["rings/waking.j2", "rings/not-taken.j2"]


async def test_a_question_that_was_open_on_the_list_is_called_for_once(desk: Desk) -> None:
    desk.capabilities = replace(AUTO, status=Capability.MANUAL)
    await started(desk)
    await desk.take(alert(raised_at=LONG_AGO, last_communication=None))
    for _ in range(2):
        await desk.look(active=True)
    await desk.stands("check-last-communication")
    await noted(desk)

    for _ in range(3):
        await desk.look()
        desk.later(minutes=3)

    assert await rung(desk) == ["rings/waking.j2"]


@pytest.mark.parametrize("acts", [taken, park])
async def test_whoever_takes_it_is_not_called_for_it(desk: Desk, acts: Act) -> None:
    await listed(desk)
    await acts(desk)
    for _ in range(5):
        desk.later(minutes=3)
        await desk.look(online=False)
    assert await rung(desk) == []


async def test_what_waits_for_nobody_calls_nobody_when_it_leaves_the_list(desk: Desk) -> None:
    await started(desk)
    await desk.take(alert(raised_at=LONG_AGO, last_communication=LONG_AGO))
    await noted(desk)
    assert "wake" not in await desk.timers()
