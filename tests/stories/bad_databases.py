"""What can happen to a database: each a block inside which it is so, and after which it is well again."""

import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from db.writer import Database
from tests.db.postgres import Server

Trouble = Callable[[Database], AbstractAsyncContextManager[None]]
NAME = "relink"
"""The database on a server of the test's own."""


class SqliteTroubles:
    """What can happen to a file; its disk must be a small one."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[Trouble]:
        """Every one."""
        return [self.locked, self.full, self.read_only]

    @asynccontextmanager
    async def locked(self, _db: Database) -> AsyncIterator[None]:
        """Another program writes and does not end."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    @asynccontextmanager
    async def full(self, _db: Database) -> AsyncIterator[None]:
        """There is no room on the disk, and none left in the write-ahead log."""
        with closing(sqlite3.connect(self._file)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        filler = self._file.parent / "filler"
        _fill(filler)
        yield
        filler.unlink()

    @asynccontextmanager
    async def read_only(self, db: Database) -> AsyncIterator[None]:
        """SQLite refuses to write, as on a disk that is read-only: whoever has a file open for writing keeps root
        itself from making the disk so.
        """
        writing = await db.write(_raw)
        writing.execute("PRAGMA query_only = ON")
        yield
        writing.execute("PRAGMA query_only = OFF")


def _raw(session: Session) -> Any:
    return session.connection().connection.dbapi_connection


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filling:
        for size in (65_536, 1):
            try:
                while filling.write(b"x" * size):
                    pass
            except OSError:
                continue


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 16 MB; only root may mount one."""
    folder.mkdir()
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", folder], check=True)


class PostgresTroubles:
    """What can happen to a server; it must be the test's own."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def all(self) -> list[Trouble]:
        """Every one."""
        return [self.stopped, self.locked, self.read_only]

    @asynccontextmanager
    async def stopped(self, _db: Database) -> AsyncIterator[None]:
        """The server dies, and is started again."""
        self._server.stop()
        yield
        self._server.start()

    @asynccontextmanager
    async def locked(self, _db: Database) -> AsyncIterator[None]:
        """Somebody holds what every write needs."""
        with psycopg.connect(self._address()) as other:
            other.execute("LOCK TABLE alerts, incidents IN EXCLUSIVE MODE")
            yield
            other.rollback()

    @asynccontextmanager
    async def read_only(self, _db: Database) -> AsyncIterator[None]:
        """The server is a standby for a while; who was connected is cut off both times."""
        self._server.command(f"ALTER DATABASE {NAME} SET default_transaction_read_only = on")
        self.cut_all()
        yield
        self._server.command(f"ALTER DATABASE {NAME} RESET default_transaction_read_only")
        self.cut_all()

    def cut_all(self) -> None:
        """End every connection of others."""
        self._server.command(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def _address(self) -> str:
        return self._server.url(NAME).replace("+psycopg", "")
