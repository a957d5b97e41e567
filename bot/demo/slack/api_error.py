"""How Slack says no."""

from collections.abc import Iterable

from bot.demo.slack.workspace import Json


class ApiError(Exception):
    """Slack's `{"ok": false, "error": ...}`; `details` are further fields of that answer."""

    def __init__(self, error: str, problems: Iterable[str] = (), **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.problems = list(problems)
        self.details = details

    def body(self) -> Json:
        """The answer as JSON."""
        body: Json = {"ok": False, "error": self.error, **self.details}
        if self.problems:
            body |= {"errors": self.problems, "response_metadata": {"messages": self.problems}}
        return body


class RateLimitError(ApiError):
    """The pace is used up: HTTP 429, to be tried again after `retry_after` whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after
