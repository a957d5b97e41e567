"""Whose phone rings for a new message. An edit never rings, an ephemeral message never rings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.slack.workspace import Channel, Workspace

_MENTIONS = re.compile(
    r"<@(?P<user>[UW]\w+)(?:\|[^>]*)?>|<!subteam\^(?P<group>S\w+)(?:\|[^>]*)?>"
    r"|<!(?P<all>here|channel|everyone)(?:\|[^>]*)?>"
)


@dataclass(frozen=True)
class Push:
    """One phone that rang: whose, what it showed, and for which message."""

    id: int
    who: str
    text: str
    channel: str
    ts: str


@dataclass(frozen=True)
class _Mention:
    kind: str
    id: str


def _in_text(text: str) -> Iterator[_Mention]:
    for found in _MENTIONS.finditer(text):
        kind = str(found.lastgroup)
        yield _Mention(kind, found.group(kind))


def _in_blocks(part: object) -> Iterator[_Mention]:
    """Mentions in mrkdwn and in rich text; plain text mentions nobody."""
    if isinstance(part, list):
        for each in part:
            yield from _in_blocks(each)
    elif isinstance(part, dict):
        match part:
            case {"type": "mrkdwn", "text": str(text)}:
                yield from _in_text(text)
            case {"type": "user", "user_id": str(id_)}:
                yield _Mention("user", id_)
            case {"type": "usergroup", "usergroup_id": str(id_)}:
                yield _Mention("group", id_)
            case {"type": "broadcast"}:
                yield _Mention("all", "")
            case _:
                for each in part.values():
                    yield from _in_blocks(each)


def who_is_rung(workspace: Workspace, channel: Channel, author: str, text: str, blocks: object) -> list[str]:
    """The ids of the people a new message rings: members it mentions, or the partner of a direct message."""
    rung: set[str] = set(channel.members) if channel.is_im else set()
    for mention in (*_in_text(text), *_in_blocks(blocks)):
        if mention.kind == "user":
            rung.add(mention.id)
        elif mention.kind == "group":
            group = workspace.groups.get(mention.id)
            rung.update(group.members if group and not group.disabled else ())
        else:
            rung.update(channel.members)
    people = (workspace.users[id_] for id_ in sorted(rung & channel.members) if id_ in workspace.users)
    return [user.id for user in people if user.id != author and not user.is_bot and not user.deleted]
