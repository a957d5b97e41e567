"""A digest on its way: once, also when Slack's answer is lost; elsewhere when its channel is; its chart after it."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo.slack.talk import Message as Talk
from bot.demo.slack.workspace import Channel
from bot.messages import courier, outbox
from bot.messages.drawing import Drawn, Picture
from bot.messages.mishaps import CHART_TRIES
from bot.messages.queue import LEASE, Parcel
from bot.messages.render import Message
from bot.reports import troubles
from bot.tasks import Tasks
from db.models import Outgoing
from db.writer import Database
from tests.messages.moods import Handler, cut_after, cut_before, lacks, refused
from tests.messages.post_office import CHANNEL, ON_SQLITE, POST, PostOffice, a_post_office
from tests.messages.rows import no_chart

LEADS = "C0LEADS"
TUESDAY = date(2026, 11, 24)
KEY, CHART = f"digest:{LEADS}:2026-11-24", f"chart:{LEADS}:2026-11-24"
COMPLETE = "files.completeUploadExternal"


async def draw(parcel: Parcel) -> Drawn | None:
    """A digest of one line, or the line that tells of a lost channel."""
    words = f"{parcel.kind} {parcel.payload.get('lost', parcel.payload).get('reason', 'as usual')}"
    return Drawn(
        Message(words, [{"type": "header", "text": {"type": "plain_text", "text": words}}]),
        1,
        "2026-11-24",
        "digest",
    )


async def a_chart(parcel: Parcel) -> Picture:
    """A very small one."""
    return Picture("relink-2026-11-24.png", "14 days", b"\x89PNG", "nothing happened")


async def broken(parcel: Parcel) -> Picture:
    """A drawing library on a bad day."""
    raise RuntimeError("no font")


def _write(session: Session, channel: str, day: date, now: datetime) -> None:
    payload = {"channel": channel, "day": day.isoformat()}
    outbox.put(session, [outbox.digest(channel, day, payload, now)])


async def write(office: PostOffice, channel: str = LEADS, day: date = TUESDAY) -> None:
    """The digest of a channel is due."""
    await office.db.write(_write, channel, day, office.desk.now)


async def deliver(office: PostOffice, chart: Any = a_chart) -> None:
    """One round of a courier."""
    await office.courier(draw=draw, chart=chart).run_due()
    await office.tasks.drain()


@pytest.fixture
async def post(db: Database) -> Any:
    """An office with a channel for the leads."""
    async with a_post_office(db) as office:
        office.slack.workspace.channels[LEADS] = replace(
            office.slack.workspace.channels[CHANNEL], id=LEADS, name="leads"
        )
        yield office


def seen(office: PostOffice, id_: str = LEADS) -> list[Talk]:
    """Everything in a channel: each message, then its thread."""
    slack = office.slack
    return [
        each
        for message in slack.messages(id_)
        if message.thread_ts is None
        for each in (message, *slack.thread(id_, message.ts))
    ]


def channel(office: PostOffice, id_: str = LEADS) -> Channel:
    """A channel of the workspace."""
    return office.slack.workspace.channels[id_]


async def test_it_is_posted_with_its_metadata_and_its_chart_in_its_thread(post: PostOffice) -> None:
    await write(post)
    await deliver(post)
    digest, chart = seen(post)
    assert digest.metadata == {
        "event_type": "relink_digest",
        "event_payload": {"digest": "2026-11-24", "version": 1, "outgoing": KEY},
    }
    assert chart.thread_ts == digest.ts
    assert [(file.name, file.alt) for file in chart.files] == [("relink-2026-11-24.png", "nothing happened")]
    assert [(await post.row(key))["state"] for key in (KEY, CHART)] == ["sent", "sent"]
    posted_at = post.metrics.registry.get_sample_value("relink_digest_last_timestamp")
    assert datetime.fromtimestamp(posted_at or 0, UTC) == post.desk.now


async def test_written_again_it_is_not_posted_again(post: PostOffice) -> None:
    await write(post)
    await deliver(post)
    await write(post)
    await deliver(post)
    assert len(seen(post)) == 2


async def test_new_cards_go_before_it(post: PostOffice) -> None:
    await write(post, CHANNEL)
    await post.desk.opened()
    parcels = await post.claim()
    assert [parcel.kind for parcel in parcels] == ["card"]


async def test_a_post_whose_answer_was_lost_is_found_and_its_chart_follows(post: PostOffice) -> None:
    await write(post)
    post.moods[POST].append(cut_after)
    await deliver(post)
    post.later(2)
    await deliver(post)
    assert post.calls(POST) == 1
    digest, chart = seen(post)
    assert (chart.thread_ts, len(chart.files)) == (digest.ts, 1)


async def test_a_sender_that_died_is_followed_by_another_and_there_is_one(post: PostOffice) -> None:
    await write(post)
    await post.claim()
    await deliver(post)
    assert seen(post) == []
    post.later(LEASE.total_seconds() + 1)
    await deliver(post)
    assert len(seen(post)) == 2


# Never beside another sender, never in the way of others


async def test_while_a_chart_is_drawn_everything_else_goes_out_and_it_is_drawn_once(post: PostOffice) -> None:
    begun, go_on = list[str](), asyncio.Event()

    async def slow(parcel: Parcel) -> Picture:
        begun.append(parcel.key)
        await go_on.wait()
        return await a_chart(parcel)

    await write(post)
    sender = post.courier(draw=draw, chart=slow)
    await sender.run_due()
    await write(post, CHANNEL)
    await sender.run_due()
    await sender.run_due()
    assert [message.text for message in seen(post, CHANNEL)] == ["digest as usual"]
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


async def test_a_digest_drawn_too_slowly_is_left_to_who_took_it_over(post: PostOffice) -> None:
    async def overtaken(parcel: Parcel) -> Drawn | None:
        post.later(LEASE.total_seconds() + 1)
        await deliver(post)
        return await draw(parcel)

    await write(post)
    await post.courier(draw=overtaken, chart=a_chart).run_due()
    assert post.calls(POST) == 1
    assert (await post.row(KEY))["state"] == "sent"


async def test_a_slow_digest_that_nobody_took_over_holds_its_lease_anew(post: PostOffice) -> None:
    async def slow(parcel: Parcel) -> Drawn | None:
        post.later(LEASE.total_seconds() - 1)
        return await draw(parcel)

    async def meanwhile(request: web.Request, double: Handler) -> web.StreamResponse:
        post.later(2)
        await deliver(post)
        return await double(request)

    await write(post)
    post.moods[POST].append(meanwhile)
    await post.courier(draw=slow, chart=a_chart).run_due()
    assert post.calls(POST) == 1


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


# A channel that is gone


async def test_archived_overnight_it_comes_to_the_alert_channel_with_one_note(post: PostOffice) -> None:
    channel(post).is_archived = True
    await write(post)
    await deliver(post)
    digest, *thread = seen(post, CHANNEL)
    assert digest.text == "digest is_archived"
    assert sorted(line.text for line in thread) == ["", "line is_archived"], "the chart and one note"
    assert {line.thread_ts for line in thread} == {digest.ts}
    for day in (25, 26):
        await write(post, day=date(2026, 11, day))
        await deliver(post)
    notes = [each for each in seen(post, CHANNEL) if each.text.startswith("line")]
    assert len(notes) == 1, "one, not one a morning"
    assert seen(post) == []


async def test_lost_again_after_it_was_put_right_is_told_again(post: PostOffice) -> None:
    for day, archived in ((24, True), (25, False), (26, True)):
        channel(post).is_archived = archived
        await write(post, day=date(2026, 11, day))
        await deliver(post)
    notes = [each for each in seen(post, CHANNEL) if each.text.startswith("line")]
    assert len(notes) == 2
    assert len(seen(post)) == 2


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_every_way_to_lose_a_channel_is_known(post: PostOffice, error: str) -> None:
    await write(post)
    post.moods[POST].append(refused(error))
    await deliver(post)
    assert seen(post, CHANNEL)[0].text == f"digest {error}"


async def test_without_an_alert_channel_it_waits_and_nothing_turns_in_circles(post: PostOffice) -> None:
    channel(post).is_archived = channel(post, CHANNEL).is_archived = True
    await write(post)
    await deliver(post)
    row = await post.row(KEY)
    assert (row["state"], row["reason"], post.calls(POST)) == ("retry", "is_archived", 2)


async def test_the_leads_are_told_only_under_a_digest_that_came(post: PostOffice) -> None:
    channel(post).is_archived = channel(post, CHANNEL).is_archived = True
    await write(post)
    await deliver(post)
    assert seen(post, CHANNEL) == []
    channel(post, CHANNEL).is_archived = False
    post.later(300)
    await deliver(post)
    (note,) = [each for each in seen(post, CHANNEL) if each.text.startswith("line")]
    assert note.thread_ts == seen(post, CHANNEL)[0].ts


# The first day's list


async def test_a_list_that_somebody_deleted_is_posted_anew(post: PostOffice) -> None:
    async def put() -> None:
        await post.db.write(outbox.put, [outbox.first_day(CHANNEL, post.desk.now)])
        await post.deliver()

    await put()
    (first,) = seen(post, CHANNEL)
    await post.client.chat_delete(channel=CHANNEL, ts=first.ts)
    await put()
    post.later(60)
    await post.deliver()
    assert (await post.row(outbox.FIRST_DAY))["state"] == "sent"
    assert len(seen(post, CHANNEL)) == 1


# The chart


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
