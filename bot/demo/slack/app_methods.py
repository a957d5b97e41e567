"""apps.*: what the app may do with its own token."""

from urllib.parse import urlencode

from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World

LINK = "/link/"


def open_connection(world: World, arguments: Arguments) -> Json:
    """An address at which the app may open one WebSocket, once."""
    base = "ws" + world.public_url.removeprefix("http")
    query = {"ticket": world.tickets.issue(), "app_id": world.workspace.app_id}
    return {"ok": True, "url": f"{base}{LINK}?{urlencode(query)}"}


METHODS = {"apps.connections.open": Method(open_connection, caller="app")}
