"""manifest.yaml, the demo's Slack and the code agree: no scope too many, none missing, nothing nobody listens to."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.config import Settings
from bot.demo.slack.web_api import METHODS
from bot.demo.town import EVENTS, SCOPES
from handlers.reporting import SHORTCUT

ROOT = Path(__file__).parents[1]
CEILING = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)
"""No version asks for more than this."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "auth_test": (),
    "chat_getPermalink": (),
    "chat_postEphemeral": ("chat:write",),
    "chat_postMessage": ("chat:write",),
    "chat_update": ("chat:write",),
    "conversations_history": ("channels:history", "groups:history", "im:history"),
    "conversations_open": ("im:write",),
    "conversations_replies": ("channels:history", "groups:history", "im:history"),
    "files_completeUploadExternal": ("files:write",),
    "files_getUploadURLExternal": ("files:write",),
    "usergroups_users_list": ("usergroups:read",),
    "users_info": ("users:read",),
    "views_open": (),
    "views_publish": (),
    "views_update": (),
}
"""Every method of Slack the code calls, and the scopes it needs in a public and in a private channel."""

LISTENERS: Mapping[str, str] = {"command": "commands", "event": "app_mentions:read"}
"""What Bolt is asked to listen to that needs a scope."""


@pytest.fixture(scope="module")
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))


def code() -> Iterator[str]:
    """The text of everything that may call Slack."""
    for path in (ROOT / "app.py", *(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")):
        if "demo" not in path.parts:
            yield path.read_text(encoding="utf-8")


def called() -> set[str]:
    """The methods of Slack's client that the code calls."""
    return {found for text in code() for found in re.findall(r"\bslack\.([a-z]+(?:_[A-Za-z]+)+)\(", text)}


def listened_to() -> set[str]:
    """The kinds of listeners the handlers register: action, view, command, event, ..."""
    return {found for text in code() for found in re.findall(r"@app\.([a-z_]+)", text)}


def test_the_table_names_exactly_the_methods_the_code_calls() -> None:
    assert called() == set(NEEDS)


def test_the_demos_slack_asks_the_same_scopes_for_them() -> None:
    dotted = {"usergroups_users_list": "usergroups.users.list"}
    for method, scopes in NEEDS.items():
        strict = METHODS[dotted.get(method, method.replace("_", "."))].scope
        assert {strict.format(kind=kind) for kind in ("channels", "groups", "im")} == set(scopes or ("",)), (
            method
        )


def test_every_scope_is_used_and_none_is_missing(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    needed = {scope for scopes in NEEDS.values() for scope in scopes}
    needed |= {LISTENERS[kind] for kind in listened_to() if kind in LISTENERS}

    assert list(scopes) == ["bot"], "no user tokens"
    assert set(scopes["bot"]) == needed
    assert needed <= CEILING


def test_the_demo_grants_what_the_manifest_asks_for(manifest: Any) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_the_command_is_the_default_of_the_setting(manifest: Any) -> None:
    (command,) = manifest["features"]["slash_commands"]

    assert command["command"] == Settings.model_fields["slack_command"].default


def test_exactly_the_events_are_subscribed_that_somebody_listens_to(manifest: Any) -> None:
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    heard = {found for text in code() for found in re.findall(r"@app\.event\(\"([a-z_]+)\"\)", text)}

    assert set(subscribed) == EVENTS
    assert {event.partition(".")[0] for event in subscribed} == heard


def test_the_shortcut_is_the_one_somebody_listens_to(manifest: Any) -> None:
    (shortcut,) = manifest["features"]["shortcuts"]

    assert shortcut["callback_id"] == SHORTCUT
    assert shortcut["type"] == "message"
    assert len(shortcut["name"]) <= 24


def test_it_is_for_socket_mode_and_names_no_address(manifest: Any) -> None:
    text = (ROOT / "manifest.yaml").read_text(encoding="utf-8")

    assert manifest["settings"]["socket_mode_enabled"] is True
    assert re.findall(r"(?m)^\s*-?\s*(?:request_url|url):", text) == []


def test_the_readme_says_what_to_add_for_http_and_where(manifest: Any) -> None:
    """Everything that Slack sends to an address: the command, the events, clicks and forms."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    http = yaml.safe_load(readme.partition("```yaml\n")[2].partition("```")[0])
    (command,) = http["features"]["slash_commands"]
    settings = http["settings"]
    addresses = [command["url"]] + [
        settings[part]["request_url"] for part in ("event_subscriptions", "interactivity")
    ]

    assert settings["socket_mode_enabled"] is False
    assert command["command"] == manifest["features"]["slash_commands"][0]["command"]
    assert {urlsplit(address).path for address in addresses} == {"/slack/events"}
    assert len({urlsplit(address).netloc for address in addresses}) == 1
    assert all(urlsplit(address).scheme == "https" for address in addresses)


def test_clicks_and_forms_are_switched_on(manifest: Any) -> None:
    assert {"action", "view"} <= listened_to()
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_names_keep_slacks_limits(manifest: Any) -> None:
    about = manifest["display_information"]

    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
