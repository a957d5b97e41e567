"""A small vocabulary to say what a JSON value must look like, so that Slack's rules can stand as tables.

A `Check` looks at one value and notes what is wrong with it, in Slack's words and with the path of the value:
`[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.demo.slack.workspace import Json


@dataclass
class Problems:
    """What was found wrong so far, and how many characters the texts hold together."""

    found: list[str] = field(default_factory=list)
    characters: int = 0

    def add(self, path: str, sentence: str) -> None:
        """Note that the value at `path` (a JSON pointer) is wrong."""
        self.found.append(f"[ERROR] {sentence} [json-pointer:{path}]")


Check = Callable[[Problems, str, object], None]


def string(maximum: int, minimum: int = 1, pattern: str | None = None) -> Check:
    """A string of `minimum` to `maximum` characters, wholly matching `pattern` if one is given."""

    def check(problems: Problems, path: str, value: object) -> None:
        if not isinstance(value, str):
            problems.add(path, "must be a string")
        elif len(value) > maximum:
            problems.add(path, f"must be less than {maximum + 1} characters")
        elif len(value) < minimum:
            problems.add(path, f"must be more than {minimum - 1} characters")
        elif pattern is not None and re.fullmatch(pattern, value) is None:
            problems.add(path, f"does not match {pattern}")

    return check


def counted(check: Check) -> Check:
    """As `check`, and the characters count towards the size of all blocks together."""

    def counting(problems: Problems, path: str, value: object) -> None:
        if isinstance(value, str):
            problems.characters += len(value)
        check(problems, path, value)

    return counting


def flag(problems: Problems, path: str, value: object) -> None:
    """true or false."""
    if not isinstance(value, bool):
        problems.add(path, "must be true or false")


def whole(problems: Problems, path: str, value: object) -> None:
    """A whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        problems.add(path, "must be a whole number")


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(problems: Problems, path: str, value: object) -> None:
        if value not in words:
            problems.add(path, f"must be one of: {', '.join(words)}")

    return check


def list_of(item: Check, maximum: int, minimum: int = 1) -> Check:
    """A list of `minimum` to `maximum` items, each passing `item`."""

    def check(problems: Problems, path: str, value: object) -> None:
        if not isinstance(value, list):
            problems.add(path, "must be a list")
            return
        if len(value) > maximum:
            problems.add(path, f"no more than {maximum} items allowed [{len(value)} given]")
        if len(value) < minimum:
            problems.add(path, f"no fewer than {minimum} items allowed [{len(value)} given]")
        for index, each in enumerate(value):
            item(problems, f"{path}/{index}", each)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with all the required fields, perhaps the optional ones, and nothing else."""
    known = {**required, **optional}

    def check(problems: Problems, path: str, value: object) -> None:
        if not isinstance(value, dict):
            problems.add(path, "must be an object")
            return
        for name in required:
            if name not in value:
                problems.add(path, f"missing required field: {name}")
        for name, each in value.items():
            if name in known:
                known[name](problems, f"{path}/{name}", each)
            else:
                problems.add(path, f"invalid additional property: {name}")

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of `kinds` the rest must pass."""

    def check(problems: Problems, path: str, value: object) -> None:
        if not isinstance(value, dict):
            problems.add(path, "must be an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            problems.add(path, "missing required field: type")
        elif kind not in kinds:
            problems.add(f"{path}/type", f"unsupported type: {kind}")
        else:
            kinds[kind](problems, path, {name: each for name, each in value.items() if name != "type"})

    return check


def also(check: Check, *rules: Callable[[Json], str | None]) -> Check:
    """As `check`; an object that passes is then asked by `rules`, each giving a sentence or None."""

    def both(problems: Problems, path: str, value: object) -> None:
        before = len(problems.found)
        check(problems, path, value)
        if len(problems.found) == before and isinstance(value, dict):
            for rule in rules:
                sentence = rule(value)
                if sentence is not None:
                    problems.add(path, sentence)

    return both


def text_kinds(maximum: int) -> dict[str, Check]:
    """The two kinds of text object with up to `maximum` characters, to be picked by `type`."""
    words = counted(string(maximum))
    return {
        "plain_text": shape({"text": words}, {"emoji": flag}),
        "mrkdwn": shape({"text": words}, {"verbatim": flag}),
    }


def text(maximum: int, *kinds: str) -> Check:
    """A text object of `kinds` (`plain_text`, `mrkdwn`; both if none is named)."""
    table = text_kinds(maximum)
    return tagged({kind: table[kind] for kind in kinds or table})


def plain(maximum: int) -> Check:
    """A `plain_text` object with up to `maximum` characters."""
    return text(maximum, "plain_text")
