"""`POST /alerts`: who sends, how often, and the batch handed to the intake. 2xx is said after the commit."""

import asyncio
import base64
import hmac
import json
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256

import structlog
from aiohttp import web
from pydantic import SecretStr

from bot.deps import Deps
from bot.errors import Busy
from bot.incidents import intake
from bot.incidents.intake import AlertIn
from bot.naming import with_both_names
from bot.shapes import SIGNED
from handlers.alert_body import read_alerts
from handlers.bodies import Bodies
from handlers.gate import WINDOW_SECONDS
from handlers.problems import NotServed

LONG_BODY = 64 * 1024
"""Bytes from which a body is read beside the event loop: thousands of alerts must not hold up a click."""

_ID = re.compile(r"[!-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURES = re.compile(
    r"[0-9a-z]{1,8},[A-Za-z0-9+/=_-]{1,200}(?: [0-9a-z]{1,8},[A-Za-z0-9+/=_-]{1,200}){0,15}"
)
_BEARER = re.compile(r"bearer ([!-~]+)", re.IGNORECASE)

log = structlog.get_logger(__name__)


def routes(deps: Deps) -> list[web.RouteDef]:
    """The route of `POST /alerts`."""
    senders = _Senders(deps.settings.alert_secrets, deps.settings.alert_tokens)
    rates, bodies = _Rates(deps.settings.alert_rate), Bodies("application/json")

    async def receive(request: web.Request) -> web.Response:
        try:
            known, prove = senders.claim(request.headers, time.time())
            body = await bodies.read(request, known=known)
            source = prove(body)
            rates.spend(source, time.monotonic())
            return await _take(deps, source, body)
        except NotServed as refused:
            log.warning("alerts.refused", status=refused.status, why=refused.detail, peer=request.remote)
            return refused.as_problem()

    return [web.post("/alerts", receive)]


async def _take(deps: Deps, source: str, body: bytes) -> web.Response:
    long = len(body) > LONG_BODY
    alerts: Sequence[AlertIn] = await asyncio.to_thread(read_alerts, body) if long else read_alerts(body)
    try:
        alerts = await with_both_names(deps, alerts)
        results = await deps.db.write(intake.take, source, alerts, deps.rules, deps.clock.now())
    except Busy as busy:
        wait = {"Retry-After": str(busy.retry_after)}
        raise NotServed(503, "The database cannot take alerts now.", headers=wait) from busy
    deps.nudge()
    for result in results:
        deps.metrics.alerts.labels(result.outcome).inc()
    answer = {"results": [_as_json(result) for result in results]}
    return web.Response(status=202, body=json.dumps(answer).encode(), content_type="application/json")


def _as_json(result: intake.Result) -> dict[str, str | None]:
    answer = {"alert_id": result.alert_id, "incident": result.incident, "outcome": result.outcome}
    return answer if result.reason is None else {**answer, "reason": result.reason}


class _Senders:
    """Who may send: by a signature over the raw body, or by a bearer token."""

    def __init__(self, secrets: Sequence[SecretStr], tokens: Mapping[str, Sequence[SecretStr]]) -> None:
        self._keys = [_key(secret) for secret in secrets]
        self._tokens = [
            (name, sha256(token.get_secret_value().encode()).digest())
            for name, several in tokens.items()
            for token in several
        ]

    def claim(self, headers: Mapping[str, str], now: float) -> tuple[bool, Callable[[bytes], str]]:
        """Check what the head tells, before a body is read: is the sender proved, and what proves them by the body.

        The latter gives the sender's name. Both raise NotServed (401). `now` is real time in Unix seconds.
        """
        if "webhook-signature" not in headers:
            name = self._by_token(headers.get("Authorization", ""))
            return True, lambda _body: name
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        given = [headers.get(name, "") for name in names]
        shapes = zip((_ID, _TIMESTAMP, _SIGNATURES), given, strict=True)
        if not all(shape.fullmatch(value) for shape, value in shapes):
            raise _stranger("The signature headers are incomplete or malformed.")
        message, timestamp, signatures = given
        if abs(now - int(timestamp)) > WINDOW_SECONDS:
            raise _stranger("Signed more than 5 minutes from now.")
        return False, partial(self._by_signature, message, timestamp, signatures)

    def _by_signature(self, message: str, timestamp: str, signatures: str, body: bytes) -> str:
        signed = b"%s.%s.%s" % (message.encode(), timestamp.encode(), body)
        # Compared as they are written: base64 can write the same bytes in more than one way. Every key is tried,
        # so that the time taken does not tell which one is right.
        matches = [
            hmac.compare_digest(_signature(key, signed), one)
            for key in self._keys
            for one in signatures.split(" ")
        ]
        if not any(matches):
            raise _stranger("Wrong signature.")
        return SIGNED

    def _by_token(self, authorization: str) -> str:
        given = _BEARER.fullmatch(authorization)
        if given is None:
            raise _stranger("Neither signed nor with a bearer token.")
        digest = sha256(given[1].encode()).digest()
        # Every token is compared, so that the time taken does not tell which one is nearly right.
        names = [name for name, known in self._tokens if hmac.compare_digest(known, digest)]
        if not names:
            raise _stranger("Unknown token.")
        return names[0]


class _Rates:
    """A bucket of requests for each source, refilled at `rate` a second of real time. Zero: no limit."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._most = max(rate, 1.0)
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, source: str, now: float) -> None:
        """Take one request out; `now` is monotonic seconds. Raises NotServed (429) for an empty bucket."""
        if not self._rate:
            return
        left, at = self._left.get(source, (self._most, now))
        left = min(self._most, left + (now - at) * self._rate)
        if left < 1:
            wait = {"Retry-After": str(math.ceil((1 - left) / self._rate))}
            raise NotServed(429, f"More than {self._rate:g} requests a second.", headers=wait)
        self._left[source] = (left - 1, now)


def _key(secret: SecretStr) -> bytes:
    """The bytes behind `whsec_`; their base64 may lack its padding."""
    text = secret.get_secret_value().removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _signature(key: bytes, signed: bytes) -> str:
    """As Standard Webhooks writes one."""
    return f"v1,{base64.b64encode(hmac.digest(key, signed, sha256)).decode()}"


def _stranger(detail: str) -> NotServed:
    return NotServed(401, detail, headers={"WWW-Authenticate": "Bearer"})
