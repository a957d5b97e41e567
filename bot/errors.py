"""Everything that can go wrong on purpose.

RelinkError
├── ConfigWrong            settings missing or malformed; one line a problem          (exit code 2)
├── RunbookWrong           the shipped procedure does not load; names file and line   (exit code 2)
├── Refused                a person asked for something that is not allowed now
│   ├── NotAllowed         ... for this person
│   ├── StaleChoice        ... any more: somebody or the bot was first
│   └── FieldsWrong        ... with these values; one sentence a field of the form
├── Busy                   the database cannot take more now; try again later
├── PortalDown             the portal gave no usable answer; reads may be tried again
└── PortalRefused          the portal said no: credentials, rights, an unsupported call

A `Refused` carries the sentence a person reads. Nothing was changed when it is raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


class RelinkError(Exception):
    """The root of all errors of our own."""


class ConfigWrong(RelinkError):
    """Settings that cannot be used; `problems` holds one line for each wrong name."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class RunbookWrong(RelinkError):
    """The procedure's files contradict themselves; the message starts with `file:line`."""


class Refused(RelinkError):
    """Something a person asked for is not done; `sentence` says why and what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotAllowed(Refused):
    """This person may not do this."""


@dataclass(frozen=True, slots=True)
class First:
    """Who was first: a Slack user id or `relink`, with which choice, when."""

    actor: str
    choice: str
    at: datetime


class StaleChoice(Refused):
    """The card was older than the incident; `first` says who or what moved it, where that is known."""

    def __init__(self, sentence: str, first: First | None = None) -> None:
        super().__init__(sentence)
        self.first = first


class FieldsWrong(Refused):
    """A form with wrong values; `fields` maps the field's id to its sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = dict(fields)


class Busy(RelinkError):
    """The database cannot take this now. Nothing was written; `retry_after` is in seconds."""

    def __init__(self, reason: str, retry_after: int = 5) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PortalDown(RelinkError):
    """No usable answer from the portal: connection, 5xx, 429 or garbage."""


class PortalRefused(RelinkError):
    """The portal answered no: credentials, rights or an unsupported call."""
