"""How Slack, or what lies between it and us, answers a call on a bad day."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Mood = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def refused(error: str, status: int = 200, **headers: str) -> Mood:
    """Slack says no, and nothing was done."""

    async def answer(_request: web.Request, _double: Handler) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"ok": False, "error": error}, status=status, headers=named)

    return answer


def lacks(scope: str) -> Mood:
    """The app was installed without this right."""

    async def answer(_request: web.Request, _double: Handler) -> web.StreamResponse:
        return web.json_response({"ok": False, "error": "missing_scope", "needed": scope, "provided": "x"})

    return answer


async def no_blocks(request: web.Request, double: Handler) -> web.StreamResponse:
    """Slack takes text alone."""
    given = await (request.json() if request.content_type == "application/json" else request.post())
    return await (refused("invalid_blocks")(request, double) if given.get("blocks") else double(request))


def page(status: int, *, after: bool) -> Mood:
    """A page of HTML comes back, from something between us and Slack; `after`: Slack had done its work."""

    async def answer(request: web.Request, double: Handler) -> web.StreamResponse:
        if after:
            await double(request)
        return web.Response(status=status, text="<html>busy</html>", content_type="text/html")

    return answer


async def cut_after(request: web.Request, double: Handler) -> web.StreamResponse:
    """Slack does its work, and the line is cut before its answer is through."""
    await double(request)
    return await cut_before(request, double)


async def cut_before(request: web.Request, _double: Handler) -> web.StreamResponse:
    """The line is cut before Slack has seen anything."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def silent_after(request: web.Request, double: Handler) -> web.StreamResponse:
    """Slack does its work and never answers."""
    await double(request)
    await asyncio.Event().wait()
    return web.Response()
