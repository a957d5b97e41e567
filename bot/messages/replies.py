"""What skips the outbox because somebody waits for it: a modal, whose trigger lives 3 seconds, or a sentence.

What Slack does not take is lost, and only logged: nobody waits for it tomorrow.
"""

from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.messages.outcomes import FAILURES, judge

NOT_OPENED = "Slack does not say that it opened the form. If none is open, nothing was done: try again."

log = structlog.get_logger(__name__)


async def opened(slack: AsyncWebClient, body: Mapping[str, Any], view: dict[str, Any]) -> None:
    """Open `view` for whoever sent `body`, or tell them that Slack does not say that it did.

    Pressed in a view there is no place to tell it.
    """
    try:
        await slack.views_open(trigger_id=str(body["trigger_id"]), view=view)
    except FAILURES as trouble:
        log.warning("view.not_opened", why=judge(trouble).reason)
        if "response_url" in body:
            await told(slack, str(body["response_url"]), NOT_OPENED)


async def told(slack: AsyncWebClient, response_url: str, sentence: str) -> None:
    """Tell only the person who pressed."""
    place = AsyncWebhookClient(
        response_url, session=slack.session, ssl=slack.ssl, proxy=slack.proxy, retry_handlers=[]
    )
    said = {"text": sentence, "response_type": "ephemeral", "replace_original": False}
    await tried(place.send_dict(said))


async def tried(call: Awaitable[Any]) -> None:
    """Wait for a call that answers somebody."""
    try:
        answer = await call
    except FAILURES as trouble:
        log.warning("person.not_told", why=judge(trouble).reason)
    else:
        if answer.status_code != HTTPStatus.OK:  # as of a response URL that is used up, or half an hour old
            log.warning("person.not_told", why=f"status {answer.status_code}")
