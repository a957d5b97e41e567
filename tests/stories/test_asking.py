"""What can be asked by command, with as little typing as possible: next, mine, history; and notes."""

import pytest

from tests.stories.outside import Trouble
from tests.world import OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World


@pytest.mark.parametrize("typed", ["20117", "0117", "I-2026-0001", "i-2026-1", "CT4G20117", "CT4G-20117."])
async def test_last_digits_or_an_incidents_id_are_enough(world: World, typed: str) -> None:
    await world.breaks()
    await world.until("03:12")

    told = await world.type(SUPPORT, f"/charger status {typed}")

    assert told.startswith("CT4G-20117 ·")


async def test_digits_that_fit_several_stations_list_them(world: World) -> None:
    for serial in (STATION, "CT4G-10290", "CT4G-21330"):
        await world.alert(serial)
    await world.alert("CT5G-20117")

    told = await world.type(SUPPORT, "/charger status 20117")

    assert told == "20117 fits several stations: CT4G-20117, CT5G-20117. Type more of the serial."


async def test_the_whole_serial_is_never_several(world: World) -> None:
    await world.alert("CT4G-20117")
    await world.alert("X-CT4G-20117")

    assert (await world.type(SUPPORT, "/charger status ct4g-20117")).startswith("CT4G-20117")


async def test_a_slip_of_the_finger_gets_the_nearest_serial(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    told = await world.type(SUPPORT, "/charger next CT4G-20177")

    assert told.startswith("Relink has not heard of CT4G-20177. Did you mean CT4G-20117?")


async def test_status_of_something_open_links_to_its_card(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    link = f"p{world.card().ts.replace('.', '')}"

    assert link in await world.type(SUPPORT, f"/charger status {STATION}")


async def test_next_says_in_one_line_what_the_card_asks_and_links_to_it(world: World) -> None:
    await world.silent_for_30_minutes()

    told = await world.type(TECHNICIAN, f"/charger next {STATION}")

    (line,) = told.splitlines()
    assert line.startswith("CT4G-20117 Pier 9: no contact since 02:58. Restart it?")
    assert f"p{world.card().ts.replace('.', '')}" in line


async def test_next_without_a_serial_is_about_the_only_one_that_is_ones_own(world: World) -> None:
    assert await world.type(SUPPORT, "/charger next") == "Your incidents: none is open."
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")

    assert "Restart it?" in await world.type(SUPPORT, "/charger next")


async def test_next_of_a_station_that_is_up_says_that_nothing_is_open(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await world.mended()
    await world.later(hours=1)

    assert await world.type(SUPPORT, f"/charger next {STATION}") == "Nothing is open for CT4G-20117."
    assert await world.type(SUPPORT, "/charger next I-2026-0001") == "Nothing is open for CT4G-20117."


async def test_a_link_slack_does_not_give_is_left_out(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.type(SUPPORT, "/charger mine")
    world.outside.trouble = Trouble.DOWN

    told = await world.type(SUPPORT, f"/charger next {STATION}")

    assert told == "CT4G-20117 Pier 9: no contact since 02:58. Restart it?"


async def test_mine_lists_what_is_open_and_ones_own(world: World) -> None:
    assert await world.type(SUPPORT, "/charger mine") == "You have nothing open."
    for serial in (STATION, "CT4G-20544", "CT4G-10290"):
        await world.breaks(serial=serial)
    await world.later(minutes=12)
    await world.press(SUPPORT, "Take")
    await world.press(SUPPORT, "Take", "CT4G-10290")
    await world.press(OTHER_SUPPORT, "Take", "CT4G-20544")

    lines = (await world.type(SUPPORT, "/charger mine")).splitlines()

    assert sorted(line.split()[0] for line in lines) == ["CT4G-10290", "CT4G-20117"]
    assert all("Open the card (https://" in line for line in lines)


async def test_a_note_by_command_is_in_thread_and_log_as_it_was_typed(world: World) -> None:
    await world.silent_for_30_minutes()

    told = await world.type(
        TECHNICIAN, f"/charger note {STATION} gate <B> is shut \u2013 ask the guard & wait"
    )

    assert "Noted for CT4G-20117" in told
    assert world.thread()[-1] == "Tech 1 noted: gate <B> is shut \u2013 ask the guard & wait"
    assert "Owner: nobody yet" in world.shown()


@pytest.mark.parametrize(("text", "sentence"), [("", "What shall the note say?"), ("x" * 501, "At most 500")])
async def test_a_note_that_says_nothing_or_too_much_is_refused(
    world: World, text: str, sentence: str
) -> None:
    await world.silent_for_30_minutes()

    assert sentence in await world.type(SUPPORT, f"/charger note {STATION} {text}")
    assert not any("noted" in line for line in world.thread())


async def test_history_lists_incidents_with_dates_minutes_and_fix_newest_first(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.press(SUPPORT, "Log the repair")
    await world.fill(SUPPORT)
    await world.later(hours=25)
    await world.breaks()
    await world.later(minutes=12)

    told = await world.type(THE_LEAD, f"/charger history {STATION}")

    assert told.splitlines() == [
        "CT4G-20117 · Garage B 4 · Pier 9",
        "*2 incidents · 33 min without contact* · down 2 times in 30 days",
        "Last fix: modem power cycle, since 03:31",
        "Restarts: 1 sent, helped in 1 of 1 incident",
        "Modem flagged since 03:31: back after a power cycle, no hardware issue found",
        "I-2026-0002: 04:41, still open",
        "I-2026-0001: 03:08, modem power cycle, 33 min without contact, restart helped",
    ]


async def test_history_shows_ten_and_says_how_many_are_older(world: World) -> None:
    for _ in range(12):
        await world.alert()
        await world.alert(status="cleared")
        await world.later(hours=1)
        world.later_at_once(hours=25)

    told = (await world.type(SUPPORT, f"/charger history {STATION}")).splitlines()

    listed = [line for line in told if line.startswith("I-2026-")]
    assert listed[0].startswith("I-2026-0012")
    assert len(listed) == 10
    assert told[-1] == "and 2 older"


@pytest.mark.parametrize("command", ["status", "next", "history", "note", "take", "release", "handover"])
async def test_who_has_no_role_gets_nothing_from_any_command(world: World, command: str) -> None:
    await world.silent_for_30_minutes()
    world.town.slack.workspace.groups["S0LEAD"].members.clear()

    told = await world.type(THE_LEAD, f"/charger {command} {STATION} hello")

    assert told == "Only support, technicians and leads may ask for stations."
    assert "Owner: nobody yet" in world.shown()
