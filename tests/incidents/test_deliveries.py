"""Deliveries come twice, late and in any order: one effect each, and no incident of what has long been over."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.incidents.intake import AlertIn
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from db import queries
from db.writer import Database, open_database
from tests.incidents.clashes import clash
from tests.incidents.desk import BY_HAND, NIGHT, REPAIR_LOG, Desk, alert

ALARMS = 3
"""How often the station fell silent that night, two hours apart and for an hour each."""
PAIRS = 100
"""Here; `clash` takes any number."""
CLOSE = "close"

Delivery = tuple[int, str] | str
"""Which alarm's beginning or end arrives; or somebody closes what is open."""


def raised_at(alarm: int) -> datetime:
    """When this alarm began."""
    return NIGHT + timedelta(hours=2 * alarm)


def sent(example: int, alarm: int, status: str) -> AlertIn:
    """The delivery as a sender writes it; all stations of an example are one."""
    end = raised_at(alarm) + timedelta(hours=1) if status == "cleared" else None
    station = StationSeen(serial=f"CT4G-{60_000 + example}", id=None)
    given = {"status": status, "station": station, "cleared_at": end, "last_communication": None}
    return alert(f"night-{example}-{alarm}", raised_at=raised_at(alarm), **given)


@dataclass
class Model:
    """What a sane person would keep on paper: what was said already, and whether anything is open."""

    said: set[tuple[int, str]]
    open: bool = False
    closed_at: datetime | None = None

    def hears(self, alarm: int, status: str) -> str:
        """What becomes of a delivery."""
        if (alarm, status) in self.said:
            return "duplicate"
        self.said.add((alarm, status))
        if status == "cleared":
            return "cleared" if self.open else "ignored"
        over = (alarm, "cleared") in self.said
        old = not self.open and self.closed_at is not None and raised_at(alarm) <= self.closed_at
        if over or old:
            return "ignored"
        if self.open:
            return "repeated"
        self.open = True
        return "opened" if self.closed_at is None else "reopened"


DELIVERIES = st.lists(
    st.one_of(st.tuples(st.integers(0, ALARMS - 1), st.sampled_from(["raised", "cleared"])), st.just(CLOSE)),
    max_size=14,
)


async def tell(desk: Desk, example: int, deliveries: Sequence[Delivery]) -> None:
    """Deliver all of it in this order and hold the database against the model after every step."""
    model, incident = Model(set()), 0
    desk.now = raised_at(0)
    for is_close, some in groupby(deliveries, key=lambda one: one == CLOSE):
        desk.later(hours=1)
        if is_close:
            if model.open:
                await close(desk, incident)
                model.open, model.closed_at = False, desk.now
            continue
        batch = [one for one in some if isinstance(one, tuple)]
        results = await desk.take(*(sent(example, *one) for one in batch))
        expected = [model.hears(*one) for one in batch]
        assert [result.outcome for result in results] == expected, (batch, results)
        named = {result.incident for result in results if result.incident}
        assert len(named) <= 1, "one station, one incident"
        if named:
            incident = int(named.pop().rpartition("-")[2])
    standing = await desk.db.read(queries.incident, incident) if incident else None
    assert (standing is not None and standing.closed_at is None) is model.open


async def close(desk: Desk, incident: int) -> None:
    """Support finds it a false alarm and logs it."""
    standing = await desk.incident(incident)
    if standing.step == "confirm-alert":
        await desk.press("not-this-station", incident=incident)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": "false alarm"}), incident=incident)


@pytest.fixture
def numbers() -> Iterator[int]:
    """A station of its own for each example."""
    return count()


def test_whatever_order_deliveries_come_in_the_same_is_open_as_on_paper(
    database_url: str, numbers: Iterator[int]
) -> None:
    """The times of the night do not matter: all of it arrives hours late, as one delivery after another."""

    async def open_one() -> Database:
        return open_database(database_url)

    with asyncio.Runner() as runner:
        db = runner.run(open_one())

        @settings(
            max_examples=60,
            deadline=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(DELIVERIES)
        def any_order(deliveries: Sequence[Delivery]) -> None:
            runner.run(tell(Desk(db, capabilities=BY_HAND), next(numbers), deliveries))

        any_order()
        runner.run(db.close())


async def test_of_two_who_press_at_once_one_counts_and_the_other_is_told_who(db: Database) -> None:
    won = await clash(db, PAIRS)
    assert won.total() == PAIRS
