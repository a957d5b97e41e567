"""Delivery over a network that loses and cuts, by a process that dies in the middle: no message twice."""

import asyncio
from typing import Any

import pytest

from bot.incidents.stations import StationSeen
from bot.messages.queue import LEASE
from db.writer import Database
from tests.incidents.desk import alert
from tests.messages.moods import Mood, cut_after, cut_before, page, refused, silent_after
from tests.messages.post_office import CHANNEL, EDIT, POST, PostOffice, a_post_office

HISTORY, REPLIES = "conversations.history", "conversations.replies"


# No clear answer


@pytest.mark.parametrize(
    "mood",
    [cut_after, page(502, after=True), page(200, after=True)],
    ids=["cut", "502 after the fact", "a page with 200"],
)
@pytest.mark.parametrize("kind", ["card", "line"])
async def test_a_post_whose_answer_was_lost_is_found_and_not_posted_twice(
    office: PostOffice, mood: Mood, kind: str
) -> None:
    if kind == "line":
        await office.with_card()
        await office.add_line(1)
    else:
        await office.desk.opened()
    office.moods[POST].append(mood)
    await office.deliver()
    office.later(2)
    await office.deliver()
    assert office.calls(POST) == 1
    assert len(office.cards()) == 1
    if kind == "line":
        assert office.notes() == ["1"]
    row = await office.row("card:1" if kind == "card" else "line:1:note:1")
    assert row["state"] == "sent"
    assert row["ts"] in [message.ts for message in everything(office)]


def everything(office: PostOffice) -> list[Any]:
    """Every message there is."""
    return office.cards() + office.slack.thread(CHANNEL, office.cards()[0].ts)


async def test_a_post_that_timed_out_is_found_and_not_posted_twice(db: Database) -> None:
    async with a_post_office(db, patience=0.3) as office:
        await office.desk.opened()
        office.moods[POST].append(silent_after)
        await office.deliver()
        assert (await office.row("card:1"))["state"] == "retry"
    async with a_post_office(db) as office:
        assert (await office.row("card:1"))["lease"] == "doubtful"


@pytest.mark.parametrize("mood", [cut_before, page(503, after=False)], ids=["cut", "503"])
async def test_a_post_that_never_arrived_is_posted_after_a_look(office: PostOffice, mood: Mood) -> None:
    await office.desk.opened()
    office.moods[POST].append(mood)
    await office.deliver()
    assert office.cards() == []
    office.later(2)
    await office.deliver()
    assert (office.calls(HISTORY), len(office.cards())) == (1, 1)


async def test_a_post_is_not_looked_for_before_slack_can_show_it(office: PostOffice) -> None:
    await office.desk.opened()
    office.moods[POST].append(cut_after)
    await office.deliver()
    office.later(1.9)
    await office.deliver()
    assert office.calls(HISTORY) == 0


@pytest.mark.parametrize("mood", [refused("ratelimited", 429, Retry_After="3"), refused("internal_error")])
async def test_a_doubt_outlives_a_look_that_failed(office: PostOffice, mood: Mood) -> None:
    """The post is out; only when Slack has said whether may it be sent again."""
    await office.desk.opened()
    office.moods[POST].append(cut_after)
    office.moods[HISTORY].append(mood)
    await office.deliver()
    for _ in range(3):
        office.later(5)
        await office.deliver()
    assert len(office.cards()) == 1


async def test_a_found_card_is_brought_up_to_date(office: PostOffice) -> None:
    await office.desk.opened()
    office.moods[POST].append(cut_after)
    await office.deliver()
    await office.touch()
    office.later(2)
    await office.deliver()
    assert (office.calls(POST), office.calls(EDIT)) == (1, 1)
    assert (await office.row("card:1"))["delivered"] == 2


async def test_a_line_is_found_at_the_end_of_a_long_thread(office: PostOffice) -> None:
    await office.with_card()
    for number in range(120):
        thread_ts = office.cards()[0].ts
        await office.client.chat_postMessage(channel=CHANNEL, thread_ts=thread_ts, text=f"words {number}")
    office.moods[POST].append(cut_after)
    await office.add_line(1)
    await office.deliver()
    office.later(2)
    await office.deliver()
    assert len(office.thread()) == 121


async def test_an_edit_without_an_answer_is_made_again(office: PostOffice) -> None:
    """An edit twice is an edit; there is nothing to look for."""
    await office.with_card()
    office.moods[EDIT].append(cut_after)
    await office.touch()
    await office.deliver()
    office.later(2)
    await office.deliver()
    assert (office.calls(EDIT), office.calls(HISTORY), office.calls(POST)) == (2, 0, 0)


async def test_slack_that_cannot_be_reached_is_tried_later_and_later(office: PostOffice) -> None:
    await office.desk.opened()
    office.moods[POST] += [refused("service_unavailable")] * 3
    waits = []
    for _ in range(4):
        while not await office.deliver():
            office.later(1)
            waits.append(1)
    assert len(waits) == 1 + 2 + 5
    assert len(office.cards()) == 1


# A sender dies


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_post_of_a_dead_sender_is_taken_over_and_there_is_one(
    office: PostOffice, arrived: bool
) -> None:
    await office.desk.opened()
    (parcel,) = await office.claim()
    if arrived:
        drawn = await office.draw(parcel)
        assert drawn is not None
        payload = {"incident": drawn.reference, "version": 1, "outgoing": parcel.key}
        await office.client.chat_postMessage(
            channel=CHANNEL,
            text=drawn.message.text,
            blocks=drawn.message.blocks,
            metadata={"event_type": "relink_incident", "event_payload": payload},
        )
    assert await office.deliver() == 0
    office.later(LEASE.total_seconds() + 1)
    await office.deliver()
    assert len(office.cards()) == 1
    assert (await office.row("card:1"))["state"] == "sent"


async def test_two_couriers_deliver_everything_once(office: PostOffice) -> None:
    stations = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(20)]
    await office.desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))
    await asyncio.gather(office.deliver(), office.deliver(), office.deliver())
    assert len(office.cards()) == 20
    assert office.calls(POST) == 20
