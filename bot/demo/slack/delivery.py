"""How Slack reaches the app: one seam (`Wire`), signed HTTP behind it; `sockets` has Socket Mode."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, Protocol
from urllib.parse import urlencode

import aiohttp

from bot.demo.slack.workspace import Json
from bot.demo.slack.world import Exchange, World
from bot.messages import limits

Kind = Literal["interactive", "slash_commands", "events_api"]


@dataclass(frozen=True)
class Reply:
    """What the app answered; `status` is None when it was not reached or took longer than three seconds.

    Over a socket an ack is 200, and one that Slack would not take is 400.
    """

    status: int | None
    body: object = ""
    """Parsed JSON, or the text if it is none."""
    timed_out: bool = False
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether Slack counts the delivery as answered."""
        return self.status == HTTPStatus.OK


class Wire(Protocol):
    """Carries one payload to the app and its answer back."""

    patience: float
    """How many seconds the app has for its answer."""

    async def send(self, kind: Kind, payload: Json, retry: int = 0, reason: str = "") -> Reply:
        """Deliver `payload`; `retry` counts from 1 when it was sent before and failed for `reason`."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class HttpWire:
    """Signed POSTs to the app's URL. They carry the machine's time: the app compares it with its own."""

    def __init__(self, bot_url: str, signing_secret: str, patience: float = limits.ANSWER_SECONDS) -> None:
        self.bot_url = bot_url
        self.patience = patience
        self._secret = signing_secret.encode()
        self._session: aiohttp.ClientSession | None = None

    async def send(self, kind: Kind, payload: Json, retry: int = 0, reason: str = "") -> Reply:
        """POST as Slack does: events as JSON, everything else as a form."""
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, **self._signed(body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(self.patience),
                self._session.post(self.bot_url, data=body, headers=headers) as answer,
            ):
                text = await answer.text()
                return Reply(
                    answer.status, _decoded(text), no_retry=answer.headers.get("X-Slack-No-Retry") == "1"
                )
        except TimeoutError:
            return Reply(None, timed_out=True)
        except aiohttp.ClientError as trouble:
            return Reply(None, str(trouble))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _signed(self, body: bytes) -> Mapping[str, str]:
        stamp = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: Kind, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


class Deliverer:
    """Sends payloads over the wire, repeats events, and remembers what went each way."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire

    async def interact(self, payload: Json) -> Reply:
        """A click, a form, a shortcut: sent once, lost if nobody answers."""
        return await self._send("interactive", payload["type"], payload)

    async def command(self, fields: Json) -> Reply:
        """A slash command: sent once."""
        return await self._send("slash_commands", fields["command"], fields)

    async def event(self, payload: Json) -> Reply:
        """An event: repeated up to three times, here at once, until it is answered."""
        name = payload["event"]["type"]
        reply = await self._send("events_api", name, payload)
        for retry in range(1, limits.EVENT_RETRIES + 1):
            if reply.ok or reply.no_retry:
                break
            reason = "http_timeout" if reply.timed_out else "http_error"
            reply = await self._send("events_api", name, payload, retry, reason)
        return reply

    async def _send(self, kind: Kind, name: str, payload: Json, retry: int = 0, reason: str = "") -> Reply:
        reply = await self._wire.send(kind, payload, retry, reason)
        at = self._world.clock()
        self._world.record(Exchange("out", name, payload, reply.status, reply.body, at, retry))
        return reply
