"""Which errors mean "the database cannot do this now" and which mean that our code is wrong."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from bot.errors import Busy

SQLITE_NOT_NOW = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)
POSTGRESQL_NOT_NOW = ("08", "40", "53", "55P03", "57", "58", "XX")
"""How SQLSTATE begins: connection, rolled back, resources, lock timeout, intervention, system, internal."""

TRY_AGAIN = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: the same unit run again normally passes."""


def as_told(error: BaseException, *, writing: bool) -> BaseException:
    """The error its caller gets: Busy for a database in trouble, everything else as it was raised.

    A refusal to write is trouble for a write (read-only disk or standby) and a mistake in a read.
    """
    reason = _not_now(error, writing=writing)
    if reason is None:
        return error
    busy = Busy(f"the database cannot do this now ({reason})")
    busy.__cause__ = error
    return busy


def is_conflict(error: BaseException | None) -> bool:
    """Whether PostgreSQL ended the transaction only because of another one that ran beside it."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in TRY_AGAIN


def _not_now(error: BaseException, *, writing: bool) -> str | None:
    raised = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(raised, sqlite3.Error):
        code = getattr(raised, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        refused = writing and code == sqlite3.SQLITE_READONLY
        return raised.sqlite_errorname if refused or code in SQLITE_NOT_NOW else None
    if not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated:
        return "connection lost"
    state = getattr(raised, "sqlstate", None)
    if state is None:
        return "no connection" if isinstance(error, OperationalError) else None
    return state if state.startswith(POSTGRESQL_NOT_NOW) or (writing and state == "25006") else None
