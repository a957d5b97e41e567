"""What a Web API method is: its code, its scope, the arguments it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World


class Arguments:
    """The arguments of one call, from a JSON body or from a form (where everything is a string)."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}

    def text(self, name: str) -> str:
        """A string that must be there (the gate saw to it)."""
        return str(self.values[name])

    def maybe(self, name: str) -> str | None:
        """A string that may be missing or empty."""
        value = self.values.get(name)
        return str(value) if value not in (None, "") else None

    def flag(self, name: str) -> bool:
        """true or false; missing is false."""
        return self.values.get(name) in (True, "true", "True", "1", 1)

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = str(self.values.get(name, default))
        if not value.isdecimal():
            raise ApiError("invalid_arguments", [f"[ERROR] must be a number [json-pointer:/{name}]"])
        return int(value)


@dataclass(frozen=True)
class Method:
    """`scope` may hold `{kind}`, which stands for the kind of the channel named in the call.

    `caller` says whose token it takes: the bot's (xoxb-...) or the app's own (xapp-...).
    """

    run: Callable[[World, Arguments], Json]
    scope: str = ""
    needs: str = ""
    takes: str = ""
    caller: Literal["bot", "app"] = "bot"

    def check(self, arguments: Arguments) -> None:
        """Every needed argument is there, and none that is not known here (Slack would ignore those)."""
        needed, known = self.needs.split(), {*self.needs.split(), *self.takes.split(), "team_id"}
        problems = [
            f"[ERROR] missing required field: {name}" for name in needed if arguments.maybe(name) is None
        ]
        problems += [
            f"[ERROR] unknown or unsupported argument: {name}"
            for name in arguments.values
            if name not in known
        ]
        if problems:
            raise ApiError("invalid_arguments", problems)
