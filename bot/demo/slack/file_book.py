"""Files: first an address for the bytes, then the bytes, then the message that shows them."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.workspace import Json

ADDRESS_SECONDS = 10 * 60.0
"""How long an address waits for its bytes. Slack does not say; the strict reading is the safe one."""
KINDS: Mapping[str, str] = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "csv": "text/csv"}
"""What a file is by the end of its name; anything else is bytes. No SVG: it may hold scripts."""
BYTES = "application/octet-stream"


@dataclass
class File:
    """A file of the app; nobody sees it before it is shared in a channel."""

    id: str
    name: str
    size: int
    alt: str
    asked: float
    title: str = ""
    content: bytes | None = None
    channel: str | None = None

    @property
    def ending(self) -> str:
        """The end of its name, in small letters."""
        found = re.search(r"\.([A-Za-z0-9]{1,8})$", self.name)
        return found[1].lower() if found else ""

    @property
    def mimetype(self) -> str:
        """What kind of file it is."""
        return KINDS.get(self.ending, BYTES)

    @property
    def is_image(self) -> bool:
        """May a page show it in place?"""
        return self.mimetype.startswith("image/")

    def wire(self) -> Json:
        """The file as Slack's messages show it."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.ending,
            "size": self.size,
            "mode": "hosted",
            "alt_txt": self.alt,
        }


class FileBook:
    """Every file from its announcement on."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._files: dict[str, File] = {}
        self._open: dict[str, File] = {}
        self._numbers = count(1)

    def announce(self, name: str, size: int, alt: str) -> tuple[File, str]:
        """A file that is to come, and the secret part of the one address that takes it, once."""
        file = File(f"F{next(self._numbers):08}", name, size, alt, self._clock())
        secret = secrets.token_urlsafe(18)
        self._files[file.id] = self._open[secret] = file
        return file, secret

    def expected(self, secret: str) -> File:
        """The file this address waits for. Raises ApiError: unknown, used or too old."""
        file = self._open.get(secret)
        if file is None:
            raise ApiError("invalid_upload_url")
        if self._clock() - file.asked > ADDRESS_SECONDS:
            del self._open[secret]
            raise ApiError("expired_upload_url")
        return file

    def receive(self, secret: str, content: bytes) -> File:
        """Take the bytes; the address is spent, also by the wrong number of bytes. Raises ApiError."""
        file = self.expected(secret)
        del self._open[secret]
        if len(content) != file.size:
            raise ApiError("file_size_mismatch")
        file.content = content
        return file

    def to_share(self, id_: str) -> File:
        """A file whose bytes are here and that nobody has seen yet. Raises ApiError."""
        file = self._files.get(id_)
        if file is None or file.content is None or file.channel is not None:
            raise ApiError("file_not_found")
        return file

    def shared(self, id_: str) -> File | None:
        """A file that stands in a channel."""
        file = self._files.get(id_)
        return file if file is not None and file.channel is not None else None
