"""Files that go out to Slack: the digest's chart, the exports."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from io import BytesIO
from typing import Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import outcomes
from bot.messages.outcomes import NothingPosted, Verdict

UPLOAD: Final = aiohttp.ClientTimeout(total=120)
"""How long the bytes may take: longer than a call, for a big file on a slow line."""
WORTH_ANOTHER_TRY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


async def upload(
    slack: AsyncWebClient,
    *,
    channel: str,
    filename: str,
    title: str,
    content: bytes,
    alt: str,
    thread_ts: str | None = None,
    before_sharing: Callable[[], Awaitable[None]] | None = None,
) -> str:
    """Put a file into a channel or thread; gives its id. `channel` is an id: C.., or the D.. of a direct message.

    Slack is asked for an address, given the bytes there, and told to share them. Whatever fails before that last
    call has posted nothing: it is raised as what `outcomes.judge` calls LATER or NEVER, and may be tried anew.
    Only the last call can end in doubt. It is made once; who calls again after a DOUBTFUL failure may put the same
    file there twice, and nothing else can double. `before_sharing` is awaited just before that call; what it raises
    keeps the file out of sight. `content` is at least one byte, `alt` at most 1,000 characters.
    """
    try:
        file = await _hand_in(slack, filename, content, alt)
    except outcomes.FAILURES as error:
        failure = outcomes.judge(error)
        if failure.verdict is Verdict.DOUBTFUL:
            raise NothingPosted(failure.reason) from error
        raise
    if before_sharing is not None:
        await before_sharing()
    await slack.files_completeUploadExternal(
        files=[{"id": file, "title": title}], channel_id=channel, thread_ts=thread_ts
    )
    return file


async def _hand_in(slack: AsyncWebClient, filename: str, content: bytes, alt: str) -> str:
    """Give Slack the bytes; nobody sees the file yet."""
    place = await slack.files_getUploadURLExternal(filename=filename, length=len(content), alt_txt=alt)
    if slack.session is None:
        raise ValueError("files go over the session that all calls share; this client has none")
    # A stream, so that a big file does not hold up everything else while it is written.
    body = BytesIO(content)
    async with slack.session.post(str(place["upload_url"]), data=body, timeout=UPLOAD) as answer:
        if answer.status != HTTPStatus.OK:
            again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in WORTH_ANOTHER_TRY
            raise NothingPosted(f"Slack did not take the file: {answer.status}", again=again)
    return str(place["file_id"])
