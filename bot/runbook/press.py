"""What a button of a card is called and carries: incident, turn and choice. Ids only, read back strictly."""

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import Refused

ID = r"[a-z][a-z0-9-]{0,59}"
"""How the runbook's ids are written: small letters, digits, dashes."""

PRESS: Final = "press:"
"""Prefix of the action id of a choice that is taken at once."""
ASK: Final = "ask:"
"""Prefix of the action id of a choice that opens its form first."""
TAKE: Final = "take"
PARK: Final = "park"
OPEN_PORTAL: Final = "open-portal"
OWN_LOCKS: Final = "own-locks"
HOME_GO: Final = "home:go:"
"""Prefix of the action id of what leads from the Home tab to a card; the browser does that."""
HOME_SHOW: Final = "home:show:"
"""Prefix of the action id of what shows another page of the Home tab."""
HOME_REPORT: Final = "home:report"
HOME_HELP: Final = "home:help"
DIGEST_OPEN: Final = "digest:open"
DIGEST_FLAGGED: Final = "digest:flagged"
FULL_LOG: Final = "full-log"
REOPEN: Final = "reopen"
MENU: Final = "menu"
"""The action ids of what is no choice of a runbook."""

# [0-9] and the bounds keep other scripts' digits and endless numbers away from int().
_PRESS = re.compile(rf"([1-9][0-9]{{0,17}}):(0|[1-9][0-9]{{0,8}}):({ID})")
_UNREADABLE = "This button cannot be read. Please use the newest card of the incident."


@dataclass(frozen=True, slots=True)
class Press:
    """A click on `choice` of `incident` (its number), on a card drawn when the incident stood at `turn`."""

    incident: int
    turn: int
    choice: str

    def encode(self) -> str:
        """The button's value, such as `12:7:restart`; at most 89 characters."""
        return f"{self.incident}:{self.turn}:{self.choice}"


def decode(text: str) -> Press:
    """The press a button's value stands for. Raises Refused for anything `encode` does not write."""
    found = _PRESS.fullmatch(text)
    if found is None:
        raise Refused(_UNREADABLE)
    incident, turn, choice = found.groups()
    return Press(int(incident), int(turn), choice)
