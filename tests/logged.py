"""What would stand in the log file: the real logging, read line by line."""

import io
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog

from bot.log import configure

UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000\ue001]"
)
"""What no log line and no message may hold: control characters, marks of direction and width, halves of a pair."""


class Log(io.StringIO):
    """What was written so far."""

    def new(self) -> str:
        """What was written since the last call."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@contextmanager
def logged(secrets: Iterable[str] = ()) -> Iterator[Log]:
    """The log as `serve` writes it; what that changes for the whole process is put back."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    written = Log()
    configure("text", secrets, stream=written)
    try:
        yield written
    finally:
        root.handlers[:], root.level = handlers, level
        server.setLevel(logging.NOTSET)
        sys.excepthook, threading.excepthook = hooks
        structlog.reset_defaults()
