"""conversations.*: channels, direct messages and what stands in them."""

from collections.abc import Sequence

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World

MOST_AT_ONCE = 999


def info(world: World, arguments: Arguments) -> Json:
    """What a channel is and whether the app is in it."""
    channel = world.channel(arguments.text("channel"))
    shared = world.workspace.is_shared_outside(channel)
    body: Json = {
        "id": channel.id,
        "is_channel": channel.scope_kind == "channels",
        "is_group": channel.scope_kind == "groups",
        "is_im": channel.is_im,
        "is_private": channel.is_private or channel.is_im,
        "is_archived": channel.is_archived,
        "is_shared": shared,
        "is_ext_shared": shared,
    }
    if channel.is_im:
        body |= {"user": channel.im_with}
    else:
        body |= {"name": channel.name, "name_normalized": channel.name, "is_member": world.is_in(channel)}
    return {"ok": True, "channel": body}


def open_im(world: World, arguments: Arguments) -> Json:
    """The direct message with one person."""
    users = arguments.text("users").split(",")
    if len(users) > 1:
        raise ApiError("missing_scope", needed="mpim:write", provided=",".join(sorted(world.scopes)))
    user = world.workspace.users.get(users[0])
    if user is None or user.is_bot:
        raise ApiError("user_not_found")
    if user.deleted:
        raise ApiError("user_disabled")
    known = user.id in world.workspace.ims
    channel = world.workspace.open_im(user.id)
    body: Json = {"ok": True, "channel": {"id": channel.id}}
    return body | ({"no_op": True, "already_open": True} if known else {})


def _page(world: World, messages: Sequence[Message], arguments: Arguments) -> Json:
    """The part of `messages` that was asked for, and a cursor if there is more."""
    most = arguments.number("limit", 100)
    if not 1 <= most <= MOST_AT_ONCE:
        raise ApiError("invalid_limit")
    oldest, latest = arguments.maybe("oldest") or "0", arguments.maybe("latest") or "9" * 12
    inclusive = arguments.flag("inclusive")
    asked = [
        each
        for each in messages
        if float(oldest) < float(each.ts) < float(latest) or (inclusive and each.ts in (oldest, latest))
    ]
    cursor = arguments.maybe("cursor") or "after:0"
    if not cursor.startswith("after:") or not cursor.removeprefix("after:").isdecimal():
        raise ApiError("invalid_cursor")
    start = int(cursor.removeprefix("after:"))
    metadata = arguments.flag("include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [world.talk.wire(each, with_metadata=metadata) for each in asked[start : start + most]],
        "has_more": start + most < len(asked),
    }
    if answer["has_more"]:
        answer["response_metadata"] = {"next_cursor": f"after:{start + most}"}
    return answer


def history(world: World, arguments: Arguments) -> Json:
    """The channel's messages, newest first; thread replies only if they were sent to the channel too."""
    channel = world.joined(arguments.text("channel")).id
    return _page(world, world.talk.in_channel(channel)[::-1], arguments)


def replies(world: World, arguments: Arguments) -> Json:
    """A message and its thread, oldest first."""
    channel = world.joined(arguments.text("channel")).id
    parent = world.talk.find(channel, arguments.text("ts"))
    if parent is None:
        raise ApiError("thread_not_found")
    return _page(world, [parent, *world.talk.replies(channel, parent.ts)], arguments)


_PAGED = "limit cursor oldest latest inclusive include_all_metadata"
METHODS = {
    "conversations.info": Method(info, "{kind}:read", needs="channel"),
    "conversations.open": Method(open_im, "im:write", needs="users"),
    "conversations.history": Method(history, "{kind}:history", needs="channel", takes=_PAGED),
    "conversations.replies": Method(replies, "{kind}:history", needs="channel ts", takes=_PAGED),
}
