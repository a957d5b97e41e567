"""The export of the command line, called as it calls it: what is refused, and what is left behind then."""

import os
from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import exports
from bot.errors import ConfigWrong, Refused
from tests.incidents.desk import NIGHT, RULES


async def run(url: str, *words: str) -> None:
    """`export` with these words, on this database."""
    parser = ArgumentParser()
    exports.add_arguments(parser)
    settings: Any = SimpleNamespace(database_url=url, site_timezone=NIGHT.tzinfo)
    await exports.run(settings, parser.parse_args(words), RULES.runbook, NIGHT)


async def test_a_database_of_another_version_is_refused(empty_url: str) -> None:
    with pytest.raises(ConfigWrong, match="migrate` first"):
        await run(empty_url, "--since", "7d")


async def test_a_span_that_makes_no_sense_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(Refused, match="no span of time"):
        await run("sqlite:///never.db", "--since", "soon")
    with pytest.raises(Refused, match="ends before it begins"):
        await run("sqlite:///never.db", "--since", "2026-11-02", "--until", "2026-11-01")


async def test_no_half_a_file_is_left_behind(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        await run(sqlite_url, "--since", "7d", "--out", str(folder))
    assert "folder.part" not in os.listdir(tmp_path)


async def test_a_file_that_was_there_is_replaced_by_the_whole_new_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("old")
    await run(sqlite_url, "--since", "7d", "--minutes", "--out", str(file))
    assert file.read_text(encoding="utf-8-sig").startswith("station_serial,")
