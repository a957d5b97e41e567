"""Text on its way into Slack: where it came from, what is escaped, what is thrown away.

Three kinds of value reach a template: `Outside` (somebody else wrote it), `Mrkdwn` (markup made by the
helpers at the end of this file) and everything else (our own words and numbers). All pass through `printed`.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, SupportsIndex

from jinja2 import Undefined

OUTSIDE_LONGEST: Final = 500
"""Characters kept of one text from outside; the longest answer a form takes."""

MINUTES_OF_AN_HOUR: Final = 60

# Marks around text from outside while a template runs, so that a block that must not hold it sees it. `clean`
# removes private-use characters, so nobody can forge them.
_OPEN, _SHUT = "\ue000", "\ue001"
_NO_MARKS: Final = dict.fromkeys(map(ord, _OPEN + _SHUT))

_ESCAPES: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
# Our own words hold no control character, no mark of direction or width and no half of a surrogate pair; a fact, or a
# sentence that repeats what was typed, loses them.
_OWN_ESCAPES: Final = {
    **dict.fromkeys(
        [*(set(range(0x20)) - {ord("\n"), ord("\t")}), *range(0x7F, 0xA0), *range(0xD800, 0xE000)]
    ),
    **dict.fromkeys(
        [0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
    ),
    **_NO_MARKS,
    **_ESCAPES,
}
_ENTITY: Final = re.compile("&(amp|lt|gt);")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">"}

# Control, format (bidi marks, zero width), private use, surrogates. Joined emoji come apart: a fair price for
# names that cannot be written backwards.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})

TOKEN: Final = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|!subteam\^(?P<group>S[A-Z0-9]+)|#(?P<channel>[CG][A-Z0-9]+)"
    r"|!date\^(?P<unix>-?\d+)\^(?P<format>[^|<>^]+)\|(?P<fallback>[^|<>]+)"
    r"|(?P<url>https?://[!-;=?-{}~]+)\|(?P<words>[^|<>]+))>"
)
"""What the helpers write, and the only markup in angle brackets a message may hold."""

_PERSON: Final = re.compile("[UW][A-Z0-9]+")
_GROUP: Final = re.compile("S[A-Z0-9]+")
_CHANNEL: Final = re.compile("[CG][A-Z0-9]+")
_ADDRESS: Final = re.compile(r"https?://[!-;=?-{}~]+")


class Outside(str):
    """Text somebody else wrote: station and site names, notes, error texts. A part of it stays `Outside`."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> "Outside":
        return Outside(super().__getitem__(key))

    def __iter__(self) -> Iterator["Outside"]:
        return map(Outside, super().__iter__())


class Mrkdwn(str):
    """Markup made by a helper of this file: a mention, a link or a date. Printed as it is."""

    __slots__ = ()


def clean(text: str) -> str:
    """`text` on one line, without what cannot be seen, at most `OUTSIDE_LONGEST` characters."""
    text = one_line(text)
    return text if len(text) <= OUTSIDE_LONGEST else text[: OUTSIDE_LONGEST - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """`text` on one line, without what cannot be seen, however long."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in _UNSEEN)
    return " ".join(text.split())


def printed(value: object) -> str:
    """The `finalize` of the templates: how a value stands in a message, escaped exactly once.

    Raises TypeError for whatever has no single plain way to be read: None, a bool, a time, a list. A missing
    fact raises Jinja's UndefinedError, which names it.
    """
    match value:
        case Mrkdwn():
            return str(value)
        case Outside():
            return f"{_OPEN}{clean(value).translate(_ESCAPES)}{_SHUT}"
        case str():
            return value.translate(_OWN_ESCAPES)
        case int() | float() if not isinstance(value, bool):
            return number(value)
        case Undefined():
            return str(value)
        case _:
            raise TypeError(f"a template cannot print a {type(value).__name__}; say it in words")


def number(value: float) -> str:
    """`value` with a comma every three digits and its own decimals; raises ValueError for nan and inf."""
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number a person can read")
    return f"{value + 0.0:,.15g}"  # + 0.0: a meter reads 0, not -0


def from_outside(text: str) -> bool:
    """Does this printed text hold a piece somebody else wrote?"""
    return _OPEN in text or _SHUT in text


def unmarked(text: str) -> str:
    """`text` without the marks around pieces from outside."""
    return text.translate(_NO_MARKS)


def unescaped(text: str) -> str:
    """`text` for an object that Slack shows letter by letter (plain_text, rich_text)."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)


def literal(text: str) -> str:
    """Printed `text` as plain_text shows it; raises ValueError for a mention or a date."""
    if "<" in text:
        raise ValueError("plain text shows no mention, date or link; write &lt; for a less-than sign")
    return tidy(unescaped(unmarked(text)))


def known_markup(text: str) -> str:
    """`text` itself; raises ValueError if it holds angle brackets that are not the helpers'."""
    if "<" in TOKEN.sub("", text):
        raise ValueError("unknown markup in angle brackets; write &lt; for a less-than sign")
    return text


def without_mentions(text: str) -> str:
    """Printed `text` in which "somebody" stands for everybody who is mentioned."""
    return TOKEN.sub(lambda found: "somebody" if found["user"] or found["group"] else found[0], text)


def tidy(text: str) -> str:
    """`text` with every line trimmed, runs of empty lines made one, none at either end."""
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return re.sub("\n{3,}", "\n\n", lines).strip()


def _date(at: datetime, form: str) -> Mrkdwn:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return Mrkdwn(f"<!date^{int(at.timestamp())}^{form}|{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC>")


def ago(at: datetime) -> Mrkdwn:
    """How long ago `at` was, kept right by each reader's Slack."""
    return _date(at, "{ago}")


def moment(at: datetime) -> Mrkdwn:
    """Day and time of `at` in each reader's own zone."""
    return _date(at, "{date_short_pretty} {time}")


def clock_time(at: datetime) -> Mrkdwn:
    """The time of day of `at` in each reader's own zone."""
    return _date(at, "{time}")


def minutes(length: timedelta) -> str:
    """A length of time in full minutes: "12 min", "7 h 04 min"; "0 min" if negative (a clock set back)."""
    total = max(0, length // timedelta(minutes=1))
    hours, rest = divmod(total, MINUTES_OF_AN_HOUR)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def person(user_id: str) -> Mrkdwn:
    """A mention of a person; raises ValueError unless `user_id` has the shape of Slack's ids."""
    if not _PERSON.fullmatch(user_id):
        raise ValueError("not a Slack user id")
    return Mrkdwn(f"<@{user_id}>")


def group(group_id: str) -> Mrkdwn:
    """A mention of a user group; raises ValueError unless `group_id` has the shape of Slack's ids."""
    if not _GROUP.fullmatch(group_id):
        raise ValueError("not a Slack user group id")
    return Mrkdwn(f"<!subteam^{group_id}>")


def channel(channel_id: str) -> Mrkdwn:
    """A link to a channel, under its name; raises ValueError unless `channel_id` has the shape of Slack's ids."""
    if not _CHANNEL.fullmatch(channel_id):
        raise ValueError("not a Slack channel id")
    return Mrkdwn(f"<#{channel_id}>")


def link(address: str, words: str) -> Mrkdwn:
    """A link that shows our own `words`; raises ValueError unless `address` looks like one of the web."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not an address of the web")
    return Mrkdwn(f"<{address.translate(_ESCAPES)}|{words.translate(_OWN_ESCAPES)}>")


def is_web_address(text: str) -> bool:
    """May this be the address of a link?"""
    return _ADDRESS.fullmatch(text) is not None


def map_link(latitude: float, longitude: float) -> Mrkdwn:
    """A link to the place on a map; degrees, north and east positive."""
    place = f"{latitude:.5f}/{longitude:.5f}"
    return link(f"https://www.openstreetmap.org/#map=18/{place}", "Map")


def whom(ids: Iterable[str]) -> Mrkdwn:
    """Mentions of people and user groups, a space between them; nobody is an empty text."""
    return Mrkdwn(" ".join(group(one) if one.startswith("S") else person(one) for one in ids))


def yes_no(value: bool | None) -> str:
    """The three values in words. "Not known" is never "no"."""
    if value is None:
        return "not known"
    if not isinstance(value, bool):
        raise TypeError(f"yes or no is asked of a {type(value).__name__}")
    return "yes" if value else "no"


HELPERS: Final[Mapping[str, Callable[..., str]]] = MappingProxyType(
    {
        one.__name__: one
        for one in (ago, moment, clock_time, minutes, person, group, whom, channel, yes_no, map_link)
    }
)
"""The functions a template may call, under these names."""
