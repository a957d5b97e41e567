"""A Slack of our own: strict where Slack is strict, for tests and for the demo alike.

    double = SlackDouble(workspace, bot_token=token, signing_secret=secret, scopes=frozenset({"chat:write"}))
    double.mount(application)                       # /api/<method>, /respond/, /upload/, /link/, /demo/
    double.public_url = "http://127.0.0.1:8484"     # where the app reaches that application
    double.bot_url = "http://127.0.0.1:8484/slack/events"

The app's client then uses `base_url=public_url + "/api/"`. With `app_token` the app is in Socket Mode: everything
goes over the sockets that it opens, nothing to `bot_url`.
"""

import time
from collections.abc import Callable
from email.utils import formatdate

from aiohttp import web

from bot.demo.slack.api_gate import Gate, Pace
from bot.demo.slack.delivery import Deliverer, HttpWire, Wire
from bot.demo.slack.page_api import PageApi
from bot.demo.slack.people_side import PeopleSide
from bot.demo.slack.rings import Push
from bot.demo.slack.sockets import Sockets
from bot.demo.slack.talk import Ephemeral, Message
from bot.demo.slack.view_book import View
from bot.demo.slack.web_api import WebApi
from bot.demo.slack.workspace import Workspace
from bot.demo.slack.world import Exchange, World
from bot.tasks import Tasks


class SlackDouble(PeopleSide):
    """The server, the people (see PeopleSide) and a view of everything that happened.

    `clock` gives real time in seconds since 1970, for triggers, response URLs and pace, and for the ts of
    messages unless `stamps` gives another time for those;
    `strict_pace=False` lets the app call as often as it likes; `events` are those it subscribed to (None: all that
    its scopes allow). With `echoes` what the app posts and edits comes to it as an event, if it subscribed to that;
    as in Slack, but each costs a delivery, and few tests wait for one.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_token: str,
        signing_secret: str,
        app_token: str | None = None,
        scopes: frozenset[str],
        events: frozenset[str] | None = None,
        bot_url: str = "",
        command: str = "/charger",
        strict_pace: bool = True,
        clock: Callable[[], float] = time.time,
        stamps: Callable[[], float] | None = None,
        echoes: bool = False,
    ) -> None:
        self.workspace = workspace
        world = World(workspace, scopes, clock, command, stamps or clock, events)
        self.sockets = Sockets(world)
        self._http = HttpWire(bot_url, signing_secret)
        self._wire: Wire = self._http if app_token is None else self.sockets
        super().__init__(world, Deliverer(world, self._wire))
        self.ahead = 0.0
        """By how many seconds Slack's own clock is ahead of `clock`."""
        self._echoing = Tasks()
        if echoes:
            world.own_message = self._echo
        tokens = {"bot": bot_token} | ({} if app_token is None else {"app": app_token})
        api = WebApi(world, Gate(world, tokens, Pace(clock) if strict_pace else None))
        self._routes = [*api.routes(), *self.sockets.routes(), *PageApi(world, self).routes()]

    @property
    def bot_url(self) -> str:
        """Where the app takes events, clicks and commands, e.g. http://127.0.0.1:8080/slack/events."""
        return self._http.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self._http.bot_url = url

    @property
    def public_url(self) -> str:
        """Where the app reaches the double, without a slash at the end; response URLs start with it."""
        return self._world.public_url

    @public_url.setter
    def public_url(self, url: str) -> None:
        self._world.public_url = url.rstrip("/")

    @property
    def patience(self) -> float:
        """How many seconds the app has to answer; Slack's three unless a test is in a hurry."""
        return self._wire.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._wire.patience = seconds

    # Serving

    def mount(self, application: web.Application) -> None:
        """Add the routes to an application, and close what is open when that ends."""
        application.add_routes(self._routes)
        application.on_response_prepare.append(self._date)
        application.on_shutdown.append(self._let_go)
        application.on_cleanup.append(self._close)

    def app(self) -> web.Application:
        """The double as an application of its own, or to be added below a prefix with `add_subapp`."""
        application = web.Application()
        self.mount(application)
        return application

    async def _date(self, request: web.Request, response: web.StreamResponse) -> None:
        """Slack's time stands in the head of each of its answers."""
        if request.path.startswith("/api/"):
            response.headers["Date"] = formatdate(self._world.clock() + self.ahead, usegmt=True)

    async def _let_go(self, _: web.Application) -> None:
        self._world.own_message = None
        await self._echoing.drain(within=0)
        self._world.changes.close()
        await self.sockets.close()

    async def _close(self, _: web.Application) -> None:
        await self._wire.close()

    def _echo(self, message: Message, edited: bool) -> None:
        place = self.workspace.channels[message.channel]
        if f"{place.scope_kind}:history" in self._world.scopes and self._hears("message", place):
            payloads = self._payloads
            told = payloads.edited(place, message) if edited else payloads.message("message", place, message)
            self._echoing.spawn(self._deliverer.event(told))

    # Looking

    @property
    def traffic(self) -> list[Exchange]:
        """Every request and answer in both directions, oldest first, without tokens."""
        return self._world.traffic

    @property
    def seq(self) -> int:
        """Grows with every change."""
        return self._world.changes.seq

    async def changed(self, after_seq: int) -> int:
        """Wait for a change after `after_seq`; gives the newest number."""
        return await self._world.changes.changed(after_seq)

    def on_change(self, watch: Callable[[int], None]) -> None:
        """Call `watch(seq)` after every change."""
        self._world.changes.on_change(watch)

    def messages(self, channel: str) -> list[Message]:
        """What the channel shows, oldest first."""
        return self._world.talk.in_channel(channel)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies to one message, oldest first."""
        return self._world.talk.replies(channel, ts)

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What only this person sees, oldest first."""
        return self._world.talk.ephemerals(user)

    def open_view(self, user: str) -> View | None:
        """The modal in front of this person."""
        return self._world.views.top(user)

    def home(self, user: str) -> View | None:
        """The Home tab of this person, once published."""
        return self._world.views.home(user)

    def im(self, user: str) -> str | None:
        """The id of the direct message between this person and the app, once opened."""
        return self.workspace.ims.get(user)

    def pushes(self, who: str | None = None) -> list[Push]:
        """Every phone that rang (of one person, if `who` is given), in order."""
        return [each for each in self._world.talk.pushes() if who in (None, each.who)]
