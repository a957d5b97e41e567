"""Connections that stand, answer pings and bring nothing: our own voice that does not come back gives them away."""

import asyncio
from dataclasses import replace

import pytest

from bot import echoes
from tests.handlers.socket_house import CALM, PATIENCE, House, a_house

ALERT = replace(CALM, look=0.02)
SOON = 0.2
"""Seconds an echo may take here; on a busy machine the post itself takes some."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echoes, "ECHO_SECONDS", SOON)


def deafen(house: House, *numbers: int) -> None:
    house.slack.patience = 0.02
    for number in numbers:
        house.socket(number).deaf = True


async def test_connections_that_bring_nothing_are_replaced_and_clicks_come_again() -> None:
    async with a_house(spans=ALERT) as house:
        await house.hears_itself()
        deafen(house, 1, 2)
        assert not (await house.click()).ok
        assert house.standing == 2, "they answer pings"

        await house.post()
        await house.until(3, 4)

        house.slack.patience = 3
        assert [(await house.click()).ok for _ in range(2)] == [True, True]
        await house.until_caught_up(2)  # what was clicked meanwhile may be lost


async def test_of_two_only_the_one_that_swallows_is_replaced() -> None:
    async with a_house(spans=ALERT) as house:
        await house.hears_itself()
        deafen(house, 2)

        await house.post()
        await house.until(1, 3)

        await house.until_caught_up(1)


async def test_silence_is_told_until_something_comes_back() -> None:
    async with a_house(spans=CALM) as house:
        await house.hears_itself()
        deafen(house, 1, 2)
        async with asyncio.timeout(PATIENCE):
            await house.post()
            while not house.metrics.sockets_silent():
                await house.click()
            assert house.metrics.sockets_silent() >= SOON

            for number in (1, 2):
                house.socket(number).deaf = False
            await house.post()
            while house.metrics.sockets_silent():
                await house.click()


async def test_who_hears_itself_keeps_its_connections() -> None:
    async with a_house(spans=ALERT) as house:
        await house.hears_itself()
        seconds = house.metrics.seconds
        until = seconds() + 2 * SOON
        while seconds() < until:
            await house.post()
            await house.click()
        await house.until(1, 2)
        assert house.caught_up == []


async def test_an_app_of_an_older_manifest_is_renewed_after_a_long_quiet_and_not_taken_for_deaf() -> None:
    async with a_house(spans=replace(ALERT, quiet=3 * SOON, farewell=0.05), events=frozenset()) as house:
        await house.post()

        await house.until_new(4)

        assert house.metrics.sockets_silent() == 0
        assert house.caught_up == [], "nothing was lost"
        assert (await house.click()).ok


async def test_a_lost_connection_may_have_cost_clicks_and_a_refreshed_one_did_not() -> None:
    async with a_house(spans=ALERT) as house:
        await house.socket(1).leave("refresh_requested")
        await house.until_new(3)
        assert house.caught_up == []

        house.socket(2).drop()
        await house.until_new(4)
        await house.until_caught_up(1)
