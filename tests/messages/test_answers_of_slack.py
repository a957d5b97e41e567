"""Slack's single answers: blocks it does not take, a card it does not find, a pause of one method, a late ring."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.incidents.stations import StationSeen
from bot.messages import outbox
from bot.messages.drawing import LATE, NOT_CALLED, is_outdated
from bot.messages.queue import Parcel
from db.models import Incident, Outgoing
from db.writer import Database
from tests.cabinet_text import leaked
from tests.incidents import site
from tests.incidents.desk import NIGHT, ONE, alert
from tests.messages import gallery
from tests.messages.gallery import FULL
from tests.messages.moods import cut_after, no_blocks, refused
from tests.messages.post_office import CHANNEL, EDIT, ON_SQLITE, POST, PostOffice
from tests.messages.rows import parcel_of
from tests.messages.test_templates import must_be_sound, of_folder, rung

HISTORY, OPEN = "conversations.history", "conversations.open"
OTHER = StationSeen(serial="CT4G-11873", id=None)


# Blocks


@ON_SQLITE
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_what_slack_cannot_show_comes_as_text_with_a_reference_that_the_log_has_too(
    office: PostOffice, error: str
) -> None:
    await office.desk.opened()
    office.moods[POST].append(refused(error))
    with capture_logs() as logs:
        await office.deliver()
    (card,) = office.cards()
    (entry,) = [log for log in logs if log["event"] == "delivery.plain"]
    assert card.blocks == []
    assert card.text.startswith("CT4G-20117")
    assert f"reference {entry['reference']}" in card.text
    assert (entry["key"], entry["reason"]) == ("card:1", error)
    await office.touch()
    await office.deliver()
    assert office.cards()[0].blocks != [], "the next version is tried with its blocks"
    assert office.calls(POST) == 2


@ON_SQLITE
async def test_a_visit_that_comes_as_text_says_nothing_of_the_cabinet(office: PostOffice) -> None:
    await site.gate_open(office.desk)

    await office.deliver()
    await office.db.write(outbox.refresh_cards, 1, office.desk.now)
    office.always[EDIT] = no_blocks
    await office.deliver()
    im = office.slack.im(site.TECH.user_id)
    assert im is not None
    (visit,) = [each for each in office.slack.messages(im) if each.thread_ts is None]
    assert (visit.blocks, leaked([visit.text])) == ([], [])


# A card that is gone


async def test_a_card_that_is_never_found_is_posted_anew_once_and_then_seldom(office: PostOffice) -> None:
    await office.with_card()
    office.always[EDIT] = refused("message_not_found")
    for _ in range(60):
        await office.touch()
        await office.passes(2)
    assert office.calls(POST) <= 3, "at once, after 10 minutes, after 50"
    office.always.clear()
    await office.touch()
    await office.passes(160)
    row, newest = await office.row("card:1"), office.cards()[-1]
    assert (row["state"], row["ts"]) == ("sent", newest.ts)
    await office.add_line(1)
    await office.deliver()
    assert [line.thread_ts for line in office.slack.thread(CHANNEL, newest.ts)] == [newest.ts]


# Pauses, by method


async def test_a_pause_of_looking_up_holds_no_post_and_no_other_look_up_is_made_in_it(
    office: PostOffice,
) -> None:
    await office.desk.take(alert("a-1"), alert("a-2", station=OTHER))
    office.moods[POST] += [cut_after, cut_after]
    office.moods[HISTORY].append(refused("ratelimited", 429, Retry_After="60"))
    for _ in range(3):
        await office.deliver()
        office.later(3)
    assert office.calls(HISTORY) == 1
    await office.desk.take(alert("a-3", station=StationSeen(serial="CT4G-11874", id=None)))
    await office.deliver()
    assert "CT4G-11874" in office.cards()[-1].text
    office.later(48)
    await office.deliver()
    assert office.calls(HISTORY) == 1
    office.later(10)
    await office.deliver()
    assert (len(office.cards()), (await office.row("card:1"))["state"]) == (3, "sent")


@ON_SQLITE
async def test_a_pause_of_opening_direct_messages_holds_no_card(office: PostOffice) -> None:
    await office.with_card()
    office.moods[OPEN].append(refused("ratelimited", 429, Retry_After="60"))
    for technician in ("U0TECH1", "U0LEAD"):
        await office.db.write(_put_visit, technician, office.desk.now)
        await office.deliver()
    await office.touch()
    await office.add_line(1)
    office.later(59)
    await office.deliver()
    assert office.notes() == ["1"]
    assert (office.calls(OPEN), office.calls(EDIT)) == (1, 1)
    office.later(1)
    await office.deliver()
    assert (len(office.direct("U0TECH1")), len(office.direct("U0LEAD"))) == (1, 1)


def _put_visit(session: Session, technician: str, now: Any) -> None:
    outbox.put(session, [outbox.visit(1, technician, 1, now)])


@ON_SQLITE
async def test_a_direct_message_whose_answer_was_lost_is_found_and_not_sent_twice(office: PostOffice) -> None:
    await office.with_card()
    office.moods[POST].append(cut_after)
    await office.db.write(_put_visit, "U0TECH1", office.desk.now)
    await office.deliver()
    office.later(2)
    await office.deliver()
    assert office.calls(POST) == 1
    assert len(office.direct("U0TECH1")) == 1
    assert (await office.row("visit:1:U0TECH1"))["state"] == "sent"


@ON_SQLITE
async def test_a_message_is_found_behind_hundreds_of_newer_ones(office: PostOffice) -> None:
    office.moods[POST].append(cut_after)
    await office.desk.opened()
    await office.deliver()
    for number in range(250):
        await office.client.chat_postMessage(channel=CHANNEL, text=f"words {number}")
    office.asked.clear()
    office.later(2)
    await office.deliver()
    assert (office.calls(HISTORY), office.calls(POST)) == (3, 0)


# Calls that come late


@ON_SQLITE
async def test_a_call_that_waited_rings_only_if_it_is_still_needed(office: PostOffice) -> None:
    await office.desk.at_restart()
    calls = [each for each in await site.rows(office.desk, "line") if each["template"].startswith("rings/")]
    assert [each["template"] for each in calls] == ["rings/restart-station.j2"]
    incident = await office.desk.incident()
    call = await _parcel(office, calls[0]["key"])
    later = call.created_at + LATE
    assert not is_outdated(call, incident, later), "still needed"
    moved_on = incident._replace(turn=incident.turn + 1)
    assert is_outdated(call, moved_on, later)
    assert not is_outdated(call, moved_on, later - timedelta(seconds=1)), "not late"
    assert not is_outdated(call, moved_on._replace(locks=1), later), "never too late under a lock"
    assert is_outdated(call, incident._replace(closed_at=later), later)
    leads = replace(call, template="rings/not-taken.j2")
    assert not is_outdated(leads, incident, later)
    assert is_outdated(leads, incident._replace(owner=ONE.user_id), later)


@ON_SQLITE
async def test_a_call_that_is_outdated_stands_in_the_thread_and_rings_nobody(office: PostOffice) -> None:
    await office.desk.at_restart()
    office.moods[POST] += [refused("service_unavailable")]
    await office.deliver()
    await office.db.write(_moves_on)
    office.desk.later(minutes=10)
    await office.passes(3)
    late = [line for line in office.thread() if "Restart it?" in line]
    assert [line.partition("CT4G")[0] for line in late] == ["Too late to call anybody: "]
    assert office.slack.pushes() == []


async def test_every_call_can_come_too_late(sqlite_db: Database) -> None:
    incident = await sqlite_db.write(partial(gallery.hang, closed=True), FULL, "restart-station")
    draw = gallery.drawing(sqlite_db)
    told = {"turn": 1, "by": "Support 1", "note": "a note", "until": NIGHT.isoformat()}
    for template in of_folder("rings"):
        late = replace(gallery.parcel(incident, template, told), created_at=NIGHT - LATE)
        drawn = await draw(late)
        assert drawn is not None
        assert drawn.outdated
        must_be_sound(drawn.message)
        assert rung(drawn.message) == []
        assert drawn.message.text.startswith(NOT_CALLED)


def _moves_on(session: Session) -> None:
    session.execute(update(Incident).values(turn=Incident.turn + 1, version=Incident.version + 1))


async def _parcel(office: PostOffice, key: str) -> Parcel:
    def read(session: Session) -> Parcel:
        return parcel_of(session.scalars(select(Outgoing).where(Outgoing.key == key)).one())

    return await office.db.read(read)
