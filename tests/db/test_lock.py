"""One running bot per SQLite file; any number on PostgreSQL."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import ConfigWrong
from db.engine import database_url
from db.lock import FileLock
from db.writer import open_database
from tests.db.units import add, serials

HOLD_AND_DIE = """
import os, sys
from db.engine import database_url
from db.lock import FileLock
held = FileLock(database_url(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
os._exit(1)
"""


async def test_a_second_bot_on_the_same_file_is_refused(sqlite_url: str) -> None:
    first = open_database(sqlite_url, serving=True)
    with pytest.raises(ConfigWrong, match=r"another Relink is using .*relink\.db, stop it first"):
        open_database(sqlite_url, serving=True)
    await first.close()
    second = open_database(sqlite_url, serving=True)
    await second.close()


async def test_a_report_may_be_printed_while_the_bot_runs(sqlite_url: str) -> None:
    bot = open_database(sqlite_url, serving=True)
    report = open_database(sqlite_url)
    await bot.write(add, "CT4G-1")
    assert await report.read(serials) == ["CT4G-1"]
    await report.close()
    await bot.close()


async def test_several_bots_share_a_postgresql(postgres_url: str) -> None:
    first, second = (open_database(postgres_url, serving=True) for _ in range(2))
    await first.write(add, "CT4G-1")
    assert await second.read(serials) == ["CT4G-1"]
    await first.close()
    await second.close()


def test_a_bot_that_died_leaves_no_lock_behind(sqlite_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_DIE, sqlite_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ConfigWrong, match="another Relink"):
            FileLock(database_url(sqlite_url))
        other.kill()
    FileLock(database_url(sqlite_url)).release()


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigWrong, match=r"missing/relink\.db: No such file or directory"):
        FileLock(database_url(f"sqlite:///{tmp_path / 'missing' / 'relink.db'}"))
