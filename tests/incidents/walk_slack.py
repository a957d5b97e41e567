"""The strict Slack of the demo without a network between: the real client's calls, its weather, who was told what."""

import json as codec
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Literal

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import MovableClock
from bot.demo.slack.api_error import ApiError
from bot.demo.slack.api_gate import Gate
from bot.demo.slack.method import Arguments
from bot.demo.slack.rings import Push
from bot.demo.slack.talk import Message
from bot.demo.slack.web_api import METHODS
from bot.demo.slack.workspace import Workspace
from bot.demo.slack.world import World
from tests.incidents.desk import RULES

TOKEN = "xoxb-nobody-may-see-this"
CHANNEL = RULES.channel
SUPPORT_GROUP, LEAD_GROUP = "S0SUPPORT", "S0LEAD"
MEMBERS: Mapping[str, tuple[str, ...]] = {
    SUPPORT_GROUP: ("U0SUPPORT1", "U0SUPPORT2", "U0BOTH"),
    LEAD_GROUP: ("U0LEAD",),
}
NAMES = {
    "U0SUPPORT1": "Support 1",
    "U0SUPPORT2": "Support 2",
    "U0BOTH": "Both",
    "U0LEAD": "Lead",
    "U0TECH1": "Tech 1",
    "U0TECH2": "Tech 2",
}
SCOPES = frozenset({"channels:history", "chat:write", "im:write", "im:history"})

Weather = Literal["slow down", "busy", "busy after", "cut before", "cut after"]
"""How one call goes wrong: 429, a page of 503 or a cut line, before or after Slack did its work."""


@dataclass
class Post:
    """One message of Relink that stands in Slack: which delivery it is and as of when it shows what it shows."""

    message: Message
    key: str
    version: int
    at: datetime
    seen: Any
    """What the portal could do when it was written."""


@dataclass(frozen=True)
class Told:
    """What one call wrote into Slack, word for word."""

    key: str
    channel: str
    at: datetime
    words: str


@dataclass
class Town:
    """A workspace in which only Relink speaks."""

    clock: MovableClock
    real: MovableClock
    abilities: Callable[[], Any]
    weather: list[Weather] = field(default_factory=list)
    posts: dict[tuple[str, str], Post] = field(default_factory=dict)
    """By channel and ts; also those that somebody deleted since."""
    deleted: set[str] = field(default_factory=set)
    """The deliveries of which a message was deleted."""

    told: list[Told] = field(default_factory=list)
    """Everything written since somebody last looked."""

    def __post_init__(self) -> None:
        people: list[tuple[str, str, list[str]]] = [(id_, name, []) for id_, name in NAMES.items()]
        groups = [(id_, id_.lower(), list(ids)) for id_, ids in MEMBERS.items()]
        channels = [(CHANNEL, "alerts", list(NAMES))]
        workspace = Workspace.of(people=people, groups=groups, channels=channels)
        self.world = World(workspace, SCOPES, self._stamp, "/charger", self._stamp)
        self.gate = Gate(self.world, {"bot": TOKEN}, None)
        self.client = InProcess(self)

    def _stamp(self) -> float:
        return self.real.now().timestamp()

    def pushes(self) -> list[Push]:
        """Every phone that rang."""
        return self.world.talk.pushes()

    def standing(self, key: str) -> list[Post]:
        """The messages of this delivery that can be seen now."""
        return [
            post
            for post in self.posts.values()
            if post.key == key and self.world.talk.find(post.message.channel, post.message.ts) is not None
        ]

    def thread(self, post: Post) -> Iterator[str]:
        """The deliveries in a message's thread, in their order."""
        for reply in self.world.talk.replies(post.message.channel, post.message.ts):
            yield self.posts[reply.channel, reply.ts].key

    def delete(self, key: str) -> None:
        """Somebody deletes what stands there of this delivery."""
        for post in self.standing(key):
            self.world.talk.delete(post.message)
            self.deleted.add(key)

    def wrote(self, channel: str, ts: str) -> None:
        """Remember when what this message shows was written."""
        message = self.world.talk.find(channel, ts)
        assert message is not None
        assert message.metadata is not None
        told = message.metadata["event_payload"]
        key, version, now = told["outgoing"], told["version"], self.clock.now()
        words = codec.dumps((message.text, message.blocks, told), ensure_ascii=False)
        self.told.append(Told(key, channel, now, words))
        self.posts[channel, ts] = Post(message, key, version, now, self.abilities())


class InProcess(AsyncWebClient):
    """The real client up to the point where it would open a connection."""

    def __init__(self, town: Town) -> None:
        super().__init__(TOKEN, retry_handlers=[])
        self._town = town
        self._calls = count()

    async def api_call(  # type: ignore[override]  # the rest of its arguments is never given here
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
    ) -> AsyncSlackResponse:
        """Answer as Slack would over the line, if it holds."""
        town = self._town
        weather = town.weather.pop(0) if town.weather else None
        if weather == "cut before":
            raise aiohttp.ServerDisconnectedError
        if weather == "slow down":
            raise self._error(api_method, 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"})
        if weather == "busy":
            raise self._error(api_method, 503, {}, {})
        given = params if json is None else json
        values = codec.loads(
            codec.dumps({name: value for name, value in (given or {}).items() if value is not None})
        )
        try:
            body = self._answer(api_method, Arguments(values))
        except ApiError as wrong:
            raise self._error(api_method, 200, wrong.body(), {}) from wrong
        if weather == "busy after":
            raise self._error(api_method, 503, {}, {})
        if weather == "cut after":
            raise aiohttp.ServerDisconnectedError
        return self._response(api_method, 200, codec.loads(codec.dumps(body)), {})

    def _answer(self, name: str, arguments: Arguments) -> dict[str, Any]:
        town = self._town
        method = METHODS[name]
        town.gate.check(name, method, TOKEN, arguments)
        body = method.run(town.world, arguments)
        if name in {"chat.postMessage", "chat.update"}:
            town.wrote(body["channel"], body["ts"])
        return body

    def _error(
        self, method: str, status: int, body: dict[str, Any], headers: dict[str, str]
    ) -> SlackApiError:
        return SlackApiError("no", self._response(method, status, body, headers))  # type: ignore[no-untyped-call]  # not typed there

    def _response(
        self, method: str, status: int, body: dict[str, Any], headers: dict[str, str]
    ) -> AsyncSlackResponse:
        return AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=f"https://slack.example/api/{method}",
            req_args={},
            data=body,
            headers=headers,
            status_code=status,
        )
