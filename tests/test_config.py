"""Settings: where they come from, and that one run names everything that is wrong without a secret in it."""

import re
import traceback
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from bot.config import Settings, load_settings
from bot.deps import rules_of
from bot.errors import ConfigWrong
from bot.schedule import DigestPlace
from tests.incidents.desk import RULES
from tests.wrong_values import WRONG_VALUES

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-abc",
    "SLACK_SIGNING_SECRET": "s1gning",
    "ALERT_TOKENS": "portal:t0ken",
    "ALERT_CHANNEL": "C0ALERTS",
    "SUPPORT_GROUP": "S0SUPPORT",
}


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of the checkout and no name of the developer's own environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which Relink starts."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def problems(**given: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigWrong) as wrong:
        load_settings(**given)
    return wrong.value.problems


@pytest.mark.usefixtures("environment")
def test_five_names_are_enough() -> None:
    settings = load_settings()

    assert settings.portal == "manual"
    assert settings.database_url == "sqlite:///relink.db"
    assert settings.alert_tokens["portal"][0].get_secret_value() == "t0ken"


def test_everything_missing_is_named_at_once() -> None:
    assert problems() == (
        "SLACK_BOT_TOKEN: missing",
        "ALERT_CHANNEL: missing",
        "SUPPORT_GROUP: missing",
        "SLACK_SIGNING_SECRET: missing; only with SLACK_APP_TOKEN it is not needed",
        "ALERT_SECRETS: missing, as is ALERT_TOKENS; nobody could send an alert",
    )


def test_what_is_wrong_together_is_named_beside_what_is_wrong_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORTAL", "http")
    environment.setenv("PORT", "eighty")

    assert [line.partition(":")[0] for line in problems()] == ["PORT", "PORTAL_URL", "PORTAL_TOKEN"]


@pytest.mark.parametrize(
    ("name", "value", "line"),
    WRONG_VALUES,
)
def test_a_wrong_value_gets_a_line_that_says_what_to_write(
    environment: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    environment.setenv(name, value)
    assert problems() == (line,)


def test_digests_go_where_and_when_it_is_said(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DIGEST_CHANNELS", "C0LEADS@06:30@America/New_York, G0NIGHT@19:00@Europe/Berlin")
    assert load_settings().digest_places() == (
        DigestPlace("C0LEADS", time(6, 30), ZoneInfo("America/New_York")),
        DigestPlace("G0NIGHT", time(19), ZoneInfo("Europe/Berlin")),
    )


def test_without_a_word_the_digest_comes_to_the_alert_channel_in_the_morning(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("SITE_TIMEZONE", "America/Los_Angeles")
    (place,) = load_settings().digest_places()
    assert place == DigestPlace("C0ALERTS", time(7), ZoneInfo("America/Los_Angeles"))


def test_an_empty_name_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    """So `.env.example` can be copied with its empty lines."""
    environment.setenv("METRICS_TOKEN", "")
    environment.setenv("ALERT_SECRETS", "")
    assert load_settings().metrics_token is None


def test_names_of_later_versions_are_no_error(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PAGERDUTY_TOKEN", "p")
    load_settings()


def test_the_same_name_may_have_two_tokens_while_rotating(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALERT_TOKENS", "portal:old, portal:new,lab:x")

    tokens = load_settings().alert_tokens

    assert {name: [one.get_secret_value() for one in several] for name, several in tokens.items()} == {
        "portal": ["old", "new"],
        "lab": ["x"],
    }


# Where they come from


def test_environment_before_env_file_before_config_file(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_text('port = 1\nhost = "config"\nslack_command = "/config"\nlead_group = ["U01", "U02"]\n')
    (tmp_path / ".env").write_text(f"PORT=2\nHOST=dotenv\nCONFIG_FILE={toml}\n")
    environment.setenv("PORT", "3")

    settings = load_settings()

    assert (settings.port, settings.host, settings.slack_command) == (3, "dotenv", "/config")
    assert settings.lead_group == ("U01", "U02")


def test_timings_are_set_in_the_config_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_text('[timings]\nlook = "90 s"\nwatch_flapping = "3 h"\n[[area]]\nname = "later"\n')
    environment.setenv("CONFIG_FILE", str(toml))

    timings = load_settings().timings.by_name()

    assert timings["look"] == timedelta(seconds=90)
    assert timings["watch-flapping"] == timedelta(hours=3)
    assert timings["take"] == timedelta(minutes=10)


def test_a_wrong_timing_is_named_with_its_table(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_text('[timings]\nlook = 3\nwatch = "0 min"\nlooks = "3 min"\n')
    environment.setenv("CONFIG_FILE", str(toml))

    assert problems() == (
        'TIMINGS.LOOK: not a length of time such as "90 s", "15 min" or "2 h"',
        'TIMINGS.WATCH: not a length of time such as "90 s", "15 min" or "2 h"',
        "TIMINGS.LOOKS: there is no such name",
    )


@pytest.mark.parametrize("written", ['"06:30"', "06:30:00"])
def test_times_of_day_are_set_in_the_config_file_and_reach_the_rules(
    environment: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_text(f'gen_2_serial = "B.*"\n[timings]\npark_at = {written}\nremind_at = "08:15"\n')
    environment.setenv("CONFIG_FILE", str(toml))
    environment.setenv("GEN_1_SERIAL", "A[0-9]")

    settings = load_settings()
    rules = rules_of(settings, RULES.runbook)

    assert (rules.park_at, rules.remind_at) == (time(6, 30), time(8, 15))
    assert not {"park-at", "remind-at"} & set(rules.timings)
    assert [rules.generation_of(serial) for serial in ("A1", "A11", "B", "CT4G-20117")] == [1, None, 2, None]


@pytest.mark.usefixtures("environment")
def test_without_a_word_mornings_and_generations_are_those_of_the_product() -> None:
    rules = rules_of(load_settings(), RULES.runbook)

    assert (rules.park_at, rules.remind_at) == (time(7), time(9))
    assert [rules.generation_of(serial) for serial in ("CT4G-10001", "CT4G-20117", "CT4G-0")] == [1, 2, None]


@pytest.mark.parametrize(
    "written", ["7", "25200", '"7"', '"24:00"', '"07:60"', '"07:00Z"', "07:00:30", "true"]
)
def test_a_wrong_time_of_day_is_named_with_its_table(
    environment: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_text(f"[timings]\npark_at = {written}\n")
    environment.setenv("CONFIG_FILE", str(toml))

    assert problems() == ('TIMINGS.PARK_AT: not a time of day such as "07:00"',)


@pytest.mark.parametrize("content", [b"port = ", b"\xff", b"[[[", b"a = 1\na = 2"])
def test_a_config_file_that_cannot_be_read_is_one_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    toml = tmp_path / "relink.toml"
    toml.write_bytes(content)
    environment.setenv("CONFIG_FILE", str(toml))

    (line,) = problems()
    assert line.startswith("CONFIG_FILE: ")


@pytest.mark.usefixtures("environment")
def test_an_env_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff")
    assert problems() == (".env: not UTF-8 text",)


# Secrets

CANARY = "canary-7f3a"
NAMES = st.sampled_from([name for name in Settings.model_fields if name != "timings"])
AROUND = st.sampled_from(
    ["", "xoxb-", "whsec_", "postgresql+psycopg://u:", "sqlite://", "a:", ",", " ", "http://a:"]
)


@given(st.dictionaries(NAMES, st.tuples(AROUND, AROUND), min_size=1))
@runs(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_problem_repeats_a_value_wherever_somebody_put_a_secret(wrong: dict[str, tuple[str, str]]) -> None:
    given_values = {name: f"{before}{CANARY}{after}" for name, (before, after) in wrong.items()}
    with pytest.raises(ConfigWrong) as told:
        load_settings(_env_file=None, **given_values)
    assert CANARY not in "".join(traceback.format_exception(told.value))


def test_settings_print_without_secrets(environment: pytest.MonkeyPatch) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_APP_TOKEN": "xapp-canary",
        "SLACK_SIGNING_SECRET": "canary,canary",
        "PORTAL_TOKEN": "canary",
        "ALERT_SECRETS": "whsec_canary++",
        "ALERT_TOKENS": "name:canary",
        "METRICS_TOKEN": "canary",
        "DATABASE_URL": "postgresql+psycopg://relink:canary@db/relink",
    }
    for name, value in secrets.items():
        environment.setenv(name, value)

    settings = load_settings()

    assert "canary" not in f"{settings!r} {settings}"
    assert len(settings.secret_values()) == 9
    assert all("canary" in secret for secret in settings.secret_values())


def test_the_example_names_every_setting_and_can_be_copied(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    example = (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(example, encoding="utf-8")

    named = set(re.findall(r"^([A-Z0-9_]+)=", example, re.MULTILINE))

    assert named == {name.upper() for name in Settings.model_fields} - {"TIMINGS"}
    assert load_settings().port == 8080
