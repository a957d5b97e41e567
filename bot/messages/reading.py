"""A message as plain text, for a terminal: dates by a zone's clock, no markup."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from bot.messages.render import Message
from bot.messages.text import TOKEN, unescaped

_BOLD: Final = re.compile(r"\*(.+?)\*")


def as_text(message: Message, zone: tzinfo) -> str:
    """The words of a message of ours, block by block."""
    return "\n\n".join(text for block in message.blocks if (text := "\n".join(_texts(block, zone)).strip()))


def _texts(part: Any, zone: tzinfo) -> Iterator[str]:
    match part:
        case {"type": "rich_text_section", "elements": elements}:
            yield "".join(_element(each, zone) for each in elements)
        case {"type": "mrkdwn", "text": text}:
            yield unescaped(TOKEN.sub(lambda token: _token(token, zone), _BOLD.sub(r"\1", text)))
        case {"type": "plain_text", "text": text}:
            yield text
        case list():
            for each in part:
                yield from _texts(each, zone)
        case dict():
            for each in part.values():
                yield from _texts(each, zone)


def _element(element: Any, zone: tzinfo) -> str:
    if element["type"] == "date":
        return _moment(element["timestamp"], element["format"], zone)
    return str(
        element.get("text")
        or element.get("user_id")
        or element.get("usergroup_id")
        or element.get("channel_id")
    )


def _token(token: re.Match[str], zone: tzinfo) -> str:
    if token["unix"]:
        return _moment(int(token["unix"]), token["format"], zone)
    return token["words"] or token["user"] or token["group"] or token["channel"]


def _moment(unix: int, form: str, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(unix, UTC).astimezone(zone)
    return f"{at:%H:%M}" if form == "{time}" else f"{at:%d %b %H:%M}"
