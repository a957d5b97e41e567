"""How fast messages go out: below what Slack allows, over all couriers together."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.messages import pace
from db.writer import Database
from tests.incidents.desk import Desk
from tests.messages.rows import (
    CHANNEL,
    MOMENT,
    OTHER,
    PACES,
    SECOND,
    claim,
    edit,
    keys,
    line,
    move_card,
    posted,
    row,
    stations_down,
    with_card,
)


@pytest.fixture
def desk(db: Database) -> Desk:
    """A desk on each kind of database; its real time is the queue's."""
    return Desk(db)


async def test_one_post_a_second_in_a_channel(desk: Desk) -> None:
    await stations_down(desk, 3)
    sent: list[datetime] = []
    for _ in range(30):
        sent += [desk.real for _ in await claim(desk)]
        desk.real += timedelta(milliseconds=100)
    assert [later - earlier for earlier, later in pairwise(sent)] == [SECOND, SECOND]


async def test_two_couriers_share_one_pace(desk: Desk) -> None:
    await stations_down(desk, 8)
    for _ in range(4):
        claims = await asyncio.gather(*(claim(desk) for _ in range(4)))
        assert sum(map(len, claims)) == 1
        desk.real += SECOND


async def test_each_channel_has_a_pace_of_its_own(desk: Desk) -> None:
    await stations_down(desk, 2)
    await desk.db.write(move_card, 2, OTHER)
    assert {parcel.channel for parcel in await claim(desk)} == {CHANNEL, OTHER}


async def test_never_more_than_fifty_edits_in_any_minute(desk: Desk) -> None:
    """Slack's tier 3, over all cards; a burst at the beginning counts, too."""
    await with_card(desk)
    sent: list[datetime] = []
    for version in range(2, 260):
        await edit(desk, version)
        for parcel in await claim(desk):
            sent.append(desk.real)
            await posted(desk, parcel, version=version)
        desk.real += timedelta(milliseconds=400)
    minute = timedelta(minutes=1)
    assert max(len([at for at in sent if start <= at < start + minute]) for start in sent) <= 50
    assert len([at for at in sent if at >= sent[-1] - minute]) >= 38


async def test_after_a_quiet_time_ten_edits_go_out_at_once(desk: Desk) -> None:
    await with_card(desk)
    for version in range(2, 13):
        await edit(desk, version)
        for parcel in await claim(desk):
            await posted(desk, parcel, version=version)
    assert (await row(desk, "card:1"))["delivered"] == 11


async def test_a_pause_slack_asked_for_holds_back_that_pace_only(desk: Desk) -> None:
    await with_card(desk)
    until = desk.real + timedelta(seconds=30)
    await desk.db.write(pace.slow_down, "edit", PACES.edit, until)
    await edit(desk, 2)
    await line(desk, 1)
    assert keys(await claim(desk)) == ["line:1:1"]
    desk.real = until - MOMENT
    assert await claim(desk) == ()
    desk.real = until
    assert keys(await claim(desk)) == ["card:1"]
