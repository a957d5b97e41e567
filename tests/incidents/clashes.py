"""Pairs of people who press the same button of the same card at the same moment."""

import asyncio
from collections import Counter

from bot.errors import StaleChoice
from bot.incidents import progress
from bot.incidents.stations import StationSeen
from bot.people import Person
from bot.runbook.press import Press
from db import queries
from db.writer import Database
from tests.incidents.desk import BY_HAND, ONE, RULES, TWO, Desk, alert

AT_ONCE = 32
"""How many pairs press at the same time."""
BATCH = 100


async def clash(db: Database, pairs: int) -> Counter[str]:
    """Let so many pairs press, each on an incident of its own; how often whose press counted.

    Raises AssertionError unless of each pair one press counted and the other person was told who was first.
    """
    desk = Desk(db, capabilities=BY_HAND)
    for first in range(0, pairs, BATCH):
        numbers = range(first, min(first + BATCH, pairs))
        seen = [(number, StationSeen(serial=f"CT4G-{50_000 + number}", id=None)) for number in numbers]
        await desk.take(*(alert(f"clash-{number}", station=station) for number, station in seen))
    incidents = range(1, pairs + 1)
    won: Counter[str] = Counter()
    for first in range(0, pairs, AT_ONCE):
        some = incidents[first : first + AT_ONCE]
        won.update(await asyncio.gather(*(_one_clash(desk, number) for number in some)))
    counted = await asyncio.gather(*(db.read(queries.moves, number) for number in incidents))
    assert [len(moves) for moves in counted] == [1] * pairs
    return won


async def _one_clash(desk: Desk, incident: int) -> str:
    """Who of the two was first."""
    presses = (_press(desk, incident, who) for who in (ONE, TWO))
    ends = dict(zip((ONE, TWO), await asyncio.gather(*presses, return_exceptions=True), strict=True))
    (winner,) = [who for who, end in ends.items() if end is None]
    (told,) = [end for end in ends.values() if end is not None]
    assert isinstance(told, StaleChoice), told
    assert told.first is not None
    assert (told.first.actor, told.first.choice) == (winner.user_id, "active")
    return winner.user_id


async def _press(desk: Desk, incident: int, who: Person) -> None:
    pressed = Press(incident, 0, "active")
    await desk.db.write(progress.press, pressed, who, None, desk.capabilities, RULES, desk.now)
