"""What stands in Slack beside what stands in the database: once the courier is quiet they say the same."""

import re
from typing import Any

from bot.clock import MovableClock
from bot.messages.drawing import Drawing
from bot.messages.queue import Parcel
from db.writer import Database
from tests.incidents.desk import NIGHT, RENDER, RULES
from tests.incidents.walk_book import Row, Snapshot
from tests.incidents.walk_slack import CHANNEL, LEAD_GROUP, SUPPORT_GROUP, Post, Town

_READ = re.compile(r"Portal, read <!date\^[^>]+>")
_CHARGING = re.compile(r"\(<!date\^[^>]+>\)\.")
"""The age of the portal's words: every reader's Slack keeps it right, and a look that found nothing edits nothing."""


def drawing_of(db: Database, abilities: Any, clock: MovableClock) -> Drawing:
    """What draws messages, as the real one does."""
    groups = {"support": (SUPPORT_GROUP,), "lead": (LEAD_GROUP,)}
    return Drawing(db, RENDER, RULES.runbook, RULES.timings, groups, lambda: abilities, clock)


async def check_cards(db: Database, now: Snapshot, town: Town) -> None:
    """Each incident has one card and each technician who was asked one more, and both show what would be drawn.

    Drawn as of the moment the card was written: time alone edits nothing, everything else does.
    """
    for row in now.rows:
        if row.kind not in {"card", "visit"}:
            continue
        posts = town.standing(row.key)
        if row.key in town.deleted and not posts:
            continue  # deleted, and nothing was to be said there since
        (post,) = posts
        assert post.message.channel == (
            CHANNEL if row.kind == "card" else town.world.workspace.ims[row.payload["to"]]
        )
        has_it = row.kind == "card" or now.incidents[row.incident].technician == row.payload["to"]
        drawn = await drawing_of(db, post.seen, MovableClock(post.at))(_parcel(row))
        assert drawn is not None
        assert _ageless(post.message.text, has_it) == _ageless(drawn.message.text, has_it)
        assert _ageless(post.message.blocks, has_it) == _ageless(drawn.message.blocks, has_it), row.key
        check_thread(row, post, now, town)


def check_thread(row: Row, post: Post, now: Snapshot, town: Town) -> None:
    """Under a card every line stands once and in order; what stood under a deleted one does not again."""
    stands = list(town.thread(post))
    wanted = [line.key for line in now.rows if line.kind == "line" and line.under == row.key]
    if row.key in town.deleted:
        wanted = wanted[len(wanted) - len(stands) :]
    assert stands == wanted


def _ageless(part: Any, stamped: bool) -> Any:
    """What is shown, without the ages; `stamped` with the version that the blocks carry."""
    match part:
        case str():
            return _CHARGING.sub("", _READ.sub("", part))
        case list():
            return [_ageless(each, stamped) for each in part]
        case dict():
            kept = {name: each for name, each in part.items() if stamped or name != "block_id"}
            return {name: _ageless(each, stamped) for name, each in kept.items()}
    return part


def _parcel(row: Row) -> Parcel:
    return Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        incident=row.incident,
        template=row.template,
        payload=row.payload,
        attempts=0,
        lease="",
        doubtful=False,
        channel=None,
        ts=None,
        expires_at=None,
        sending_at=None,
        created_at=NIGHT,
    )
