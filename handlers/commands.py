"""`/charger ...`: what technicians and support type. Case, long dashes and phone quotes do not matter."""

import difflib
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.deps import Deps
from bot.errors import PortalDown, PortalRefused, Refused
from bot.portal.contract import Capability, Status
from bot.reports import status
from handlers.who import person_of

WORDS = ("help", "status")
# Phones write long dashes and curly quotes.
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_QUOTES = "\u2018\u2019\u201c\u201d\u00ab\u00bb\"'`"
_TYPED = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_QUOTES))


def register(app: AsyncApp, deps: Deps) -> None:
    """The listener of the slash command."""

    @app.command(deps.settings.slack_command)
    async def on_command(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        word, rest = spoken(str(command.get("text") or ""))
        if word in {"", "help"}:
            await ack(text=_help(deps, None), response_type="ephemeral")
        elif word == "status":
            deps.tasks.spawn(_status(deps, command, rest, respond))
            await ack()
        else:
            await ack(text=_help(deps, word), response_type="ephemeral")


def spoken(text: str) -> tuple[str, str]:
    """The command's word in small letters and the rest, as typed on any keyboard."""
    word, _, rest = text.translate(_TYPED).strip().partition(" ")
    return word.lower(), " ".join(rest.split())


def _help(deps: Deps, unknown: str | None) -> str:
    near = difflib.get_close_matches(unknown, WORDS, n=1) if unknown else []
    facts = {
        "command": deps.settings.slack_command,
        "unknown": unknown[:30] if unknown else "",
        "near": near[0] if near else "",
    }
    return deps.render.message("answers/help.j2", facts).text


async def _status(deps: Deps, command: dict[str, Any], serial: str, respond: AsyncRespond) -> None:
    """Answer with what Relink knows and what the portal says now; only the one who asked sees it."""
    try:
        person = await person_of(deps, command)
        if not person.roles:
            raise Refused("Only support, technicians and leads may ask for stations.")
        if not serial:
            raise Refused(f"Which station? Type {deps.settings.slack_command} status SERIAL.")
        known = await deps.db.read(status.of_station, serial)
        if known is None:
            raise Refused(
                f"Relink has not heard of {serial[:40]}. The serial is on the station and in the portal."
            )
    except Refused as refused:
        text = deps.render.message("answers/refused.j2", {"sentence": refused.sentence, "first": None}).text
        await respond(text=text, response_type="ephemeral")
        return
    now = await _read(deps, known.portal_name)
    facts = {**known.words, "status": now, "now": deps.clock.now()}
    message = deps.render.message("answers/status.j2", facts)
    await respond(text=message.text, blocks=message.blocks, response_type="ephemeral")


async def _read(deps: Deps, station: str) -> Status | None:
    if deps.abilities.now.status is not Capability.AUTO:
        return None
    try:
        return await deps.portal.status(station)
    except (PortalDown, PortalRefused):
        return None
