"""What gets through to Bolt: real HTTP, a real Bolt app, signatures made here with the standard library."""

import gzip
import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from aiohttp import ClientResponse, ClientSession, web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from structlog.testing import capture_logs

from handlers.gate import LARGEST_BODY, slack_events
from handlers.web import start

KEY = "signing-secret"
OLD_KEY = "signing-secret-of-yesterday"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CLICK = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "actions": [{"type": "button", "action_id": "press", "block_id": "b", "value": "1"}],
}
COMMAND = {"command": "/charger", "text": "help", "team_id": "T1", "user_id": "U1"}


@dataclass
class Slack:
    """A Bolt app behind the gate, what reached its listeners, and a client that plays Slack."""

    url: str
    http: ClientSession
    reached: list[Mapping[str, Any]] = field(default_factory=list)

    async def post(self, body: bytes, headers: Mapping[str, str], kind: str = FORM) -> ClientResponse:
        """Post these very bytes."""
        return await self.http.post(
            self.url, data=io.BytesIO(body), headers={"Content-Type": kind, **headers}
        )

    async def click(
        self, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> ClientResponse:
        """A click, rightly signed unless `headers` are given."""
        sent = body or as_form(CLICK)
        return await self.post(sent, sign(sent) if headers is None else headers)


@asynccontextmanager
async def slack() -> AsyncIterator[Slack]:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B", bot_user_id="UB"
        )

    app = AsyncApp(
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        authorize=authorize,
    )
    server = web.Application(client_max_size=LARGEST_BODY)
    server.add_routes([web.post("/", slack_events(app, [SecretStr(OLD_KEY), SecretStr(KEY)]))])
    runner, port = await start(server, "127.0.0.1", 0)
    async with ClientSession() as http:
        opened = Slack(f"http://127.0.0.1:{port}/", http)

        async def listener(ack: AsyncAck, body: dict[str, Any], req: AsyncBoltRequest) -> None:
            opened.reached.append({**body, "headers": req.headers})
            await ack()

        for listen in (app.action("press"), app.command("/charger"), app.event("app_mention")):
            listen(listener)
        yield opened
    await runner.cleanup()


def sign(body: bytes, *, at: float | None = None, key: str = KEY) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(key.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def as_form(payload: Any) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_a_click_signed_with_either_secret_reaches_its_listener_once(key: str) -> None:
    async with slack() as house:
        response = await house.click(sign(as_form(CLICK), key=key))

        assert response.status == 200
        assert [body["actions"] for body in house.reached] == [CLICK["actions"]]


async def test_a_command_arrives_whole_even_if_its_text_says_payload() -> None:
    """Bolt by itself takes such a command for an interaction without a payload and drops it."""
    async with slack() as house:
        body = urlencode(COMMAND | {"text": "note CT4G-20117 payload=7 & more"}).encode()
        response = await house.post(body, sign(body))

        assert response.status == 200
        assert house.reached[0]["text"] == "note CT4G-20117 payload=7 & more"


async def test_an_event_arrives_with_its_retry_number_and_no_other_header() -> None:
    async with slack() as house:
        event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1"}}
        body = json.dumps(event).encode()
        extra = {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "timeout", "X-Slack-Bolt-Lazy-Only": "1"}
        response = await house.post(body, sign(body) | extra, JSON)

        assert response.status == 200
        assert house.reached[0]["headers"] == {
            "x-slack-retry-num": ["2"],
            "x-slack-retry-reason": ["timeout"],
        }


async def test_slack_may_check_the_address() -> None:
    async with slack() as house:
        body = json.dumps({"type": "url_verification", "challenge": "xyz"}).encode()
        assert await (await house.post(body, sign(body), JSON)).json() == {"challenge": "xyz"}


async def test_an_ssl_check_is_answered_only_when_signed() -> None:
    async with slack() as house:
        assert (await house.post(b"ssl_check=1", {})).status == 401
        assert (await house.post(b"ssl_check=1", sign(b"ssl_check=1"))).status == 200


@pytest.mark.parametrize("seconds", [-290, 290])
async def test_clocks_may_differ_by_almost_five_minutes(seconds: float) -> None:
    async with slack() as house:
        assert (await house.click(sign(as_form(CLICK), at=time.time() + seconds))).status == 200


CLICK_BODY = as_form(CLICK)
STRANGERS: dict[str, dict[str, str]] = {
    "nothing": {},
    "signature only": {"X-Slack-Signature": "v0=" + "0" * 64},
    "signed with another secret": sign(CLICK_BODY, key="guess"),
    "signed with an empty secret": sign(CLICK_BODY, key=""),
    "another body's signature": sign(CLICK_BODY + b" "),
    "301 seconds old": sign(CLICK_BODY, at=time.time() - 301),
    "from the future": sign(CLICK_BODY, at=time.time() + 4000),
    "timestamp abc": sign(CLICK_BODY) | {"X-Slack-Request-Timestamp": "abc"},
    "timestamp in Arabic digits": sign(CLICK_BODY) | {"X-Slack-Request-Timestamp": "١٧٩٥٠٠٠٠٠٠"},
    "timestamp of 5,000 digits": sign(CLICK_BODY) | {"X-Slack-Request-Timestamp": "9" * 5000},
    "timestamp with a sign": sign(CLICK_BODY) | {"X-Slack-Request-Timestamp": f"+{int(time.time())}"},
    "signature that is not ASCII": sign(CLICK_BODY) | {"X-Slack-Signature": "v0=größe"},
    "signature cut short": sign(CLICK_BODY) | {"X-Slack-Signature": "v0="},
    "signature of another version": sign(CLICK_BODY) | {"X-Slack-Signature": "v1=" + "0" * 64},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
async def test_a_strangers_click_never_reaches_bolt(headers: dict[str, str]) -> None:
    async with slack() as house:
        assert (await house.click(headers)).status == 401
        assert not house.reached


async def test_a_refusal_is_one_log_line_without_body_and_signature() -> None:
    async with slack() as house:
        with capture_logs() as lines:
            await house.click(sign(CLICK_BODY, key="guess"))

    assert len(lines) == 1
    assert lines[0]["event"] == "slack.refused"
    assert not any(secret in str(lines) for secret in ("block_actions", "v0=", KEY))


@given(
    where=st.integers(0, 2**32), bit=st.integers(0, 7), what=st.sampled_from(["body", "signature", "time"])
)
async def test_one_flipped_bit_anywhere_and_it_is_not_slacks(where: int, bit: int, what: str) -> None:
    headers, body = sign(CLICK_BODY), CLICK_BODY
    if what == "body":
        body = flipped(CLICK_BODY, where, bit)
    else:
        name = "X-Slack-Signature" if what == "signature" else "X-Slack-Request-Timestamp"
        headers[name] = flipped(headers[name].encode(), where, bit % 5).decode()
    async with slack() as house:
        assert (await house.click(headers, body)).status == 401
        assert not house.reached


def flipped(text: bytes, where: int, bit: int) -> bytes:
    changed = bytearray(text)
    changed[where % len(text)] ^= 1 << bit
    return bytes(changed)


def payload(text: str) -> bytes:
    return b"payload=" + quote_plus(text).encode()


# Rightly signed, and yet not what Slack sends.
POISON: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", FORM),
    "not JSON": (b"click!", JSON),
    "not UTF-8": (b'{"a": "\xff"}', JSON),
    "an array": (b"[]", JSON),
    "arrays of arrays as payload": (payload("[[[]]]"), FORM),
    "a number as payload": (payload("1"), FORM),
    "an empty payload": (b"payload=", FORM),
    "payload twice": (payload("{}") + b"&" + payload("{}"), FORM),
    "100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON),
    "100,000 deep as payload": (payload("[" * 100_000 + "]" * 100_000), FORM),
    "101 deep": (b'{"type": "block_actions", "x": ' + b"[" * 100 + b"]" * 100 + b"}", JSON),
    "NaN": (b'{"type": NaN}', JSON),
    "a number of 5,000 digits": (b'{"type": ' + b"9" * 5000 + b"}", JSON),
    "a NUL": (b'{"type": "a\\u0000b"}', JSON),
    "a NUL in a payload": (payload(json.dumps(CLICK | {"note": "a\0b"})), FORM),
    "half a surrogate pair": (b'{"type": "\\ud800"}', JSON),
    "half a surrogate pair as a name": (payload('{"\\uDFFF": 1}'), FORM),
    "a NUL in a command": (urlencode(COMMAND | {"text": "a\0b"}).encode(), FORM),
    "half a surrogate pair in a command": (urlencode(COMMAND).encode() + b"&x=%ED%A0%80", FORM),
    "a form of another site": (b"name=me", FORM),
    "1,000 fields": (b"&".join(b"a%d=1" % number for number in range(1000)), FORM),
    "ids of the wrong kind": (b'{"authorizations": 5}', JSON),
    "teams of the wrong kind": (b'{"team": 5, "response_urls": 5}', JSON),
}


@pytest.mark.parametrize(("body", "kind"), POISON.values(), ids=POISON.keys())
async def test_a_signed_body_of_the_wrong_shape_is_refused(body: bytes, kind: str) -> None:
    async with slack() as house:
        assert (await house.post(body, sign(body), kind)).status == 400
        assert not house.reached


async def test_emoji_and_deep_cards_get_through() -> None:
    async with slack() as house:
        card: Any = [{"text": "\U0001f50c"}] * 200
        body = as_form(CLICK | {"message": {"blocks": [[[[[[card]]]]]]}})
        assert b"ud83d" in body
        assert (await house.click(body=body)).status == 200


async def test_2_mib_are_refused_before_anything_is_computed() -> None:
    async with slack() as house:
        body = b"payload=" + b"x" * (2 * 1024 * 1024)
        assert (await house.post(body, sign(body))).status == 413


async def test_a_compressed_body_is_refused_and_not_unpacked() -> None:
    async with slack() as house:
        body = gzip.compress(CLICK_BODY)
        assert (await house.post(body, sign(body) | {"Content-Encoding": "gzip"})).status == 415


async def test_another_content_type_is_refused() -> None:
    async with slack() as house:
        assert (await house.post(CLICK_BODY, sign(CLICK_BODY), "text/plain")).status == 415
