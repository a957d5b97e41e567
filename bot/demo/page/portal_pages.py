"""What a person sees who opens the simulated portal in the browser: one page for each station."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment

from bot.demo.page.world import Fleet

PORTAL_PAGES: Final = "/demo/portal-pages"
"""Where they are; the station's serial follows."""


def portal_pages(fleet: Fleet, jinja: Environment, zone: str) -> list[web.RouteDef]:
    """`GET /demo/portal-pages/{serial}`. They answer also while the portal's interface is down: people get in."""
    template = jinja.get_template("demo/portal.html.j2")
    clock = ZoneInfo(zone or "UTC")

    async def show(request: web.Request) -> web.Response:
        serial = request.match_info["serial"]
        station = next((row for row in fleet.stations() if row["serial"] == serial), None)
        if station is None:
            raise web.HTTPNotFound
        spoke = datetime.fromisoformat(str(station["last_communication"])).astimezone(clock)
        page = template.render(
            station=station, last_communication=f"{spoke:%d %B %Y, %H:%M:%S}", zone=clock.key
        )
        return web.Response(text=page, content_type="text/html")

    return [web.get(PORTAL_PAGES + "/{serial}", show)]
