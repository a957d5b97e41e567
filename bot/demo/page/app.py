"""The page as an aiohttp application."""

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import MovableClock
from bot.demo.page.guard import own_page_only
from bot.demo.page.world import Fleet, Wake, World
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


def page_app(fleet: Fleet, clock: MovableClock, wake: Wake, *, person: str = SUPPORT_1.id) -> web.Application:
    """The page: `GET /`, `/static/*`, and what `World` serves about clock and stations.

    It owns `/`, so it is the application other parts of the demo are added to; their POSTs below `/demo/` are
    guarded with it. `wake` is awaited after every move of the clock and returns when what became due was
    looked at. `person` is the id of whom the page starts as.
    """
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    page = jinja.get_template("demo/index.html.j2").render(person=person)

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application(middlewares=[own_page_only])
    app.router.add_get("/", index)
    app.router.add_static("/static", STATIC)
    app.router.add_routes(World(fleet, clock, wake).routes())
    app.on_response_prepare.append(_add_headers)
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
