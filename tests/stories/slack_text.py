"""What a person reads in blocks: every word, dates as a clock in UTC, links as words and address.

Mentions are read as @id, channels as #id.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

_DATE = re.compile(r"<!date\^(?P<unix>-?\d+)\^(?P<form>[^|<>^]+)\|[^|<>]+>")
_LINK = re.compile(r"<(?P<url>https?://[^|<>]+)\|(?P<words>[^|<>]+)>")
_MENTION = re.compile(r"<(?:@|!subteam\^)(?P<id>[A-Z0-9]+)>")
_CHANNEL = re.compile(r"<(?P<id>#[CG][A-Z0-9]+)>")


def clock(moment: datetime) -> str:
    """`03:28`, or `03:28:15` where the seconds matter."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def plain(text: str) -> str:
    """Mrkdwn as it is read: dates as a clock in UTC ("since 02:58" where Slack counts), mentions as @id."""
    return (
        _CHANNEL.sub(
            r"\g<id>", _MENTION.sub(r"@\g<id>", _LINK.sub(r"\g<words> (\g<url>)", _DATE.sub(_date, text)))
        )
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )


def words(blocks: Any) -> str:
    """Every text in some blocks, a line each, without their buttons."""
    return "\n".join(_texts(blocks))


def labels(blocks: Any) -> list[str]:
    """What the buttons in some blocks say, the entries of their menus in brackets."""
    found = []
    for element in (
        element for block in blocks if block["type"] == "actions" for element in block["elements"]
    ):
        if element["type"] == "overflow":
            found += [f"({option['text']['text']})" for option in element["options"]]
        else:
            found.append(element["text"]["text"])
    return found


def _date(found: re.Match[str]) -> str:
    moment = clock(datetime.fromtimestamp(int(found["unix"]), UTC))
    return f"since {moment}" if found["form"] == "{ago}" else moment


def _texts(part: Any) -> Iterator[str]:
    match part:
        case list():
            for each in part:
                yield from _texts(each)
        case {"type": "actions"}:
            return
        case {"type": "rich_text_section", "elements": elements}:
            yield "".join(_element(element) for element in elements)
        case {"type": "mrkdwn", "text": text}:
            yield plain(text)
        case {"text": str(text)}:
            yield text
        case dict():
            for each in part.values():
                yield from _texts(each)


def _element(element: Any) -> str:
    match element:
        case {"type": "text", "text": text}:
            return str(text)
        case {"type": "user", "user_id": user}:
            return f"@{user}"
        case {"type": "usergroup", "usergroup_id": group}:
            return f"@{group}"
        case {"type": "channel", "channel_id": channel}:
            return f"#{channel}"
        case {"type": "link", "url": url, "text": text}:
            return f"{text} ({url})"
        case {"type": "date", "timestamp": unix}:
            return clock(datetime.fromtimestamp(int(unix), UTC))
    raise ValueError(f"nobody knows how {element} is read")
