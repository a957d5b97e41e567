"""Who sent this, with the roles of this moment."""

from collections.abc import Mapping
from typing import Any

from bot.deps import Deps
from bot.people import Person


async def person_of(deps: Deps, body: Mapping[str, Any]) -> Person:
    """The person behind a payload of any kind; the workspace is the user's own, not the channel's."""
    user = body.get("user")
    if isinstance(user, dict):
        return await deps.directory.person(str(user["id"]), str(user.get("team_id") or body["team"]["id"]))
    return await deps.directory.person(str(body["user_id"]), str(body["team_id"]))
