"""Errors of the simulated portal as `application/problem+json` with a `code`."""

from http import HTTPStatus

from aiohttp import web

from bot.errors import RelinkError


class ProblemError(RelinkError):
    """The portal answers no; `code` says why in one word."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def problem_response(problem: ProblemError) -> web.Response:
    """The problem as an answer."""
    return web.json_response(
        {
            "type": "about:blank",
            "title": problem.status.phrase,
            "status": int(problem.status),
            "code": problem.code,
        },
        status=problem.status,
        content_type="application/problem+json",
    )
