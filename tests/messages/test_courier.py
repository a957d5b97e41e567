"""Delivery of cards and lines to Slack: once, in place, at Slack's pace, and the bad ones put aside."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.incidents import ownership
from bot.incidents.stations import StationSeen
from bot.messages.drawing import Drawn
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from db.models import Outgoing
from db.writer import Database
from tests.incidents.desk import ONE, RULES, alert
from tests.messages.moods import refused
from tests.messages.post_office import CHANNEL, EDIT, POST, PostOffice, a_post_office

HISTORY, REPLIES = "conversations.history", "conversations.replies"


# A card


async def test_a_card_is_posted_once_with_its_metadata(office: PostOffice) -> None:
    await office.desk.opened()
    assert await office.deliver() == 1
    assert await office.deliver() == 0
    (card,) = office.cards()
    assert card.metadata == {
        "event_type": "relink_incident",
        "event_payload": {"incident": "I-2026-0001", "version": 1, "outgoing": "card:1"},
    }
    assert "CT4G-20117" in card.text


async def test_a_card_that_changed_is_edited_in_its_place(office: PostOffice) -> None:
    await office.with_card()
    (before,) = office.cards()
    await office.touch()
    await office.deliver()
    (after,) = office.cards()
    assert (office.calls(EDIT), office.calls(POST), after.ts) == (1, 0, before.ts)
    assert after.metadata is not None
    assert after.metadata["event_payload"]["version"] == 2


async def test_ten_changes_while_it_is_being_sent_are_one_more_edit(office: PostOffice) -> None:
    await office.desk.opened()

    async def busy(request: Any, double: Any) -> Any:
        for _ in range(10):
            await office.touch()
        return await double(request)

    office.moods[POST].append(busy)
    await office.deliver()
    assert (office.calls(POST), office.calls(EDIT)) == (1, 1)
    assert (await office.row("card:1"))["delivered"] == 11


async def test_a_card_that_was_deleted_is_posted_anew_and_its_thread_follows(office: PostOffice) -> None:
    await office.with_card()
    (old,) = office.cards()
    await office.client.chat_delete(channel=CHANNEL, ts=old.ts)
    await office.touch()
    await office.deliver()
    office.later(1)
    await office.deliver()
    (new,) = office.cards()
    assert new.ts != old.ts
    await office.add_line(1)
    await office.touch()
    await office.deliver()
    assert office.notes() == ["1"]
    assert len(office.cards()) == 1


async def test_a_line_whose_card_was_deleted_is_not_lost(office: PostOffice) -> None:
    """A line may be the one that rings somebody."""
    await office.with_card()
    (old,) = office.cards()
    await office.client.chat_delete(channel=CHANNEL, ts=old.ts)
    await office.add_line(1)
    for _ in range(4):
        await office.deliver()
        office.later(5)
    assert len(office.cards()) == 1
    assert office.notes() == ["1"]


# Slack asks for a pause


@pytest.fixture
async def paced(db: Database) -> AsyncIterator[PostOffice]:
    """A post office whose Slack counts calls, as the real one does."""
    async with a_post_office(db, strict_pace=True) as one:
        yield one


async def test_thirty_new_cards_and_their_edits_never_meet_a_429(paced: PostOffice) -> None:
    stations = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(30)]
    await paced.desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))
    for second in range(90):
        if second < 60:
            await paced.touch(second % 30 + 1)
        await paced.deliver(Paces())
        paced.later(1)
    assert len(paced.cards()) == 30
    assert 429 not in [exchange.status for exchange in paced.slack.traffic]
    for number in range(1, 31):
        row = await paced.row(f"card:{number}")
        assert (row["state"], row["delivered"]) == ("sent", row["wanted"])


async def test_a_pause_of_posts_is_kept_to_the_second_and_edits_go_on(office: PostOffice) -> None:
    await office.with_card()
    office.moods[POST].append(refused("ratelimited", 429, Retry_After="17"))
    await office.add_line(1)
    await office.deliver()
    await office.touch()
    await office.add_line(2)
    office.later(16.9)
    await office.deliver()
    assert office.notes() == []
    assert office.calls(EDIT) == 1
    office.later(0.1)
    await office.deliver()
    assert office.notes() == ["1", "2"]


async def test_a_pause_of_edits_leaves_posts_alone(office: PostOffice) -> None:
    await office.with_card()
    office.moods[EDIT].append(refused("ratelimited", 429, Retry_After="17"))
    await office.touch()
    await office.deliver()
    await office.add_line(1)
    await office.deliver()
    assert office.notes() == ["1"]
    assert office.calls(EDIT) == 1
    office.later(17)
    await office.deliver()
    assert office.calls(EDIT) == 2


async def test_a_pause_in_one_channel_holds_back_no_other(office: PostOffice) -> None:
    other = StationSeen(serial="CT4G-11873", id=None)
    await office.desk.opened()
    office.moods[POST].append(refused("ratelimited", 429, Retry_After="60"))
    await office.deliver()
    office.slack.workspace.channels["C0OTHER"] = replace(
        office.slack.workspace.channels[CHANNEL], id="C0OTHER"
    )
    await office.desk.take(alert("a-2", station=other))
    await office.db.write(_send_to, "card:2", "C0OTHER")
    await office.deliver()
    assert len(office.slack.messages("C0OTHER")) == 1
    assert office.cards() == []


def _send_to(session: Session, key: str, channel: str) -> None:
    session.execute(update(Outgoing).where(Outgoing.key == key).values(channel=channel))


# Never


@pytest.mark.parametrize("error", ["msg_too_long", "something_new"])
async def test_what_slack_will_never_take_is_dead_with_its_reason_and_logged(
    office: PostOffice, error: str
) -> None:
    await office.desk.opened()
    office.moods[POST].append(refused(error))
    with capture_logs() as logs:
        await office.deliver()
    row = await office.row("card:1")
    assert (row["state"], row["reason"]) == ("dead", error)
    assert [entry["reason"] for entry in logs if entry["event"] == "delivery.failed"] == [error]
    office.later(3600)
    assert await office.deliver() == 0


async def test_a_dead_card_is_tried_again_when_it_has_something_new_to_show(office: PostOffice) -> None:
    await office.desk.opened()
    office.moods[POST].append(refused("msg_too_long"))
    await office.deliver()
    await office.touch()
    await office.deliver()
    assert len(office.cards()) == 1


@pytest.mark.parametrize("mistake", [TypeError, ValueError, KeyError, AttributeError])
async def test_a_row_that_cannot_be_drawn_is_dead_and_the_others_go_on(
    office: PostOffice, mistake: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    await office.desk.opened()
    await office.desk.take(alert("a-2", station=StationSeen(serial="CT4G-11873", id=None)))

    async def draw(parcel: Parcel) -> Drawn | None:
        if parcel.incident == 1:
            raise mistake("a fact that cannot be shown")
        return await office.draw(parcel)

    with caplog.at_level(logging.CRITICAL):
        await office.courier(draw=draw).run_due()
    row = await office.row("card:1")
    assert (row["state"], row["reason"]) == ("dead", "it could not be drawn")
    (card,) = office.cards()
    assert "CT4G-11873" in card.text


async def test_a_line_of_a_template_that_is_gone_is_dead_and_the_others_go_on(office: PostOffice) -> None:
    await office.with_card()
    await office.add_line(1)
    await office.add_line(2)
    await office.db.write(_use_template, "line:1:note:1", "lines/gone.j2")
    await office.deliver()
    assert (await office.row("line:1:note:1"))["state"] == "dead"
    assert office.notes() == ["2"]


def _use_template(session: Session, key: str, template: str) -> None:
    session.execute(update(Outgoing).where(Outgoing.key == key).values(template=template))


async def test_a_new_card_mentions_nobody_and_the_edit_after_it_does(office: PostOffice) -> None:
    """A card that is posted anew would ring its owner, for nothing."""
    await office.with_card()
    await office.db.write(ownership.take, 1, ONE, RULES, office.desk.now)
    await office.deliver()
    (old,) = office.cards()
    await office.client.chat_delete(channel=CHANNEL, ts=old.ts)
    await office.touch()
    await office.deliver()
    office.later(1)
    await office.deliver()
    (new,) = office.cards()
    assert new.ts != old.ts
    assert f"Owner: <@{ONE.user_id}>" in str(new.blocks)
    assert office.slack.pushes() == []
