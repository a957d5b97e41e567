"""A Bolt app behind the gate on a free port, and signatures made with the standard library."""

import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientResponse, ClientSession, web
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from handlers.bodies import LARGEST_BODY
from handlers.gate import slack_events
from handlers.web import start

KEY = "signing-secret"
OLD_KEY = "signing-secret-of-yesterday"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CLICK = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "actions": [{"type": "button", "action_id": "press", "block_id": "b", "value": "1"}],
}
COMMAND = {"command": "/charger", "text": "help", "team_id": "T1", "user_id": "U1"}


@dataclass
class Slack:
    """A Bolt app behind the gate, what reached its listeners, and a client that plays Slack."""

    url: str
    http: ClientSession
    reached: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2].strip("/"))

    async def post(self, body: bytes, headers: Mapping[str, str], kind: str = FORM) -> ClientResponse:
        """Post these very bytes."""
        return await self.http.post(
            self.url, data=io.BytesIO(body), headers={"Content-Type": kind, **headers}
        )

    async def click(
        self, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> ClientResponse:
        """A click, rightly signed unless `headers` are given."""
        sent = body or as_form(CLICK)
        return await self.post(sent, sign(sent) if headers is None else headers)


@asynccontextmanager
async def slack(secrets: Sequence[str] = (OLD_KEY, KEY)) -> AsyncIterator[Slack]:
    """A house whose Slack signs with any of these secrets."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B", bot_user_id="UB"
        )

    app = AsyncApp(
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        authorize=authorize,
    )
    server = web.Application(client_max_size=LARGEST_BODY)
    server.add_routes([web.post("/", slack_events(app, [SecretStr(each) for each in secrets]))])
    runner, port = await start(server, "127.0.0.1", 0)
    async with ClientSession() as http:
        opened = Slack(f"http://127.0.0.1:{port}/", http)

        async def listener(ack: AsyncAck, body: dict[str, Any], req: AsyncBoltRequest) -> None:
            opened.reached.append({**body, "headers": req.headers})
            if body.get("text") == "fail":
                raise ConnectionError
            await ack()

        for listen in (app.action("press"), app.command("/charger"), app.event("app_mention")):
            listen(listener)
        yield opened
    await runner.cleanup()


def sign(body: bytes, *, at: float | None = None, key: str = KEY) -> dict[str, str]:
    """The headers of Slack, now or `at` another moment in Unix seconds."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(key.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def as_form(payload: Any) -> bytes:
    """An interaction's body."""
    return urlencode({"payload": json.dumps(payload)}).encode()
