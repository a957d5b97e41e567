"""The gate: how big a request may be, whether its bytes are Slack's, what they may look like.

Bolt reads a body before it verifies it and knows one signing secret, so its own check is off.
"""

import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from pydantic import SecretStr
from pydantic_core import from_json
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from handlers.bodies import LARGEST_BODY, Bodies
from handlers.problems import NotServed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Pairs = list[tuple[str, Any]]

WINDOW_SECONDS = 300
"""How far a signed moment may lie from ours, either way; real time."""

DEEPEST = 100
"""How deep objects and arrays may be nested; Slack's own stay under 20."""

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_PAYLOAD = b"payload="
_QUOTED = bytes.maketrans(b"+%", b" =")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_POISON = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED_NUL = "\\u0000"
_RETRY_HEADERS = ("x-slack-retry-num", "x-slack-retry-reason")

log = structlog.get_logger(__name__)


def slack_events(app: AsyncApp, secrets: Sequence[SecretStr]) -> Handler:
    """The aiohttp handler of `POST /slack/events`: what passes the gate goes to Bolt, once and already read.

    `app` is made with `request_verification_enabled=False` and `ssl_check_enabled=False`. `secrets` are all
    the signing secrets that count at the moment.
    """
    keys = [secret.get_secret_value().encode() for secret in secrets]
    taken, bodies = _Taken(), Bodies(_FORM, _JSON)

    async def receive(request: web.Request) -> web.StreamResponse:
        now = time.time()
        try:
            payload = await admit(request, bodies, keys, now)
            if payload.get("ssl_check") == "1":
                return web.Response()
            bolt_request = for_bolt(payload, request.headers)
        except NotServed as refused:
            log.warning("slack.refused", status=refused.status, why=refused.detail, peer=request.remote)
            return refused.as_text()
        signature = request.headers["X-Slack-Signature"]
        if not taken.first(signature, now):
            # Slack signs what it sends again anew. 200, so that whoever passed this on does not try once more.
            log.warning("slack.repeated", peer=request.remote)
            return web.Response()
        answer = None
        try:
            answer = await app.async_dispatch(bolt_request)
        finally:
            if answer is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                taken.forget(signature)
        # Nearly every answer is a bare ack; translating one costs six times as much as making one.
        bare = answer.status == HTTPStatus.OK and not answer.body
        return web.Response(content_type="text/plain") if bare else await to_aiohttp_response(answer)

    return receive


class _Taken:
    """The signatures of this process's last minutes: the same bytes sent once more are no second click.

    Held as long as a request may still come. Another process knows nothing of them.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def first(self, signature: str, now: float) -> bool:
        """Is this the first time? `now` is real time in Unix seconds."""
        while self._until and (oldest := next(iter(self._until.items())))[1] < now:
            del self._until[oldest[0]]
        if signature in self._until:
            return False
        # Signed at most so far ahead of us, and good for as long after that.
        self._until[signature] = now + 2 * WINDOW_SECONDS
        return True

    def forget(self, signature: str) -> None:
        """It was not done after all."""
        self._until.pop(signature, None)


async def admit(request: web.Request, bodies: Bodies, keys: Sequence[bytes], now: float) -> dict[str, Any]:
    """What Slack sent: an event, an interaction's payload, or the fields of a slash command.

    `now` is real time in Unix seconds. Raises NotServed: 401 unless one of the `keys` signed these very bytes
    less than 5 minutes from it; 400, 408, 413 or 415 for what Slack would not send; 503 (see `handlers.bodies`).
    """
    timestamp, signature = _claims(request.headers, now)
    body = await bodies.read(request)
    _check_signature(timestamp, signature, body, keys)
    return _shape(body, request.content_type)


def read_json(text: str, *, on_object: Callable[[Pairs], Any] | None = None) -> Any:
    """JSON without NaN and Infinity and of bounded depth; `on_object` makes the objects.

    Strings may still hold a NUL, and with `on_object` half a surrogate pair; no database keeps them. Raises
    NotServed (400).
    """
    try:
        value = _read_quickly(text) if on_object is None else _decoder(on_object).decode(text)
    except (ValueError, RecursionError):
        raise NotServed(400, "The body is not JSON.") from None
    if text.count("{") + text.count("[") > DEEPEST:
        for _level in _levels(value):
            pass
    return value


def read_frame(text: str) -> dict[str, Any]:
    """A frame of Socket Mode, as strictly as a body over HTTP. Raises NotServed (400, 413)."""
    if len(text) > LARGEST_BODY:
        raise NotServed(413, "The frame is larger than 1 MiB.")
    return _object(_clean_json(text))


def for_bolt(payload: dict[str, Any], headers: Mapping[str, str | Sequence[str]]) -> AsyncBoltRequest:
    """What Bolt is given; of the headers, which nobody signed, only those of a retry. Raises NotServed (400)."""
    kept: dict[str, str | Sequence[str]] = {
        name: value for name in _RETRY_HEADERS if (value := headers.get(name)) is not None
    }
    # "socket_mode" is Bolt's name for a body that was read and trusted before it came; from text, Bolt would
    # make an empty command of one whose words include "payload".
    try:
        return AsyncBoltRequest(body=payload, headers=kept, mode="socket_mode")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise NotServed(400, "The body is none of Slack's.") from None


def _claims(headers: Mapping[str, str], now: float) -> tuple[str, str]:
    """The signed moment and the signature, before anything is read that would have to be kept."""
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise NotServed(401, "Not signed.")
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        raise NotServed(401, "Signed too long ago, or one of the clocks is wrong.")
    return timestamp, signature


def _check_signature(timestamp: str, signature: str, body: bytes, keys: Sequence[bytes]) -> None:
    signed = b"v0:%s:%s" % (timestamp.encode(), body)
    # Every key is tried, so that the time taken does not tell which one is right.
    matches = [
        hmac.compare_digest(f"v0={hmac.digest(key, signed, hashlib.sha256).hex()}", signature) for key in keys
    ]
    if not any(matches):
        raise NotServed(401, "Wrong signature.")


def _shape(body: bytes, content_type: str) -> dict[str, Any]:
    is_json = content_type == _JSON
    if not is_json and body.startswith(_PAYLOAD) and b"&" not in body:
        body, is_json = _unescaped(body.removeprefix(_PAYLOAD)), True
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotServed(400, "The body is not UTF-8.") from None
    return _object(_clean_json(text) if is_json else _form(text))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotServed(400, "The body is not an object.")
    return value


def _form(text: str) -> Any:
    """What is in a form: the fields of a slash command, or the JSON under `payload`."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise NotServed(400, "The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise NotServed(400, "A field of the form comes twice.")
    if "payload" in fields:
        return _clean_json(fields["payload"])
    if not fields.get("command", "").startswith("/") and "ssl_check" not in fields:
        raise NotServed(400, "The form is none of Slack's.")
    _refuse_poison(fields)
    return fields


def _unescaped(value: bytes) -> bytes:
    """The value of a form's field, in a twenty-fifth of the time parse_qsl takes for a card.

    A form writes a byte as %41, quoted-printable writes it as =41, and that is what Python reads in C. They
    differ for a % that escapes nothing, which Slack, whose signature is on these bytes, does not write.
    """
    return binascii.a2b_qp(value.replace(b"=", b"=3D").translate(_QUOTED))


def _clean_json(text: str) -> Any:
    value = read_json(text)
    # Looking at every string costs more than reading them did, so only where an escape makes it possible.
    if _ESCAPED_NUL in text:
        _refuse_poison(value)
    return value


def _refuse_poison(value: Any) -> None:
    if any(isinstance(part, str) and _POISON.search(part) for level in _levels(value) for part in level):
        raise NotServed(400, "The body holds a NUL or half a character.")


def _levels(value: Any) -> Iterator[list[Any]]:
    """What lies in a JSON value, keys too, level by level. Raises NotServed (400) below `DEEPEST`."""
    level = [value]
    for _ in range(DEEPEST):
        yield level
        within = [item for item in level if isinstance(item, dict | list)]
        if not within:
            return
        level = [part for item in within for part in _parts(item)]
    raise NotServed(400, "The body is nested too deeply.")


def _parts(container: dict[str, Any] | list[Any]) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else container


def _read_quickly(text: str) -> Any:
    # Python's own reader takes half as long again, and every click brings its whole card.
    return from_json(text, allow_inf_nan=False, cache_strings="keys")


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _decoder(on_object: Callable[[Pairs], Any]) -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=on_object)
