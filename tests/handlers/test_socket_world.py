"""The whole bot over Socket Mode, in its world and as a process."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot.clock import MovableClock
from bot.demo.slack.world import Exchange
from bot.demo.town import HOST, Town, found_town
from bot.echoes import ECHO_SECONDS
from handlers import socket
from handlers.connection import Spans
from handlers.socket import CONNECTIONS
from handlers.web import start
from tests.stories.killable import environment
from tests.test_cli import begun, port_of, run
from tests.world import SUPPORT, World, a_world

OTHER = "CT4G-20118"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, socket_mode=True) as one:
        yield one


async def test_buttons_forms_and_commands_work_without_a_public_address(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Take")
    await world.press(SUPPORT, "Add note")
    await world.fill(SUPPORT, note="Cleaner saw it rebooting.")
    await world.press(SUPPORT, "Restart station")

    assert world.restarts() == 1
    assert "Cleaner saw it rebooting." in "\n".join(world.thread())
    assert "/charger status SERIAL" in await world.type(SUPPORT, "help")


async def test_slacks_address_over_http_is_not_there_and_everything_else_is(world: World) -> None:
    assert (await world.alert())["outcome"] == "opened"
    async with aiohttp.ClientSession() as browser:
        async with browser.post(f"{world.address}/slack/events", data="payload={}") as posted:
            assert posted.status == 404
        async with browser.get(f"{world.address}/readyz") as ready:
            slack = (await ready.json())["slack"]
        async with browser.get(f"{world.address}/healthz") as alive:
            assert alive.status == 200

    assert slack["state"] == "ok"
    assert slack["sockets"] == 2


async def test_refreshes_between_and_during_clicks_lose_and_double_nothing(world: World) -> None:
    sockets = world.town.slack.sockets
    await world.silent_for_30_minutes()
    for label in ("Take", "Restart station"):
        old = sockets.open[0]
        await old.leave("refresh_requested")
        await world.press(SUPPORT, label)
        await sockets.until(lambda found: len(found) == 3)
        await old.hang_up()
    await world.later(minutes=3)

    assert world.restarts() == 1
    sent = [exchange for exchange in world.town.slack.traffic if exchange.direction == "out"]
    assert [exchange.status for exchange in sent] == [200, 200]


async def test_connections_that_fall_deaf_are_replaced_and_open_cards_are_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They answer pings. What the next alert's card does not bring back gives them away."""
    monkeypatch.setattr(socket, "Spans", partial(Spans, look=0.02))
    async with a_world(tmp_path, socket_mode=True, echoes=True) as world:
        slack = world.town.slack
        await world.silent_for_30_minutes()
        async with asyncio.timeout(10):
            while not world.house.deps.metrics.echoes.expected:  # noqa: ASYNC110 (no event to wait for)
                await asyncio.sleep(0)
        for each in slack.sockets.open:
            each.deaf = True
        slack.patience = 0.02
        await world.press(SUPPORT, "Take")
        assert "Take" in world.buttons(), "nobody heard it"

        await world.patience(seconds=1)
        await world.alert(serial=OTHER)
        before = len(edits(world))
        await world.patience(seconds=ECHO_SECONDS + 1)
        async with asyncio.timeout(10):
            await slack.sockets.until(lambda found: sum(not each.deaf for each in found) == CONNECTIONS)
            while len(edits(world)) < before + 2:
                await world.settle()
        slack.patience = 3

        await world.press(SUPPORT, "Take")
        assert "Take" not in world.buttons()


def edits(world: World) -> list[Exchange]:
    """Every edit of a card so far."""
    return [each for each in world.town.slack.traffic if each.name == "chat.update"]


@pytest.fixture
async def town() -> Town:
    return found_town(MovableClock(datetime.now(UTC), running=True), socket_mode=True)


@pytest.fixture
async def right(tmp_path: Path, town: Town) -> AsyncIterator[Mapping[str, str]]:
    """The environment of a Relink in Socket Mode; no signing secret is in it."""
    application = town.slack.app()
    application.add_subapp("/portal", town.portal.app())
    runner, port = await start(application, HOST, 0)
    town.slack.public_url = f"http://{HOST}:{port}"
    yield environment(town, town.slack.public_url, tmp_path)
    await runner.cleanup()


@pytest.mark.parametrize("command", ["serve", "check"])
async def test_an_app_token_slack_refuses_ends_with_2_and_a_line(
    tmp_path: Path, right: Mapping[str, str], command: str
) -> None:
    ended = await run(tmp_path, {**right, "SLACK_APP_TOKEN": "xapp-another"}, command)

    assert ended.code == 2
    assert ended.err.splitlines()[-1] == "SLACK_APP_TOKEN: Slack refuses it (invalid_auth)"
    assert "Traceback" not in ended.err


async def test_asked_to_stop_it_hangs_up_and_ends_with_0(
    tmp_path: Path, right: Mapping[str, str], town: Town
) -> None:
    process = await begun(tmp_path, right, "serve")
    await port_of(process)
    await town.slack.sockets.until(lambda sockets: len(sockets) == 2)

    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, err = await process.communicate()

    assert process.returncode == 0
    assert town.slack.sockets.open == []
    assert b"Traceback" not in err
