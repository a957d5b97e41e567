"""The first word to Slack: does it take our token?"""

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigWrong
from bot.messages.outcomes import FAILURES
from bot.metrics import Metrics

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
