"""Looks for a message whose answer was lost: our metadata says whether Slack has it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import digests
from bot.messages.outbox import UNDER
from bot.messages.queue import Parcel

PAGES: Final = 5
"""How many pages of 100 messages of a channel are read, the newest first."""


async def find(
    slack: AsyncWebClient, parcel: Parcel, may_call: Callable[[str], Awaitable[None]]
) -> str | None:
    """The ts of this delivery if Slack has it. `may_call` is awaited before each call and may refuse it.

    A thread is told oldest first, so it is read to its end.
    """
    window: dict[str, Any] = {"channel": parcel.channel, "limit": 100, "include_all_metadata": True}
    pages = 0
    while True:
        if parcel.kind in UNDER:
            await may_call("conversations.replies")
            answer = await slack.conversations_replies(ts=str(parcel.ts), **window)
        else:
            await may_call("conversations.history")
            answer = await slack.conversations_history(**window)
        for message in answer["messages"]:
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("outgoing") == parcel.key or digests.has_chart(parcel, message):
                return str(message["ts"])
        pages += 1
        window["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
        if not window["cursor"] or (parcel.kind not in UNDER and pages >= PAGES):
            return None
