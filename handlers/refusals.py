"""What a person reads when something is not done: the sentence of a refusal, or a reference to look up."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.deps import Deps
from bot.errors import Busy, FieldsWrong, Refused, StaleChoice
from bot.incidents import progress
from bot.messages import forms, replies

log = structlog.get_logger(__name__)


def register(app: AsyncApp, deps: Deps) -> None:
    """The outermost edge of everything Slack sends."""

    @app.error
    async def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
        sentence = await sentence_for(deps, error, body)
        if body.get("type") == "view_submission":
            return _on_the_form(error, sentence, body)
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})
        if "response_url" in body:
            deps.tasks.spawn(replies.told(deps.slack, str(body["response_url"]), sentence))
        elif "trigger_id" in body:
            # Pressed in a view: there is no channel to say it in, and where it was pressed is where they look.
            view = forms.notice("Not done", sentence)
            deps.tasks.spawn(replies.opened(deps.slack, body, view))
        return BoltResponse(status=200, body="")


async def sentence_for(deps: Deps, error: Exception, body: Mapping[str, Any]) -> str:
    """What the person reads; the card of a late click is shown anew."""
    if isinstance(error, Refused):
        log.info("refused", kind=type(error).__name__, user=_user(body), sentence=error.sentence)
        first = None
        if isinstance(error, StaleChoice):
            first = error.first
            await _show_again(deps, body)
        facts = {"sentence": error.sentence, "first": first}
        return deps.render.message("answers/refused.j2", facts).text
    if isinstance(error, Busy):
        log.warning("busy", reason=str(error))
        return "Relink cannot write this down right now, so nothing was done. Try again in a moment."
    reference = secrets.token_hex(4)
    log.error("unexpected", reference=reference, exc_info=error)
    return f"Something went wrong on Relink's side. Reference {reference}: give it to whoever runs Relink."


async def _show_again(deps: Deps, body: Mapping[str, Any]) -> None:
    values = [str(action.get("value", "")) for action in body.get("actions", [])]
    numbers = [value.partition(":")[0] for value in values]
    for number in numbers:
        if re.fullmatch("[0-9]{1,12}", number, re.ASCII):
            await deps.db.write(progress.refresh, int(number), deps.clock.now())
            deps.nudge()


def _on_the_form(error: Exception, sentence: str, body: dict[str, Any]) -> BoltResponse:
    first_block = next(
        (block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"), ""
    )
    fields = error.fields if isinstance(error, FieldsWrong) else {first_block: sentence}
    return BoltResponse(status=200, body={"response_action": "errors", "errors": fields})


def _user(body: Mapping[str, Any]) -> str:
    user = body.get("user")
    return str(user.get("id") if isinstance(user, dict) else body.get("user_id", ""))
