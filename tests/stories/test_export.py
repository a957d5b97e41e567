"""`/charger export`: the lead gets both tables as files, for their eyes only."""

import csv
import io

import pytest

from bot import exports
from bot.demo.slack.file_book import File
from tests.stories.outside import Trouble
from tests.world import CHANNEL, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World


def files(world: World, who: str) -> list[File]:
    """The files in somebody's direct messages with Relink."""
    channel = world.town.slack.im(who)
    return [file for message in world.town.slack.messages(channel or "") for file in message.files]


def rows(file: File) -> list[dict[str, str]]:
    """A file as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO((file.content or b"").decode("utf-8-sig"), newline="")))


async def test_the_lead_gets_what_was_closed_and_the_minutes_that_were_lost(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT)
    await world.breaks(serial="CT4G-20544")
    await world.later(minutes=10)

    told = await world.type(THE_LEAD, "/charger export 7D")

    assert told.startswith(
        "Two files are in your direct messages with Relink: incidents closed since 2026-11-15 (1)"
    )
    closed, lost = files(world, THE_LEAD)
    assert closed.name == "relink-incidents-2026-11-15-to-2026-11-22.csv"
    (row,) = rows(closed)
    assert (row["incident"], row["station_serial"], row["fix"]) == (
        "I-2026-0001",
        STATION,
        "modem power cycle",
    )
    assert (row["owner"], row["truck_roll"], row["minutes_without_contact"]) == ("Support 1", "no", "33.0")
    minutes = {(row["station_serial"], row["cause"]): row["minutes_without_contact"] for row in rows(lost)}
    assert minutes == {(STATION, "modem"): "33.0", ("CT4G-20544", "not known"): "10.0"}
    assert [message for message in world.town.slack.messages(CHANNEL) if message.files] == []


async def test_only_support_and_leads_and_only_spans_that_make_sense(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await world.type(TECHNICIAN, "/charger export 30d") == "Only support and leads may export."
    how = "Say since when: 30d, 12m, or a date such as 2026-11-01."
    assert await world.type(SUPPORT, "/charger export") == how
    assert await world.type(SUPPORT, "/charger export soon") == f"This is no span of time. {how}"
    assert await world.type(SUPPORT, "/charger export 2026-12-01") == f"That day is not here yet. {how}"
    assert await world.type(SUPPORT, "/charger export 30d please") == f"One span of time, please. {how}"
    world.outside.trouble = Trouble.DOWN
    assert "Slack did not take both files" in await world.type(
        SUPPORT, "/charger export 2026\u201311\u201301"
    )
    world.outside.trouble = None
    monkeypatch.setattr(exports, "MOST_BYTES", 100)
    assert "python app.py export" in await world.type(SUPPORT, "/charger export 30d")
    assert files(world, TECHNICIAN) + files(world, SUPPORT) == []
