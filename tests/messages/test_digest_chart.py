"""The chart of a digest on its way: after its digest, in nobody's way, once, and given up in time."""

import asyncio
from datetime import date, timedelta

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.messages import courier
from bot.messages.drawing import Picture
from bot.messages.mishaps import CHART_TRIES
from bot.messages.queue import LEASE, Parcel
from bot.reports import troubles
from bot.tasks import Tasks
from db.models import Outgoing
from tests.messages.digest_office import (
    CHART,
    COMPLETE,
    LEADS,
    a_chart,
    deliver,
    draw,
    seen,
    write,
)
from tests.messages.moods import Handler, cut_after, cut_before, lacks, refused
from tests.messages.post_office import CHANNEL, ON_SQLITE, POST, PostOffice
from tests.messages.rows import no_chart

PATIENCE = 10
"""Seconds for what is on its way."""


async def broken(parcel: Parcel) -> Picture:
    """A drawing library on a bad day."""
    raise RuntimeError("no font")


async def test_a_chart_that_cannot_be_drawn_is_tried_again_and_then_given_up(post: PostOffice) -> None:
    await write(post)
    for _ in range(CHART_TRIES + 2):
        await deliver(post, broken)
        post.later(60)
    row = await post.row(CHART)
    assert (row["state"], row["reason"]) == ("dead", "it could not be drawn")
    assert row["attempts"] == CHART_TRIES - 1
    assert [message.text for message in seen(post)] == ["digest as usual"], "the words have gone"


async def test_a_chart_that_could_not_go_goes_later(post: PostOffice) -> None:
    await write(post)
    post.moods["files.getUploadURLExternal"].append(refused("service_unavailable"))
    await deliver(post)
    assert len(seen(post)) == 1
    post.later(60)
    await deliver(post)
    assert len(seen(post)) == 2


async def test_a_chart_whose_answer_was_lost_is_found_and_not_sent_twice(post: PostOffice) -> None:
    await write(post)
    post.moods[COMPLETE].append(cut_after)
    await deliver(post)
    post.later(60)
    await deliver(post)
    assert post.calls(COMPLETE) == 1
    assert len(seen(post)) == 2
    assert (await post.row(CHART))["state"] == "sent"


async def test_a_picture_somebody_put_into_the_thread_is_not_the_chart(post: PostOffice) -> None:
    async def cut_and_another_picture(request: web.Request, double: Handler) -> web.StreamResponse:
        place = await post.client.files_getUploadURLExternal(filename="holiday.png", length=4)
        async with aiohttp.ClientSession() as session:
            await session.post(str(place["upload_url"]), data=b"1234")
        await post.client.files_completeUploadExternal(
            files=[{"id": place["file_id"]}], channel_id=LEADS, thread_ts=seen(post)[0].ts
        )
        return await cut_before(request, double)

    await write(post)
    post.moods[COMPLETE].append(cut_and_another_picture)
    await deliver(post)
    post.later(60)
    await deliver(post)
    names = [file.name for message in seen(post) for file in message.files]
    assert names == ["holiday.png", "relink-2026-11-24.png"]


async def test_a_pause_of_the_calls_for_files_holds_up_no_message(post: PostOffice) -> None:
    await write(post)
    post.moods["files.getUploadURLExternal"].append(refused("ratelimited", 429, Retry_After="30"))
    await deliver(post)
    await write(post, day=date(2026, 11, 25))
    await deliver(post)
    assert [each.text for each in seen(post) if not each.files] == ["digest as usual"] * 2


@ON_SQLITE
async def test_without_the_right_to_send_files_the_words_come_and_nobody_is_told(post: PostOffice) -> None:
    post.always["files.getUploadURLExternal"] = lacks("files:write")
    await write(post)
    await deliver(post)
    await deliver(post)
    assert [message.text for message in seen(post)] == ["digest as usual"]
    row = await post.row(CHART)
    assert (row["state"], row["reason"]) == ("dead", "missing_scope: files:write")
    assert post.direct("U0LEAD") == []
    assert await post.db.read(troubles.of_slack) == {}


async def test_under_a_digest_somebody_deleted_nothing_more_comes(post: PostOffice) -> None:
    await write(post)
    post.moods["files.getUploadURLExternal"].append(refused("service_unavailable"))
    await deliver(post)
    (digest,) = seen(post)
    await post.client.chat_delete(channel=LEADS, ts=digest.ts)
    post.later(60)
    await deliver(post)
    assert (await post.row(CHART))["state"] == "dead"
    assert seen(post) == []


async def test_a_digest_that_died_has_no_chart_to_wait_for(post: PostOffice) -> None:
    await write(post, CHANNEL)
    post.moods[POST].append(refused("msg_too_long"))
    await deliver(post, no_chart)
    keys = await post.db.read(lambda session: [*session.scalars(select(Outgoing.key))])
    assert keys == [f"digest:{CHANNEL}:2026-11-24"]


# In nobody's way


async def test_while_a_chart_is_drawn_everything_else_goes_out_and_it_is_drawn_once(post: PostOffice) -> None:
    begun, both, go_on = list[str](), asyncio.Event(), asyncio.Event()

    async def slow(parcel: Parcel) -> Picture:
        begun.append(parcel.key)
        if len(begun) == 2:
            both.set()
        await go_on.wait()
        return await a_chart(parcel)

    await write(post)
    sender = post.courier(draw=draw, chart=slow)
    await sender.run_due()
    await write(post, CHANNEL)
    await sender.run_due()
    await sender.run_due()
    assert [message.text for message in seen(post, CHANNEL)] == ["digest as usual"]
    async with asyncio.timeout(PATIENCE):
        await both.wait()
    assert begun == [CHART, f"chart:{CHANNEL}:2026-11-24"], "each once, beside the rounds"
    go_on.set()
    await post.tasks.drain()
    assert (len(seen(post)), len(seen(post, CHANNEL))) == (2, 2)


async def test_a_chart_has_less_time_than_its_lease(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(_parcel: Parcel) -> Picture:
        await asyncio.Event().wait()
        raise AssertionError("nobody goes on")

    assert timedelta(seconds=courier.CHART_SECONDS) <= LEASE * 2 / 3
    monkeypatch.setattr(courier, "CHART_SECONDS", 0.01)
    await write(post)
    await deliver(post, endless)
    assert (await post.row(CHART))["state"] == "retry"


async def test_a_chart_uploaded_too_slowly_is_left_to_who_took_it_over(post: PostOffice) -> None:
    async def overtaken(parcel: Parcel) -> Picture:
        post.later(LEASE.total_seconds() + 1)
        await post.courier(draw=draw, chart=a_chart).run_due()
        await others.drain()
        return await a_chart(parcel)

    mine, others = post.tasks, Tasks()
    await write(post)
    await post.courier(draw=draw, chart=overtaken, spawn=mine.spawn).run_due()
    post.tasks = others
    await mine.drain()
    assert post.calls(COMPLETE) == 1
    assert len(seen(post)) == 2
