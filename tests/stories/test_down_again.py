"""Alerts that come again: the same incident, a new one, or nothing at all."""

from datetime import timedelta

from tests.world import CHANNEL, OTHER_SUPPORT, SUPPORT, World


async def healed_and_closed(world: World) -> None:
    """Silent from 02:58, back at 03:16, closed at 03:46 by Relink."""
    await world.breaks()
    await world.until("03:15")
    await world.mended()
    await world.until("03:50")
    assert world.state().startswith("Closed")


async def test_down_again_within_a_day_opens_the_same_incident_and_rings_in_the_channel(world: World) -> None:
    await healed_and_closed(world)
    await world.until("09:00")
    await world.breaks()
    await world.later(minutes=10)

    assert len(world.cards()) == 1
    assert "I-2026-0001" in world.shown()
    assert world.rung() == [("09:10", SUPPORT), ("09:10", OTHER_SUPPORT)]
    assert world.broadcasts() == ["@S0SUPPORT CT4G-20117, Pier 9 is down again."]
    assert world.state() == "No contact. Watching until 09:30."
    thread = "\n".join(world.thread())
    assert "Repair log I-2026-0001" in thread, "its history stays"


async def test_down_again_after_a_day_is_a_new_incident_with_a_card_of_its_own(world: World) -> None:
    await healed_and_closed(world)
    await world.later(hours=24)

    await world.breaks()
    await world.later(minutes=10)

    old, new = world.cards()
    assert "closed" in old.text
    assert new.metadata is not None
    assert new.metadata["event_payload"]["incident"] == "I-2026-0002"
    assert world.rung() == []


async def test_the_same_alert_of_an_open_incident_repeats_without_a_trace(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    thread = world.thread()

    answer = await world.alert()

    assert answer == {"alert_id": answer["alert_id"], "incident": "I-2026-0001", "outcome": "repeated"}
    assert len(world.town.slack.messages(CHANNEL)) == 1
    assert world.thread() == thread
    assert world.outside.looks()[-1] == "03:12", "but Relink looks at once"


async def test_an_alert_sent_twice_has_one_effect(world: World) -> None:
    raised = world.clock.now().isoformat()
    first = await world.alert(alert_id="a-1", raised_at=raised)
    second = await world.alert(alert_id="a-1", raised_at=raised)

    assert (first["outcome"], second["outcome"]) == ("opened", "duplicate")
    assert len(world.cards()) == 1


async def test_an_alert_older_than_the_end_of_the_incident_is_ignored(world: World) -> None:
    await healed_and_closed(world)
    late = world.clock.now() - timedelta(minutes=20)

    answer = await world.alert(raised_at=late.isoformat())

    assert answer["outcome"] == "ignored"
    assert answer["reason"] == "older than the end of the incident"
    assert world.state().startswith("Closed")


async def test_a_cleared_alert_with_nothing_open_is_ignored(world: World) -> None:
    answer = await world.alert(status="cleared")

    assert answer["outcome"] == "ignored"
    assert world.town.slack.messages(CHANNEL) == []


async def test_an_alert_of_another_code_is_ignored(world: World) -> None:
    answer = await world.alert(code="CP-ERR-GFCI")

    assert answer["outcome"] == "ignored"
    assert world.town.slack.messages(CHANNEL) == []


async def test_an_alert_the_portal_does_not_confirm_is_proved_and_closed_without_a_ring(world: World) -> None:
    await world.alert()
    await world.later(minutes=35)

    assert world.state().startswith("Closed")
    assert world.rung() == []
    assert "The alert has cleared already. Verifying." in world.thread()


async def test_a_reopened_incident_is_taken_and_repaired_like_a_new_one(world: World) -> None:
    await healed_and_closed(world)
    await world.later(hours=1)
    await world.silent_for_30_minutes()

    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT)

    assert world.state().startswith("Closed")
    assert "Fix: modem power cycle" in world.shown()
    assert len(world.cards()) == 1
