"""`/charger ...`: what technicians and support type. Case, long dashes and phone quotes do not matter."""

import difflib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.deps import Deps
from handlers import digests, exporting, owning, practising, reporting, stations, typed
from handlers.asked import Asked

COMMANDS: Mapping[str, Callable[[Asked], Awaitable[None]]] = {
    "status": stations.tell_status,
    "next": stations.tell_next,
    "mine": stations.tell_mine,
    "take": owning.take,
    "release": owning.release,
    "handover": owning.hand_over,
    "note": owning.note,
    "history": stations.tell_history,
    "open": reporting.open_by_hand,
    "flagged": stations.tell_flagged,
    "digest": digests.tell_digest,
    "drill": practising.drill,
    "export": exporting.export,
}
HELP = "help"


def register(app: AsyncApp, deps: Deps) -> None:
    """The listener of the slash command."""

    @app.command(deps.settings.slack_command)
    async def on_command(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        said = typed.read(str(command.get("text") or ""))
        run = COMMANDS.get(said.word)
        if run is None:
            await ack(text=help_words(deps, said.word), response_type="ephemeral")
            return
        await run(Asked(deps, command, said, respond))
        await ack()


def help_words(deps: Deps, word: str) -> str:
    """The list of commands, after a sentence about a word that is none of them."""
    unknown = word if word not in {"", HELP} else ""
    near = difflib.get_close_matches(unknown, [*COMMANDS, HELP], n=1) if unknown else []
    facts = {
        "command": deps.settings.slack_command,
        "unknown": unknown[:30],
        "near": near[0] if near else "",
    }
    return deps.render.message("answers/help.j2", facts).text
