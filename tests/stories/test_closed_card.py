"""What is left on the card of a closed incident: its whole log for one person, and the way back."""

from tests.stories.slack_text import words
from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, THE_LEAD, World


async def closed(world: World) -> None:
    """Restarted, proved, logged."""
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Waive: nobody on site")
    await world.log_and_close(SUPPORT, note="hung again")
    assert world.buttons() == ["Full log", "Reopen"]


async def test_the_full_log_is_shown_to_whoever_asks_and_to_nobody_else(world: World) -> None:
    await closed(world)

    await world.press(TECHNICIAN, "Full log")

    view = world.town.slack.open_view(TECHNICIAN)
    assert view is not None
    assert words(view.body["blocks"]) == world.thread()[-1]
    assert "hung again" in world.thread()[-1]
    assert world.town.slack.open_view(SUPPORT) is None
    assert world.whispers(TECHNICIAN) == []


async def test_reopened_by_a_lead_it_is_theirs_and_rings_nobody(world: World) -> None:
    await closed(world)
    await world.later(hours=2)
    rung, old = world.rung(), world.card().blocks

    await world.press(TECHNICIAN, "Reopen")
    assert world.whispers(TECHNICIAN)[-1] == "Only support may do this. Ask whoever is on call."
    assert world.town.slack.open_view(TECHNICIAN) is None, "nobody types in vain"
    await world.press(THE_LEAD, "Reopen", confirm=False)
    assert world.town.slack.open_view(THE_LEAD) is None, "Leave it closed"
    await world.press(THE_LEAD, "Reopen")
    await world.fill(THE_LEAD, reason="The log is of another station")

    assert world.rung() == rung
    assert f"Owner: @{THE_LEAD}" in world.shown()
    assert world.broadcasts()[-1] == "Lead: Opened it again: The log is of another station"
    assert len(world.cards()) == 1
    await world.press_late(OTHER_SUPPORT, "Reopen", old)
    assert f"@{THE_LEAD} was first" in world.whispers(OTHER_SUPPORT)[-1]
    assert world.town.slack.open_view(OTHER_SUPPORT) is None
