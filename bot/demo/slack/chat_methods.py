"""chat.*: what the app says."""

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.content import read_content
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World


def thread_of(world: World, channel: str, arguments: Arguments) -> str | None:
    """The thread a message goes to: the ts of a message that stands and is no reply itself."""
    thread_ts = arguments.maybe("thread_ts")
    if thread_ts is None:
        return None
    parent = world.talk.find(channel, thread_ts)
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.thread_ts is not None:
        raise ApiError("cannot_reply_to_message")
    return thread_ts


def post_message(world: World, arguments: Arguments) -> Json:
    """A new message, in a channel, a direct message or a thread."""
    channel = world.writable(arguments.text("channel")).id
    content = read_content(arguments.values)
    thread_ts = thread_of(world, channel, arguments)
    broadcast = arguments.flag("reply_broadcast")
    if broadcast and thread_ts is None:
        raise ApiError("invalid_arguments", ["[ERROR] reply_broadcast needs a thread_ts"])
    message = world.talk.post(
        channel,
        world.workspace.bot_user_id,
        content.text,
        blocks=content.blocks,
        thread_ts=thread_ts,
        metadata=content.metadata,
        broadcast=broadcast,
    )
    world.said(message)
    answer: Json = {"ok": True, "channel": channel, "ts": message.ts, "message": world.talk.wire(message)}
    if content.cut:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


def _own(world: World, arguments: Arguments, ts: str, error: str) -> Message:
    """A message of the app itself."""
    channel = world.writable(arguments.text("channel")).id
    message = world.talk.find(channel, ts)
    if message is None:
        raise ApiError("message_not_found")
    if message.user != world.workspace.bot_user_id:
        raise ApiError(error)
    return message


def update(world: World, arguments: Arguments) -> Json:
    """New content for one of the app's own messages; a text without blocks removes the blocks."""
    message = _own(world, arguments, arguments.text("ts"), "cant_update_message")
    content = read_content(arguments.values, for_update=True)
    world.talk.edit(message, content.text, content.blocks, content.metadata)
    message.broadcast = message.broadcast or (
        message.thread_ts is not None and arguments.flag("reply_broadcast")
    )
    world.said(message, edited=True)
    body = world.talk.wire(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text, "message": body}


def delete(world: World, arguments: Arguments) -> Json:
    """Take one of the app's own messages away."""
    message = _own(world, arguments, arguments.text("ts"), "cant_delete_message")
    world.talk.delete(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def post_ephemeral(world: World, arguments: Arguments) -> Json:
    """A message for one member's eyes."""
    channel = world.writable(arguments.text("channel"))
    user = arguments.text("user")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    content = read_content(arguments.values)
    thread_ts = thread_of(world, channel.id, arguments)
    whispered = world.talk.whisper(user, channel.id, content.text, blocks=content.blocks, thread_ts=thread_ts)
    return {"ok": True, "message_ts": whispered.id}


def get_permalink(world: World, arguments: Arguments) -> Json:
    """The address of a message."""
    channel = world.channel(arguments.text("channel")).id
    message = world.talk.find(channel, arguments.text("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    link = world.permalink(channel, message.ts, message.thread_ts)
    return {"ok": True, "channel": channel, "permalink": link}


METHODS = {
    "chat.postMessage": Method(
        post_message,
        "chat:write",
        needs="channel",
        takes="text blocks metadata thread_ts reply_broadcast unfurl_links unfurl_media",
    ),
    "chat.update": Method(
        update, "chat:write", needs="channel ts", takes="text blocks metadata reply_broadcast"
    ),
    "chat.delete": Method(delete, "chat:write", needs="channel ts"),
    "chat.postEphemeral": Method(
        post_ephemeral, "chat:write", needs="channel user", takes="text blocks thread_ts"
    ),
    "chat.getPermalink": Method(get_permalink, needs="channel message_ts"),
}
