"""A double on a real port, a real Slack client for it, and a tiny real Bolt app that answers it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
from bot.demo.slack.world import Exchange

TOKEN = "xoxb-nobody-may-see-this"
APP_TOKEN = "xapp-nor-this"
SECRET = "shared-with-the-app"
ALL_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)


class RealTime:
    """Real time that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def real_time() -> RealTime:
    return RealTime()


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.of(
        people=[
            ("U1", "Support 1", ["support"]),
            ("U2", "Tech 1", ["technician"]),
            ("U3", "Lead", ["lead"]),
        ],
        groups=[("S1", "on-call", ["U1", "U3"])],
        channels=[("C1", "chargers", ["U1", "U2", "U3"]), ("C2", "quiet", ["U1"])],
    )


Starts = Callable[..., Awaitable[SlackDouble]]


@pytest.fixture
async def start(workspace: Workspace, real_time: RealTime) -> AsyncIterator[Starts]:
    """Starts a double on a free port, with everything allowed unless said otherwise.

    With `app_token` the app is in Socket Mode.
    """
    servers: list[TestServer] = []

    async def go(
        scopes: frozenset[str] = ALL_SCOPES,
        *,
        strict_pace: bool = True,
        app_token: str | None = None,
        events: frozenset[str] | None = None,
    ) -> SlackDouble:
        double = SlackDouble(
            workspace,
            bot_token=TOKEN,
            signing_secret=SECRET,
            app_token=app_token,
            scopes=scopes,
            events=events,
            strict_pace=strict_pace,
            clock=real_time,
        )
        server = TestServer(double.app())
        await server.start_server()
        servers.append(server)
        double.public_url = str(server.make_url("/"))
        return double

    yield go
    for server in servers:
        await server.close()


@pytest.fixture
async def slack(start: Starts) -> SlackDouble:
    """A double that does not count calls."""
    return await start(strict_pace=False)


def client_of(double: SlackDouble, token: str = TOKEN) -> AsyncWebClient:
    """The SDK's client, as the bot has it."""
    return AsyncWebClient(token=token, base_url=f"{double.public_url}/api/", retry_handlers=[])


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    return client_of(slack)


@pytest.fixture
async def bolt(slack: SlackDouble, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """A real Bolt app behind the double; tests add listeners to it."""
    app = AsyncApp(
        client=client,
        signing_secret=SECRET,
        process_before_response=True,
        raise_error_for_unhandled_request=False,
    )

    async def take(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async with serving(slack, take):
        yield app


@asynccontextmanager
async def serving(
    slack: SlackDouble, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> AsyncIterator[None]:
    """An HTTP server in the app's place that gives this answer to everything."""
    application = web.Application()
    application.router.add_post("/slack/events", answer)
    async with TestServer(application) as server:
        slack.bot_url = str(server.make_url("/slack/events"))
        yield


def sent_to_app(slack: SlackDouble) -> list[Exchange]:
    """What went to the app, oldest first."""
    return [each for each in slack.traffic if each.direction == "out"]
