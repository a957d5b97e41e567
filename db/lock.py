"""One running bot per SQLite file: an operating system's lock on a file beside it."""

import sys
from typing import IO

from sqlalchemy import URL

from bot.errors import ConfigWrong


class FileLock:
    """Held from creation until `release`; the system lets go of it when the process ends, however it ends.

    Raises ConfigWrong if another process holds it, or if the file cannot be made.
    PostgreSQL needs none: there several bots may share a database.
    """

    def __init__(self, url: URL) -> None:
        self._file: IO[str] | None = None
        if url.get_backend_name() == "sqlite" and url.database:
            self._file = _locked(url.database)

    def release(self) -> None:
        """Let the next one in. Safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(database: str) -> IO[str]:
    if sys.platform == "win32":
        raise ConfigWrong(["DATABASE_URL: SQLite is not supported on Windows, use PostgreSQL"])
    import fcntl

    try:
        file = open(f"{database}.lock", "a", encoding="ascii")  # noqa: SIM115 - stays open as long as the lock is held
    except OSError as error:
        raise ConfigWrong([f"DATABASE_URL: cannot use {database}: {error.strerror}"]) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ConfigWrong([f"DATABASE_URL: another Relink is using {database}, stop it first"]) from None
    return file
