"""The alert channel is archived, deleted, or without the bot: what belongs there waits, the leads are told once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.demo.slack.workspace import BOT_USER, Workspace
from bot.incidents.stations import StationSeen
from bot.messages import outbox
from bot.messages.drawing import Drawn
from bot.messages.greeting import begin_with_slack
from bot.messages.render import Message
from bot.reports import troubles
from db.models import Outgoing
from db.writer import Database
from tests.incidents.desk import alert
from tests.messages.moods import cut_after, lacks, refused
from tests.messages.post_office import CHANNEL, EDIT, ON_SQLITE, POST, PostOffice, a_post_office, words_of

GOES, STAYS = StationSeen(serial="CT4G-11873", id=None), StationSeen(serial="CT4G-11874", id=None)
OTHER = "C0OTHER"
MOST = 12
"""Tries in half an hour: a post and an edit every five minutes."""


def archived(workspace: Workspace) -> None:
    """Somebody archived it."""
    workspace.channels[CHANNEL].is_archived = True


def without_the_bot(workspace: Workspace) -> None:
    """Somebody removed the bot from it."""
    workspace.channels[CHANNEL].members.discard(BOT_USER)


def deleted(workspace: Workspace) -> None:
    """It is no more; another one of this name could take its place."""
    del workspace.channels[CHANNEL]


def put_right(workspace: Workspace, before: Any) -> None:
    """As it was."""
    workspace.channels[CHANNEL] = replace(before, is_archived=False, members={*before.members, BOT_USER})


async def test_cards_wait_the_leads_are_told_once_and_all_that_matters_comes_in_order(
    office: PostOffice,
) -> None:
    await lost(office, archived, "is_archived", "unarchive the channel")


@ON_SQLITE
@pytest.mark.parametrize(
    ("lose", "reason", "hint"),
    [
        (without_the_bot, "not_in_channel", "type `/invite @relink` in the channel"),
        (deleted, "channel_not_found", "set ALERT_CHANNEL to another one"),
    ],
)
async def test_so_it_is_however_the_channel_was_lost(
    office: PostOffice, lose: Callable[[Workspace], None], reason: str, hint: str
) -> None:
    await lost(office, lose, reason, hint)


async def lost(office: PostOffice, lose: Callable[[Workspace], None], reason: str, hint: str) -> None:
    """For half an hour; an incident is known before, one comes and goes, one comes and stays."""
    workspace = office.slack.workspace
    before = workspace.channels[CHANNEL]
    await office.with_card()
    lose(workspace)
    await office.desk.take(alert("a-2", station=GOES))
    await office.add_line(1, incident=2)
    await office.passes(5)
    await office.db.write(put_visit, office.desk.now)
    await office.desk.take(alert("a-3", station=STAYS))
    await office.add_line(2)
    await office.ends(1)
    await office.ends(2)
    await office.passes(25)

    assert office.calls(POST) + office.calls(EDIT) <= MOST + 2, "the two direct messages"
    assert len(office.direct("U0TECH1")) == 1, "a technician's direct message goes on"
    (note,) = office.direct("U0LEAD")
    assert f"Relink cannot post in <#{CHANNEL}> any more" in note
    assert "Alerts go on being taken" in note
    assert hint in note
    assert await office.db.read(troubles.of_slack) == {"lost_channels": {CHANNEL: reason}}

    put_right(workspace, before)
    await office.passes(5)

    known, told, new = [each for each in office.slack.messages(CHANNEL) if each.thread_ts is None]
    assert "closed" in known.text
    assert told.text.startswith("Nothing could be posted here from")
    assert "Opened and closed meanwhile: 1, without a card." in words_of(told)
    assert "CT4G-11873" in words_of(told)
    assert "CT4G-11874" in new.text
    assert office.notes() == ["2"]
    assert await office.db.read(troubles.of_slack) == {}

    lose(workspace)
    await office.touch(3)
    await office.passes(2)
    assert len(office.direct("U0LEAD")) == 1, "lost again within the hour"


def put_visit(session: Session, now: Any) -> None:
    """A technician has something to read."""
    outbox.put(session, [outbox.visit(1, "U0TECH1", 1, now)])


async def test_a_card_of_another_channel_comes_to_the_alert_channel_with_one_note(office: PostOffice) -> None:
    channels = office.slack.workspace.channels
    channels[OTHER] = replace(channels[CHANNEL], id=OTHER, name="other")
    await office.desk.take(alert("a-1"), alert("a-2", station=GOES))
    for incident in (1, 2):
        await office.db.write(send_to, f"card:{incident}", OTHER)
    await office.deliver()
    assert (len(office.slack.messages(OTHER)), office.cards()) == (2, [])

    channels[OTHER].is_archived = True
    await office.touch()
    await office.add_line(1, incident=2)
    await office.passes(2)

    assert sorted(card.text.split()[0] for card in office.cards()) == ["CT4G-11873:", "CT4G-20117:"]
    number = next(at for at, card in enumerate(office.cards()) if "CT4G-11873" in card.text)
    assert [line.rpartition(" ")[2] for line in office.thread(number)] == ["1"]
    (note,) = office.direct("U0LEAD")
    assert "come to the alert channel instead" in note


def send_to(session: Session, key: str, channel: str) -> None:
    """The card belongs there."""
    session.execute(update(Outgoing).where(Outgoing.key == key).values(channel=channel))


async def test_of_the_digests_that_waited_only_todays_comes_and_tells_what_the_others_would_have(
    sqlite_db: Database,
) -> None:
    async with a_post_office(sqlite_db) as office:
        archived(office.slack.workspace)
        for day in (22, 23, 24):
            office.desk.now = office.desk.now.replace(day=day, hour=7)
            await office.db.write(put_digest, date(2026, 11, day), office.desk.now)
            office.later(3600)
            await office.courier(draw=no_words).run_due()
        office.slack.workspace.channels[CHANNEL].is_archived = False
        office.later(3600)
        await office.courier(draw=no_words).run_due()
        states = [(await office.row(f"digest:{CHANNEL}:2026-11-{day}"))["state"] for day in (22, 23, 24)]
        assert states == ["dead", "dead", "sent"]
        newest = await office.row(f"digest:{CHANNEL}:2026-11-24")
        assert newest["payload"]["since"] == "since 2026-11-22"


def put_digest(session: Session, day: date, now: Any) -> None:
    """The digest of a day is due."""
    told = {"channel": CHANNEL, "day": day.isoformat(), "zone": "UTC", "since": f"since {day}"}
    outbox.put(session, [outbox.digest(CHANNEL, day, told, now)])


async def no_words(parcel: Any) -> Any:
    """What is said does not matter."""

    return Drawn(Message(parcel.key, []), 1, parcel.key, "digest")


@ON_SQLITE
async def test_a_right_the_app_lacks_is_named_and_what_needs_it_waits(office: PostOffice) -> None:
    await office.desk.opened()
    office.moods[POST].append(cut_after)
    office.always["conversations.history"] = lacks("channels:history")
    await office.passes(12)
    assert office.calls("conversations.history") <= 3
    assert (await office.row("card:1"))["reason"] == "missing_scope: channels:history"
    assert await office.db.read(troubles.of_slack) == {"missing_scopes": ["channels:history"]}
    (note,) = office.direct("U0LEAD")
    assert "`channels:history`" in note
    office.always.clear()
    await office.passes(6)
    assert len(office.cards()) == 1, "found, not posted twice"
    assert await office.db.read(troubles.of_slack) == {}


@ON_SQLITE
async def test_where_another_channel_takes_the_place_of_a_deleted_one_all_that_matters_comes_there(
    office: PostOffice,
) -> None:
    channels = office.slack.workspace.channels
    await office.with_card()
    channels[OTHER] = replace(channels[CHANNEL], id=OTHER, name="other")
    deleted(office.slack.workspace)
    await office.desk.take(alert("a-2", station=GOES), alert("a-3", station=STAYS))
    await office.passes(10)
    await office.ends(2)
    await office.touch()
    await office.passes(10)

    office.home = OTHER
    await begin_with_slack(office.client, office.metrics, office.db, office.real)
    await office.passes(2)

    told, *cards = office.slack.messages(OTHER)
    assert told.text.startswith(f"Nothing could be posted in <#{CHANNEL}> from")
    assert "CT4G-11873" in words_of(told)
    assert sorted(card.text.split()[0] for card in cards) == ["CT4G-11874:", "CT4G-20117:"]


@ON_SQLITE
async def test_somebody_who_left_keeps_nobody_else_from_being_told(office: PostOffice) -> None:
    await office.with_card()
    office.slack.workspace.groups["S0LEAD"].members[:] = ["U0SUPPORT1", "U0LEAD"]
    office.slack.workspace.users["U0SUPPORT1"].deleted = True
    archived(office.slack.workspace)
    office.moods["usergroups.users.list"].append(refused("ratelimited", 429, Retry_After="30"))
    await office.touch()
    await office.passes(3)
    assert len(office.direct("U0LEAD")) == 1
