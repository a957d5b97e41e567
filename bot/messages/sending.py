"""One message as Slack takes it: posted or edited, with the metadata by which it is found again."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import limits, outcomes
from bot.messages.drawing import Drawn
from bot.messages.outbox import CARDS
from bot.messages.outcomes import Verdict
from bot.messages.queue import Parcel

ROOM: Final = 300
"""Characters that are kept free below a text for what is said there instead of its blocks."""
_POINTER: Final = re.compile(r"json-pointer:([^\]\s]{1,100})")
"""Where in the blocks Slack found something it does not take; never what stands there."""

log = structlog.get_logger(__name__)


async def send(slack: AsyncWebClient, parcel: Parcel, drawn: Drawn, plain: Callable[[str], str]) -> str:
    """Send it; its ts. Raises one of `outcomes.FAILURES`.

    Where Slack does not take the blocks the text goes alone: it says that there is a card, and no word of a cabinet.
    `plain` makes of a reference what is said below it; the log has the same reference.
    """
    try:
        return await _send(slack, parcel, drawn)
    except SlackApiError as error:
        failure = outcomes.judge(error)
        if failure.verdict is not Verdict.PLAIN:
            raise
        reference = secrets.token_hex(4)
        where = sorted(set(_POINTER.findall(str(error.response))))[:5]
        log.error(  # noqa: TRY400 (without the traceback, which would show what was sent)
            "delivery.plain", key=parcel.key, reason=failure.reason, reference=reference, where=where
        )
    message = drawn.message
    text = f"{message.text[: limits.UPDATE_TEXT - ROOM]}\n{plain(reference)}"
    return await _send(slack, parcel, replace(drawn, message=replace(message, text=text, blocks=[])))


async def _send(slack: AsyncWebClient, parcel: Parcel, drawn: Drawn) -> str:
    content: dict[str, Any] = {
        "channel": parcel.channel,
        "text": drawn.message.text,
        "blocks": drawn.message.blocks or None,
        "metadata": _metadata(parcel, drawn),
    }
    if parcel.kind in CARDS and parcel.ts is not None:
        answer = await slack.chat_update(ts=parcel.ts, **content)
        return str(answer["ts"])
    if parcel.kind == "line":
        content["thread_ts"] = parcel.ts
        if parcel.payload.get("broadcast") and not drawn.outdated:
            content["reply_broadcast"] = True
    answer = await slack.chat_postMessage(unfurl_links=False, unfurl_media=False, **content)
    return str(answer["ts"])


def _metadata(parcel: Parcel, drawn: Drawn) -> dict[str, Any]:
    payload = {drawn.subject: drawn.reference, "version": drawn.version, "outgoing": parcel.key}
    return {"event_type": f"relink_{drawn.subject}", "event_payload": payload}
