"""Log lines: one an event, nothing to inject, nothing to steal, whoever wrote them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog
from aiohttp.http import HttpProcessingError

from bot.log import configure

SECRET = "s3cret-Value"


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """What `configure` changes for the whole process is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines(form: Literal["text", "json"] = "text") -> io.StringIO:
    written = io.StringIO()
    configure(form, [SECRET], stream=written)
    return written


def test_an_event_is_one_line_of_time_level_name_and_facts() -> None:
    written = lines()
    structlog.get_logger("bot.courier").info("card.sent", incident="I-2026-0001", version=3, why="two words")

    time, rest = written.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert rest == 'info bot.courier card.sent incident=I-2026-0001 version=3 why="two words"\n'


def test_json_keeps_numbers_as_numbers() -> None:
    written = lines("json")
    structlog.get_logger("x").info("card.sent", version=3, ratio=0.5, missing=None)

    event = json.loads(written.getvalue())
    assert (event["version"], event["ratio"], event["missing"]) == (3, 0.5, None)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "poison",
    [
        "a\nb",
        "a\r\nb",
        "a\x1b[31mb",
        "a\u2028b",
        "a\u202eb",
        "a\0b",
        "a\ud800b",
        "a\u200bb",
        "a\ufeffb",
        "a\u200fb",
    ],
)
def test_nothing_from_outside_makes_a_line_of_its_own(form: Literal["text", "json"], poison: str) -> None:
    written = lines(form)
    structlog.get_logger("x").info("alerts.refused", why=poison)
    logging.getLogger("library").warning("said %s", poison)

    assert written.getvalue().count("\n") == 2
    assert "a b" in written.getvalue() or "a [31mb" in written.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_become_stars_wherever_they_turn_up(form: Literal["text", "json"]) -> None:
    written = lines(form)
    log = structlog.get_logger("x")
    log.info("event", value=SECRET, nested={"deep": [SECRET]})
    logging.getLogger("library").warning("said %s", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")

    assert SECRET not in written.getvalue()
    assert written.getvalue().count("***") >= 4
    assert written.getvalue().count("\n") == 3


@pytest.mark.parametrize(
    "secret",
    ["xoxb-12-Ab", "xapp-1-A", "whsec_QUJD", "https://hooks.slack.com/commands/T1/2/x", "Bearer abc.def"],
)
def test_what_looks_like_a_key_becomes_stars_though_nobody_named_it(secret: str) -> None:
    written = lines()
    logging.getLogger("library").warning("sent %s away", secret)

    assert secret not in written.getvalue()
    assert "away" in written.getvalue()


def test_looking_at_the_schema_is_no_event() -> None:
    written = lines()
    logging.getLogger("alembic.runtime.migration").info("Context impl SQLiteImpl.")

    assert written.getvalue() == ""


def test_bolt_does_not_write_down_what_it_refuses() -> None:
    written = lines()
    logging.getLogger("slack_bolt.RequestVerification").error("signature and body")
    assert not written.getvalue()


def test_a_connection_that_cannot_be_opened_is_one_line_without_its_ticket() -> None:
    written = lines()
    sdk = logging.getLogger("slack_sdk.socket_mode")
    sdk.info("A new session has been established")
    try:
        raise ConnectionError("wss://wss.slack.com/link/?ticket=abc-def&app_id=A1 said no")
    except ConnectionError as trouble:
        sdk.exception("Failed to connect (error: %s)", trouble)

    assert "Failed to connect" in written.getvalue()
    assert "abc-def" not in written.getvalue()
    assert "Traceback" not in written.getvalue()
    assert written.getvalue().count("\n") == 1


def test_bytes_that_are_not_http_are_not_worth_a_traceback_but_our_faults_are() -> None:
    written = lines()
    server = logging.getLogger("aiohttp.server")
    server.error("bad line", exc_info=HttpProcessingError(code=400, message="bytes of a stranger"))
    server.error("handler failed", exc_info=ValueError("ours"))

    assert "stranger" not in written.getvalue()
    assert "ours" in written.getvalue()
