"""The one door to the database: `await db.write(unit, ...)` and `await db.read(query, ...)`.

Units and queries are plain functions of a Session. They run on the database's own threads; what they return
is handed out only after the commit. Units have no side effects, because one may run twice.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from bot.errors import Busy
from db.engine import SharedConnection, database_url, read_engine, write_engine
from db.failures import as_told, is_conflict
from db.jobs import Attempt, Job, Workers
from db.lock import FileLock

P = ParamSpec("P")
T = TypeVar("T")

SHARED_COMMIT = 64
"""How many calls at most share one commit on SQLite."""

WRITERS = 4
"""Writing threads on PostgreSQL; SQLite has one."""

HEAD_START = 0.02
"""Seconds the winner of a conflict gets to take the lock it waited for, before the loser tries again."""

READERS = 3

QUEUE = 1024
"""How many calls may wait, for writing and for reading each, before the next one gets Busy."""


class Database:
    """An open database; made by `open_database`. Any event loop may use it."""

    def __init__(
        self, writers: Workers, readers: Workers, engines: Sequence[Engine], lock: FileLock | None
    ) -> None:
        self._writers = writers
        self._readers = readers
        self._engines = engines
        self._lock = lock

    async def write(self, unit: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `unit(session, ...)` in a transaction and return its result once that is committed.

        What the unit raises is raised here and nothing of it is kept. Busy means that the database could not
        take it: queue full, locked, disk full, connection lost. A caller that is cancelled only stops waiting:
        what it has handed in is done all the same.
        """
        return await self._writers.submit(lambda session: unit(session, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(session, ...)` on committed data; it cannot write. Raises Busy as `write` does."""
        return await self._readers.submit(lambda session: query(session, *args, **kwargs))

    async def close(self) -> None:
        """Finish what is queued, then let go of the database. Later calls raise Busy; safe to call twice."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writers.drain()
        self._readers.drain()
        for engine in self._engines:
            engine.dispose()
        if self._lock is not None:
            self._lock.release()


def open_database(url: str, *, serving: bool = False, queue: int = QUEUE) -> Database:
    """Open a migrated database and start its threads; nothing is asked of it yet.

    `serving` takes the lock that allows one running bot per SQLite file. Raises ConfigWrong if the address
    is not usable or another bot holds that lock.
    """
    address = database_url(url)
    lock = FileLock(address) if serving else None
    shared = address.get_backend_name() == "sqlite"
    threads, batch = (1, SHARED_COMMIT) if shared else (WRITERS, 1)
    write_to, read_from = write_engine(address, threads), read_engine(address, READERS)
    commit = partial(_commit_together if shared else _commit_alone, write_to)
    writers = Workers("db-write", commit, threads=threads, batch=batch, queue=queue)
    readers = Workers("db-read", partial(_read, read_from), threads=READERS, batch=1, queue=queue)
    return Database(writers, readers, (write_to, read_from), lock)


def _commit_together(engine: Engine, jobs: Sequence[Job[Any]]) -> None:
    """SQLite: all jobs in one transaction; a bad one fails alone.

    Nearly every job that fails does so before it has written, so nothing of it is there to be undone. Only when one
    has, all run once more, each in a savepoint of its own, for which SQLite keeps a copy of every page it changes.
    """
    whole = Attempt()
    with whole, engine.connect() as connection:
        raw = cast(SharedConnection, connection.connection.dbapi_connection)
        if not _try_together(connection, raw, jobs, savepoints=False):
            _try_together(connection, raw, jobs, savepoints=True)
    for job in jobs:
        _tell(job, whole.error, writing=True)


def _try_together(
    connection: Connection, raw: SharedConnection, jobs: Sequence[Job[Any]], *, savepoints: bool
) -> bool:
    """Run all jobs and commit; False, and nothing is kept, if one has left something that only a savepoint undoes.

    On a full disk SQLite may end the transaction by itself; jobs after that would commit alone and COMMIT
    would report nothing. So whenever it is found gone, the whole batch has failed: Busy is raised.
    """
    raw.execute("BEGIN IMMEDIATE")
    try:
        for job in jobs:
            if savepoints:
                raw.execute("SAVEPOINT job")
            changes = raw.total_changes
            with job:
                job.run(connection)
            if savepoints and raw.in_transaction:
                (raw.release if job.error is None else raw.undo)("job")
            if not raw.in_transaction:
                raise Busy("the database ended the transaction by itself") from job.error
            if not savepoints and job.error is not None and raw.total_changes != changes:
                return False
        raw.execute("COMMIT")
        return True
    finally:
        if raw.in_transaction:
            raw.execute("ROLLBACK")


def _commit_alone(engine: Engine, jobs: Sequence[Job[Any]]) -> None:
    """PostgreSQL: a transaction a job; one that lost against another transaction runs once more."""
    for job in jobs:
        with job:
            job.run(engine)
        if is_conflict(job.error):
            time.sleep(HEAD_START)
            with job:
                job.run(engine)
        _tell(job, None, writing=True)


def _read(engine: Engine, jobs: Sequence[Job[Any]]) -> None:
    for job in jobs:
        with job:
            job.run(engine)
        _tell(job, None, writing=False)


def _tell(job: Job[Any], trouble: BaseException | None, *, writing: bool) -> None:
    error = job.error if trouble is None else trouble
    job.error = as_told(error, writing=writing) if error is not None else None
