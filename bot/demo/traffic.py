"""What went between Relink and the outside, for the demo's inspector: Slack, the portal, the alerts."""

import json
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.clock import MovableClock
from bot.demo.slack.world import Exchange

KEPT = 400
"""Older calls are forgotten."""
HIDDEN = "(hidden)"
PASSES = frozenset(
    {"token", "response_url", "response_urls", "trigger_id", "ticket", "authorization", "upload_url"}
)
"""Whoever holds what stands under these names may do something with it."""
SECRETS = re.compile(r"\b(?:xox[a-z]|xapp|whsec)[-_][\w+/=-]+|wss?://\S+")

Side = Literal["slack", "portal", "alerts"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer; `at` is the demo's time, ISO 8601 in UTC, `outward` says that Relink asked.

    `status` is what the answer came to in a word or a number; nothing in it is secret.
    """

    id: int
    at: str
    side: Side
    outward: bool
    name: str
    ok: bool
    status: str
    request: object
    answer: object


class TrafficBook:
    """Collects calls. Slack keeps its own list, in real time; it is read when somebody looks or the clock jumps."""

    def __init__(self, slack: Sequence[Exchange], clock: MovableClock) -> None:
        self._slack = slack
        self._clock = clock
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._numbers = count(1)
        self._read: Exchange | None = None
        self._ahead = self._ahead_now()
        clock.on_move(self._after_jump)

    def since(self, number: int) -> list[Call]:
        """The calls after this one, oldest first."""
        self._collect()
        return [call for call in self._calls if call.id > number]

    def note(
        self, side: Side, *, outward: bool, name: str, status: int | None, request: object, answer: object
    ) -> None:
        """One call that just happened; `status` is HTTP's, None if there was no answer."""
        self._collect()
        ok = status is not None and status < HTTPStatus.BAD_REQUEST
        self._keep(side, self._clock.now(), outward, name, ok, str(status or "no answer"), request, answer)

    def _ahead_now(self) -> timedelta:
        """How far the demo's clock is ahead of the machine's."""
        return self._clock.now() - datetime.now(UTC)

    def _after_jump(self) -> None:
        # What was not read yet happened before the jump, with the clock as it was then.
        self._collect()
        self._ahead = self._ahead_now()

    def _collect(self) -> None:
        fresh: list[Exchange] = []
        for exchange in reversed(self._slack):
            if exchange is self._read:
                break
            fresh.append(exchange)
        for exchange in reversed(fresh):
            self._read = exchange
            self._keep_exchange(exchange)

    def _keep_exchange(self, exchange: Exchange) -> None:
        outward = exchange.direction == "in"
        answer = exchange.answer
        if outward:
            error = answer.get("error") if isinstance(answer, dict) else None
            ok, status = error is None, str(error or "ok")
        else:
            ok = exchange.status == HTTPStatus.OK
            status = str(exchange.status or "no answer") + (
                f", retry {exchange.retry}" if exchange.retry else ""
            )
        at = datetime.fromtimestamp(exchange.at, UTC) + self._ahead
        self._keep("slack", at, outward, exchange.name, ok, status, exchange.request, answer)

    def _keep(
        self,
        side: Side,
        at: datetime,
        outward: bool,
        name: str,
        ok: bool,
        status: str,
        request: object,
        answer: object,
    ) -> None:
        shown = shown_safely(request), shown_safely(answer)
        self._calls.append(Call(next(self._numbers), at.isoformat(), side, outward, name, ok, status, *shown))


def watching_portal(book: TrafficBook) -> Middleware:
    """A middleware that notes every call of the portal it is put in front of."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked: object = dict(request.query) or None
        if request.can_read_body:
            asked = opened(await request.text())
        status: int | None = None
        answer: object = None
        try:
            response = await handler(request)
            if isinstance(response, web.Response):
                status, answer = response.status, opened(response.text or "")
            return response
        finally:
            path = request.path.partition("/v1")[2]
            name = f"{request.method} {path}"
            book.note("portal", outward=True, name=name, status=status, request=asked, answer=answer)

    return watch


def opened(text: str) -> object:
    """JSON as what it means, any other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def shown_safely(value: object) -> object:
    """The same for everybody's eyes: JSON in strings laid open, whatever gives access hidden."""
    if isinstance(value, dict):
        return {name: HIDDEN if str(name) in PASSES else shown_safely(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [shown_safely(held) for held in value]
    if not isinstance(value, str):
        return value
    inner = opened(value) if value[:1] in {"{", "["} else value
    return SECRETS.sub(HIDDEN, value) if isinstance(inner, str) else shown_safely(inner)
