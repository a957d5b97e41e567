"""Everything that was said: messages, threads, ephemeral answers, and the phones that rang for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.demo.slack.changes import Changes
from bot.demo.slack.file_book import File
from bot.demo.slack.rings import Push, who_is_rung
from bot.demo.slack.workspace import Json, Workspace

FORMER_KEPT = 10


@dataclass
class Message:
    """A message as it is now. `thread_ts` is set on replies only."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    broadcast: bool = False
    edited: bool = False
    files: Sequence[File] = ()
    former: list[list[Json]] = field(default_factory=list)
    """Its blocks before the last edits, the newest last: a client may show them for a moment yet."""


@dataclass
class Ephemeral:
    """A message only `user` sees, until the page is loaded anew. `id` takes the place of a ts."""

    id: str
    user: str
    channel: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None


class Talk:
    """What stands in every channel. Knows nothing of rights and limits: those were checked before."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float], changes: Changes) -> None:
        self._workspace = workspace
        self._clock = clock
        self._changes = changes
        self._messages: dict[str, dict[str, Message]] = {}
        self._last_ts = (0, 0)
        self._block_ids = count(1)
        self._push_ids = count(1)
        self._ephemerals: dict[str, Ephemeral] = {}
        self._pushes: list[Push] = []

    def new_ts(self) -> str:
        """A time stamp like Slack's, unique and growing, also while the clock stands still."""
        now = self._clock()
        stamp = max((int(now), int(now % 1 * 1_000_000)), (self._last_ts[0], self._last_ts[1] + 1))
        self._last_ts = stamp
        return f"{stamp[0]}.{stamp[1]:06d}"

    def with_block_ids(self, blocks: list[Json]) -> list[Json]:
        """The blocks as Slack keeps them: each with a block id, made up where the app gave none."""
        return [
            {**block, "block_id": block.get("block_id") or f"b{next(self._block_ids)}"} for block in blocks
        ]

    def post(
        self,
        channel: str,
        user: str,
        text: str,
        *,
        blocks: list[Json] | None = None,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        broadcast: bool = False,
        files: Sequence[File] = (),
    ) -> Message:
        """A new message or thread reply; rings whom it mentions."""
        kept = self.with_block_ids(blocks or [])
        message = Message(channel, self.new_ts(), user, text, kept, thread_ts, metadata, broadcast)
        message.files = files
        self._messages.setdefault(channel, {})[message.ts] = message
        where = self._workspace.channels[channel]
        shown = text or ", ".join(file.title for file in files)
        for who in who_is_rung(self._workspace, where, user, text, kept):
            self._pushes.append(Push(next(self._push_ids), who, shown, channel, message.ts))
        self._changes.note()
        return message

    def edit(self, message: Message, text: str, blocks: list[Json], metadata: Json | None = None) -> None:
        """Put new content in the place of the old; metadata stays unless new is given. Rings nobody."""
        message.former = [*message.former, message.blocks][-FORMER_KEPT:]
        message.text, message.blocks = text, self.with_block_ids(blocks)
        message.metadata = metadata if metadata is not None else message.metadata
        # Slack marks only text edits; a message of blocks changes without a trace.
        message.edited = message.edited or not blocks
        self._changes.note()

    def delete(self, message: Message) -> None:
        """Take a message away."""
        del self._messages[message.channel][message.ts]
        self._changes.note()

    def find(self, channel: str, ts: str) -> Message | None:
        """The message with this ts, thread replies included."""
        return self._messages.get(channel, {}).get(ts)

    def in_channel(self, channel: str) -> list[Message]:
        """What the channel shows, oldest first: no thread replies but those also sent to the channel."""
        return [each for each in self.everything(channel) if each.thread_ts is None or each.broadcast]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """The replies of one thread, oldest first, without its first message."""
        return [each for each in self.everything(channel) if each.thread_ts == ts]

    def everything(self, channel: str) -> list[Message]:
        """Every message of the channel, replies included, oldest first."""
        return list(self._messages.get(channel, {}).values())

    def whisper(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        blocks: list[Json] | None = None,
        thread_ts: str | None = None,
    ) -> Ephemeral:
        """A message only `user` sees."""
        kept = self.with_block_ids(blocks or [])
        ephemeral = Ephemeral(self.new_ts(), user, channel, text, kept, thread_ts)
        self._ephemerals[ephemeral.id] = ephemeral
        self._changes.note()
        return ephemeral

    def reword(self, ephemeral: Ephemeral, text: str, blocks: list[Json]) -> None:
        """Replace an ephemeral message, through its response URL."""
        ephemeral.text, ephemeral.blocks = text, self.with_block_ids(blocks)
        self._changes.note()

    def hush(self, ephemeral: Ephemeral) -> None:
        """Take an ephemeral message away."""
        self._ephemerals.pop(ephemeral.id, None)
        self._changes.note()

    def whispered(self, id_: str) -> Ephemeral | None:
        """The ephemeral message with this id."""
        return self._ephemerals.get(id_)

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What only this user sees, oldest first."""
        return [each for each in self._ephemerals.values() if each.user == user]

    def pushes(self) -> list[Push]:
        """Every phone that rang, in order."""
        return list(self._pushes)

    def wire(self, message: Message, *, with_metadata: bool = True) -> Json:
        """The message as Slack's API and payloads show it."""
        workspace = self._workspace
        body: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
        body["team"] = workspace.team_id
        if message.user == workspace.bot_user_id:
            body |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        if message.blocks:
            body["blocks"] = message.blocks
        if message.files:
            body["files"] = [file.wire() for file in message.files]
        if message.edited:
            body["edited"] = {"user": message.user, "ts": message.ts}
        if message.metadata is not None and with_metadata:
            body["metadata"] = message.metadata
        if message.thread_ts is not None:
            body |= {"thread_ts": message.thread_ts, "parent_user_id": self._author(message)}
            if message.broadcast:
                body["subtype"] = "thread_broadcast"
            return body
        replies = self.replies(message.channel, message.ts)
        if replies:
            body |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
        return body

    def _author(self, reply: Message) -> str:
        parent = self.find(reply.channel, str(reply.thread_ts))
        return parent.user if parent else ""
