"""Nobody gets in without a secret: every bit of a signature, every clock, every repetition; each is one log line."""

import asyncio
import base64
import hashlib
import hmac
import json
import math
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Alert
from db.writer import Database
from handlers import gate
from tests.handlers.raw_http import RawHttp, request
from tests.handlers.slack_house import CLICK, FORM, JSON, KEY, OLD_KEY, as_form, sign, slack
from tests.handlers.web_house import OTHER_SECRET, SECRET, alert, open_house, outcomes
from tests.logged import UNSEEN, Log, logged

CLICK_BODY = as_form(CLICK)
GUESS = "whsec_" + base64.b64encode(b"a guess of 24 bytes.....").decode()
ALERT_BODY = json.dumps(alert()).encode()
OFF = (-301, 301, -86_400, 86_400, -(2**31), 2**33)
"""Seconds a clock may be wrong by and be refused; 300 are allowed."""
NON_ASCII = (
    "größe".encode(),
    "größe".encode("latin-1"),
    b"\xff\xfe",
    "١٧٩٥٠٠٠٠٠٠".encode(),
    b"v0=\xe2\x80\xae",
)

Headers = dict[str, bytes | str]
Attempt = tuple[Headers, bytes]


def kept(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Alert)).scalar_one()


def signed_alert(body: bytes, secrets: list[str], *, at: float | None = None) -> Headers:
    """Standard Webhooks by hand, with every secret."""
    moment = str(int(time.time() if at is None else at))
    signatures = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, b"msg_1." + moment.encode() + b"." + body, hashlib.sha256)
        signatures.append(f"v1,{base64.b64encode(digest).decode()}")
    return {"webhook-id": "msg_1", "webhook-timestamp": moment, "webhook-signature": " ".join(signatures)}


def every_bit(value: bytes | str) -> Iterator[bytes]:
    """The value with one bit flipped, for every bit."""
    plain = value.encode() if isinstance(value, str) else value
    for place in range(len(plain)):
        for bit in range(8):
            yield plain[:place] + bytes([plain[place] ^ (1 << bit)]) + plain[place + 1 :]


def flipped(headers: Headers, body: bytes) -> Iterator[tuple[Headers, bytes]]:
    """Every bit of every signed header flipped, and one bit of every byte of the body."""
    for name, value in headers.items():
        for changed in every_bit(value):
            yield headers | {name: changed}, body
    for place, changed in enumerate(every_bit(body)):
        if place % 8 == (place // 8) % 8:
            yield headers, changed


def wrong_values(headers: Headers) -> Iterator[Headers]:
    """Each header missing, empty, not ASCII, endless."""
    for name, value in headers.items():
        yield {other: given for other, given in headers.items() if other != name}
        for wrong in (b"", b" ", b"\t", b"9" * 5000, b"," * 200, *NON_ASCII):
            yield headers | {name: wrong}
        assert isinstance(value, str)
        yield headers | {name: value + value}
        yield headers | {name: value.upper() if value.upper() != value else value + "0"}


def wrong_clocks() -> Iterator[float]:
    """What a clock says that is wrong, at the very moment it is asked."""
    for off in OFF:
        yield (math.floor if off < 0 else math.ceil)(time.time()) + off


async def all_refused(house: RawHttp, log: Log, path: str, kind: str, attempts: Iterable[Attempt]) -> int:
    """Send every attempt: 400 or 401, and exactly one line that tells nothing of what was sent. How many it were."""
    count = 0
    for headers, body in attempts:
        count += 1
        status = await house.ask(request(path, {"Content-Type": kind, **headers}, body))
        # 400: with that bit flipped it is no header any more.
        assert status in {400, 401}, (status, headers)
        line = log.new()
        assert line.count("\n") == 1, (line, headers)
        assert not UNSEEN.search(line), line
        for told in (*headers.values(), "block_actions", "CT4G", KEY, OLD_KEY, SECRET[6:], OTHER_SECRET[6:]):
            shown = told if isinstance(told, str) else told.decode("latin-1")
            assert len(shown) < 4 or shown not in line, line
    return count


def not_slacks() -> Iterator[Attempt]:
    """Clicks that Slack did not sign."""
    for key in (OLD_KEY, KEY):
        headers: Headers = {**sign(CLICK_BODY, key=key)}
        yield from flipped(headers, CLICK_BODY if key == KEY else b"")
        yield from ((each, CLICK_BODY) for each in wrong_values(headers))
        for at in wrong_clocks():
            off: Headers = {**sign(CLICK_BODY, key=key, at=at)}
            yield off, CLICK_BODY
    for wrong in ("", "guess", f"{OLD_KEY},{KEY}"):
        yield {**sign(CLICK_BODY, key=wrong)}, CLICK_BODY


def no_alerts() -> Iterator[Attempt]:
    """Alerts from nobody we know."""
    for secrets in ([SECRET], [OTHER_SECRET]):
        headers = signed_alert(ALERT_BODY, secrets)
        yield from flipped(headers, ALERT_BODY if secrets == [SECRET] else b"")
        yield from ((each, ALERT_BODY) for each in wrong_values(headers))
        yield from ((signed_alert(ALERT_BODY, secrets, at=at), ALERT_BODY) for at in wrong_clocks())
    for guesses in ([GUESS], [GUESS, GUESS]):
        yield signed_alert(ALERT_BODY, guesses), ALERT_BODY
    for token in (b"", b"Bearer", b"Bearer \xff", b"Bearer a b", b"Bearer " + "größe".encode()):
        yield {"Authorization": token}, ALERT_BODY


async def test_no_flipped_bit_no_wrong_clock_and_nothing_odd_is_slacks() -> None:
    with logged() as log:
        async with slack() as house, RawHttp(house.port) as raw:
            assert await all_refused(raw, log, "/", FORM, not_slacks()) > 1_300
            assert house.reached == []
            for key in (OLD_KEY, KEY):
                sent = request("/", {"Content-Type": FORM, **sign(CLICK_BODY, key=key)}, CLICK_BODY)
                assert await raw.ask(sent) == 200
            assert len(house.reached) == 2


async def test_when_the_old_secret_is_gone_so_is_what_it_signed() -> None:
    with logged() as log:
        async with slack([KEY]) as house, RawHttp(house.port) as raw:
            await all_refused(raw, log, "/", FORM, [({**sign(CLICK_BODY, key=OLD_KEY)}, CLICK_BODY)])
            assert house.reached == []


async def test_no_flipped_bit_no_wrong_clock_and_nothing_odd_is_an_alert(sqlite_db: Database) -> None:
    with logged() as log:
        async with (
            open_house(sqlite_db, alert_secrets=f"{SECRET},{OTHER_SECRET}") as house,
            RawHttp(house.port) as raw,
        ):
            assert await all_refused(raw, log, "/alerts", JSON, no_alerts()) > 1_200
            assert await house.deps.db.read(kept) == 0
            for secrets in ([SECRET], [OTHER_SECRET], [SECRET, OTHER_SECRET], [GUESS, SECRET]):
                sent = signed_alert(ALERT_BODY, secrets)
                assert await raw.ask(request("/alerts", {"Content-Type": JSON, **sent}, ALERT_BODY)) == 202


# The same request once more


async def test_a_click_sent_once_more_inside_the_window_is_no_second_click() -> None:
    """Also two at the same moment; and the same words signed at another second are a click of their own."""
    with logged() as log:
        async with slack() as house:
            now = time.time()
            headers = sign(CLICK_BODY, at=now)
            answers = await asyncio.gather(*(house.click(headers) for _ in range(5)))
            assert {answer.status for answer in answers} == {200}
            assert len(house.reached) == 1
            assert log.new().count("slack.repeated") == 4

            await house.click(sign(CLICK_BODY, at=now + 1))
            assert len(house.reached) == 2


async def test_a_click_sent_once_more_outside_the_window_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with slack() as house:
        headers = sign(CLICK_BODY)
        assert (await house.click(headers)).status == 200
        later = time.time() + gate.WINDOW_SECONDS + 2
        monkeypatch.setattr(time, "time", lambda: later)

        assert (await house.click(headers)).status == 401
        assert len(house.reached) == 1


async def test_what_failed_may_come_again_with_the_same_signature() -> None:
    body = urlencode({"command": "/charger", "text": "fail", "team_id": "T1", "user_id": "U1"}).encode()
    async with slack() as house:
        headers = sign(body)
        assert [(await house.post(body, headers)).status for _ in range(2)] == [500, 500]
        assert len(house.reached) == 2


async def test_an_alert_sent_once_more_has_one_effect_inside_the_window_and_none_outside(
    sqlite_db: Database,
) -> None:
    async with open_house(sqlite_db) as house:
        now = time.time()
        inside, outside = (signed_alert(ALERT_BODY, [SECRET], at=at) for at in (now - 298, now - 302))
        sent = {name: str(value) for name, value in inside.items()}
        answers = await asyncio.gather(*(house.post(ALERT_BODY, sent) for _ in range(5)))
        late = await house.post(ALERT_BODY, {name: str(value) for name, value in outside.items()})

        found = sorted([(await outcomes(answer))[0] for answer in answers])
        assert found == ["duplicate"] * 4 + ["opened"]
        assert late.status == 401
        assert await house.deps.db.read(kept) == 1
