"""The process dies, and is started again: one restart, one check, one card."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.slack.talk import Message
from db import runs
from db.writer import open_database
from tests.stories.killable import Killable, a_killable_world
from tests.stories.pairs import Pair
from tests.stories.slack_text import words
from tests.world import STATION, SUPPORT

OTHER = "CT4G-20118"
STATUS = "/status?ids=1%3A33973"
"""What the portal is asked when STATION is looked at."""


@pytest.fixture
async def world(tmp_path: Path, pair: Pair) -> AsyncIterator[Killable]:
    async with a_killable_world(tmp_path, pair) as one:
        yield one


async def needs_a_decision(world: Killable) -> None:
    """The station broke half an hour ago."""
    await world.begins()
    world.town.fleet.set_fault(STATION, "modem hang")
    world.passes(minutes=11)
    await world.alerts()
    await world.until(lambda: world.shows(STATION, "Watching until"))
    world.passes(minutes=20)
    await world.until(lambda: world.shows(STATION, "needs you"))


async def looked_at_everything_due(world: Killable) -> None:
    """Another station's alert went all the way through: whatever was due before it was looked at too."""
    await world.alert(OTHER)
    await world.until(lambda: world.thread(OTHER) != [])


async def test_killed_between_restart_and_check_it_checks_once_and_not_early(world: Killable) -> None:
    await needs_a_decision(world)
    await world.town.slack.press(SUPPORT, "Restart station")
    await world.until(lambda: world.shows(STATION, "Restart taken by the portal"))
    looks = len(world.outside.looks(STATUS))

    assert await world.ends(signal.SIGKILL) == -signal.SIGKILL
    world.passes(minutes=1)
    world.leases_run_out()
    await world.begins()
    await looked_at_everything_due(world)
    assert len(world.outside.looks(STATUS)) == looks, "not early"
    assert world.shows(STATION, "Restart taken by the portal")
    world.passes(minutes=2)
    await world.until(lambda: "Get Configuration answered in 800 ms." in world.thread(STATION))

    assert world.thread(STATION).count("Back online after the restart. Verifying.") == 1
    assert world.thread(STATION).count("Support 1: Restart, sent once.") == 1
    assert world.town.portal.restarts(STATION) == 1


async def test_killed_while_the_portal_held_the_restart_it_is_not_sent_again(world: Killable) -> None:
    await needs_a_decision(world)
    world.outside.portal_holds = True
    await world.town.slack.press(SUPPORT, "Restart station")
    await world.outside.holds_one()

    await world.ends(signal.SIGKILL)
    world.outside.releases()
    world.leases_run_out()
    await world.begins()
    await world.until(lambda: world.shows(STATION, "the portal's answer is NOT KNOWN"))
    assert len(world.outside.looks("/commands")) == 1
    world.passes(minutes=3)
    await world.until(lambda: world.shows(STATION, "verifying"))

    assert world.town.portal.restarts(STATION) == 1


async def test_killed_right_after_an_alert_was_taken_the_card_arrives_once(world: Killable) -> None:
    await world.begins()
    world.town.fleet.set_fault(STATION, "modem hang")
    world.passes(minutes=11)

    await world.alerts()
    await world.ends(signal.SIGKILL)
    world.leases_run_out()
    await world.begins()
    await world.until(lambda: world.shows(STATION, "Watching until"))
    await looked_at_everything_due(world)

    cards = [each for each in world.town.slack.messages("C0ALERTS") if each.text.startswith(STATION)]
    assert len(cards) == 1
    assert len(world.thread(STATION)) == 2
    assert world.town.slack.pushes() == []


async def test_down_at_the_moment_of_the_check_it_is_made_up_for_at_the_start(world: Killable) -> None:
    await needs_a_decision(world)
    await world.town.slack.press(SUPPORT, "Restart station")
    await world.until(lambda: world.shows(STATION, "Restart taken by the portal"))
    await world.ends(signal.SIGKILL)

    world.passes(hours=2)
    world.leases_run_out()
    await world.begins()
    await world.until(lambda: "Get Configuration answered in 800 ms." in world.thread(STATION))

    assert world.thread(STATION).count("Back online after the restart. Verifying.") == 1
    assert world.town.portal.restarts(STATION) == 1


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_killed_over_the_hour_of_the_digest_there_is_one_late_and_it_says_so(
    world: Killable, pair: Pair
) -> None:
    """What a row of the database keeps from happening twice is told on both databases in tests/incidents."""
    db = open_database(pair.database_url)
    await db.write(runs.begin, world.clock.now())
    await db.close()
    world.passes(hours=6)

    await world.begins()
    await world.until(lambda: digests(world) != [])
    await world.ends(signal.SIGKILL)
    world.leases_run_out()
    await world.begins()
    await looked_at_everything_due(world)

    (digest,) = digests(world)
    assert digest.text.startswith("Sunday 22 Nov, 07:00 UTC, late: no station is down")
    told = words(digest.blocks)
    assert re.search(r"Late: it was due 07:00 and could not be sent before 08:5\d", told.replace("*", ""))
    assert re.search(r"Relink was down 02:58(:\d\d)? to 08:5\d", told)
    charts = [each for each in world.town.slack.thread("C0ALERTS", digest.ts) if each.files]
    assert len(charts) <= 1


def digests(world: Killable) -> list[Message]:
    """The digests in the alert channel."""
    return [each for each in world.town.slack.messages("C0ALERTS") if each.text.startswith("Sunday")]


async def test_asked_to_stop_it_ends_in_time_though_the_portal_hangs(world: Killable) -> None:
    await needs_a_decision(world)
    world.outside.portal_holds = True
    await world.town.slack.press(SUPPORT, "Restart station")
    await world.outside.holds_one()

    async with asyncio.timeout(10):
        assert await world.ends(signal.SIGTERM) == 0
    assert "Traceback" not in world.trouble.read_text(encoding="utf-8")

    world.outside.releases()
    world.leases_run_out()
    await world.begins()
    await world.until(lambda: world.shows(STATION, "the portal's answer is NOT KNOWN"))
    assert world.town.portal.restarts(STATION) == 1
