"""What may go out, in which order, how fast, and to whom a row belongs. No network here."""

import asyncio

import pytest

from bot.incidents.stations import StationSeen
from bot.messages import fates, outbox, pace, queue
from bot.messages.queue import LEASE, Parcel
from db.writer import Database
from tests.incidents.desk import Desk, alert
from tests.messages.rows import (
    CHANNEL,
    MOMENT,
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


# Order


async def test_a_line_waits_for_its_card(desk: Desk) -> None:
    await desk.opened()
    await line(desk, 1)
    (card,) = await claim(desk)
    assert card.kind == "card"
    desk.real += SECOND
    assert await claim(desk) == ()
    await posted(desk, card, ts="5.5")
    (first,) = await claim(desk)
    assert (first.key, first.channel, first.ts) == ("line:1:1", CHANNEL, "5.5")


async def test_new_cards_go_before_lines_and_lines_before_edits(desk: Desk) -> None:
    await with_card(desk)
    await edit(desk, 2)
    await line(desk, 1)
    await desk.take(alert("a-2", station=StationSeen(serial="CT4G-11873", id=None)))
    claimed: list[Parcel] = []
    for _ in range(3):
        claimed += await claim(desk)
        desk.real += SECOND
    # The edit is of another pace than the posts and waits for nobody.
    assert [key for key in keys(claimed) if key != "card:1"] == ["card:2", "line:1:1"]


async def test_lines_of_a_thread_keep_their_order(desk: Desk) -> None:
    await with_card(desk)
    for number in range(3):
        await line(desk, number)
    claimed = []
    for _ in range(3):
        (parcel,) = await claim(desk)
        claimed.append(parcel.key)
        await posted(desk, parcel)
        desk.real += SECOND
    assert claimed == ["line:1:0", "line:1:1", "line:1:2"]


async def test_a_line_that_must_be_tried_again_is_not_overtaken_in_its_thread(desk: Desk) -> None:
    await with_card(desk)
    await line(desk, 1)
    await line(desk, 2)
    (first,) = await claim(desk)
    await desk.db.write(fates.later, first, desk.real + 5 * SECOND, "internal_error", doubtful=False)
    desk.real += SECOND
    assert await claim(desk) == ()
    desk.real += 4 * SECOND
    assert keys(await claim(desk)) == ["line:1:1"]


async def test_a_line_that_is_on_its_way_is_not_overtaken_in_its_thread(desk: Desk) -> None:
    await with_card(desk)
    await line(desk, 1)
    await line(desk, 2)
    await claim(desk)
    desk.real += SECOND
    assert await claim(desk) == ()


async def test_a_dead_line_holds_up_nobody(desk: Desk) -> None:
    await with_card(desk)
    await line(desk, 1)
    await line(desk, 2)
    (first,) = await claim(desk)
    await desk.db.write(fates.dead, first, "it could not be drawn")
    desk.real += SECOND
    assert keys(await claim(desk)) == ["line:1:2"]


# Leases


async def test_a_claimed_row_belongs_to_its_claimer_until_the_lease_is_over(desk: Desk) -> None:
    await desk.opened()
    (mine,) = await claim(desk)
    desk.real += LEASE
    assert await claim(desk) == ()
    desk.real += MOMENT
    (taken_over,) = await claim(desk)
    assert taken_over.doubtful
    assert not mine.doubtful


async def test_whoever_lost_the_lease_writes_nothing_down(desk: Desk) -> None:
    await desk.opened()
    (mine,) = await claim(desk)
    desk.real += LEASE + MOMENT
    await claim(desk)
    before = await row(desk, "card:1")
    await posted(desk, mine, ts="9.9")
    await desk.db.write(fates.dead, mine, "not for me to say")
    await desk.db.write(fates.later, mine, desk.real, "nor this", doubtful=True)
    await desk.db.write(fates.anew, mine, desk.real, "nor this", desk.real)
    assert await row(desk, "card:1") == before


async def test_claimers_at_the_same_time_share_nothing(desk: Desk) -> None:
    await stations_down(desk, 6)
    for number in range(1, 7):
        await desk.db.write(move_card, number, f"C0NUMBER{number}")
    claims = await asyncio.gather(*(claim(desk) for _ in range(4)))
    claimed = [key for one in claims for key in keys(one)]
    assert sorted(claimed) == [f"card:{number}" for number in range(1, 7)]


# Coalescing


async def test_ten_changes_while_a_card_is_on_its_way_are_one_more_edit(desk: Desk) -> None:
    await desk.opened()
    (card,) = await claim(desk)
    for version in range(2, 12):
        await edit(desk, version)
    await posted(desk, card, version=1)
    (again,) = await claim(desk)
    await posted(desk, again, version=11)
    assert await claim(desk) == ()


async def test_a_change_that_the_delivery_showed_already_needs_no_edit(desk: Desk) -> None:
    await desk.opened()
    (card,) = await claim(desk)
    await edit(desk, 2)
    await posted(desk, card, version=2)
    assert await claim(desk) == ()


async def test_a_card_somebody_clicked_too_late_is_sent_again_although_nothing_changed(desk: Desk) -> None:
    await with_card(desk)
    assert await claim(desk) == ()
    await desk.db.write(outbox.refresh_cards, 1, desk.now)
    assert keys(await claim(desk)) == ["card:1"]


async def test_a_row_that_waits_to_be_tried_again_keeps_its_time_when_the_card_changes(desk: Desk) -> None:
    await desk.opened()
    (card,) = await claim(desk)
    await desk.db.write(fates.later, card, desk.real + 60 * SECOND, "internal_error", doubtful=True)
    await edit(desk, 2)
    desk.real += 59 * SECOND
    assert await claim(desk) == ()
    desk.real += SECOND
    (again,) = await claim(desk)
    assert again.doubtful


async def test_the_same_line_added_twice_is_one_line(desk: Desk) -> None:
    await with_card(desk)
    await line(desk, 1)
    await line(desk, 1)
    assert len(await claim(desk)) == 1
    desk.real += LEASE
    assert await claim(desk) == ()


# Commands


async def test_commands_go_at_once_whatever_the_pace(desk: Desk) -> None:
    await desk.restarted()
    await desk.db.write(pace.slow_down, f"post:{CHANNEL}", PACES.post, desk.real + 60 * SECOND)
    claimed = await claim(desk)
    assert [parcel.kind for parcel in claimed] == ["command"]
    assert claimed[0].sending_at == desk.now


async def test_a_command_found_on_its_way_keeps_the_time_it_was_sent(desk: Desk) -> None:
    await desk.restarted()
    sent_at = desk.now
    await claim(desk)
    desk.later(minutes=5)
    (found,) = [parcel for parcel in await claim(desk) if parcel.kind == "command"]
    assert found.doubtful
    assert found.sending_at == sent_at


async def test_waiting_counts_what_is_not_out_yet(desk: Desk) -> None:
    await desk.opened()
    assert (await desk.db.read(queue.outlook)).waiting == 1
    (card,) = await claim(desk)
    assert (await desk.db.read(queue.outlook)).waiting == 1
    await posted(desk, card)
    assert (await desk.db.read(queue.outlook)).waiting == 0
