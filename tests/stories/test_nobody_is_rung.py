"""What heals by itself costs nobody's sleep: no ring, no form, no line without news."""

from tests.stories.slack_text import words
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, World


async def test_a_look_that_finds_nothing_leaves_no_trace(world: World) -> None:
    await world.breaks()
    await world.until("03:09")
    calls, lines = len(world.town.slack.traffic), world.thread()

    await world.until("03:27")

    assert world.outside.looks()[-6:] == ["03:11", "03:14", "03:17", "03:20", "03:23", "03:26"]
    assert len(world.town.slack.traffic) == calls
    assert world.thread() == lines
    assert world.rung() == []


async def test_a_station_that_heals_while_waiting_is_proved_watched_logged_and_closed(world: World) -> None:
    await world.breaks()
    await world.until("03:16")
    await world.mended()
    await world.until("03:17")

    assert world.state() == "Back 03:17 · log the repair"
    assert "It came back by itself. It is watched for 30 min; then Relink writes the log and closes." in (
        world.shown()
    )
    assert "`NOTE ` Test session waived: nobody touched the station" in world.shown()
    await world.until("03:46")
    assert world.state() == "Back 03:17 · log the repair"
    await world.until("03:47")

    assert world.state() == "Closed 03:47 · 19 min without contact"
    log = world.thread()[-1]
    assert "Nobody touched it." in log
    assert "*Fix: recovered by itself*" in log
    assert "Modem not flagged" in log
    assert world.rung() == []
    assert world.town.slack.open_view(SUPPORT) is None
    assert world.restarts() == 0


async def test_a_cleared_alert_makes_relink_look_at_once(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await world.mended()

    assert (await world.alert(status="cleared"))["outcome"] == "cleared"

    assert world.outside.looks()[-1] == "03:12"
    assert world.state().startswith("Back 03:12")


async def test_a_cleared_alert_is_not_believed_without_the_portal(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    await world.alert(status="cleared")

    assert world.state() == "No contact. Watching until 03:28."


async def test_down_again_while_watched_is_waited_for_again_without_a_ring(world: World) -> None:
    await world.breaks()
    await world.until("03:15")
    await world.mended()
    await world.until("03:25")
    await world.breaks()
    await world.until("03:50")

    assert world.state() == "No contact. Watching until 03:55."
    assert world.rung() == []
    await world.until("03:55")
    assert world.rung() == [("03:55", SUPPORT), ("03:55", OTHER_SUPPORT)]
    assert len(world.cards()) == 1


async def test_the_third_return_of_a_day_must_hold_two_hours(world: World) -> None:
    for broken, sound in (("03:00", "03:15"), ("03:25", "03:35"), ("03:45", "03:55")):
        await world.until(broken)
        await world.breaks()
        await world.until(sound)
        await world.mended()
    await world.later(minutes=10)
    assert "It is watched for 2 h 00 min" in world.shown()
    back = world.state()

    await world.until("05:54")
    assert world.state() == back
    await world.until("06:00")

    assert world.state().startswith("Closed 05:5")
    assert world.rung() == []


async def test_an_alert_that_is_quicker_than_the_portals_list_rings_nobody_early(world: World) -> None:
    silent_since = world.clock.now().isoformat()
    await world.breaks()
    await world.until("03:02")

    await world.alert(last_communication=silent_since)

    assert world.state() == "No contact. Watching until 03:28."
    await world.until("03:27")
    assert world.rung() == []


async def test_a_station_the_portal_does_not_know_is_not_called_back(world: World) -> None:
    await world.alert("CT4G-29999", last_communication=world.clock.now().isoformat())
    await world.later(minutes=10)

    assert "Back" not in world.state("CT4G-29999")
    assert world.buttons("CT4G-29999")[0] == "It is active"
    assert world.rung() == []


async def test_neighbours_are_counted_and_nothing_else_is_posted(world: World) -> None:
    await world.breaks(serial="CT4G-20118")
    await world.breaks()
    await world.later(minutes=11)

    assert "Others nearby: 1 of 6 down" in world.shown(STATION)
    assert len(world.town.slack.messages(CHANNEL)) == 2
    assert all(words(card.blocks) for card in world.cards())
