"""What was down before the first start is listed: worked, never rung for, with a card once somebody acts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.incidents import asides, ownership, pausing, reporting
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.messages import list_facts
from bot.portal.contract import Capability, Outcome
from bot.runbook.press import Press
from db import runs
from db.models import Outgoing
from tests.incidents import site
from tests.incidents.desk import AUTO, BY_HAND, NIGHT, ONE, REASON, RULES, Desk, alert

HOUR = timedelta(hours=1)
LONG_AGO = NIGHT - 9 * HOUR


async def started(desk: Desk) -> None:
    """The process is started."""
    await desk.db.write(runs.begin, desk.now)


async def sent(desk: Desk, count: int = 1, raised_at: datetime = LONG_AGO) -> None:
    """A source sends that so many stations are down."""
    seen = [StationSeen(serial=f"CT4G-{20117 + number}", id=None, site="Pier 9") for number in range(count)]
    await desk.take(
        *(
            alert(f"a-{number}", station=one, raised_at=raised_at, last_communication=raised_at)
            for number, one in enumerate(seen)
        )
    )


async def listed(desk: Desk, count: int = 1) -> None:
    """A new Relink is told of what is down, and has looked at all of it."""
    await started(desk)
    await sent(desk, count)
    for _ in range(2):
        await desk.look(active=True, online=False)
    await desk.stands("restart-station")


async def told(desk: Desk) -> dict[str, Any]:
    """What the list tells."""
    _, words = await desk.db.read(list_facts.of_first_day)
    return {name: words[name] for name in ("down", "back", "left")}


async def kinds(desk: Desk) -> list[str]:
    """What waits for Slack, by kind."""
    found: list[str] = []
    for kind in ("list", "card", "line"):
        found += [kind] * len(await site.rows(desk, kind))
    return found


async def back(desk: Desk) -> None:
    """A listed station comes back, and its proof is made up to the watch."""
    desk.later(minutes=3)
    for said in (
        {"online": True},
        {"online": True},
        {"active": False},
        {"milliseconds": 840},
        {},
        {"bars": 4},
    ):
        await desk.look(**said)
    await desk.stands("log-repair")


async def test_a_new_relink_makes_one_list_of_what_is_down_and_calls_nobody(desk: Desk) -> None:
    await listed(desk, 3)
    for _ in range(8):
        desk.later(hours=1)
        await desk.look(online=False)

    assert await kinds(desk) == ["list"]
    assert await told(desk) == {"down": 3, "back": 0, "left": 0}
    incident = await desk.incident()
    assert (incident.owner, incident.first_person_at, incident.restarts) == (None, None, 0)
    assert "take" not in await desk.timers()


async def test_without_a_portal_it_waits_on_the_list_too(desk: Desk) -> None:
    desk.capabilities = BY_HAND
    await started(desk)
    await sent(desk)
    for _ in range(20):
        desk.later(minutes=3)
        await desk.look()
    assert await kinds(desk) == ["list"]


async def test_a_question_that_needs_a_person_calls_nobody(desk: Desk) -> None:
    desk.capabilities = replace(AUTO, status=Capability.MANUAL)
    await started(desk)
    await desk.take(alert(raised_at=LONG_AGO, last_communication=None))
    for _ in range(2):
        await desk.look(active=True)
    await desk.stands("check-last-communication")
    assert (await desk.incident()).rung_step
    assert await kinds(desk) == ["list"]
    assert "take" not in await desk.timers()


@pytest.mark.parametrize(
    ("raised_at", "spoke", "on_the_list"),
    [
        (NIGHT - timedelta(seconds=1), None, True),
        (NIGHT, None, False),
        (NIGHT, NIGHT - timedelta(minutes=30), True),
        (NIGHT, NIGHT - timedelta(minutes=29, seconds=59), False),
        (NIGHT - timedelta(seconds=1), NIGHT - timedelta(minutes=30), True),
        (NIGHT - timedelta(seconds=1), NIGHT - timedelta(minutes=29, seconds=59), False),
    ],
    ids=[
        *("raised before", "raised at", "silent for 30 minutes", "just dropped"),
        *("silent and raised before", "just dropped and raised before"),
    ],
)
async def test_only_what_was_down_before_the_first_start_is_listed(
    desk: Desk, raised_at: datetime, spoke: datetime | None, on_the_list: bool
) -> None:
    await started(desk)
    await desk.take(alert(raised_at=raised_at, last_communication=spoke))
    assert (await desk.incident()).listed is on_the_list
    assert await kinds(desk) == (["list"] if on_the_list else ["card"])


async def test_a_restart_in_between_changes_nothing(desk: Desk) -> None:
    await listed(desk)
    desk.later(hours=2)
    await started(desk)
    desk.later(hours=1)
    # Raised after the first start and before the second one: an ordinary incident.
    await desk.take(
        alert("b", station=StationSeen("CT4G-30000", None), raised_at=NIGHT + HOUR, last_communication=None)
    )
    await desk.take(
        alert("c", station=StationSeen("CT4G-30001", None), raised_at=LONG_AGO, last_communication=None)
    )
    assert await kinds(desk) == ["list", "card"]
    assert (await told(desk))["down"] == 2


@pytest.mark.parametrize(
    ("after", "on_the_list"), [(24 * HOUR, True), (24 * HOUR + timedelta(seconds=1), False)]
)
async def test_a_day_later_nothing_is_first_day_any_more(
    desk: Desk, after: timedelta, on_the_list: bool
) -> None:
    await started(desk)
    desk.now += after
    await sent(desk)
    assert (await desk.incident()).listed is on_the_list


async def test_a_relink_that_had_incidents_before_is_no_newcomer(desk: Desk) -> None:
    """It was brought to a version that remembers its starts."""
    await desk.opened()
    desk.later(hours=1)
    await started(desk)
    await desk.take(
        alert("b", station=StationSeen("CT4G-30000", None), raised_at=LONG_AGO, last_communication=None)
    )
    assert await site.rows(desk, "list") == []


async def test_where_nothing_is_down_there_is_no_list(desk: Desk) -> None:
    await started(desk)
    assert await desk.count(Outgoing) == 0


async def test_a_process_that_was_never_started_lists_nothing(desk: Desk) -> None:
    await sent(desk)
    assert await kinds(desk) == ["card"]


# Leaving the list


async def take(desk: Desk) -> None:
    """Somebody takes it."""
    await desk.db.write(ownership.take, 1, ONE, RULES, desk.now)


async def note(desk: Desk) -> None:
    """Somebody leaves a note."""
    await desk.db.write(asides.note, 1, ONE, "the site is closed", desk.now)


async def report(desk: Desk) -> None:
    """Somebody reports it by hand."""
    await desk.db.write(reporting.report, StationSeen("CT4G-20117", None), ONE, "dark", RULES, desk.now)


async def park(desk: Desk) -> None:
    """Somebody parks it."""
    turn = (await desk.incident()).turn
    await desk.db.write(pausing.park, Press(1, turn, "park"), ONE, RULES, desk.now)


async def press(desk: Desk) -> None:
    """Somebody goes on with it."""
    await desk.press("restart")


@pytest.mark.parametrize("acts", [take, note, report, park, press])
async def test_whoever_acts_on_it_gets_a_card(desk: Desk, acts: Callable[[Desk], Awaitable[None]]) -> None:
    await listed(desk, 2)

    await acts(desk)

    incident = await desk.incident()
    assert (incident.first_day, incident.listed) == ("left", False)
    (card,) = await site.rows(desk, "card")
    assert (card["key"], card["wanted"], card["channel"]) == ("card:1", incident.version, RULES.channel)
    assert await told(desk) == {"down": 1, "back": 0, "left": 1}
    assert not any(line.startswith("rings/") for line in await desk.lines())


async def test_once_taken_it_is_worked_and_called_for_as_ever(desk: Desk) -> None:
    await listed(desk)
    await take(desk)
    await desk.press("restart")
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    await desk.look(online=False)
    assert (await desk.lines())[-1] == "rings/still-down.j2"


async def test_what_comes_back_is_ticked_off_silently(desk: Desk) -> None:
    await listed(desk, 2)
    await back(desk)
    assert (await told(desk))["back"] == 2
    desk.later(minutes=30)
    await desk.look(online=True)

    assert (await desk.incident()).fix == "recovered by itself"
    assert await told(desk) == {"down": 0, "back": 2, "left": 0}
    assert await kinds(desk) == ["list"]


async def test_what_fails_again_before_it_was_closed_is_an_ordinary_incident(desk: Desk) -> None:
    await listed(desk)
    await back(desk)
    desk.later(minutes=3)
    await desk.look(online=False)
    assert (await desk.incident()).first_day == "left"
    assert await kinds(desk) == ["list", "card", "line"]
    desk.later(minutes=30)
    for _ in range(2):
        await desk.look(online=False)
    assert (await desk.lines())[-1] == "rings/restart-station.j2"


async def test_what_goes_down_after_it_was_closed_is_an_ordinary_incident(desk: Desk) -> None:
    await listed(desk)
    await back(desk)
    desk.later(minutes=30)
    await desk.look(online=True)
    desk.later(minutes=30)

    await desk.take(alert("again", raised_at=desk.now, last_communication=desk.now))

    incident = await desk.incident()
    assert (incident.reopenings, incident.first_day) == (1, "left")
    assert await desk.lines() == ["rings/reopened.j2"]
    assert await told(desk) == {"down": 0, "back": 0, "left": 1}


async def test_the_same_alert_again_keeps_it_on_the_list(desk: Desk) -> None:
    await listed(desk)
    (result,) = await desk.take(alert("again", raised_at=LONG_AGO, last_communication=LONG_AGO + HOUR))
    assert result.outcome == "repeated"
    assert await kinds(desk) == ["list"]
    assert (await desk.incident()).last_communication == LONG_AGO + HOUR


async def test_a_person_may_close_it_with_a_log(desk: Desk) -> None:
    await listed(desk)
    await desk.press("give-up", values=REASON)
    await desk.press("log", values=Values("repair-log", {"fix": "could not complete"}))
    assert (await desk.lines())[-1] == "log/repair-log.j2"
    assert await told(desk) == {"down": 0, "back": 0, "left": 1}


async def test_three_hundred_are_one_row(desk: Desk) -> None:
    await started(desk)
    await sent(desk, 300)
    assert await desk.count(Outgoing) == 1
    assert (await told(desk))["down"] == 300
