"""Socket Mode from our side: what Slack delivered is done and answered, whatever becomes of a connection."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.demo.slack import sockets as demo_sockets
from bot.demo.slack.sockets import Reason, Socket
from bot.errors import ConfigWrong
from handlers.bodies import LARGEST_BODY
from handlers.gate import DEEPEST
from handlers.socket import LONGEST_PAUSE
from tests.handlers.socket_house import APP_TOKEN, BOT_TOKEN, CALM, PATIENCE, a_house, click, event

ALERT = replace(CALM, ping=0.1, look=0.05)
"""Silence is noticed soon."""
NOWHERE = "http://127.0.0.1:9"


class Pauses:
    """Records how long we would wait between attempts to connect; the first `few` pass at once, then time stands."""

    def __init__(self, few: int) -> None:
        self.seconds: list[float] = []
        self.all_taken = asyncio.Event()
        self.resume = asyncio.Event()
        self._few = few

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self._few:
            self.all_taken.set()
            await self.resume.wait()


async def test_two_connections_are_kept_and_either_brings_clicks() -> None:
    async with a_house() as house:
        assert house.standing == 2
        assert [(await house.click()).ok for _ in range(2)] == [True, True]
        assert len(house.taken) == 2


async def test_the_answer_follows_the_work() -> None:
    async with a_house() as house:
        clicked = asyncio.create_task(house.click("slow"))
        await house.working.wait()
        assert (await house.click()).ok, "others are not held up"
        assert not clicked.done()

        house.go_on.set()

        assert (await clicked).ok


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_what_slack_puts_on_a_connection_it_is_about_to_close_still_counts(reason: Reason) -> None:
    """The successor is open before the old one goes; what is under way is answered where it came from."""
    async with a_house() as house:
        old = house.socket(1)
        under_way = house.click_on(old, "slow")
        await house.working.wait()
        await old.leave(reason)
        await house.until(1, 2, 3)
        assert (await house.click_on(house.socket(3))).ok
        at_the_last_moment = house.click_on(old)

        assert (await at_the_last_moment).ok
        house.go_on.set()
        assert (await under_way).ok
        await old.hang_up()
        await house.until(2, 3)
        await house.stands(2)

        assert len(house.taken) == 3


async def test_both_may_be_refreshed_at_the_same_time() -> None:
    async with a_house() as house:
        for number in (1, 2):
            await house.socket(number).leave("refresh_requested")
        await house.until(1, 2, 3, 4)
        for number in (1, 2):
            await house.socket(number).hang_up()

        await house.until(3, 4)
        assert (await house.click()).ok


async def test_of_two_hundred_clicks_during_ten_refreshes_none_is_lost() -> None:
    async with a_house() as house:
        for number in range(1, 11):
            clicks = [asyncio.create_task(house.click()) for _ in range(20)]
            old = house.socket(number)
            await old.leave("refresh_requested")
            await house.until(number, number + 1, number + 2)
            assert all([(await clicked).ok for clicked in clicks])
            await old.hang_up()

        assert len(house.taken) == 200


async def test_an_old_connection_that_slack_leaves_open_is_closed_after_a_while() -> None:
    async with a_house(spans=replace(CALM, farewell=0.05)) as house:
        await house.socket(1).leave("warning")
        await house.until(2, 3)


async def hung_up(socket: Socket) -> None:
    await socket.hang_up()


async def lost(socket: Socket) -> None:
    socket.drop()


async def silent(socket: Socket) -> None:
    socket.fall_silent()


@pytest.mark.parametrize("fate", [hung_up, lost, silent])
async def test_a_connection_that_ends_without_a_word_is_replaced(fate: Any) -> None:
    async with a_house(spans=replace(ALERT, closing=0.1)) as house:
        await fate(house.socket(1))

        await house.until_new(3)
        await house.stands(2)

        assert (await house.click_on(house.socket(3))).ok


async def test_what_was_done_stays_done_when_its_answer_is_lost() -> None:
    async with a_house() as house:
        clicked = house.click_on(house.socket(1), "slow")
        await house.working.wait()
        house.socket(1).drop()
        assert not (await clicked).ok

        with capture_logs() as logs:
            house.go_on.set()
            await house.sockets.end()

        assert len(house.taken) == 1
        assert {"event": "socket.ack_lost", "log_level": "warning", "kind": "interactive"} in logs


async def test_while_slack_gives_no_connection_it_is_asked_ever_more_seldom() -> None:
    pauses = Pauses(few=8)
    async with a_house(spans=replace(CALM, steady=60, opening=0.05), pause=pauses) as house:
        here, house.slack.public_url = house.slack.public_url, NOWHERE
        await house.socket(1).hang_up()
        await pauses.all_taken.wait()

        await house.stands(1)
        assert pauses.seconds == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
        assert (await house.click()).ok, "the other one serves meanwhile"

        house.slack.public_url = here
        pauses.resume.set()
        await house.until_new(3)


async def test_it_begins_without_slack_and_connects_when_slack_is_there() -> None:
    async with a_house(spans=replace(CALM, opening=0.3), begun=False) as house:
        here, house.slack.public_url = house.slack.public_url, NOWHERE
        await house.sockets.begin()
        assert house.standing == 0

        house.slack.public_url = here
        # A busy machine may need more tries than one for each.
        await house.stands(2)


async def test_a_connection_too_many_is_not_insisted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_sockets, "MOST", 1)
    pauses = Pauses(few=1)
    async with a_house(pause=pauses, begun=False, spans=replace(CALM, steady=60)) as house:
        with capture_logs() as logs:
            await house.sockets.begin()
            await pauses.all_taken.wait()

        assert house.standing == 1
        assert (await house.click()).ok
        assert {"event": "socket.failed", "log_level": "warning", "trouble": "too_many_websockets"} in logs


@pytest.mark.parametrize(
    ("token", "error"), [("xapp-of-another", "invalid_auth"), (BOT_TOKEN, "not_allowed_token_type")]
)
async def test_a_token_slack_refuses_is_a_wrong_configuration(token: str, error: str) -> None:
    async with a_house(app_token=token, begun=False) as house:
        with pytest.raises(ConfigWrong) as wrong:
            await house.sockets.begin()

        assert wrong.value.problems == (f"SLACK_APP_TOKEN: Slack refuses it ({error})",)
        assert house.slack.sockets.open == []


def nested(depth: int) -> Any:
    inner: Any = "x"
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "more",
    [
        {"much": "x" * LARGEST_BODY},
        {"deep": nested(DEEPEST + 1)},
        {"nul": "\x00"},
        {"half": "\ud800"},
        {"actions": "no list"},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_what_the_gate_refuses_over_http_reaches_nobody_here(more: Any) -> None:
    async with a_house() as house:
        house.slack.patience = 0.2

        reply = await house.slack.sockets.send("interactive", click("quick") | more)

        assert not reply.ok
        assert house.taken == []
        assert house.standing == 2
        assert [(await house.click()).ok for _ in range(2)] == [True, True]


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "something new"},
        {"envelope_id": "e-1", "type": "interactive", "payload": "no object"},
        {"envelope_id": 1, "type": "interactive", "payload": {}},
    ],
)
async def test_a_frame_that_is_none_of_slacks_is_passed_over(frame: Any) -> None:
    async with a_house() as house:
        await house.socket(1).say(frame)

        assert (await house.click_on(house.socket(1))).ok


async def test_a_repeated_event_looks_as_it_does_over_http() -> None:
    async with a_house() as house:
        await house.slack.sockets.send("events_api", event(), 1, "timeout")

        (request,) = house.taken
        assert request.headers["x-slack-retry-num"] == ["1"]
        assert request.headers["x-slack-retry-reason"] == ["timeout"]


async def test_at_the_end_what_is_under_way_is_finished_and_answered() -> None:
    async with a_house() as house:
        clicked = house.click_on(house.socket(1), "slow")
        await house.working.wait()
        ending = asyncio.create_task(house.sockets.end())
        await house.until(1)
        house.go_on.set()

        assert (await clicked).ok
        await ending
        await house.until()
        assert house.standing == 0
        left_behind = [task.get_coro() for task in asyncio.all_tasks()]
        assert "_keep" not in str(left_behind)


async def test_a_listener_that_never_ends_and_a_slack_that_never_answers_hold_up_no_end() -> None:
    async with a_house(spans=replace(CALM, answer=0.05, closing=0.05)) as house:
        clicked = house.click_on(house.socket(1), "slow")
        await house.working.wait()
        for number in (1, 2):
            house.socket(number).fall_silent()

        async with asyncio.timeout(PATIENCE / 2):
            await house.sockets.end()

        assert house.taken == []
        assert house.standing == 0
        clicked.cancel()


async def test_neither_token_is_in_a_log_line_when_connections_come_and_go() -> None:
    with capture_logs() as logs:
        async with a_house() as house:
            await house.socket(1).hang_up()
            await house.until_new(3)
            assert (await house.click_on(house.socket(3))).ok

    assert [line["event"] for line in logs].count("socket.replaced") == 1
    assert APP_TOKEN not in str(logs)
