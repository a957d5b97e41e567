"""`/charger help` and `/charger status`, typed on phones."""

from bot.demo.portal import Mood
from handlers.commands import COMMANDS
from tests.stories.pairs import NewWorld, Pair
from tests.world import STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

TYPED = ("ct4g-20117", "CT4G\u201320117", "\u201cCT4G-20117\u201d", "  Ct4g\u201420117 ", "'CT4G-20117'")


async def test_help_names_every_command_there_is_and_no_other(world: World) -> None:
    for text in ("/charger", "/charger help", "/charger HELP ", "/charger  help", "help"):
        told = await world.type(SUPPORT, text)

        named = [line.split()[1].strip(":") for line in told.splitlines() if line.startswith("/charger ")]
        assert sorted(named) == sorted([*COMMANDS, "help"])
    assert world.cards() == []


async def test_an_unknown_word_gets_the_nearest_one_and_the_help(world: World) -> None:
    told = await world.type(SUPPORT, "/charger statsu CT4G-20117")

    assert '"statsu" is not a command. Did you mean /charger status?' in told
    assert "/charger help" in told


async def test_a_word_like_no_other_gets_the_help_alone(world: World) -> None:
    told = await world.type(SUPPORT, "/charger zzz")

    assert '"zzz" is not a command.' in told
    assert "Did you mean" not in told


async def test_a_hostile_word_is_no_mention(world: World) -> None:
    told = await world.type(SUPPORT, "/charger <!channel>")

    assert "is not a command" in told
    assert not any("<!channel>" in each.text for each in world.town.slack.ephemerals(SUPPORT))


async def test_status_of_a_silent_station_says_since_when_and_what_is_open(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    told = await world.type(TECHNICIAN, f"/charger status {STATION}")

    assert told.splitlines()[0] == "CT4G-20117 · Garage B 4 · Pier 9"
    assert "Online: no" in told
    assert "Last communication 02:58" in told
    assert "Open incident I-2026-0001" in told


async def test_status_of_a_repaired_station_says_how_it_ended(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT)

    told = await world.type(THE_LEAD, f"/charger status {STATION}")

    assert "Online: yes" in told
    assert "Last incident I-2026-0001: closed 03:31, modem power cycle" in told
    assert "Modem flagged 03:31 for the next scheduled visit" in told


async def test_status_of_a_station_that_never_failed_is_known_from_the_portal(world: World) -> None:
    told = await world.type(SUPPORT, f"/charger status {STATION}")

    assert "Online: yes" in told
    assert "No incident yet" in told


async def test_a_serial_is_understood_however_a_phone_writes_it(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    for typed in TYPED:
        told = await world.type(SUPPORT, f"/charger Status {typed}")

        assert told.startswith("CT4G-20117 ·"), typed


async def test_an_unknown_serial_is_said_to_be_unknown(world: World) -> None:
    told = await world.type(SUPPORT, "/charger status CT4G-99999")

    assert "CT4G-99999" in told
    assert "not heard of" in told


async def test_status_without_a_serial_asks_for_one(world: World) -> None:
    assert "Which station?" in await world.type(SUPPORT, "/charger status")


async def test_status_while_the_portal_is_down_is_not_known_and_not_no(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    world.town.portal.mood = Mood.DOWN

    told = await world.type(SUPPORT, f"/charger status {STATION}")

    assert "Online: not known" in told
    assert "Online: no\n" not in told


async def test_who_has_no_role_is_told_nothing_about_stations(world: World) -> None:
    world.town.slack.workspace.groups["S0LEAD"].members.clear()
    await world.patience(seconds=60)

    told = await world.type(THE_LEAD, f"/charger status {STATION}")

    assert told == "Only support, technicians and leads may ask for stations."


async def test_the_command_can_have_another_name(new_world: NewWorld, pair: Pair) -> None:
    """Over HTTP the old name is refused; over Socket Mode, where nothing can be refused, it is not acknowledged."""
    said = "operation_timeout" if pair.socket_mode else "dispatch_failed"
    async with new_world(slack_command="/charger-test") as world:
        await world.type(SUPPORT, "/charger help")
        assert said in world.whispers(SUPPORT)[-1], "that name is not ours any more"
