"""The shapes a setting may have. Messages never repeat a value: it may be a secret in the wrong place."""

import base64
import re
from datetime import time, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.schedule import DigestPlace

SIGNED = "webhook"
"""The source of signed alerts; no bearer token may have this name."""

_SPAN = re.compile(r"([1-9][0-9]{0,3}) (s|min|h)")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}
_PRINTABLE = r"[!-~]+"
_CHANNEL, _NO_CHANNEL = r"[CG][A-Z0-9]{2,}", "a channel id such as C0123ABCD, not its name"


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _shaped(pattern: str, sentence: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(sentence)
    return value


def _secret_shaped(pattern: str, sentence: str, value: SecretStr) -> SecretStr:
    _shaped(pattern, sentence, value.get_secret_value())
    return value


def _compiles(value: str) -> str:
    try:
        re.compile(value)
    except re.error:
        raise ValueError("not a regular expression") from None
    return value


def _people(value: tuple[str, ...]) -> tuple[str, ...]:
    for number, one in enumerate(value, start=1):
        _shaped(
            r"[SUW][A-Z0-9]{2,}", f"entry {number} is no Slack user group (S...) or user id (U..., W...)", one
        )
    return value


def _webhook_secrets(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for number, one in enumerate(value, start=1):
        prefix, key = one.get_secret_value()[:6], one.get_secret_value()[6:]
        try:
            usable = prefix == "whsec_" and base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"entry {number} is not whsec_ followed by base64")
    return value


def _named_tokens(value: Any) -> Any:
    parts = _split(value)
    if not isinstance(parts, tuple | list):
        return value
    named: dict[str, tuple[str, ...]] = {}
    for number, part in enumerate(parts, start=1):
        name, _, token = str(part).partition(":")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", name) or not re.fullmatch(_PRINTABLE, token):
            raise ValueError(f"entry {number} is not name:token")
        if name == SIGNED:
            raise ValueError(f"entry {number}: the name {SIGNED} belongs to signed alerts")
        named[name] = (*named.get(name, ()), token)
    return named


def _zone(value: Any) -> ZoneInfo:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
    except (KeyError, OSError, ValueError):
        raise ValueError("no time zone such as America/New_York") from None


def _digest_places(value: Any) -> Any:
    parts = _split(value)
    if not isinstance(parts, tuple | list):
        return value
    places: dict[str, DigestPlace] = {}
    for number, part in enumerate(parts, start=1):
        place = part if isinstance(part, DigestPlace) else _digest_place(str(part), number)
        if place.channel in places:
            raise ValueError(f"entry {number} names a channel that has its digest already")
        places[place.channel] = place
    return tuple(places.values())


def _digest_place(part: str, number: int) -> DigestPlace:
    channel, _, when = part.partition("@")
    at, _, zone = when.partition("@")
    try:
        return DigestPlace(_shaped(_CHANNEL, _NO_CHANNEL, channel), _time_of_day(at), _zone(zone))
    except ValueError as wrong:
        raise ValueError(f"entry {number}, C0123@07:00@America/New_York: {wrong}") from None


def _portal(value: Any) -> Any:
    if value == "chargepoint":
        raise ValueError("the chargepoint connector is not in this version; use http or manual")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not an http:// or https:// address")
    if parts.username is not None:
        raise ValueError("must not carry a user name or password")
    return value


def _with_slash(value: str) -> str:
    return value if value.endswith("/") else value + "/"


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("not a database address") from None
    return value


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('not a length of time such as "90 s", "15 min" or "2 h"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _time_of_day(value: Any) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value, re.ASCII):
        return time.fromisoformat(value)
    # TOML has times of its own, written 07:00:00.
    if isinstance(value, time) and value == time(value.hour, value.minute):
        return value
    raise ValueError('not a time of day such as "07:00"')


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""A time of day where the sites are, written `07:00`."""

Span = Annotated[timedelta, BeforeValidator(_span)]
"""A length of time, written as in the runbook: `90 s`, `15 min`, `2 h`."""

Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
"""An IANA time zone by its name."""

People = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_people)]
"""A comma list of Slack user group ids and user ids."""

Secret = Annotated[
    SecretStr, AfterValidator(partial(_secret_shaped, _PRINTABLE, "empty, or with spaces in it"))
]
"""One secret that can travel in a header."""

Secrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_split)]
"""A comma list of secrets that are all good: the old and the new one while rotating."""

WebhookSecrets = Annotated[Secrets, AfterValidator(_webhook_secrets)]
"""A comma list of Standard Webhooks secrets, `whsec_` and base64."""

NamedTokens = Annotated[dict[str, tuple[SecretStr, ...]], NoDecode, BeforeValidator(_named_tokens)]
"""A comma list of `name:token`, by name. A name may come twice: the old and the new token while rotating."""

WebAddress = Annotated[str, AfterValidator(_web_address)]
"""An http or https address without credentials, query or fragment."""

ApiAddress = Annotated[WebAddress, AfterValidator(_with_slash)]
"""A web address to which method names are appended."""

DatabaseAddress = Annotated[str, AfterValidator(_database)]
"""SQLite in a file, or PostgreSQL through psycopg 3."""

PortalKind = Annotated[Literal["http", "manual"], BeforeValidator(_portal)]
"""Which portal connector; the one that is still to come says so."""

BotToken = Annotated[
    SecretStr, AfterValidator(partial(_secret_shaped, r"xoxb-[A-Za-z0-9-]+", "a bot token starts with xoxb-"))
]
AppToken = Annotated[
    SecretStr,
    AfterValidator(partial(_secret_shaped, r"xapp-[A-Za-z0-9-]+", "an app token starts with xapp-")),
]
Channel = Annotated[str, AfterValidator(partial(_shaped, _CHANNEL, _NO_CHANNEL))]

DigestPlaces = Annotated[tuple[DigestPlace, ...], NoDecode, BeforeValidator(_digest_places)]
"""A comma list of where digests go, `C0123@07:00@America/New_York`; one a channel."""

CommandName = Annotated[
    str, AfterValidator(partial(_shaped, r"/[a-z0-9_-]{1,31}", "a slash and up to 31 of a-z, 0-9, - and _"))
]

SerialRule = Annotated[str, AfterValidator(_compiles)]
"""A regular expression that the whole serial of a station must match."""
