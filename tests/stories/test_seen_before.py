"""A station with a history fails: its card says what it most likely is, and what the manual advises."""

import asyncio
from datetime import timedelta

import pytest

from bot.demo.history import give_a_past
from bot.demo.stories import demo_stations
from tests.stories.pairs import NewWorld, Pair
from tests.stories.slack_text import words
from tests.world import NIGHT, SUPPORT

OFFENDER = "CT4G-11874"


@pytest.fixture
async def with_a_past(pair: Pair) -> None:
    """The demo's past, written before the world begins."""
    stations = [simulated.station for simulated in demo_stations()]
    await asyncio.to_thread(give_a_past, pair.database_url, stations, NIGHT)


@pytest.mark.usefixtures("with_a_past")
async def test_the_card_says_what_it_most_likely_is_with_its_counts_and_the_history_grows(
    new_world: NewWorld,
) -> None:
    async with new_world() as world:
        await world.breaks()
        await world.later(minutes=12)
        assert "Likely" not in world.shown(), "nobody has to decide anything yet"
        await world.later(minutes=18)
        card = world.shown().splitlines()
        assert "Likely: modem hang, 6 of 8 like this (this station)" in card
        assert (
            "I-2026-0121 · down 2 times in 30 days · last time: recovered by itself, since" in world.shown()
        )

        await world.press(SUPPORT, "Restart station")
        await world.later(minutes=3)
        assert "Likely" not in world.shown(), "it is back"
        await world.press(SUPPORT, "Waive: nobody on site")
        await world.log_and_close(SUPPORT)
        told = (await world.type(SUPPORT, "/charger history CT4G-20117")).splitlines()
        assert told[1].startswith("*12 incidents · 10 h 48 min without contact*")
        assert told[2].startswith("Last fix: modem power cycle, since 03:")
        assert told[3] == "Restarts: 7 sent, helped in 7 of 7 incidents"
        assert told[-1] == "and 2 older"

        world.later_at_once(hours=25)
        await world.silent_for_30_minutes()
        *_, newest = world.cards()
        (likely,) = (line for line in words(newest.blocks).splitlines() if line.startswith("Likely"))
        assert likely == "Likely: modem hang, 7 of 9 like this (this station)"


@pytest.mark.usefixtures("with_a_past")
async def test_the_third_time_in_30_days_brings_the_manuals_advice(new_world: NewWorld) -> None:
    async with new_world() as world:
        await world.breaks("antenna off", OFFENDER)
        await world.later(minutes=12)
        card = world.shown(OFFENDER)
        assert "*Down 4 times in 30 days.* What the manual advises:" in card
        assert "an external LTE antenna (manual 4.2, 2)" in card, "Gen 1 has no Wi-Fi"
        assert "potential modem replacement at the next scheduled visit" in card
        await world.breaks()
        await world.later(minutes=12)
        assert "What the manual advises" not in world.shown(), "this one is not down that often"


async def test_without_a_history_nothing_is_said_of_one(new_world: NewWorld) -> None:
    async with new_world() as world:
        await world.silent_for_30_minutes()
        assert "Likely" not in world.shown()
        assert "last time" not in world.shown()
        assert world.clock.now() - NIGHT == timedelta(minutes=30)
