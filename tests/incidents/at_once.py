"""Two units of work on PostgreSQL that are under way at the same moment, without luck."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from db.writer import Database
from tests.db.units import PATIENCE

Unit = Callable[[Session], Any]
Moment = Callable[[], None]


async def at_once(db: Database, first: Unit, second: Unit) -> tuple[Any, Any]:
    """Both results or errors. The second reads while the first has read but not written, if no lock stops it.

    The first then writes, and the second does only after it: wherever the second decided by what it had read, it
    decided by what is not true any more.
    """
    first_has_read, second_has_read, first_wrote = (threading.Event() for _ in range(3))

    def meet() -> None:
        first_has_read.set()
        second_has_read.wait(PATIENCE)

    def follow() -> None:
        second_has_read.set()
        first_wrote.wait(PATIENCE)

    def begin(session: Session) -> Any:
        try:
            _around(session, "UPDATE incidents", before=meet, after=first_wrote.set)
            return first(session)
        finally:
            first_has_read.set()
            first_wrote.set()

    def join(session: Session) -> Any:
        try:
            _around(session, "UPDATE", before=follow)
            return second(session)
        finally:
            second_has_read.set()

    beginning = asyncio.create_task(db.write(begin))
    await asyncio.to_thread(first_has_read.wait, PATIENCE)
    done = await asyncio.gather(beginning, db.write(join), return_exceptions=True)
    return done[0], done[1]


def _around(session: Session, what: str, *, before: Moment, after: Moment | None = None) -> None:
    """Call these around the first statement on incidents with this in it; a locking read has UPDATE in it too."""
    connection = session.connection()
    seen: list[str] = []

    def begins(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not seen and what in statement and "incidents" in statement:
            seen.append(statement)
            before()

    def ends(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if after is not None and seen == [statement]:
            after()

    event.listen(connection, "before_cursor_execute", begins)
    event.listen(connection, "after_cursor_execute", ends)
