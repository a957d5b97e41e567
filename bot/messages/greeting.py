"""The first word to Slack: does it take our token? And what every answer tells beside: Slack's time."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ConfigWrong
from bot.messages.outcomes import FAILURES
from bot.metrics import Metrics

SLACK_SECONDS = 10
"""How long one call to Slack may take."""

_QUICK = 5.0
"""Seconds; an answer that took longer, perhaps because the process slept, tells a time that is gone."""

_HALF_A_SECOND = timedelta(seconds=0.5)

log = structlog.get_logger(__name__)


async def check_slack(slack: AsyncWebClient, metrics: Metrics) -> None:
    """Refuse to start with a token Slack refuses; a Slack that cannot be reached keeps nobody from starting."""
    try:
        await slack.auth_test()
        metrics.slack.beat(ok=True)
    except SlackApiError as refused:
        raise ConfigWrong([f"SLACK_BOT_TOKEN: Slack refuses it ({refused.response['error']})"]) from None
    except FAILURES as trouble:
        metrics.slack.beat(ok=False)
        log.warning("slack.unreachable", trouble=type(trouble).__name__)


def connected(
    token: SecretStr, address: str, metrics: Metrics, real: Clock
) -> tuple[aiohttp.ClientSession, AsyncWebClient]:
    """A client for Slack, and the session it calls with; the Date in the head of every answer tells Slack's time."""

    async def begun(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.began = metrics.seconds()

    async def read(_session: object, context: SimpleNamespace, answer: aiohttp.TraceRequestEndParams) -> None:
        try:
            theirs = parsedate_to_datetime(answer.response.headers.get("Date", ""))
        except ValueError:
            return
        if theirs.tzinfo is not None and metrics.seconds() - context.began < _QUICK:
            # The head tells whole seconds.
            metrics.ahead_of_slack = real.now() - theirs.astimezone(UTC) - _HALF_A_SECOND

    watching = aiohttp.TraceConfig()
    watching.on_request_start.append(begun)
    watching.on_request_end.append(read)
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    session = aiohttp.ClientSession(timeout=timeout, trace_configs=[watching])
    return session, AsyncWebClient(
        token=token.get_secret_value(),
        base_url=address,
        session=session,
        retry_handlers=[],  # the courier repeats what may be repeated; the client's own retry doubles posts
    )
