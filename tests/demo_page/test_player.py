"""Stories played in a town without a bot: what the player does, what it refuses, and how it ends."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import MovableClock
from bot.demo.faults import FAULTS
from bot.demo.filling import values_of
from bot.demo.player import Pace, Play, Player
from bot.demo.script import (
    Breaks,
    Carrier,
    Fills,
    Leaves,
    Looks,
    Mends,
    Passes,
    Portal,
    Presses,
    Scene,
    Story,
)
from bot.demo.slack.view_book import View
from bot.demo.stories import LEAD, SUPPORT_1
from bot.demo.town import Town, found_town
from bot.errors import Refused

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIRST = "CT4G-20117"
HURRY = Pace(read=0, point=0, minute=0, patience=0.05)
FOR_EVER = Pace(read=3600, point=0, minute=0)


@pytest.fixture
def town() -> Town:
    return found_town(MovableClock(START))


def player(
    town: Town, *scenes: Scene, pace: Pace = HURRY, on_wake: Callable[[], None] = lambda: None
) -> Player:
    """A player that knows one story."""

    async def wake() -> None:
        on_wake()

    story = Story("one", "One", "Only one.", scenes)
    return Player(town.slack, town.fleet, town.portal, town.clock, wake, pace=pace, stories=[story])


async def played(told: Player) -> Play:
    """The story once it is over."""
    told.start("one")
    await told.finished()
    assert told.play is not None
    return told.play


async def test_every_scene_happens_in_its_order_and_the_bot_looks_after_each_minute(town: Town) -> None:
    wakes: list[datetime] = []
    scenes = (
        Scene("{serial} breaks.", Breaks("SIM cap")),
        Scene("Time passes.", Passes(3)),
        Scene("The portal goes.", Portal(reachable=False)),
        Scene("Somebody looks.", Looks(LEAD)),
    )
    play = await played(player(town, *scenes, on_wake=lambda: wakes.append(town.clock.now())))

    assert (play.ended, play.serial, play.at, play.says, play.who) == (
        "done",
        FIRST,
        3,
        "Somebody looks.",
        LEAD.id,
    )
    assert town.fleet.with_serial(FIRST).fault(town.clock.now()) == FAULTS["SIM cap"]
    assert town.portal.reachable is False
    assert wakes[1:4] == [START + timedelta(minutes=minute) for minute in (1, 2, 3)]


async def test_what_breaks_can_be_mended_and_a_carrier_goes_and_comes(town: Town) -> None:
    outage = (Scene("Gone.", Carrier(gone=True)), Scene("Back.", Carrier(gone=False)))
    mended = (Scene("Broken.", Breaks("modem hang")), Scene("Mended.", Mends()))
    assert (await played(player(town, *outage, *mended))).ended == "done"
    assert all(row["online"] for row in town.fleet.stations())

    assert (await played(player(town, outage[0]))).ended == "done"
    assert [
        row["down"] for row in town.fleet.outages() if (row["area"], row["carrier"]) == ("north", "T-Mobile")
    ] == [True]


async def test_a_car_comes_and_leaves(town: Town) -> None:
    charges = Scene("A car.", Breaks("session running"))
    assert (await played(player(town, charges))).ended == "done"
    assert town.fleet.stations()[0]["charging"]
    assert (await played(player(town, charges, Scene("It leaves.", Leaves())))).ended == "done"
    assert [row["charging"] for row in town.fleet.stations()][:2] == [True, False]


async def test_who_looks_is_shown_what_stands_in_their_direct_message(town: Town) -> None:
    direct = town.slack.workspace.open_im(LEAD.id).id
    told = await town.slack.say(LEAD.id, direct, f"What about {FIRST}?")
    play = await played(player(town, Scene("Rung.", Looks(LEAD, direct=True))))

    assert (play.ended, play.who) == ("done", LEAD.id)
    assert play.looking == {"channel": direct, "ts": told.ts}


@pytest.mark.parametrize(("wanted", "day"), [("09:00", 23), ("04:00", 22), ("03:00", 23)])
def test_a_clock_time_in_a_story_is_the_next_one_at_the_sites(wanted: str, day: int) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=ZoneInfo("America/New_York"))
    late = now.replace(hour=10) if wanted == "09:00" else now
    blocks = [{"type": "input", "block_id": "at", "element": {"type": "datetimepicker", "action_id": "v"}}]
    filled = values_of(View("V1", "U1", {"blocks": blocks}, "", "V1"), {"at": wanted}, late)

    hour, minute = map(int, wanted.split(":"))
    assert filled == {"at": {"v": int(now.replace(day=day, hour=hour, minute=minute).timestamp())}}


@pytest.mark.parametrize(
    ("scene", "trouble"),
    [
        (Scene("A press.", Presses(SUPPORT_1, "Take")), "Waited in vain for a button “Take”."),
        (Scene("A form.", Fills(SUPPORT_1)), "Waited in vain for a form."),
        (Scene("A wait.", Passes(1), shows="Closed"), "Waited in vain for the card to say “Closed”."),
        (Scene("A look.", Looks(LEAD, direct=True)), "Waited in vain for a direct message."),
        (Scene("A flood.", Breaks("flood")), "There is no fault called flood for a station of the demo."),
    ],
)
async def test_a_story_that_cannot_go_on_says_why(town: Town, scene: Scene, trouble: str) -> None:
    play = await played(player(town, scene))
    assert (play.ended, play.trouble) == ("stuck", trouble)


async def test_a_story_is_stopped_where_it_is_and_another_may_begin(town: Town) -> None:
    scenes = Scene("Broken.", Breaks("modem hang")), Scene("Mended.", Mends())
    begun = asyncio.Event()
    told = player(town, *scenes, pace=FOR_EVER, on_wake=begun.set)
    told.start("one")
    await begun.wait()
    with pytest.raises(Refused, match="A story is playing"):
        told.start("one")
    await told.stop()

    assert told.play is not None
    assert (told.play.ended, told.play.at) == ("stopped", 0)
    assert town.fleet.with_serial(FIRST).silence(START) is not None
    told.start("one")
    assert told.play.serial != FIRST
    await told.stop()


async def test_a_story_there_is_not_and_a_world_without_a_sound_station_are_refused(town: Town) -> None:
    told = player(town, Scene("Nothing.", Looks(LEAD)))
    with pytest.raises(Refused, match="no such story"):
        told.start("two")
    for row in town.fleet.stations():
        town.fleet.set_fault(row["serial"], "modem hang")
    with pytest.raises(Refused, match="Reset the demo"):
        told.start("one")
    assert told.play is None
