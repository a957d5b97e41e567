"""Things the app is handed to use for a short while: trigger ids, response URLs, tickets for a socket."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.slack.api_error import ApiError
from bot.messages import limits


@dataclass
class _Trigger:
    user: str
    issued: float
    used: bool = False


class Triggers:
    """Trigger ids: each opens one view for its user, within three seconds of real time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        """A new trigger id for something this user did."""
        id_ = f"{len(self._issued) + 1}.{secrets.token_hex(12)}"
        self._issued[id_] = _Trigger(user, self._clock())
        return id_

    def use(self, id_: str) -> str:
        """The user this trigger belongs to; spends it. Raises ApiError: unknown, spent or too old."""
        trigger = self._issued.get(id_)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock() - trigger.issued > limits.TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger.user


@dataclass
class Answerable:
    """What a response URL answers to; `source` is the ts or ephemeral id of the clicked message, if any."""

    user: str
    channel: str
    source: str | None
    issued: float
    uses: int = 0


class ResponseUrls:
    """The addresses under which the app may answer what a person did: five times, thirty minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, Answerable] = {}

    def issue(self, user: str, channel: str, source: str | None) -> str:
        """The secret part of a new address."""
        secret = secrets.token_urlsafe(18)
        self._issued[secret] = Answerable(user, channel, source, self._clock())
        return secret

    def find(self, secret: str) -> Answerable:
        """What this address answers to. Raises ApiError: unknown, used up or too old."""
        answerable = self._issued.get(secret)
        if answerable is None:
            raise ApiError("invalid_url")
        if self._clock() - answerable.issued > limits.RESPONSE_URL_SECONDS:
            raise ApiError("expired_url")
        if answerable.uses >= limits.RESPONSE_URL_USES:
            raise ApiError("used_url")
        return answerable


class Tickets:
    """What is at the end of a Socket Mode URL: it opens one connection."""

    def __init__(self) -> None:
        self._unused: set[str] = set()

    def issue(self) -> str:
        """A new one."""
        ticket = secrets.token_urlsafe(18)
        self._unused.add(ticket)
        return ticket

    def use(self, ticket: str) -> bool:
        """Spend it; False for one that is unknown or spent."""
        known = ticket in self._unused
        self._unused.discard(ticket)
        return known
