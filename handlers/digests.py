"""The morning digest for one person's eyes: the command `digest`, and the windows behind a digest's buttons."""

from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import mornings
from bot.deps import Deps
from bot.errors import NotAllowed
from bot.messages import forms, replies
from bot.reports import history
from bot.runbook.press import DIGEST_FLAGGED, DIGEST_OPEN
from handlers.asked import Asked
from handlers.who import person_of


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for the buttons of a digest. A window, because an answer would stand far below the digest."""

    @app.action(DIGEST_OPEN)
    async def on_open(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _must_have_a_role(deps, body)
        channel = str((body.get("channel") or {}).get("id", ""))
        _show(deps, body, "Open now", DIGEST_OPEN, (await mornings.open_list(deps, channel)).blocks)
        await ack()

    @app.action(DIGEST_FLAGGED)
    async def on_flagged(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _must_have_a_role(deps, body)
        flagged = deps.render.message("answers/flagged.j2", await deps.db.read(history.flagged))
        _show(deps, body, "Flagged modems", DIGEST_FLAGGED, flagged.blocks)
        await ack()


async def tell_digest(asked: Asked) -> None:
    """`digest`: how everything stands. Anybody with a role may ask; the channel does not see it."""
    asked.later(_tell(asked))


async def _tell(asked: Asked) -> None:
    await asked.person()
    place = mornings.place_of(asked.deps, str(asked.body.get("channel_id", "")))
    await asked.say(mornings.TEMPLATE, await mornings.facts_now(asked.deps, place))


async def _must_have_a_role(deps: Deps, body: dict[str, Any]) -> None:
    if not (await person_of(deps, body)).roles:
        raise NotAllowed("Only support, technicians and leads may ask for stations.")


def _show(deps: Deps, body: dict[str, Any], title: str, name: str, blocks: Sequence[Any]) -> None:
    view = forms.reading(title, name, blocks)
    deps.tasks.spawn(replies.opened(deps.slack, body, view))
