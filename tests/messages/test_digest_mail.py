"""A digest on its way: once, also when Slack's answer is lost; elsewhere when its channel is; its chart after it."""

from datetime import UTC, date, datetime

import pytest
from aiohttp import web

from bot.messages import outbox
from bot.messages.drawing import Drawn
from bot.messages.queue import LEASE, Parcel
from tests.messages.digest_office import CHART, KEY, a_chart, channel, deliver, draw, seen, write
from tests.messages.moods import Handler, cut_after, refused
from tests.messages.post_office import CHANNEL, POST, PostOffice


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
