"""Engines for SQLite and PostgreSQL, set up so that both behave alike.

A read engine can write nothing at all; the write engine is for `db.writer` alone.
"""

import sqlite3
from typing import Any, cast

from sqlalchemy import URL, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import ConfigWrong

LOCK_SECONDS = 2
"""How long a statement waits for somebody else's lock; Slack waits 3 s for an answer to whoever pressed."""

CONNECT_SECONDS = 5
"""How long a connection to PostgreSQL may take."""

STATEMENT_SECONDS = 30
"""How long one statement may run on PostgreSQL."""

DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


def database_url(text: str) -> URL:
    """`DATABASE_URL` with its driver named: SQLite in a file, or PostgreSQL through psycopg 3.

    Raises ConfigWrong for anything else; the text itself, which may hold a password, is not repeated.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigWrong(["DATABASE_URL: not a database address"]) from None
    kind, _, driver = url.drivername.partition("+")
    if kind not in DRIVERS or (driver and url.drivername != DRIVERS[kind]):
        raise ConfigWrong(["DATABASE_URL: use sqlite:///... or postgresql+psycopg://..."])
    if kind == "sqlite" and (not url.database or url.database == ":memory:" or url.query):
        raise ConfigWrong(["DATABASE_URL: SQLite needs a plain file, for example sqlite:///relink.db"])
    return url.set(drivername=DRIVERS[kind])


class SharedConnection(sqlite3.Connection):
    """A SQLite connection on which every unit's work is a part of one bigger transaction.

    The bigger one belongs to the writer, which says BEGIN IMMEDIATE, COMMIT and ROLLBACK itself. SQLAlchemy's own
    transactions, where a unit needs one, are savepoints within that.
    """

    def commit(self) -> None:
        """What SQLAlchemy began is kept in the unit."""
        self.release("unit")

    def rollback(self) -> None:
        """What SQLAlchemy began is undone."""
        self.undo("unit")

    def release(self, savepoint: str) -> None:
        """Keep what was done since this savepoint."""
        self.execute(f"RELEASE {savepoint}")

    def undo(self, savepoint: str) -> None:
        """Undo what was done since this savepoint, or everything if it is gone with the transaction it was in."""
        if not self.in_transaction:
            return
        try:
            self.execute(f"ROLLBACK TO {savepoint}")
            self.execute(f"RELEASE {savepoint}")
        except sqlite3.Error:
            self.execute("ROLLBACK")
            raise


def write_engine(url: URL, connections: int) -> Engine:
    """An engine for the writer's threads. On SQLite its connections are `SharedConnection`s."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(
            url,
            connections,
            begin="SAVEPOINT unit",
            # What a savepoint or a statement of several rows changes is kept for its undo: up to a dozen pages a
            # click, which are written to a temporary file unless it is told to keep such things in memory.
            pragmas=("journal_mode=WAL", "foreign_keys=ON", "temp_store=MEMORY"),
            connection=SharedConnection,
        )
    return _postgresql(url, connections)


def read_engine(url: URL, connections: int) -> Engine:
    """An engine whose transactions see committed data and are refused when they write."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, connections, begin="BEGIN", pragmas=("query_only=ON",))
    engine = _postgresql(url, connections)
    event.listen(engine, "connect", _read_only)
    return engine


def migration_engine(url: URL) -> Engine:
    """An engine for Alembic: foreign keys off on SQLite (a batch alter replaces tables), no time limits."""
    if url.get_backend_name() == "sqlite":
        pragmas = ("journal_mode=WAL", "foreign_keys=OFF")
        return _sqlite(url, 1, begin="BEGIN IMMEDIATE", pragmas=pragmas)
    return _postgresql(url, 1, statement_seconds=0)


def _sqlite(
    url: URL,
    connections: int,
    *,
    begin: str,
    pragmas: tuple[str, ...],
    connection: type[sqlite3.Connection] = sqlite3.Connection,
) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"factory": connection},
    )
    every = (f"busy_timeout={LOCK_SECONDS * 1000}", *pragmas, "synchronous=FULL", "recursive_triggers=ON")

    def on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # else the sqlite3 module begins transactions of its own
        for pragma in every:
            connection.execute(f"PRAGMA {pragma}")

    def do_begin(connection: PoolProxiedConnection) -> None:
        cast(sqlite3.Connection, connection.dbapi_connection).execute(begin)

    event.listen(engine, "connect", on_connect)
    # Not a listener of "begin": with one, every statement takes the detour for listeners, a fifth of its price.
    engine.dialect.do_begin = do_begin  # type: ignore[assignment]  # an engine's dialect is its own
    return engine


def _postgresql(url: URL, connections: int, *, statement_seconds: int = STATEMENT_SECONDS) -> Engine:
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{statement_seconds}s",
    }
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _read_only(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.read_only = True
