"""Home under a lock, after one was removed, on the first day, and what keeps coming back, as the digest has it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.reports import home
from db import mornings
from db.models import Incident
from db.writer import Database
from tests.incidents.desk import LEAD, NIGHT, ONE, TECHNICIAN, TWO
from tests.reports.homes import CARDS, LATER, LOCKS, SOON, Town, a_card, a_lock, add

DAY = timedelta(days=1)


@pytest.fixture
def town(db: Database) -> Town:
    return Town(db)


async def test_whoever_left_a_lock_is_led_to_their_own_card(town: Town) -> None:
    """There stands "Take my locks off"; the card in the channel has no such button."""
    number = town.has("verify-zero-volts", owner=ONE.user_id, visit="on site", technician="U0TECH2")
    await town.written()
    await add(town.db, LOCKS, [a_lock(number, TECHNICIAN.user_id), a_lock(number, "U0TECH2")])
    own = a_card(number, f"visit:{number}:{TECHNICIAN.user_id}", "3.5")
    next_ones = a_card(number, f"visit:{number}:U0TECH2", "4.5")
    await add(town.db, CARDS, [a_card(number, f"card:{number}", "2.5"), own, next_ones])

    (row,) = (await town.listed(TECHNICIAN, "needs")).rows
    (desks,) = (await town.listed(ONE, "waiting")).rows

    assert (row.own_lock, row.card) == (True, ("C0ALERTS", "3.5"))
    assert desks.card == ("C0ALERTS", "2.5")


async def test_a_standing_lock_is_told_with_whose_it_is(town: Town) -> None:
    locked, free = town.has("lock-out", owner=ONE.user_id), town.has("lock-out", owner=ONE.user_id)
    await town.written()
    former = [a_lock(locked, "U0TECH9", circuit) for circuit in (1, 2)]
    off = {"off_at": NIGHT, "off_by": "U0TECH1"}
    await add(town.db, LOCKS, [*former, a_lock(locked, "U0TECH2")])
    await add(town.db, LOCKS, [{**a_lock(number, "U0TECH1"), **off} for number in (locked, free)])

    rows = (await town.listed(TWO, "open")).rows

    assert [(row.id, row.locked_by) for row in rows] == [(locked, ("U0TECH9", "U0TECH2")), (free, ())]


async def test_what_a_removed_lock_left_open_is_needed_at_any_step(town: Town) -> None:
    """As the digest has it: parked or not, whatever it waits for; muted is told apart."""
    hazard = "not known to be so: power on"
    at: dict[str, Any] = {"hazard": hazard, "rung_step": False}
    watching, parked, theirs, _muted = (
        town.has("wait-and-monitor", deadline_at=SOON, **at),
        town.has(owner=ONE.user_id, parked_until=LATER, **at),
        town.has("wait-and-monitor", owner=TWO.user_id, deadline_at=SOON, **at),
        town.has(muted_until=LATER, **at),
    )
    await town.written()

    assert sorted(await town.whole(ONE, "needs")) == [watching, parked]
    assert sorted(await town.whole(TWO, "needs")) == [watching, theirs]
    assert await town.whole(LEAD, "needs") == [watching]
    assert await town.whole(TECHNICIAN, "needs") == []
    assert {row.hazard for row in (await town.listed(ONE, "needs")).rows} == {hazard}


async def test_the_first_days_list_needs_nobody_until_somebody_takes_one(town: Town) -> None:
    listed, left, taken = (
        town.has(first_day="listed"),
        town.has(first_day="left"),
        town.has(first_day="listed", owner=ONE.user_id),
    )
    await town.written()

    assert await town.lists(ONE) == {"needs": [taken, left], "waiting": [], "open": [listed]}
    assert (await town.lists(LEAD))["open"] == [listed, taken]
    rows = (await town.listed(LEAD, "open")).rows
    assert [row.listed for row in rows] == [True, True]
    assert [row.listed for row in (await town.listed(LEAD, "needs")).rows] == [False]


async def test_keeps_coming_back_counts_what_was_opened_as_card_and_digest_do(town: Town) -> None:
    """Down now, and opened within 30 days for the third time or more; drills and what is up again are not here."""
    often, old, edge = town.has(), town.has(), town.has()
    over, twice = town.has(closed_at=NIGHT), town.has(opened_at=NIGHT - 31 * DAY)
    await town.written()
    before: dict[int, dict[str, Any]] = {
        often: {"opened_at": NIGHT - 29 * DAY, "closed_at": NIGHT - 29 * DAY},
        old: {"opened_at": NIGHT - 31 * DAY, "closed_at": NIGHT - DAY},
        edge: {"opened_at": NIGHT - 30 * DAY, "closed_at": NIGHT - DAY},
        over: {"opened_at": NIGHT - DAY, "closed_at": NIGHT - DAY},
        twice: {"opened_at": NIGHT - DAY, "closed_at": NIGHT - DAY},
    }
    more = [
        {**town.rows[0][1], **values, "id": 100 * station + nth, "station_id": station}
        for station, values in before.items()
        for nth in range(2)
    ]
    await add(town.db, Incident, more)

    page = await town.listed(ONE, "back")
    rows, _ = await town.db.read(mornings.repeats, NIGHT - 30 * DAY, 3, 20)

    assert [(one.label, one.times) for one in page.rows] == [(town.rows[often - 1][0]["serial"], 3)]
    assert {(label, times) for label, _, _, times in rows} >= {(one.label, one.times) for one in page.rows}


async def test_what_keeps_coming_back_has_pages(town: Town) -> None:
    count = home.PAGE + 3
    numbers = [town.has(opened_at=NIGHT - DAY) for _ in range(count)]
    await town.written()
    again = [
        {**town.rows[0][1], "closed_at": NIGHT, "id": 100 * station + nth, "station_id": station}
        for station in numbers
        for nth in range(2)
    ]
    await add(town.db, Incident, again)

    first = await town.listed(ONE, "back")
    second = await town.listed(ONE, "back", home.PAGE)
    beyond = await town.listed(ONE, "back", 10_000)

    assert (len(first.rows), first.left, first.all) == (home.PAGE, 3, count)
    assert (len(second.rows), second.left, second.at) == (3, 0, home.PAGE)
    assert beyond == second, "a list that became shorter shows its last page"
    labels = [one.label for one in (*first.rows, *second.rows)]
    assert labels == [f"CT4G-{20000 + number}" for number in numbers]
