"""How long a click takes is measured from its arrival to its ack."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

import handlers
from bot.metrics import Metrics

CLICK = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "actions": [{"type": "button", "action_id": "press", "block_id": "b", "value": "1"}],
}


class Watch:
    """A clock that goes on only where something takes time."""

    seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B", bot_user_id="UB")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_listener_is_measured_until_it_has_acked_or_failed(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    watch, metrics = Watch(), Metrics()
    monkeypatch.setattr(handlers, "time", watch)
    app = handlers.TimedApp(
        metrics, process_before_response=True, request_verification_enabled=False, authorize=authorize
    )

    @app.action("press")
    async def on_press(ack: AsyncAck) -> None:
        watch.seconds += 0.75
        if fails:
            raise ValueError("a mistake")
        await ack()

    body: Any = CLICK
    await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))

    sample = metrics.registry.get_sample_value
    assert sample("relink_click_seconds_count") == 1
    assert sample("relink_click_seconds_sum") == 0.75
