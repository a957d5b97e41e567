"""What people type after `/charger` or beside a mention, as any keyboard writes it.

Case does not matter, long dashes are dashes, and the quotes phones put around things are no part of them.
"""

import re
from dataclasses import dataclass

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\"'`\u00b4"
_STRAIGHT = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_QUOTES))
_AROUND = ".,;:!?()[]{}<>#*_~"
"""What may stand around a serial in a sentence and is no part of it."""
# Slack writes chosen people, groups and channels so; what was typed has its < and > escaped.
_CHOSEN = re.compile(r"<(?:@(?P<user>[UW][A-Z0-9]{1,30})|[!#@][^<>|]*)(?:\|[^<>]*)?>")
_ENTITY = re.compile("&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command taken apart.

    `word` is in small letters; `name` is the first word after it, cleaned (a serial, if the command takes one);
    `text` is what follows the name, as it was typed; `people` are the users chosen from Slack's list, in order.
    """

    word: str
    name: str
    text: str
    people: tuple[str, ...]


def read(text: str) -> Typed:
    """Take apart what Slack sent. Any text at all can be read."""
    people = tuple(found["user"] for found in _CHOSEN.finditer(text) if found["user"])
    words = unescaped(_CHOSEN.sub(" ", text)).split()
    word = words[0].translate(_STRAIGHT).lower() if words else ""
    name = cleaned(words[1]) if len(words) > 1 else ""
    return Typed(word, name, " ".join(words[2:]), people)


def unescaped(text: str) -> str:
    """The text as it was typed: Slack escapes & < and > and nothing else."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)


def cleaned(word: str) -> str:
    """One word without quotes and punctuation around it, its dashes short."""
    return "".join(word.translate(_STRAIGHT).split()).strip(_AROUND)


def words_of(text: str) -> list[str]:
    """The cleaned words of a whole message, without mentions; what can be no name at all is left out."""
    words = (cleaned(word) for word in unescaped(_CHOSEN.sub(" ", text)).split())
    return [word for word in words if _SERIAL.fullmatch(word)]


def is_name(word: str) -> bool:
    """Could this be a station's serial or the portal's id of one?"""
    return _SERIAL.fullmatch(word) is not None
