"""The page as an aiohttp application."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.demo.faults import FAULTS
from bot.demo.page.guard import own_page_only
from bot.demo.page.portal_pages import portal_pages
from bot.demo.page.world import World
from bot.demo.plays import STORIES
from bot.demo.script import Story
from bot.demo.stories import SUPPORT_1

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parents[3] / "templates"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def page_app(
    world: World, *, person: str = SUPPORT_1.id, zone: str = "", stories: Sequence[Story] = STORIES
) -> web.Application:
    """The page: `GET /`, `/static/*`, and what `World` serves.

    It owns `/`, so it is the application other parts of the demo are added to; their POSTs below `/demo/` are
    guarded with it. `person` is the id of whom the page starts as. Times are shown in `zone` (such as
    America/New_York), or in the viewer's own.
    """
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    page = jinja.get_template("demo/index.html.j2").render(
        person=person, zone=zone, stories=stories, faults=FAULTS.values()
    )

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application(middlewares=[own_page_only])
    app.router.add_get("/", index)
    app.router.add_static("/static", STATIC)
    app.router.add_routes(world.routes())
    app.router.add_routes(portal_pages(world.fleet, jinja, zone))
    app.on_response_prepare.append(_add_headers)
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
