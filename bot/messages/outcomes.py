"""What an answer of Slack means for a delivery: done, later, doubtful or never."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

TEMPORARY = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "ratelimited",
        "rate_limited",
        "team_added_to_org",
    }
)
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
"""The card was deleted or cannot be edited any more: it is posted anew, and its thread's lines follow it."""

LOST = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
"""Nothing can be posted in this channel."""


class Verdict(StrEnum):
    """How a failed delivery goes on."""

    LATER = "later"
    DOUBTFUL = "doubtful"
    REPOST = "repost"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that was not confirmed: what to do, why, and how long Slack asked to wait."""

    verdict: Verdict
    reason: str
    wait: timedelta | None = None


class NothingPosted(SlackClientError):
    """A file did not get as far as being shared: nobody saw anything. `again` says whether another try may help."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


def judge(error: BaseException) -> Failure:
    """The meaning of an error of the Slack client. Unknown API errors are permanent: a repeat would not help."""
    if isinstance(error, NothingPosted):
        return Failure(Verdict.LATER if error.again else Verdict.NEVER, error.reason)
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Failure(Verdict.LATER, "Slack cannot be reached")
    # The request may have arrived: a timeout, a cut connection, a page instead of JSON.
    return Failure(Verdict.DOUBTFUL, f"no clear answer: {type(error).__name__}")


FAILURES = (
    SlackClientError,
    aiohttp.ClientError,
    TimeoutError,
    json.JSONDecodeError,
    # slack_sdk takes a page of HTML with status 200 for a dict.
    AttributeError,
)
"""What the Slack client raises when a call did not succeed."""


def _of_answer(error: SlackApiError) -> Failure:
    answer = error.response
    status = getattr(answer, "status_code", 200)
    # Its body is text where Slack answered with a page.
    body = getattr(answer, "data", answer)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        wait = int(answer.headers.get("Retry-After", "30")) if hasattr(answer, "headers") else 30
        return Failure(Verdict.LATER, "Slack asked for a pause", timedelta(seconds=wait))
    if code in TEMPORARY:
        return Failure(Verdict.LATER, code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not code:
        # A page comes from something between us and Slack, whatever its status.
        return Failure(Verdict.DOUBTFUL, f"Slack answered {status}")
    if code in GONE:
        return Failure(Verdict.REPOST, code)
    return Failure(Verdict.NEVER, code)
