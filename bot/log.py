"""Logging: one line an event, without control characters and without secrets, whoever wrote it."""

import logging
import re
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, TextIO

import structlog
from aiohttp.http import HttpProcessingError
from structlog.typing import EventDict, Processor, WrappedLogger

_SHORTEST = 4
"""Shorter secrets are not looked for: taking every `a` out would leave no log."""

_KNOWN = (
    r"\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]+|\bwhsec_[A-Za-z0-9+/=]+|(?<=\bBearer )\S+"
    # An answer address is as good as a key to its conversation, a ticket opens one connection.
    r"|https://hooks\.slack\.com/\S+|(?<=[?&]ticket=)[^\s&'\"]+"
)
_CONTROL = re.compile(
    # Control characters, marks of direction and of no width, halves of a pair, private use.
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff]+"
)
_NEEDS_QUOTES = re.compile(r"[\s\"=]|^$")

_SOCKET_MODE = "slack_sdk.socket_mode"
"""Writes a traceback for every attempt to connect that fails."""

_HUSHED = dict.fromkeys(("httpx", "httpcore", "apscheduler", "alembic", _SOCKET_MODE), logging.WARNING)
"""Libraries that write a line for every request, tick, connection or look at the schema."""

_VERIFICATION = "slack_bolt.RequestVerification"
"""Writes signature and body of a request it refuses; `handlers.gate` refuses without them."""

_WEB_SERVER = "aiohttp.server"
"""Writes a traceback, with the bytes, for what is not HTTP, and nothing for what is not even like it."""


def configure(
    form: Literal["text", "json"], secrets: Iterable[str] = (), *, stream: TextIO | None = None
) -> None:
    """Send every log line, ours and the libraries', to `stream` (standard error) in one form.

    `secrets` are replaced by stars wherever they turn up, and so is what looks like a Slack token, a webhook
    secret, a bearer token or an answer address.
    """
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _Cleaner(secrets),
                last,
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name, level in _HUSHED.items():
        logging.getLogger(name).setLevel(level)
    # Bolt resets level and `disabled` of its loggers when it makes them; filters it leaves alone.
    logging.getLogger(_VERIFICATION).addFilter(_nothing)
    logging.getLogger(_WEB_SERVER).setLevel(logging.DEBUG)
    logging.getLogger(_WEB_SERVER).addFilter(_not_http)
    logging.getLogger(_SOCKET_MODE).addFilter(_briefly)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody caught goes through the log as well: a traceback may quote a secret."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("relink").critical("crashed", exc_info=(kind, error, trace))


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        _crashed(crash.exc_type, crash.exc_value, crash.exc_traceback)


class _Cleaner:
    """Makes every value of an event plain: a number stays, all else becomes one line without secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._secret = re.compile("|".join([*map(re.escape, known), _KNOWN]))

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {str(name): self._clean(value) for name, value in event.items()}

    def _clean(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        return _CONTROL.sub(" ", self._secret.sub("***", str(value))).strip()


def _as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    start = [str(event.pop(name, "-")) for name in ("time", "level", "logger", "event")]
    return " ".join([*start, *(f"{name}={_quoted(value)}" for name, value in event.items())])


def _quoted(value: object) -> str:
    text = str(value)
    return '"' + text.replace('"', "'") + '"' if _NEEDS_QUOTES.search(text) else text


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _briefly(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True


def _not_http(record: logging.LogRecord) -> bool:
    """One line for bytes that are no request; our own faults keep their traceback."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg, record.exc_info = "no HTTP from %s", None
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
    return True
