"""The first word to Slack: does it take our token? And what every answer tells beside: Slack's time."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ConfigWrong
from bot.messages.outcomes import FAILURES, Verdict, judge
from bot.metrics import Metrics
from db import troubles
from db.writer import Database

SLACK_SECONDS = 10
"""How long one call to Slack may take."""

_QUICK = 5.0
"""Seconds; an answer that took longer, perhaps because the process slept, tells a time that is gone."""

_HALF_A_SECOND = timedelta(seconds=0.5)

log = structlog.get_logger(__name__)


async def check_slack(slack: AsyncWebClient, metrics: Metrics) -> None:
    """Raise ConfigWrong if Slack refuses the token; a Slack that cannot be reached is only told."""
    try:
        await slack.auth_test()
        metrics.slack.beat(ok=True)
    except FAILURES as error:
        failure = judge(error)
        metrics.slack.beat(ok=False)
        if failure.verdict is Verdict.NEVER:
            raise ConfigWrong([f"SLACK_BOT_TOKEN: Slack refuses it ({failure.reason})"]) from None
        log.warning("slack.unreachable", reason=failure.reason)


async def begin_with_slack(slack: AsyncWebClient, metrics: Metrics, db: Database, real: Clock) -> None:
    """Refuse to start with a token Slack refuses, unless it took it before: then alerts go on being taken.

    Whatever was in the way may have been put right, so it is tried at once.
    """
    try:
        await check_slack(slack, metrics)
    except ConfigWrong as refused:
        if not await db.read(troubles.is_away):
            raise
        log.warning("slack.trouble", reason=str(refused))
    await db.write(troubles.due_at_once, real.now())


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
