"""How a request that is not served is answered over HTTP."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web

from bot.errors import RelinkError

BadFields = Sequence[Mapping[str, str]]
"""`path` and `message` of every wrong field."""


class NotServed(RelinkError):
    """A request that is answered with an error; `detail` is the sentence for its sender.

    It repeats nothing of the request, which may come from anybody.
    """

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, errors: BadFields = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.errors = errors

    def as_text(self) -> web.Response:
        """The short plain answer."""
        return web.Response(status=self.status, text=self.detail, headers=self.headers)

    def as_problem(self) -> web.Response:
        """The answer as `application/problem+json` (RFC 9457)."""
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            problem["errors"] = self.errors
        return web.Response(
            status=self.status,
            body=json.dumps(problem).encode(),
            content_type="application/problem+json",
            headers=self.headers,
        )
