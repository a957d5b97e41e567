"""The first word to Slack: does it take our token?"""

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ConfigWrong
from bot.messages.outcomes import FAILURES, Verdict, judge
from bot.metrics import Metrics
from db import troubles
from db.writer import Database

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
