"""A gate shuts: taking the cabinet's text back goes before everything else that waits for Slack."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.demo.slack.world import Exchange
from bot.messages import fates, outbox, pace, queue
from bot.messages.outbox import EDIT, WITHDRAWAL
from bot.messages.pace import Paces
from db.writer import Database
from tests.cabinet_text import leaked
from tests.incidents import site
from tests.incidents.desk import LEAD, Desk
from tests.incidents.site import TECH, form
from tests.messages import post_office
from tests.messages.moods import refused
from tests.messages.post_office import POST, PostOffice
from tests.messages.rows import row, stations_down

PACES = Paces()
VISIT = outbox.visit_key(1, TECH.user_id)
UPDATE = post_office.EDIT


async def stop(desk: Desk) -> None:
    """The technician stops: not zero, in doubt, or anything else."""
    await desk.press("stop", TECH)


async def closed_up(desk: Desk) -> None:
    """The panel is closed again."""
    for choice in ("opened", "sim-fine", "antenna-fine", "closed-up"):
        await desk.press(choice, TECH)


async def another_technician(desk: Desk) -> None:
    """Somebody else is there now."""
    await site.change(desk)


async def twelve_hours(desk: Desk) -> None:
    """The measurement is too old."""
    desk.later(hours=12)
    await desk.look()


async def online(desk: Desk) -> None:
    """The station is seen online although it is locked out."""
    desk.later(minutes=3)
    await desk.look(online=True)


async def lead_record(desk: Desk) -> None:
    """A lead records that the locks were removed."""
    await desk.press("lock-removed", LEAD, form("lock-removed", site.REMOVED))


WAYS = [stop, closed_up, another_technician, twelve_hours, online, lead_record]


def edited(office: PostOffice) -> list[Exchange]:
    """The edits Slack was asked for, oldest first."""
    return [one for one in office.slack.traffic if one.name == UPDATE]


async def busy_with_an_open_gate(office: PostOffice, cards: int = 12) -> str:
    """The cabinet's text is before the technician, and so many other cards changed: ten were edited at once, the
    others wait for the pace. The visit card's ts.
    """
    await site.gate_open(office.desk)
    await stations_down(office.desk, cards + 1)  # one of their alerts has come in before
    await office.deliver()
    for incident in range(2, cards + 2):
        await office.touch(incident)
    await office.deliver(PACES)
    assert leaked([edited(office)[-1].request]) == []
    assert (await office.db.read(queue.outlook)).waiting == cards - 10
    office.asked.clear()
    visit = await office.row(VISIT)
    assert leaked([message.blocks for message in office.slack.messages(visit["channel"])])
    return str(visit["ts"])


@pytest.mark.parametrize("shuts", WAYS)
async def test_whatever_shuts_the_gate_withdraws(
    db: Database, shuts: Callable[[Desk], Awaitable[None]]
) -> None:
    desk = Desk(db)
    await site.gate_open(desk)
    assert (await row(desk, VISIT))["rank"] != WITHDRAWAL

    await shuts(desk)

    assert (await row(desk, VISIT))["rank"] == WITHDRAWAL


async def test_the_withdrawal_is_the_very_next_call_whatever_waits(office: PostOffice) -> None:
    visit = await busy_with_an_open_gate(office, cards=30)
    calls = len(edited(office))

    await stop(office.desk)
    await office.add_line(1, incident=2)
    await office.deliver(PACES)

    assert office.asked[0] == UPDATE
    assert POST in office.asked
    first = edited(office)[calls]
    assert first.request["ts"] == visit
    assert leaked([first.request]) == []
    assert (await office.row(VISIT))["rank"] == EDIT


async def test_the_next_edit_of_the_same_card_does_not_put_it_behind_the_others(office: PostOffice) -> None:
    visit = await busy_with_an_open_gate(office)
    calls = len(edited(office))
    await stop(office.desk)

    await office.touch(1)
    version = (await office.desk.incident()).version
    await office.db.write(outbox.show_cards, 1, version, post_office.CHANNEL, TECH.user_id, office.desk.now)
    await office.db.write(outbox.refresh_cards, 1, office.desk.now)
    assert (await office.row(VISIT))["rank"] == WITHDRAWAL
    await office.deliver(PACES)

    assert edited(office)[calls].request["ts"] == visit


async def test_what_was_drawn_before_the_gate_shut_does_not_count_as_withdrawn(office: PostOffice) -> None:
    await site.gate_open(office.desk)
    await office.deliver()
    await office.db.write(outbox.refresh_cards, 1, office.desk.now)
    before = (await office.desk.incident()).version
    claimed = [*await office.claim(), *await office.claim()]  # an edit at a time
    (on_its_way,) = [one for one in claimed if one.key == VISIT]
    await stop(office.desk)

    await office.db.write(fates.delivered, on_its_way, on_its_way.channel, on_its_way.ts, before)
    assert (await office.row(VISIT))["rank"] == WITHDRAWAL
    await office.deliver()

    visit = await office.row(VISIT)
    assert (visit["rank"], visit["state"]) == (EDIT, "sent")
    assert leaked([message.blocks for message in office.slack.messages(visit["channel"])]) == []


async def test_it_does_not_wait_for_the_time_when_slack_is_tried_again(office: PostOffice) -> None:
    await site.gate_open(office.desk)
    await office.deliver()
    await office.db.write(outbox.refresh_cards, 1, office.desk.now)
    office.asked.clear()
    office.moods[UPDATE] += [refused("internal_error", 500)] * 2
    await office.deliver()
    assert office.calls(UPDATE) == 1, "Slack fails, so everything else waits"

    await stop(office.desk)
    await office.deliver()
    assert office.calls(UPDATE) == 2, "this does not"
    office.later(1)
    await office.deliver()

    assert (await office.row(VISIT))["state"] == "sent"


async def test_a_pause_slack_asked_for_is_kept_and_then_it_is_first(office: PostOffice) -> None:
    visit = await busy_with_an_open_gate(office)
    await stop(office.desk)
    office.moods[UPDATE].append(refused("ratelimited", 429, Retry_After="30"))
    await office.deliver(PACES)
    calls = len(edited(office))
    office.later(29)
    await office.deliver(PACES)
    assert len(edited(office)) == calls

    office.later(1)
    await office.deliver(PACES)

    assert edited(office)[calls].request["ts"] == visit


async def test_the_other_edits_make_up_for_it(office: PostOffice) -> None:
    await busy_with_an_open_gate(office)
    await stop(office.desk)
    office.later(PACES.edit.interval.total_seconds())
    await office.deliver(PACES)
    assert office.calls(UPDATE) == 1

    office.later(PACES.edit.interval.total_seconds())
    await office.deliver(PACES)

    assert office.calls(UPDATE) == 2


async def test_a_version_that_never_comes_does_not_go_round_without_a_pace(office: PostOffice) -> None:
    await site.gate_open(office.desk)
    await office.deliver()
    await stop(office.desk)
    ahead = (await office.desk.incident()).version + 5
    await office.db.write(outbox.show_cards, 1, ahead, post_office.CHANNEL, TECH.user_id, office.desk.now)
    await office.deliver(PACES)
    assert (await office.row(VISIT))["rank"] == EDIT
    assert office.calls(UPDATE) <= 2 + PACES.edit.burst


async def test_withdrawals_are_held_by_no_pace_of_ours(office: PostOffice) -> None:
    for _ in range(60):
        assert await office.db.write(pace.book, "withdrawal", PACES.withdrawal, office.real.now())
    later = office.real.now() + timedelta(seconds=5)
    await office.db.write(pace.slow_down, "withdrawal", PACES.withdrawal, later)
    assert not await office.db.write(pace.book, "withdrawal", PACES.withdrawal, office.real.now())
