"""Somebody mentions Relink with a serial: the status goes into the thread, where no slash command works."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.errors import NotAllowed, Refused, RelinkError
from bot.messages import replies
from handlers import typed
from handlers.refusals import sentence_for
from handlers.stations import STATUS, status_facts

log = structlog.get_logger(__name__)


def register(app: AsyncApp, deps: Deps) -> None:
    """The listener of mentions."""

    @app.event("app_mention")
    async def on_mention(event: dict[str, Any], body: dict[str, Any]) -> None:
        # Slack sends an edited message again; another bot may mention us in a circle.
        if "bot_id" in event or "edited" in event:
            log.info("mention.ignored", why="a bot's" if "bot_id" in event else "edited")
        else:
            deps.tasks.spawn(_answer(deps, event, body))

    @app.event("message")
    async def on_message() -> None:
        """Nothing: people's messages are theirs. Subscribed to for Relink's own, which a connection looks for."""


async def _answer(deps: Deps, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    channel, thread = str(event["channel"]), str(event.get("thread_ts") or event["ts"])
    try:
        facts = await _asked_for(deps, event, body)
    except RelinkError as refused:
        sentence = await sentence_for(deps, refused, body)
        user = str(event["user"])
        whisper = deps.slack.chat_postEphemeral(channel=channel, user=user, thread_ts=thread, text=sentence)
        await replies.tried(whisper)
        return
    message = deps.render.message(STATUS, facts)
    await replies.tried(
        deps.slack.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
    )


async def _asked_for(deps: Deps, event: Mapping[str, Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of the station that was named. Raises Refused for people without a role, and without a station."""
    team = event.get("user_team") or event.get("team") or body["team_id"]
    person = await deps.directory.person(str(event["user"]), str(team))
    if not person.roles:
        raise NotAllowed("Only support, technicians and leads may ask for stations.")
    words = typed.words_of(str(event.get("text") or ""))
    numbers = [word for word in words if any(letter.isdigit() for letter in word)]
    if not numbers:
        raise Refused("Which station? Write its serial beside my name.")
    return await status_facts(deps, max(numbers, key=_like_a_name))


def _like_a_name(word: str) -> tuple[bool, int]:
    """Of several numbers in a sentence (a time, a bay) the serial has letters too, or is the longest."""
    return any(letter.isalpha() for letter in word), len(word)
