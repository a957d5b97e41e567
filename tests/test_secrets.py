"""No secret leaves by any door: not by a wrong setting, a refused token, a portal or database in trouble, or a crash.

Which settings are secret is read from Settings itself, so that a new one cannot be forgotten here.
"""

import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from app import main
from bot.config import Settings, load_settings
from bot.demo.portal import Mood
from bot.errors import ConfigWrong
from bot.messages.greeting import check_slack
from bot.metrics import Metrics
from tests.logged import logged
from tests.stories.cradle import ROOT
from tests.stories.outside import Trouble
from tests.stories.overhearing import readable
from tests.world import STATION, SUPPORT, a_world

MARK = "Canary"
"""Every secret of a test holds this word."""
GIVEN = {
    "slack_bot_token": f"xoxb-{MARK}-bot",
    "slack_app_token": f"xapp-{MARK}-app",
    "slack_signing_secret": f"{MARK}signing1,{MARK}signing2",
    "portal_token": f"{MARK}portal",
    "alert_secrets": f"whsec_{MARK}0001AAAA,whsec_{MARK}0002AAAA",
    "alert_tokens": f"noc:{MARK}noc,old:{MARK}old",
    "metrics_token": f"{MARK}metrics",
}
"""One value for every secret setting, as it is written in the environment."""
ADDRESS = f"postgresql+psycopg://relink:{MARK}%2Fdb@127.0.0.1:1/relink"
REST = {"alert_channel": "C0ALERTS", "support_group": "S0SUPPORT", "database_url": ADDRESS}
WIFI_KEY = f"{MARK}-Wifi-77"


def secret_names() -> set[str]:
    """The settings that hold a SecretStr, however deep in their type."""
    return {name for name, field in Settings.model_fields.items() if SecretStr in types_in(field.annotation)}


def types_in(annotation: Any) -> Iterator[Any]:
    """A type and everything it is made of."""
    yield annotation
    for part in typing.get_args(annotation):
        yield from types_in(part)


def environment(monkeypatch: pytest.MonkeyPatch, folder: Path, **names: str) -> None:
    """These settings and no others."""
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name.upper(), value)


def test_every_secret_setting_has_a_canary_and_is_taken_out_of_log_lines() -> None:
    assert secret_names() == set(GIVEN), "a new secret needs a canary here"

    settings = load_settings(_env_file=None, **GIVEN, **REST)

    found = set(settings.secret_values())
    for value in GIVEN.values():
        for one in value.split(","):
            assert one.removeprefix("noc:").removeprefix("old:") in found, "it would stand in a traceback"
    # As a driver says it and as it is written in the address.
    assert {f"{MARK}/db", f"{MARK}%2Fdb"} <= found
    assert MARK not in f"{settings!r} {settings}"


@pytest.mark.parametrize("command", ["check", "serve", "migrate"])
def test_a_wrong_setting_is_named_and_not_repeated(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (dict.fromkeys(GIVEN, f"{MARK} wrong:{MARK}"), dict.fromkeys(GIVEN, f"{MARK}ö,")):
        for url in (f"mysql://u:{MARK}@h/db", f"postgresql+psycopg://u:{MARK}@[h/db", f"{MARK}:x"):
            more = {"database_url": url, "portal": "http", "portal_url": f"http://u:{MARK}@h", "port": MARK}
            with logged() as log:
                environment(monkeypatch, tmp_path, **REST | wrong | more)
                assert main([command]) == 2
                out = capsys.readouterr()
            assert "SLACK_BOT_TOKEN" in out.err
            assert MARK not in out.out + out.err + log.getvalue()


@pytest.mark.parametrize("command", ["check", "serve", "migrate", "digest", "export"])
def test_a_database_that_cannot_be_reached_tells_no_password(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with logged() as log:
        environment(monkeypatch, tmp_path, **REST | GIVEN)
        assert main([command] if command != "export" else [command, "--since", "2026-11-01"]) == 1
        out = capsys.readouterr()
    assert MARK not in out.out + out.err + log.getvalue()
    assert "Traceback" not in out.err + log.getvalue()


def test_what_nobody_catches_is_one_line_without_a_secret() -> None:
    """In the main thread and in another one."""
    code = (
        f"import threading; from bot.log import configure; configure('text', ['{MARK}db'])\n"
        f"def fails(): raise ValueError('told {MARK}db\\nand more')\n"
        "one = threading.Thread(target=fails); one.start(); one.join(); fails()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert MARK + "db" not in ended.stdout + ended.stderr
    assert ended.stderr.count("***") >= 2
    assert len(ended.stderr.splitlines()) == 2


async def test_no_secret_leaves_a_house_in_trouble(tmp_path: Path) -> None:
    """A portal that refuses, a Slack that is down and takes back its token, strangers, and a key typed into notes."""
    with logged() as log:
        tokens, metrics = GIVEN["alert_tokens"], GIVEN["metrics_token"]
        async with a_world(tmp_path, alert_tokens=tokens, metrics_token=metrics) as world:
            settings = world.house.deps.settings
            told = [await from_strangers(world.address)]
            for mood in (Mood.UNAUTHORISED, Mood.GARBAGE, Mood.DOWN, Mood.WELL):
                world.town.portal.mood = mood
                await world.later(minutes=1)
                told.append(await world.type(SUPPORT, f"status {STATION}"))
            await world.silent_for_30_minutes()
            for trouble in (Trouble.DOWN, Trouble.LOSES_ANSWERS, None):
                world.outside.trouble = trouble
                await world.alert(alert_id=str(trouble))
                await world.patience(seconds=61)
            await type_a_key(world)
            told.append(await refused_by_slack(f"{world.town.slack.public_url}/api/"))
            traffic = world.town.slack.traffic
            told += [str(call.request if call.direction == "in" else call.answer) for call in traffic]
            told.append(str(readable(world)))
            values = [*settings.secret_values(), WIFI_KEY]
        stored = files_of(tmp_path)
    assert b"CT4G-20117" in stored
    assert len(values) >= 8
    for value in values:
        assert value not in log.getvalue()
        assert value.encode() not in stored
        assert not any(value in each for each in told)
    assert "/respond/" not in log.getvalue(), "an answer address is as good as a key"
    assert b"/respond/" not in stored


def files_of(folder: Path) -> bytes:
    """The database as it lies on the disk, its log too."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.name.startswith("relink.db"))


async def refused_by_slack(api: str) -> str:
    """What is said to whoever starts Relink with a token that was taken back."""
    async with aiohttp.ClientSession() as session:
        slack = AsyncWebClient(f"xoxb-{WIFI_KEY}", api, session=session, retry_handlers=[])
        with pytest.raises(ConfigWrong, match="SLACK_BOT_TOKEN: Slack refuses it") as refused:
            await check_slack(slack, Metrics())
        return str(refused.value)


async def from_strangers(address: str) -> str:
    """What is answered to those who have almost the right words."""
    wrong = {"Authorization": f"Bearer {MARK}metric"}
    said = []
    async with aiohttp.ClientSession() as session:
        for path in ("/metrics", "/readyz", "/healthz", "/alerts", "/slack/events", f"/{MARK}"):
            for send in (session.get, session.post):
                async with send(address + path, headers=wrong) as answer:
                    said.append(f"{answer.headers} {await answer.text()}")
    return "\n".join(said)


async def type_a_key(world: Any) -> None:
    """A Wi-Fi key where people type."""
    for words in (f"the wifi password is {WIFI_KEY}", f"PSK: {WIFI_KEY}", f"wpa2={WIFI_KEY}"):
        assert "looks like a Wi-Fi key" in await world.type(SUPPORT, f"note {STATION} {words}")
        for entry, field in (
            ("Add note", "note"),
            ("Call for help", "help"),
            ("Skip: call support", "reason"),
        ):
            await world.press(SUPPORT, entry)
            await world.fill(SUPPORT, **{field: words})
            assert "looks like a Wi-Fi key" in world.wrong(SUPPORT)[field]
            view = world.town.slack.open_view(SUPPORT)
            await world.town.slack.close_view(SUPPORT, view.id)
    assert not re.search(WIFI_KEY, "\n".join(world.thread()))
