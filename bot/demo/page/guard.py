"""Keeps other web pages from driving the demo through the visitor's own browser."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

OWN = frozenset({"same-origin", "none"})
"""Where a request of the page itself comes from, by the browser's word; `none` was typed by the person."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(error: str | None = None, *, status: int = 200, **more: object) -> web.Response:
    """What every POST of the page gets: `{"ok": true}`, or `{"ok": false, "error": sentence}`."""
    body = {"ok": True, **more} if error is None else {"ok": False, "error": error}
    return web.json_response(body, status=status)


def refuse_foreign(request: web.Request) -> web.Response | None:
    """The refusal of a POST that this page did not send itself; None lets it pass.

    403 when the Host is not this machine (a foreign name may be made to point here) or the Origin is another
    one; 415 when the body is not JSON, since JSON is what a foreign page cannot send without asking first.
    """
    here = _local_origin(request.host)
    if here is None or request.headers.get("Origin", here) != here:
        return answer("Only the demo's own page may do this.", status=403)
    if request.content_type != "application/json":
        return answer("The body must be JSON (Content-Type: application/json).", status=415)
    return None


def refuse_foreign_reader(request: web.Request) -> web.Response | None:
    """The refusal of a GET that comes from another page or by a foreign name of this machine; None lets it pass."""
    if _local_origin(request.host) is None or request.headers.get("Sec-Fetch-Site", "none") not in OWN:
        return answer("Only the demo's own page may read this.", status=403)
    return None


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every POST below `/demo/` must pass `refuse_foreign`, whoever wants a file `refuse_foreign_reader`."""
    refusal = None
    if request.path.startswith("/demo/files/"):
        refusal = refuse_foreign_reader(request)
    elif request.method == "POST" and request.path.startswith("/demo/"):
        refusal = refuse_foreign(request)
    return await handler(request) if refusal is None else refusal


def _local_origin(host: str) -> str | None:
    """The origin of pages that this Host serves; None if the Host is not this machine."""
    try:
        name = urlsplit(f"http://{host}").hostname or ""
        is_local = name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return None
    return f"http://{host}" if is_local else None
