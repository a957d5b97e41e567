"""A restart goes out once, whatever happens on the way."""

from datetime import timedelta

import pytest

from bot.messages.queue import LEASE
from bot.portal.contract import Outcome
from tests.messages.post_office import (
    PostOffice,
)

HISTORY, REPLIES = "conversations.history", "conversations.replies"


# Commands


async def test_a_restart_is_sent_once_and_its_answer_starts_the_three_minutes(office: PostOffice) -> None:
    await office.desk.restarted()
    await office.deliver()
    await office.deliver()
    assert office.portal.restarted == [f"command:1:{(await office.desk.incident()).turn}"]
    assert (await office.desk.timers())["look"] == office.desk.now + timedelta(minutes=3)


async def test_a_crash_while_a_restart_was_being_sent_never_sends_it_again(office: PostOffice) -> None:
    """Whether it went out is not known: the three minutes count from when it was sent."""
    await office.desk.restarted()
    sent_at = office.desk.now
    await office.claim()
    office.desk.later(minutes=2)
    office.later(LEASE.total_seconds() + 1)
    await office.deliver()
    assert office.portal.restarted == []
    said = [each.value["outcome"] for each in await office.desk.answers() if each.name == "restart"]
    assert said == [Outcome.UNKNOWN.value]
    assert (await office.desk.timers())["look"] == sent_at + timedelta(minutes=3)


async def test_a_restart_that_expired_before_it_could_be_sent_is_never_sent(office: PostOffice) -> None:
    await office.desk.restarted()
    office.desk.later(minutes=10, seconds=1)
    await office.deliver()
    assert office.portal.restarted == []
    assert (await office.desk.choices())[-1] == "not-delivered"


async def test_a_restart_at_the_edge_of_its_time_is_still_sent(office: PostOffice) -> None:
    await office.desk.restarted()
    office.desk.later(minutes=10)
    await office.deliver()
    assert len(office.portal.restarted) == 1


@pytest.mark.parametrize("outcome", Outcome)
async def test_every_outcome_ends_the_command(office: PostOffice, outcome: Outcome) -> None:
    office.portal.outcome = outcome
    await office.desk.restarted()
    await office.deliver()
    office.later(LEASE.total_seconds() + 1)
    await office.deliver()
    assert len(office.portal.restarted) == 1
    assert (await office.row(office.portal.restarted[0]))["state"] == "sent"
