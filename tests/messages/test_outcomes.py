"""What an answer of Slack means for a delivery."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.messages.outcomes import FAILURES, Verdict, judge


def said(data: Any, status: int = 200, **headers: str) -> SlackApiError:
    """Slack's client raises this for an answer that is not ok."""
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data=data,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        status_code=status,
    )
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]  # the client's class has no types


def error(code: str, status: int = 200, **headers: str) -> SlackApiError:
    """Slack says this error."""
    return said({"ok": False, "error": code}, status, **headers)


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (error("ratelimited", 429, Retry_After="30"), Verdict.LATER),
        (error("ratelimited"), Verdict.LATER),
        (error("internal_error"), Verdict.DOUBTFUL),
        (error("service_unavailable", 503), Verdict.LATER),
        (error("message_not_found"), Verdict.REPOST),
        (error("thread_not_found"), Verdict.REPOST),
        (error("channel_not_found"), Verdict.NEVER),
        (error("not_in_channel"), Verdict.NEVER),
        (error("invalid_blocks"), Verdict.PLAIN),
        (error("something_new"), Verdict.NEVER),
        (said("<html>busy</html>", 502), Verdict.DOUBTFUL),
        (said("<html>busy</html>", 200), Verdict.DOUBTFUL),
        (said("<html>who are you?</html>", 407), Verdict.DOUBTFUL),
        (SlackClientError("an answer that makes no sense"), Verdict.DOUBTFUL),
        (TimeoutError(), Verdict.DOUBTFUL),
        (aiohttp.ServerDisconnectedError(), Verdict.DOUBTFUL),
        (aiohttp.ClientPayloadError("half an answer"), Verdict.DOUBTFUL),
        (json.JSONDecodeError("no", "<html>", 0), Verdict.DOUBTFUL),
    ],
)
def test_every_answer_has_a_meaning(trouble: BaseException, verdict: Verdict) -> None:
    assert isinstance(trouble, FAILURES)
    assert judge(trouble).verdict is verdict


def test_a_connection_that_never_was_sent_nothing() -> None:
    key: Any = SimpleNamespace(ssl=None, host="slack.example", port=443, is_ssl=True)
    refused = aiohttp.ClientConnectorError(key, OSError(111, "refused"))
    assert judge(refused).verdict is Verdict.LATER


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry_After": "17"}, 17), ({}, 30)])
def test_a_pause_is_as_long_as_slack_asked_for(headers: dict[str, str], seconds: int) -> None:
    assert judge(error("ratelimited", 429, **headers)).wait == timedelta(seconds=seconds)


def test_a_reason_never_holds_what_was_sent_or_the_token() -> None:
    assert judge(error("channel_not_found")).reason == "channel_not_found"
    assert (
        judge(TimeoutError("https://slack.example/api?token=xoxb-1")).reason
        == "no clear answer: TimeoutError"
    )
