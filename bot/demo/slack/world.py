"""Everything the double knows: the workspace, what was said, what is open, what was handed out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.changes import Changes
from bot.demo.slack.file_book import FileBook
from bot.demo.slack.passes import ResponseUrls, Tickets, Triggers
from bot.demo.slack.talk import Message, Talk
from bot.demo.slack.view_book import ViewBook
from bot.demo.slack.workspace import HOME_DOMAIN, Channel, Json, Workspace

TRAFFIC_KEPT = 10_000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer: `in` from the app to Slack, `out` from Slack to the app. Holds no token."""

    direction: Literal["in", "out"]
    name: str
    request: Json
    status: int | None
    """None: the app did not answer in time, or could not be reached."""
    answer: object
    at: float
    retry: int = 0


@dataclass
class World:
    """State shared by the Web API, the people and the page."""

    workspace: Workspace
    scopes: frozenset[str]
    clock: Callable[[], float]
    command: str
    stamps: Callable[[], float]
    """The time that messages carry: the demo's clock, where it is moved by hand."""
    events: frozenset[str] | None = None
    """The kinds of messages the app subscribed to; None: all that its scopes allow."""
    public_url: str = ""
    """Where the app reaches this server, without a slash at the end; response URLs start with it."""
    own_message: Callable[[Message, bool], None] | None = None
    """Told of every message the app posts or edits (True) by chat.*, where the app is to hear its own voice."""
    traffic: list[Exchange] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self) -> None:
        self.talk = Talk(self.workspace, self.stamps, self.changes)
        self.views = ViewBook(self.workspace, self.changes, self.talk.with_block_ids)
        self.triggers = Triggers(self.clock)
        self.response_urls = ResponseUrls(self.clock)
        self.tickets = Tickets()
        self.files = FileBook(self.clock)

    def record(self, exchange: Exchange) -> None:
        """Remember an exchange; the oldest are forgotten."""
        self.traffic.append(exchange)
        del self.traffic[:-TRAFFIC_KEPT]

    def said(self, message: Message, *, edited: bool = False) -> None:
        """The app has said something."""
        if self.own_message is not None:
            self.own_message(message, edited)

    def channel(self, id_: str) -> Channel:
        """A channel the app can see at all; a private one it is not in looks like none."""
        channel = self.workspace.channels.get(id_)
        hidden = channel is not None and channel.scope_kind != "channels" and not self.is_in(channel)
        if channel is None or hidden:
            raise ApiError("channel_not_found")
        return channel

    def joined(self, id_: str) -> Channel:
        """A channel the app is a member of."""
        channel = self.channel(id_)
        if not self.is_in(channel):
            raise ApiError("not_in_channel")
        return channel

    def writable(self, id_: str) -> Channel:
        """A channel the app may write to."""
        channel = self.channel(id_)
        if channel.is_archived:
            raise ApiError("is_archived")
        return self.joined(id_)

    def is_in(self, channel: Channel) -> bool:
        """Whether the app is a member."""
        return self.workspace.bot_user_id in channel.members

    def response_url(self, user: str, channel: str, source: str | None = None) -> str:
        """A new response URL for something this user did in this channel."""
        return f"{self.public_url}/respond/{self.response_urls.issue(user, channel, source)}"

    def permalink(self, channel: str, ts: str, thread_ts: str | None) -> str:
        """The address of a message."""
        link = f"https://{HOME_DOMAIN}/archives/{channel}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread_ts}&cid={channel}" if thread_ts else link
