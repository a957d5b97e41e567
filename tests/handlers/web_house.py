"""A real web server on a free port, over a real database, for the tests of what comes in over HTTP."""

import base64
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import ClientResponse, ClientSession
from standardwebhooks.webhooks import Webhook

from bot.clock import MovableClock, SystemClock
from bot.config import Settings, load_settings
from bot.deps import Deps
from bot.incidents.rules import Rules
from bot.metrics import Metrics
from bot.runbook.load import SHIPPED
from db.writer import Database
from handlers.doorman import Patience
from handlers.gate import Handler
from handlers.web import start, web_app
from tests.runbook.procedures import load

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another of 24 bytes.....").decode()
TOKEN = "portal-token"


def settings(**given: Any) -> Settings:
    """Settings that are complete; `given` changes some."""
    complete = {
        "slack_bot_token": "xoxb-1",
        "slack_signing_secret": "signing-secret",
        "alert_secrets": SECRET,
        "alert_tokens": f"portal:{TOKEN}",
        "alert_channel": "C0ALERTS",
        "support_group": "S0SUPPORT",
    }
    return load_settings(_env_file=None, **(complete | given))


@dataclass
class House:
    """The server's address, what it was given, and a client."""

    deps: Deps
    url: str
    http: ClientSession
    nudges: list[None] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def post(self, body: bytes, headers: Mapping[str, str]) -> ClientResponse:
        """Post these very bytes as JSON to /alerts; `headers` go on top."""
        return await self.http.post(
            f"{self.url}/alerts",
            data=io.BytesIO(body),
            headers={"Content-Type": "application/json", **headers},
        )

    async def send(self, content: Any, token: str = TOKEN) -> ClientResponse:
        """Post this content as the sender with that token."""
        return await self.post(json.dumps(content).encode(), bearer(token))


def bearer(token: str) -> dict[str, str]:
    """The header of a sender that cannot sign."""
    return {"Authorization": f"Bearer {token}"}


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """The headers of a sender that signs, now or `at` another moment."""
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", moment, body.decode()),
    }


def alert(**changes: Any) -> dict[str, Any]:
    """A raised alert of a station; `changes` replace its fields, `station` only parts of the station."""
    station = {"serial": "CT4G-20117", "name": "Garage B 4", "site": "Pier 9"} | changes.pop("station", {})
    plain = {
        "alert_id": "a-1",
        "code": "CP-ERR-WIFI",
        "status": "raised",
        "raised_at": "2026-11-22T08:10:00Z",
    }
    return plain | {"station": station} | changes


@asynccontextmanager
async def open_house(
    db: Database, *, slack: Handler | None = None, patience: Patience | None = None, **given: Any
) -> AsyncIterator[House]:
    """Serve the web application over this database until the block ends."""
    configured = settings(**given)
    nudges: list[None] = []
    unused = cast(Any, None)
    deps = Deps(
        settings=configured,
        db=db,
        slack=unused,
        portal=unused,
        abilities=unused,
        directory=unused,
        rules=Rules(load(SHIPPED), configured.timings.by_name(), configured.alert_channel),
        render=unused,
        metrics=Metrics(),
        tasks=unused,
        clock=MovableClock(NOON),
        real=SystemClock(),
        nudge=lambda: nudges.append(None),
    )
    runner, port = await start(web_app(deps, slack), "127.0.0.1", 0, patience=patience)
    async with ClientSession() as http:
        yield House(deps, f"http://127.0.0.1:{port}", http, nudges)
    await runner.cleanup()


async def problem(response: ClientResponse) -> dict[str, Any]:
    """The problem document of an error; asserts that it is one and fits the status."""
    assert response.content_type == "application/problem+json"
    content: dict[str, Any] = await response.json(content_type=None)
    assert content["status"] == response.status
    assert {"type", "title", "detail"} <= content.keys()
    return content


async def outcomes(response: ClientResponse) -> Sequence[str]:
    """What became of each alert of a batch that was taken."""
    assert response.status == 202, await response.text()
    return [result["outcome"] for result in (await response.json())["results"]]
