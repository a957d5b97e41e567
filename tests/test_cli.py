"""`python app.py ...` as a process: exit codes, what is printed, and how it ends."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from app import digest
from bot.clock import MovableClock
from bot.config import Settings, load_settings
from bot.demo.town import HOST, found_town
from db.writer import open_database
from handlers.web import start
from tests.reports.rows import add_closed, add_station
from tests.stories.cradle import ROOT
from tests.stories.killable import environment

PATIENCE = 30
"""Seconds for what takes one or two."""


@dataclass(frozen=True)
class Ended:
    """A process that is over."""

    code: int
    out: str
    err: str


@pytest.fixture
async def right(tmp_path: Path) -> AsyncIterator[Mapping[str, str]]:
    """The environment of a Relink that has a Slack and a portal."""
    town = found_town(MovableClock(datetime.now(UTC), running=True))
    application = town.slack.app()
    application.add_subapp("/portal", town.portal.app())
    runner, port = await start(application, HOST, 0)
    town.slack.public_url = f"http://{HOST}:{port}"
    yield environment(town, f"http://{HOST}:{port}", tmp_path)
    await runner.cleanup()


async def begun(folder: Path, names: Mapping[str, str], *arguments: str) -> asyncio.subprocess.Process:
    """`python app.py ...` in an empty folder with these names and no others."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, str(ROOT / "app.py"), *arguments)
    return await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=dict(names), stdout=pipe, stderr=pipe
    )


async def run(folder: Path, names: Mapping[str, str], *arguments: str) -> Ended:
    """The same, until it is over."""
    process = await begun(folder, names, *arguments)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def port_of(process: asyncio.subprocess.Process) -> int:
    """The port a `serve` that was just begun has got, from the line it logs when it is ready."""
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stderr:
            found = re.search(r"\bserving\b.*\bport=(\d+)", line.decode())
            if found:
                return int(found[1])
    raise AssertionError("it ended before it served")


@pytest.mark.parametrize("command", ["serve", "check", "migrate"])
async def test_every_wrong_name_has_a_line_of_its_own_and_the_code_is_2(tmp_path: Path, command: str) -> None:
    ended = await run(tmp_path, {"PORTAL": "http", "PORT": "ninety"}, command)

    assert ended.code == 2
    assert [line.partition(":")[0] for line in ended.err.splitlines()] == [
        "SLACK_BOT_TOKEN",
        "ALERT_CHANNEL",
        "SUPPORT_GROUP",
        "PORT",
        "SLACK_SIGNING_SECRET",
        "PORTAL_URL",
        "PORTAL_TOKEN",
        "ALERT_SECRETS",
    ]
    assert ended.out == ""


async def test_no_wrong_value_is_repeated(tmp_path: Path, right: Mapping[str, str]) -> None:
    ended = await run(tmp_path, {**right, "SLACK_BOT_TOKEN": "my-secret-word"}, "check")

    assert ended.code == 2
    assert ended.err.startswith("SLACK_BOT_TOKEN: ")
    assert "my-secret-word" not in ended.out + ended.err


async def test_check_prints_what_it_found_the_proof_and_the_chart(
    tmp_path: Path, right: Mapping[str, str]
) -> None:
    ended = await run(tmp_path, right, "check")

    assert ended.code == 0, ended.err
    assert re.search(r"slack +answers", ended.out)
    assert re.search(r"portal +http", ended.out)
    assert "CP-ERR-WIFI" in ended.out
    assert "flowchart" in ended.out
    assert "wait-for-reconnect" in ended.out.replace("_", "-")
    assert right["SLACK_BOT_TOKEN"] not in ended.out + ended.err


async def test_the_digest_is_printed_and_posted_once_while_a_bot_serves(
    sqlite_url: str, right: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = {name.lower(): value for name, value in right.items() if name.lower() in Settings.model_fields}
    settings = load_settings(**{**named, "site_timezone": "America/New_York"})
    serving = open_database(sqlite_url, serving=True)

    await digest(settings, post=False)
    printed = capsys.readouterr().out
    for _ in range(2):
        await digest(settings, post=True)
    first, second = capsys.readouterr().out.splitlines()

    await serving.close()
    assert re.match(r"[A-Z][a-z]+day \d+ [A-Z][a-z]{2}, \d\d:\d\d New York\n\nNo station is down\.", printed)
    assert "<!date" not in printed
    assert re.fullmatch(r"posted, now or before: digest:C0ALERTS:\d{4}-\d\d-\d\d", first)
    assert first == second


async def test_the_digest_of_a_database_that_is_not_there_says_what_to_do(
    tmp_path: Path, right: Mapping[str, str]
) -> None:
    ended = await run(tmp_path, right, "digest")

    assert ended.code == 2
    assert ended.err.splitlines()[-1].endswith("run `python app.py migrate` first")


async def test_a_token_slack_refuses_is_a_wrong_configuration(
    tmp_path: Path, right: Mapping[str, str]
) -> None:
    ended = await run(tmp_path, {**right, "SLACK_BOT_TOKEN": "xoxb-another"}, "serve")

    assert ended.code == 2
    assert ended.err.splitlines()[-1].startswith("SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)")


async def test_a_slack_that_cannot_be_reached_keeps_nobody_from_checking(
    tmp_path: Path, right: Mapping[str, str]
) -> None:
    ended = await run(tmp_path, {**right, "SLACK_API_URL": "http://127.0.0.1:9/api/"}, "check")

    assert ended.code == 0, ended.err
    assert re.search(r"slack +cannot be reached", ended.out)


async def test_an_unknown_command_is_refused_with_the_list(tmp_path: Path, right: Mapping[str, str]) -> None:
    ended = await run(tmp_path, right, "sevre")

    assert ended.code == 2
    assert "serve" in ended.err


async def test_migrate_makes_a_database_that_serve_accepts(tmp_path: Path, right: Mapping[str, str]) -> None:
    assert (await run(tmp_path, right, "migrate")).code == 0
    assert (tmp_path / "relink.db").exists()

    process = await begun(tmp_path, right, "serve")
    await port_of(process)
    process.terminate()
    await process.communicate()

    assert process.returncode == 0


async def test_export_writes_beside_a_bot_that_serves(
    tmp_path: Path, right: Mapping[str, str], sqlite_url: str
) -> None:
    """To standard output, or into a file."""
    serving = open_database(sqlite_url, serving=True)
    closed = datetime.now(UTC) - timedelta(hours=1)
    await serving.write(lambda session: add_closed(session, add_station(session), closed))
    table, minutes = await asyncio.gather(
        run(tmp_path, right, "export", "--since", "7d"),
        run(tmp_path, right, "export", "--since", "7d", "--minutes", "--out", "minutes.csv"),
    )
    await serving.close()

    assert (table.code, minutes.code) == (0, 0), table.err + minutes.err
    assert table.out.startswith("\ufeffincident,station_serial,")
    assert [line.partition(",")[2][:10] for line in table.out.splitlines()[1:]] == ["CT4G-20001"]
    assert (minutes.out, tables_in(tmp_path)) == ("", {"minutes.csv": ["station_serial", "CT4G-20001"]})


def tables_in(folder: Path) -> dict[str, list[str]]:
    """The first column of every CSV file, whole or not."""
    return {
        path.name: [line.partition(",")[0] for line in path.read_text(encoding="utf-8-sig").splitlines()]
        for path in folder.glob("*.csv*")
    }


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_stop_it_ends_within_ten_seconds_with_0(
    tmp_path: Path, right: Mapping[str, str], how: signal.Signals
) -> None:
    process = await begun(tmp_path, right, "serve")
    port = await port_of(process)
    async with aiohttp.ClientSession() as browser, browser.get(f"http://{HOST}:{port}/healthz") as alive:
        assert alive.status == 200

    process.send_signal(how)
    async with asyncio.timeout(10):
        _, err = await process.communicate()

    assert process.returncode == 0
    assert b"Traceback" not in err


async def test_two_bots_on_one_database_are_one_too_many(tmp_path: Path, right: Mapping[str, str]) -> None:
    first = await begun(tmp_path, right, "serve")
    await port_of(first)

    second = await run(tmp_path, right, "serve")

    first.terminate()
    await first.communicate()
    assert second.code in {1, 2}
    assert "Traceback" not in second.err


async def test_a_port_in_use_ends_with_1_and_a_sentence(tmp_path: Path, right: Mapping[str, str]) -> None:
    port = right["SLACK_API_URL"].split(":")[2].split("/")[0]

    ended = await run(tmp_path, {**right, "PORT": port}, "serve")

    assert ended.code == 1
    assert ended.err.splitlines()[-1].startswith("serve: ")
    assert "Traceback" not in ended.err
