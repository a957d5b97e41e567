"""What an answer of Slack means for a delivery: done, later, doubtful or never."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

TEMPORARY = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})
HALF_DONE = frozenset({"internal_error", "fatal_error"})
"""Slack failed in the middle, and says itself that part of it may have taken effect."""
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
"""The card was deleted or cannot be edited any more: it is posted anew, and its thread's lines follow it."""

LOST = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
    }
)
"""Nothing can be posted in this channel."""

LOCKED_OUT = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "org_login_required",
        "team_access_not_granted",
        "two_factor_setup_required",
    }
)
"""Slack does not take our token: it was revoked, or the app was removed."""

UNREADABLE = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Slack does not show these blocks; the text beside them it does."""

SCOPE, WRITES = "missing_scope", "chat:write"
PAUSED = "Slack asked for a pause"
PAUSE = timedelta(seconds=30)
"""How long we wait where Slack asks for a pause without saying how long."""


class Verdict(StrEnum):
    """How a failed delivery goes on."""

    LATER = "later"
    DOUBTFUL = "doubtful"
    REPOST = "repost"
    PLAIN = "plain"
    """Once more without its blocks."""
    NEVER = "never"
    """A repeat alone does not help."""


class Trouble(StrEnum):
    """What has to be well again before a delivery can succeed; until then it waits."""

    SLACK = "slack"
    CHANNEL = "channel"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that was not confirmed: what to do, why, and how long Slack asked to wait."""

    verdict: Verdict
    reason: str
    wait: timedelta | None = None
    trouble: Trouble | None = None
    method: str = ""
    """Which of Slack's methods asked for a pause."""
    answered: bool = False
    """Slack itself said so, clearly: it is there."""

    @property
    def scope(self) -> str:
        """The right the app lacks, if that is it."""
        return self.reason.partition(f"{SCOPE}: ")[2]


class NothingPosted(SlackClientError):
    """A file did not get as far as being shared: nobody saw anything. `again` says whether another try may help."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


def is_locked_out(reason: str) -> bool:
    """Is this reason that of a token or a right, which nobody puts right in a minute?"""
    return reason in LOCKED_OUT or reason.startswith(SCOPE)


class Resting(SlackClientError):
    """A call that was not made, because Slack asked for a pause of its method that is not over for `wait`."""

    def __init__(self, method: str, wait: timedelta) -> None:
        super().__init__(method)
        self.wait = wait


def judge(error: BaseException) -> Failure:
    """The meaning of an error of the Slack client. Unknown API errors are permanent: a repeat would not help."""
    if isinstance(error, NothingPosted):
        return Failure(Verdict.LATER if error.again else Verdict.NEVER, error.reason)
    if isinstance(error, Resting):
        return Failure(Verdict.LATER, PAUSED, error.wait)
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Failure(Verdict.LATER, "Slack cannot be reached", trouble=Trouble.SLACK)
    # The request may have arrived: a timeout, a cut connection, a page instead of JSON.
    return Failure(Verdict.DOUBTFUL, f"no clear answer: {type(error).__name__}", trouble=Trouble.SLACK)


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
    method = str(getattr(answer, "api_url", "")).rpartition("/")[2]
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return Failure(Verdict.LATER, PAUSED, _pause(answer), method=method, answered=True)
    if code in TEMPORARY:
        return Failure(Verdict.LATER, code, trouble=Trouble.SLACK)
    if code in HALF_DONE:
        return Failure(Verdict.DOUBTFUL, code, trouble=Trouble.SLACK)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not code:
        # A page comes from something between us and Slack, whatever its status.
        return Failure(Verdict.DOUBTFUL, f"Slack answered {status}", trouble=Trouble.SLACK)
    if code in GONE:
        return Failure(Verdict.REPOST, code, answered=True)
    if code in UNREADABLE:
        return Failure(Verdict.PLAIN, code, answered=True)
    reason, trouble = _what_is_wrong(code, str(body.get("needed", "")))
    return Failure(Verdict.NEVER, reason, trouble=trouble, answered=trouble is not Trouble.SLACK)


def _what_is_wrong(code: str, needed: str) -> tuple[str, Trouble | None]:
    """The reason in a word or two, and what stands in the way, for what Slack says clearly no to."""
    if code == SCOPE:
        return f"{SCOPE}: {needed or 'not named'}", Trouble.SLACK if WRITES in needed else Trouble.SCOPE
    if code in LOCKED_OUT:
        return code, Trouble.SLACK
    return code, Trouble.CHANNEL if code in LOST else None


def _pause(answer: Any) -> timedelta:
    asked = str(getattr(answer, "headers", {}).get("Retry-After", ""))
    return timedelta(seconds=int(asked)) if asked.isdecimal() else PAUSE
