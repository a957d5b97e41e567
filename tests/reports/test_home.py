"""What the Home tab tells whom, asked of both databases: at none, one, many and far too many, for every role."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.knowledge import waits_for_support
from bot.messages.text import Outside
from bot.people import Person
from bot.reports import home
from bot.runbook.model import Role
from db import queries
from db.models import Incident
from db.writer import Database
from tests.incidents.desk import LEAD, NIGHT, ONE, RULES, STRANGER, TECHNICIAN, TWO
from tests.messages.gallery import ENEMY
from tests.reports.homes import CARDS, LATER, LOCKS, SOON, Town, a_card, a_lock, add

BOTH = Person("U0BOTH", frozenset({Role.SUPPORT, Role.TECHNICIAN}), "Both")
DAY = timedelta(days=1)


@pytest.fixture
def town(db: Database) -> Town:
    return Town(db)


async def test_nothing_at_all(town: Town) -> None:
    told = await town.overview(ONE)

    assert (told["needs"].all, told["waiting"].all, told["open"], told["down"]) == (0, 0, 0, 0)
    assert told["areas"] == []
    for which in home.LISTS:
        assert await town.listed(ONE, which, 40) == home.Listed()


async def test_a_decision_waits_where_the_procedure_says_so_and_nowhere_else(town: Town) -> None:
    """Every step, called for or not, with and without a promise and a visit: as the card's button to park has it."""
    either = (True, False)
    for step, rung, promised, visit in product(RULES.runbook.steps, either, either, either):
        technician = TECHNICIAN.user_id if visit else None
        values = {"visit": "asked" if visit else None, "technician": technician, "rung_step": rung}
        town.has(step, promised_at=LATER if promised else None, **values)
    await town.written()

    def waiting(session: Session) -> set[int]:
        known = (queries.incident(session, number) for number in range(1, len(town.rows) + 1))
        return {one.id for one in known if one is not None and waits_for_support(one, RULES.runbook)}

    expected = await town.db.read(waiting)
    assert 0 < len(expected) < len(town.rows)
    for person in (ONE, LEAD):
        assert set(await town.whole(person, "needs")) == expected
    assert await town.whole(STRANGER, "needs") == []


async def test_each_incident_is_in_one_list_of_each_person(town: Town) -> None:
    names = ("mine", "theirs", "nobodys", "parked", "muted", "visit", "watching")
    mine, theirs, nobodys, parked, muted, visit, watching = (
        town.has(owner=ONE.user_id),
        town.has(owner=TWO.user_id),
        town.has(),
        town.has(owner=ONE.user_id, parked_until=SOON),
        town.has(muted_until=LATER),
        town.has(
            "dispatch", owner=ONE.user_id, visit="asked", technician=TECHNICIAN.user_id, rung_step=False
        ),
        town.has("wait-and-monitor", rung_step=False, deadline_at=SOON),
    )
    await town.written()

    assert await town.lists(ONE) == {
        "needs": [mine, nobodys],
        "waiting": [parked, visit],
        "open": [theirs, muted, watching],
    }
    assert await town.lists(TWO) == {
        "needs": [theirs, nobodys],
        "waiting": [],
        "open": [mine, parked, muted, visit, watching],
    }
    assert (await town.lists(LEAD))["needs"] == [nobodys]
    assert await town.lists(TECHNICIAN) == {
        "needs": [visit],
        "waiting": [],
        "open": [mine, theirs, nobodys, parked, muted, watching],
    }
    everything = list(range(1, len(names) + 1))
    assert (await town.lists(STRANGER))["open"] == everything
    for person in (ONE, TWO, LEAD, TECHNICIAN, BOTH, STRANGER):
        lists = await town.lists(person)
        assert sorted(number for each in lists.values() for number in each) == everything
        told = await town.overview(person)
        assert (told["needs"].all, told["waiting"].all, told["open"]) == tuple(map(len, lists.values()))
        assert told["down"] == len(everything)


async def test_parked_and_muted_call_again_when_their_time_is_over(town: Town) -> None:
    over = NIGHT - timedelta(seconds=1)
    numbers = [town.has(parked_until=over), town.has(muted_until=over), town.has(muted_until=NIGHT)]
    await town.written()

    assert await town.whole(ONE, "needs") == numbers


VISITS: dict[str, tuple[dict[str, Any], str]] = {
    "to be answered": ({"step": "dispatch", "visit": "asked"}, "needs"),
    "without a time": ({"step": "dispatch", "visit": "accepted"}, "needs"),
    "planned": ({"step": "dispatch", "visit": "accepted", "planned_at": LATER}, "waiting"),
    "its hour has come": ({"step": "dispatch", "visit": "accepted", "planned_at": NIGHT}, "needs"),
    "at the station": ({"step": "lock-out", "visit": "on site"}, "needs"),
    "the minute of the boot": ({"step": "wait-for-boot", "visit": "on site"}, "waiting"),
    "called after the boot": ({"step": "wait-for-boot", "visit": "on site", "rung_step": True}, "needs"),
    "the portal is asked": ({"step": "verify-online", "visit": "on site"}, "waiting"),
    "called for the test session": ({"step": "test-session", "visit": "on site", "rung_step": True}, "needs"),
}


async def test_a_technician_is_needed_where_the_visit_waits_for_them(town: Town) -> None:
    wanted: dict[str, list[int]] = {"needs": [], "waiting": [], "open": []}
    for values, which in VISITS.values():
        wanted[which].append(town.has(technician=TECHNICIAN.user_id, **{"rung_step": False, **values}))
    await town.written()

    assert await town.lists(TECHNICIAN) == wanted


async def test_an_own_lock_is_not_forgotten_with_the_visit(town: Town) -> None:
    number = town.has("lock-out", visit="on site", technician="U0TECH2", rung_step=False)
    other = town.has("lock-out", visit="on site", technician="U0TECH2", rung_step=False)
    await town.written()
    await add(town.db, LOCKS, [a_lock(number, TECHNICIAN.user_id), a_lock(other, "U0TECH2")])
    off = {"off_at": NIGHT, "off_by": TECHNICIAN.user_id}
    await add(town.db, LOCKS, [{**a_lock(other, TECHNICIAN.user_id), **off}])

    (row,) = (await town.listed(TECHNICIAN, "needs")).rows

    assert (row.id, row.own_lock) == (number, True)


async def test_one_of_ones_own_comes_first_then_whoever_waits_longest(town: Town) -> None:
    waited = [timedelta(minutes=minutes) for minutes in (5, 50, 20)]
    nobodys = [town.has(entered_at=NIGHT - length) for length in waited]
    mine = town.has(owner=ONE.user_id, entered_at=NIGHT)
    await town.written()

    assert await town.whole(ONE, "needs") == [mine, nobodys[1], nobodys[2], nobodys[0]]


@pytest.mark.parametrize("count", [1, home.FIRST, home.FIRST + 1, home.PAGE, 2 * home.PAGE + 3])
async def test_pages_hold_every_row_once_at_any_length(town: Town, count: int) -> None:
    numbers = [town.has() for _ in range(count)]
    await town.written()

    told = await town.overview(ONE)

    assert len(told["needs"].rows) == min(count, home.FIRST)
    assert told["needs"].left == max(0, count - home.FIRST)
    assert await town.whole(ONE, "needs") == numbers
    last = await town.listed(ONE, "needs", 10_000)
    assert (last.rows[-1].id, last.left) == (count, 0), "a list that became shorter shows its last page"
    assert 0 < len(last.rows) <= home.PAGE


async def test_areas_are_counted_and_the_rest_is_a_number(town: Town) -> None:
    for number in range(home.MOST_AREAS + 2):
        for _ in range(3 if number == 7 else 1):
            town.has(area=f"area {number:02}", owner=TWO.user_id)
    town.has(area=None, owner=TWO.user_id)
    town.has(area=ENEMY[:100], owner=ONE.user_id)
    await town.written()

    told = await town.overview(ONE)

    assert told["areas"][0] == {"area": Outside("area 07"), "count": 3}
    assert len(told["areas"]) == home.MOST_AREAS
    assert told["more_areas"] == 3
    assert all(isinstance(each["area"], Outside) for each in told["areas"])


async def test_flagged_muted_and_what_keeps_coming_back(town: Town) -> None:
    for number in range(4):
        town.has(
            modem_flagged_at=NIGHT - number * DAY,
            modem_flag_reason="hung",
            muted_until=NIGHT + DAY * (number + 1),
        )
    town.has(muted_until=NIGHT)
    closed = {"closed_at": NIGHT - DAY, "opened_at": NIGHT - DAY, "step": "log-repair"}
    often = {1: 2, 2: 3, 3: 1}
    await town.written()
    told_by = [
        {**town.rows[0][1], **closed, "id": 100 * station + nth, "station_id": station}
        for station, times in often.items()
        for nth in range(times)
    ]
    long_ago = {"closed_at": NIGHT - 31 * DAY, "opened_at": NIGHT - 32 * DAY}
    await add(town.db, Incident, [*told_by, *({**told_by[-1], **long_ago, "id": 900 + n} for n in range(3))])

    told = await town.overview(ONE)

    assert [(one.label, one.why) for one in told["flagged"].rows] == [
        (f"CT4G-2000{number}", "hung") for number in (4, 3, 2)
    ]
    assert (told["flagged"].all, told["flagged"].left) == (4, 1)
    assert [one.at for one in told["muted"].rows] == [NIGHT + DAY * days for days in (1, 2, 3)]
    assert told["muted"].all == 4
    assert [(one.label, one.times) for one in told["back"].rows] == [("CT4G-20002", 4), ("CT4G-20001", 3)]
    assert (await town.listed(ONE, "back")).all == 2


async def test_an_exercise_counts_nowhere(town: Town) -> None:
    town.has(drill=True, owner=ONE.user_id)
    await town.written()

    assert (await town.overview(ONE))["down"] == 0
    assert await town.lists(ONE) == {"needs": [], "waiting": [], "open": []}


async def test_rows_know_their_card_and_a_technicians_is_their_own(town: Town) -> None:
    posted, unposted = town.has(owner=ONE.user_id), town.has(owner=ONE.user_id)
    asked = {"visit": "asked", "technician": TECHNICIAN.user_id, "rung_step": False}
    visit = town.has("dispatch", owner=ONE.user_id, **asked)
    await town.written()
    cards = [a_card(posted, f"card:{posted}", "1.5"), a_card(unposted, f"card:{unposted}", None)]
    cards.append(a_card(visit, f"card:{visit}", "2.5"))
    await add(town.db, CARDS, [*cards, a_card(visit, f"visit:{visit}:{TECHNICIAN.user_id}", "3.5")])

    assert [(row.id, row.card) for row in (await town.listed(ONE, "needs")).rows][:2] == [
        (posted, ("C0ALERTS", "1.5")),
        (unposted, None),
    ]
    assert [row.card for row in (await town.listed(TECHNICIAN, "needs")).rows] == [("C0ALERTS", "3.5")]
    assert ("C0ALERTS", "2.5") in [row.card for row in (await town.listed(ONE, "waiting")).rows]


async def test_hostile_names_stay_marked(town: Town) -> None:
    town.has(site=ENEMY, name=ENEMY, owner="U0GONE", area=ENEMY[:100])
    await town.written()

    (row,) = (await town.listed(ONE, "open")).rows

    assert (type(row.site), type(row.name), row.owner) == (Outside, Outside, "U0GONE")
