"""Named points at which a bot of the stories dies, put around what Relink was built from, never into the product.

A point stands before or after a call to the outside, or before, inside (done, not committed) or after (committed,
nobody told) a transaction. There the process kills itself as `kill -9` would, in the middle of whatever else it does.
"""

import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Engine, event

from app import House


@dataclass(frozen=True, slots=True)
class Point:
    """Where: a transaction's unit, or a method of the Slack client or the portal; `about` begins the key it is of."""

    what: str
    when: Literal["before", "inside", "after"]
    about: str = ""


POINTS: Final[Mapping[str, Point]] = {
    "alert taken, not committed": Point("intake.take", "inside"),
    "alert committed, not answered": Point("intake.take", "after"),
    "card claimed, not posted": Point("slack.chat_postMessage", "before", "card:"),
    "card posted, its ts not saved": Point("slack.chat_postMessage", "after", "card:"),
    "card's ts saved, not committed": Point("fates.delivered", "inside", "card:"),
    "card's ts saved": Point("fates.delivered", "after", "card:"),
    "line claimed, not posted": Point("slack.chat_postMessage", "before", "line:"),
    "line posted, its ts not saved": Point("slack.chat_postMessage", "after", "line:"),
    "timer claimed": Point("timers.claim", "after", "look"),
    "timer looked at, nothing decided": Point("timers.looked", "before", "look"),
    "timer's move not committed": Point("timers.looked", "inside", "look"),
    "timer's move committed": Point("timers.looked", "after", "look"),
    "click taken, not committed": Point("progress.press", "inside"),
    "click committed, not acked": Point("progress.press", "after"),
    "edit claimed, not sent": Point("slack.chat_update", "before", "card:"),
    "edit sent, not noted": Point("slack.chat_update", "after", "card:"),
    "restart claimed, not sent": Point("portal.restart", "before"),
    "restart sent, its answer not stored": Point("portal.restart", "after"),
    "restart's answer not committed": Point("courier._finish", "inside"),
    "restart's answer stored": Point("courier._finish", "after"),
    "digest written, not committed": Point("mornings.write", "inside"),
    "digest written": Point("mornings.write", "after"),
    "digest claimed, not posted": Point("slack.chat_postMessage", "before", "digest:"),
    "digest posted, its ts not saved": Point("slack.chat_postMessage", "after", "digest:"),
    "digest's ts saved, its chart not made": Point("digests.posted", "after"),
    "chart shared, not noted": Point("slack.files_completeUploadExternal", "after"),
}


def arm(house: House, name: str) -> None:
    """Let this process die when it first comes to the point of this name."""
    point = POINTS[name]
    where, _, method = point.what.partition(".")
    owners: Mapping[str, object] = {"slack": house.deps.slack, "portal": house.portal}
    if where in owners:
        _around(owners[where], method, partial(_calling, point))
    else:
        _around(house.deps.db, "write", partial(_writing, point))


def keep_book_of_timers(house: House, book: Path) -> None:
    """Write a line into `book` for every timer that was acted on, once that is committed."""

    async def write(original: Any, unit: Any, *args: Any, **kwargs: Any) -> Any:
        acted = await original(unit, *args, **kwargs)
        if _name_of(unit) == "timers.looked" and acted:
            due, *_, now = args
            line = {"incident": due.incident, "kind": due.kind, "turn": due.turn, "lease": due.lease}
            moments = {"due": due.due_at.isoformat(), "ran": now.isoformat()}
            with book.open("a", encoding="utf-8") as open_book:
                open_book.write(json.dumps(line | moments) + "\n")
        return acted

    _around(house.deps.db, "write", write)


def die_at_statement(number: int) -> None:
    """Let this process die before the so-manieth statement that any engine executes."""
    statements = count(1)

    @event.listens_for(Engine, "before_cursor_execute")
    def count_it(*_: object) -> None:
        if next(statements) == number:
            _die()


async def _calling(point: Point, original: Any, *args: Any, **kwargs: Any) -> Any:
    there = _key_in(kwargs).startswith(point.about)
    if there and point.when == "before":
        _die()
    answer = await original(*args, **kwargs)
    if there:
        _die()
    return answer


async def _writing(point: Point, original: Any, unit: Any, *args: Any, **kwargs: Any) -> Any:
    if _name_of(unit) != point.what:
        return await original(unit, *args, **kwargs)

    def dies_inside(session: Any, *args: Any, **kwargs: Any) -> Any:
        result = unit(session, *args, **kwargs)
        if _is_about(point, args, result):
            session.flush()
            _die()
        return result

    if point.when == "before" and _is_about(point, args, True):
        _die()
    result = await original(dies_inside if point.when == "inside" else unit, *args, **kwargs)
    if point.when == "after" and _is_about(point, args, result):
        _die()
    return result


def _is_about(point: Point, args: tuple[Any, ...], result: Any) -> bool:
    """Is it this one? A claim is about what it claimed, everything else about what it was handed first."""
    if point.what.endswith(".claim"):
        return any(_key_of(one).startswith(point.about) for one in result)
    return not point.about or _key_of(args[0]).startswith(point.about)


def _key_of(handed: Any) -> str:
    return str(getattr(handed, "key", None) or handed.kind)


def _key_in(content: Mapping[str, Any]) -> str:
    return str(content.get("metadata", {}).get("event_payload", {}).get("outgoing", ""))


def _name_of(unit: Any) -> str:
    while isinstance(unit, partial):
        unit = unit.func
    return f"{unit.__module__.rpartition('.')[2]}.{unit.__name__}"


def _around(owner: object, method: str, wrapper: Callable[..., Any]) -> None:
    setattr(owner, method, partial(wrapper, getattr(owner, method)))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
