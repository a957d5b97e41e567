"""Opening the database: of a bot that is about to serve, and of a command beside it."""

import asyncio

from bot.errors import ConfigWrong, RunbookWrong
from db import migrate, queries
from db.writer import Database, open_database


async def open_beside(url: str) -> Database:
    """The database for a command beside a bot that may be serving. Raises ConfigWrong for another version."""
    if not await asyncio.to_thread(migrate.is_current, url):
        raise ConfigWrong(
            ["DATABASE_URL: the database has another version; run `python app.py migrate` first"]
        )
    return open_database(url)


async def open_migrated(url: str, steps: frozenset[str]) -> Database:
    """The database at its newest version: SQLite is migrated here, an old PostgreSQL is refused.

    Raises ConfigWrong for that and for a database in use, RunbookWrong if an open incident stands on a step that
    is not among `steps`: nobody could lead it on.
    """
    if await asyncio.to_thread(migrate.is_current, url):
        pass
    elif url.startswith("sqlite"):
        await asyncio.to_thread(migrate.upgrade, url)
    else:
        raise ConfigWrong(
            ["DATABASE_URL: the database has another version; run `python app.py migrate` first"]
        )
    db = open_database(url, serving=True)
    gone = sorted(set(await db.read(queries.steps_of_open)) - steps)
    if gone:
        await db.close()
        raise RunbookWrong(f"open incidents stand on steps this version does not have: {', '.join(gone)}")
    return db
