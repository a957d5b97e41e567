"""The main story: an alert, a card, a restart, a check after three minutes, a proof, a log."""

from tests.stories.slack_text import plain
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, THE_GROUP, World


async def test_the_alert_becomes_one_silent_card_that_says_how_things_stand(world: World) -> None:
    await world.breaks("modem hang")
    await world.later(minutes=9)
    assert world.cards() == []

    await world.later(minutes=1)

    assert world.shown().splitlines() == [
        "CT4G-20117 · Garage B 4 · Pier 9",
        "*No contact. Watching until 03:28.*",
        "Last communication 02:58 (since 02:58)",
        "Can charge: RFID users cached on the station",
        "Cannot: card, app, users not cached",
        "Others nearby: 0 of 6 down",
        "Owner: nobody needed yet",
        "*Wait and monitor* (manual 4.1, 2)",
        "Less than 30 minutes: the connection may have just dropped.",
        "Looking every 3 min (our number). Still silent at 03:28: support is called.",
        "CP-ERR-WIFI: legacy name, means 4G LTE (Wi-Fi on Gen 2)",
        "Portal, read since 03:08",
        "I-2026-0001",
    ]
    assert world.buttons()[:3] == ["Stop waiting", "Take", "(Add note)"]
    assert "(Call for help)" in world.buttons()
    assert world.rung() == []


async def test_the_card_carries_its_metadata_and_a_text_that_says_the_same(world: World) -> None:
    await world.breaks()
    await world.later(minutes=10)

    card = world.card()

    assert plain(card.text) == (
        "CT4G-20117 Pier 9: no contact since 02:58. Watching until 03:28, nothing to do yet."
    )
    assert card.metadata is not None
    assert card.metadata["event_type"] == "relink_incident"
    payload = card.metadata["event_payload"]
    assert payload == {"incident": "I-2026-0001", "version": payload["version"], "outgoing": "card:1"}
    await world.press(SUPPORT, "Take")
    newer = world.card().metadata
    assert newer is not None
    assert newer["event_payload"]["version"] > payload["version"]


async def test_support_is_rung_once_when_30_minutes_are_over_and_not_before(world: World) -> None:
    await world.breaks()
    await world.later(minutes=29, seconds=59)
    assert world.rung() == []

    await world.later(seconds=1)

    assert world.rung() == [("03:28", SUPPORT), ("03:28", OTHER_SUPPORT)]
    assert world.pushed(SUPPORT) == [
        f"@{THE_GROUP} CT4G-20117, Pier 9: still silent after 30 minutes. Restart it?"
    ]
    assert world.state() == "No contact since 02:58 · needs you"
    assert "Car charging? *NOT KNOWN*." in world.shown()
    assert world.buttons()[:3] == ["Restart station", "Skip: call support", "Take"]


async def test_the_restart_is_confirmed_with_station_and_effect(world: World) -> None:
    await world.silent_for_30_minutes()
    buttons = [element for block in world.card().blocks for element in block.get("elements", [])]
    (dialog,) = (button["confirm"] for button in buttons if "confirm" in button)

    assert dialog["title"]["text"] == f"Restart {STATION}?"
    assert "Ends any charging session; the driver must re-plug." in dialog["text"]["text"]
    assert "Whether a car is charging is not known" in dialog["text"]["text"]
    assert (dialog["confirm"]["text"], dialog["deny"]["text"]) == ("Restart", "Keep running")

    await world.press(SUPPORT, "Restart station", confirm=False)
    assert world.restarts() == 0


async def test_support_restarts_a_hung_modem_and_the_log_is_posted(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=1)

    await world.press(SUPPORT, "Restart station")
    assert world.state() == "Restart taken by the portal 03:29"
    assert "Next look 03:32. You may put the phone down" in world.shown()
    assert f"Owner: @{SUPPORT}" in world.shown()
    await world.later(minutes=3)
    assert world.state() == "Back 03:32 · verifying"
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT, fix="modem power cycle", note="Third time this month.")

    *line, log = world.thread()
    assert line == [
        "The alert is active.",
        "Last communication under 30 minutes ago. Waiting and watching.",
        f"@{THE_GROUP} CT4G-20117, Pier 9: still silent after 30 minutes. Restart it?",
        "Support 1: Restart, sent once.",
        "Back online after the restart. Verifying.",
        "Online, verified.",
        "CP-ERR-WIFI has cleared.",
        "Get Configuration answered in 800 ms.",
        "Support 1: Test session waived, nobody on site.",
        "Signal good.",
        "Support 1: Logged and closed.",
    ]
    assert log.splitlines() == [
        "Repair log I-2026-0001",
        "CT4G-20117 · Garage B 4 · Pier 9",
        "Last contact 02:58 · alert 03:08 · first person 03:29 · back 03:32 · closed 03:32",
        "Without contact: 34 min",
        "Minutes: waiting 20 min, remote 4 min, proof 0 min",
        "*Fix: modem power cycle*",
        "Modem flagged for the next scheduled visit: back after a power cycle, no hardware issue found",
        "Who did what",
        "03:29 Support 1: Restart, sent once.",
        "03:32 Support 1: Test session waived, nobody on site.",
        "03:32 Support 1: Logged and closed.",
        "Restart: the portal said accepted",
        "Others nearby: 0 of 6 down",
        "*Proof*",
        "`OK   ` Online 03:32",
        "`OK   ` CP-ERR-WIFI cleared 03:32",
        "`OK   ` Get Configuration 800 ms",
        "`NOTE ` Test session waived, nobody on site",
        "`OK   ` Signal 4 bars",
        "Note: Third time this month.",
    ]
    assert world.shown().splitlines()[1:3] == [
        "*Closed 03:32 · 34 min without contact*",
        "Fix: modem power cycle",
    ]
    assert world.restarts() == 1
    assert len(world.town.slack.messages(CHANNEL)) == 1
    assert world.rung() == [("03:28", SUPPORT), ("03:28", OTHER_SUPPORT)]


async def test_a_technician_enters_the_test_session_instead_of_waiving_it(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)

    await world.press("U0TECH1", "Enter test session")
    await world.fill("U0TECH1", authentication="yes", start="yes", energy="yes", end="yes", record="yes")

    assert "`OK   ` RFID test session" in world.shown()
    assert world.state() == "Back 03:31 · log the repair"


async def test_log_minutes_count_every_phase_once(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.later(minutes=5)
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.later(minutes=7)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT, fix="modem power cycle")

    assert "Minutes: waiting 20 min, remote 8 min, proof 7 min" in world.thread()[-1]
