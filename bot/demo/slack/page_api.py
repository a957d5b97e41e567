"""What the demo's page asks for and sends: the state as one person sees it, and what this person does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.demo.slack.acks import why
from bot.demo.slack.delivery import Reply
from bot.demo.slack.fields import CannotDo
from bot.demo.slack.file_book import File
from bot.demo.slack.people_side import PeopleSide
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import Json, User
from bot.demo.slack.world import World

HEARTBEAT_SECONDS = 15.0
TOASTS = 20
FILES = "/demo/files/"


class PageApi:
    """Routes under /demo."""

    def __init__(self, world: World, people: PeopleSide) -> None:
        self._world = world
        self._people = people

    def routes(self) -> list[web.RouteDef]:
        """`/demo/state`, `/demo/events`, the files, and one POST for each thing a person can do."""
        return [
            web.get("/demo/state", self._state),
            web.get("/demo/events", self._events),
            web.get(f"{FILES}{{id}}", self._file),
            web.post("/demo/click", self._done_by(self._click)),
            web.post("/demo/submit", self._done_by(self._submit)),
            web.post("/demo/close", self._done_by(self._close)),
            web.post("/demo/send", self._done_by(self._send)),
            web.post("/demo/home", self._done_by(self._home)),
        ]

    async def _state(self, request: web.Request) -> web.Response:
        user = self._world.workspace.users.get(request.query.get("user", ""))
        if user is None:
            return web.json_response({"ok": False, "error": "Nobody here has this id."}, status=404)
        return web.json_response(self.state(user))

    def state(self, user: User) -> Json:
        """Everything this person sees now."""
        world = self._world
        users = [each for each in world.workspace.users.values() if not each.deleted]
        modal, home = world.views.top(user.id), world.views.home(user.id)
        pushes = [each for each in world.talk.pushes() if each.who == user.id][-TOASTS:]
        return {
            "seq": world.changes.seq,
            "me": user.id,
            "command": world.command,
            "users": [
                {"id": each.id, "name": each.name, "roles": list(each.roles), "is_bot": each.is_bot}
                for each in users
            ],
            "groups": [{"id": each.id, "name": each.handle} for each in world.workspace.groups.values()],
            "channels": [
                self._channel(user.id, id_)
                for id_, channel in world.workspace.channels.items()
                if user.id in channel.members
            ],
            "view": world.views.wire(modal) if modal else None,
            "view_errors": modal.errors if modal else {},
            "home": world.views.wire(home) if home else None,
            "toasts": [
                {"id": each.id, "text": each.text, "channel": each.channel, "ts": each.ts} for each in pushes
            ],
        }

    def _channel(self, user: str, id_: str) -> Json:
        channel = self._world.workspace.channels[id_]
        whispered = [each for each in self._world.talk.ephemerals(user) if each.channel == id_]
        return {
            "id": id_,
            "name": self._world.workspace.bot.name if channel.is_im else channel.name,
            "kind": "im" if channel.is_im else "channel",
            "messages": [
                self._message(each, user) | {"thread": self._thread(each, user)}
                for each in self._world.talk.in_channel(id_)
            ],
            "ephemerals": [
                {"id": each.id, "text": each.text, "blocks": each.blocks, "thread_ts": each.thread_ts}
                for each in whispered
            ],
        }

    def _thread(self, message: Message, user: str) -> list[Json]:
        return [self._message(each, user) for each in self._world.talk.replies(message.channel, message.ts)]

    def _message(self, message: Message, user: str) -> Json:
        author = self._world.workspace.users.get(message.user)
        return {
            "ts": message.ts,
            "user": message.user,
            "name": author.name if author else message.user,
            "text": message.text,
            "blocks": message.blocks,
            "thread_ts": message.thread_ts,
            "reply_count": len(self._world.talk.replies(message.channel, message.ts)),
            "edited": message.edited,
            "metadata": message.metadata,
            "broadcast": message.broadcast,
            "files": [_shown(file, user) for file in message.files],
        }

    async def _file(self, request: web.Request) -> web.Response:
        """A file, for somebody who is where it was shared: an image to be shown, anything else to be kept."""
        file = self._world.files.shared(request.match_info["id"])
        channel = self._world.workspace.channels.get(file.channel or "") if file else None
        if file is None or channel is None or request.query.get("user") not in channel.members:
            return web.json_response({"ok": False, "error": "There is no such file for you."}, status=404)
        kept = "inline" if file.is_image else "attachment"
        headers = {
            "Content-Disposition": f"{kept}; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        }
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """A line for every change, a comment when there was none for a while."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        changes = self._world.changes
        seen = -1
        try:
            while not changes.closed:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        seen = await changes.changed(seen)
                    line = f"event: changed\ndata: {json.dumps({'seq': seen})}\n\n"
                except TimeoutError:
                    line = ": still here\n\n"
                await response.write(line.encode())
        except ConnectionResetError:
            pass
        return response

    def _done_by(
        self, act: Callable[[Json], Awaitable[Reply | None]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """A handler for one thing a person does: true, or the sentence that says why not."""

        async def handle(request: web.Request) -> web.Response:
            try:
                body = json.loads(await request.text())
                reply = await act(body)
            except CannotDo as refused:
                return web.json_response({"ok": False, "error": str(refused)})
            except (ValueError, KeyError, TypeError) as wrong:
                return web.json_response({"ok": False, "error": f"Not understood: {wrong}."}, status=400)
            if reply is not None and not reply.ok:
                sentence = f'The app did not answer as it should ("{why(reply)}").'
                return web.json_response({"ok": False, "error": sentence})
            return web.json_response({"ok": True})

        return handle

    async def _click(self, body: Json) -> Reply | None:
        value, option, block_id = body.get("value"), body.get("option"), body.get("block_id")
        view_id = body.get("view_id")
        if view_id is not None:
            return await self._people.click_in_view(
                body["user"], view_id, body["action_id"], value, option=option, block_id=block_id
            )
        return await self._people.click(
            body["user"],
            body["channel"],
            body["ts"],
            body["action_id"],
            value,
            option=option,
            block_id=block_id,
            stale=self._as_seen(body["channel"], body["ts"], block_id),
        )

    def _as_seen(self, channel: str, ts: str, block_id: str | None) -> list[Json] | None:
        """The blocks somebody pressed in, if the message was edited since: Slack sends such a click all the same."""
        message = self._world.talk.find(channel, ts)
        former = message.former[::-1] if message else []
        if message is None or any(block["block_id"] == block_id for block in message.blocks):
            return None
        return next((old for old in former if any(block["block_id"] == block_id for block in old)), None)

    async def _submit(self, body: Json) -> Reply | None:
        return await self._people.submit(body["user"], body["view_id"], body["values"])

    async def _close(self, body: Json) -> Reply | None:
        return await self._people.close_view(body["user"], body["view_id"])

    async def _home(self, body: Json) -> Reply | None:
        return await self._people.open_home(body["user"])

    async def _send(self, body: Json) -> Reply | None:
        if not body["text"].startswith("/"):
            await self._people.say(body["user"], body["channel"], body["text"], body.get("thread_ts"))
            return None
        if body.get("thread_ts"):
            raise CannotDo("Slack has no slash commands in threads. Use a button, or mention the app.")
        return await self._people.slash(body["user"], body["channel"], body["text"])


def _shown(file: File, user: str) -> Json:
    """A file as the page of this person gets it."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "alt": file.alt,
        "size": file.size,
        "is_image": file.is_image,
        "url": f"{FILES}{file.id}?{urlencode({'user': user})}",
    }
