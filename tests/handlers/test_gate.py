"""What gets through to Bolt: real HTTP, a real Bolt app, signatures made here with the standard library."""

import gzip
import json
import time
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest

from tests.handlers.slack_house import CLICK, COMMAND, FORM, JSON, KEY, OLD_KEY, as_form, sign, slack


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
