"""What arrives late, twice or at once has one effect, and who comes second hears of it."""

from datetime import timedelta

from tests.stories.clashes import clash
from tests.world import World

SIX_HOURS = timedelta(hours=6)


async def test_an_alert_six_hours_late_of_what_was_cleared_is_no_incident(world: World) -> None:
    """First the end arrives, then, hours later, the beginning; then both once more."""
    began = (world.clock.now() - SIX_HOURS).isoformat()
    for status in ("cleared", "raised", "raised", "cleared"):
        result = await world.alert(status=status, alert_id="a-late", raised_at=began)
        assert result["outcome"] in {"ignored", "duplicate"}
    assert world.cards() == []


async def test_an_alert_six_hours_late_whose_end_never_came_is_proved_and_closed_and_rings_nobody(
    world: World,
) -> None:
    await world.alert(raised_at=(world.clock.now() - SIX_HOURS).isoformat())
    await world.later(minutes=40)

    assert "recovered by itself" in world.thread()[-1]
    assert world.rung() == []


async def test_a_dozen_pairs_press_at_once_and_of_each_one_counts(world_by_hand: World) -> None:
    serials = [f"CT4G-{number}" for number in range(40_000, 40_012)]
    won = await clash(world_by_hand, serials)
    assert won.total() == len(serials)
