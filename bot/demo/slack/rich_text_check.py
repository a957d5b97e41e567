"""What Slack accepts inside a `rich_text` block."""

import re

from bot.demo.slack.shapes import (
    Check,
    Problems,
    counted,
    flag,
    list_of,
    one_of,
    shape,
    string,
    tagged,
    whole,
)
from bot.messages import limits

DATE_TOKENS = frozenset(
    [
        "date_num",
        "date_slash",
        "date_long",
        "date_long_full",
        "date_long_pretty",
        "date",
        "date_pretty",
        "date_short",
        "date_short_pretty",
        "time",
        "time_secs",
        "ago",
        "day_divider_pretty",
    ]
)
_ID = string(50)
_MANY = 10_000  # Slack names no limit for the parts of a rich text


def date_format(problems: Problems, path: str, value: object) -> None:
    """A date's `format`: text with at least one of Slack's date tokens and no other token."""
    tokens = re.findall(r"\{(\w*)\}", value) if isinstance(value, str) else []
    if not tokens:
        problems.add(path, "must contain at least one date token")
    for token in tokens:
        if token not in DATE_TOKENS:
            problems.add(path, f"unknown date token: {token}")


_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
_MENTION_STYLE = shape(
    {}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), flag)
)
_INLINE = tagged(
    {
        "text": shape({"text": counted(string(limits.MESSAGE_TEXT_CUT))}, {"style": _STYLE}),
        "user": shape({"user_id": _ID}, {"style": _MENTION_STYLE}),
        "usergroup": shape({"usergroup_id": _ID}, {"style": _MENTION_STYLE}),
        "channel": shape({"channel_id": _ID}, {"style": _MENTION_STYLE}),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": _MENTION_STYLE}),
        "date": shape(
            {"timestamp": whole, "format": date_format},
            {"fallback": string(limits.SECTION_TEXT), "url": string(limits.BUTTON_URL), "style": _STYLE},
        ),
        "link": shape(
            {"url": string(limits.BUTTON_URL)},
            {"text": counted(string(limits.SECTION_TEXT)), "unsafe": flag, "style": _STYLE},
        ),
        "emoji": shape({"name": string(100)}, {"unicode": string(100), "skin_tone": whole, "style": _STYLE}),
    }
)
_LITERAL = tagged(
    {
        "text": shape({"text": counted(string(limits.MESSAGE_TEXT_CUT))}, {"style": _STYLE}),
        "link": shape(
            {"url": string(limits.BUTTON_URL)},
            {"text": counted(string(limits.SECTION_TEXT)), "unsafe": flag, "style": _STYLE},
        ),
    }
)
_SECTION = shape({"elements": list_of(_INLINE, _MANY, minimum=0)}, {})

RICH_TEXT_ELEMENTS: Check = list_of(
    tagged(
        {
            "rich_text_section": _SECTION,
            "rich_text_list": shape(
                {
                    "style": one_of("bullet", "ordered"),
                    "elements": list_of(tagged({"rich_text_section": _SECTION}), _MANY),
                },
                {"indent": whole, "offset": whole, "border": whole},
            ),
            "rich_text_preformatted": shape(
                {"elements": list_of(_LITERAL, _MANY)}, {"border": whole, "language": string(50)}
            ),
            "rich_text_quote": shape({"elements": list_of(_INLINE, _MANY)}, {"border": whole}),
        }
    ),
    _MANY,
)
