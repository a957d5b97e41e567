"""Slack's Web API and the response URLs, over HTTP."""

from collections.abc import Mapping
from functools import partial

from aiohttp import web

from bot.demo.slack import (
    app_methods,
    chat_methods,
    file_methods,
    people_methods,
    room_methods,
    view_methods,
)
from bot.demo.slack.api_error import ApiError, RateLimitError
from bot.demo.slack.api_gate import Gate
from bot.demo.slack.content import read_content, unpacked
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.passes import Answerable
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import Exchange, World

METHODS: Mapping[str, Method] = {
    **app_methods.METHODS,
    **chat_methods.METHODS,
    **room_methods.METHODS,
    **people_methods.METHODS,
    **view_methods.METHODS,
    **file_methods.METHODS,
}


class WebApi:
    """Answers the app."""

    def __init__(self, world: World, gate: Gate) -> None:
        self._world = world
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        """`/api/<method>`, `/respond/<secret>` and `/upload/<secret>`."""
        return [
            web.post("/api/{method}", self._call),
            web.get("/api/{method}", self._call),
            web.post("/respond/{secret}", self._respond),
            web.post(f"{file_methods.UPLOAD}{{secret}}", partial(file_methods.take_bytes, self._world)),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        values: Json = {}
        status, headers = 200, {"x-oauth-scopes": ",".join(sorted(self._world.scopes))}
        try:
            values = await _read(request)
            among = values.pop("token", None)
            body = self._answer(name, _bearer(request), among, Arguments(values))
        except RateLimitError as fast:
            body, status = fast.body(), 429
            headers["Retry-After"] = str(fast.retry_after)
        except ApiError as wrong:
            body = wrong.body()
        self._world.record(Exchange("in", name, values, status, body, self._world.clock()))
        return web.json_response(body, status=status, headers=headers)

    def _answer(self, name: str, bearer: str | None, among: object, arguments: Arguments) -> Json:
        """`among` is a token among the arguments, which serves nearly everywhere; the app's own must be a bearer."""
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        token = str(among) if bearer is None and among and method.caller == "bot" else bearer
        self._gate.check(name, method, token, arguments)
        return method.run(self._world, arguments)

    async def _respond(self, request: web.Request) -> web.Response:
        """What the app sends to a response URL: at most five times, within thirty minutes."""
        body: Json = {"ok": True}
        values: Json = {}
        status = 200
        try:
            answerable = self._world.response_urls.find(request.match_info["secret"])
            values = await _read(request)
            respond(self._world, answerable, values)
            answerable.uses += 1
        except ApiError as wrong:
            body = wrong.body()
            status = 404 if wrong.error.endswith("_url") else 400
        self._world.record(Exchange("in", "response_url", values, status, body, self._world.clock()))
        return web.json_response(body, status=status)


def respond(world: World, to: Answerable, values: Json) -> None:
    """Do what an answer asks for: replace or delete the clicked message, or say something new.

    Ephemeral unless `response_type` is `in_channel`; a message never changes between ephemeral and public.
    """
    message = world.talk.find(to.channel, to.source) if to.source else None
    whispered = world.talk.whispered(to.source) if to.source else None
    if values.get("delete_original"):
        if message is not None:
            world.talk.delete(message)
        elif whispered is not None:
            world.talk.hush(whispered)
        return
    content = read_content(values)
    thread_ts = values.get("thread_ts")
    if values.get("replace_original") and message is not None:
        world.talk.edit(message, content.text, content.blocks, content.metadata)
    elif values.get("replace_original") and whispered is not None:
        world.talk.reword(whispered, content.text, content.blocks)
    elif values.get("response_type", "ephemeral") == "in_channel":
        world.talk.post(
            to.channel,
            world.workspace.bot_user_id,
            content.text,
            blocks=content.blocks,
            thread_ts=thread_ts,
            metadata=content.metadata,
        )
    else:
        world.talk.whisper(to.user, to.channel, content.text, blocks=content.blocks, thread_ts=thread_ts)


async def _read(request: web.Request) -> Json:
    """The arguments of a request: its query, and a body of JSON or of a form."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        body = unpacked(await request.text(), "invalid_json")
        if not isinstance(body, dict):
            raise ApiError("json_not_object")
        values |= body
    elif request.can_read_body:
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return values


def _bearer(request: web.Request) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" and token else None
