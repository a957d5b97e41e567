"""What a story of the demo is made of: scenes, in each of which one thing happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.demo.stories import DemoPerson


@dataclass(frozen=True, slots=True)
class Breaks:
    """The story's station gets a fault (a name of `faults.FAULTS`)."""

    fault: str


@dataclass(frozen=True, slots=True)
class Mends:
    """The story's station is mended."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """The car that charges at the story's station leaves."""


@dataclass(frozen=True, slots=True)
class Passes:
    """Time passes, minute by minute."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Presses:
    """Somebody presses a button, or chooses a menu's entry, by its label; confirm dialogs are answered with yes."""

    who: DemoPerson
    label: str


@dataclass(frozen=True, slots=True)
class Fills:
    """Somebody fills in the form in front of them and sends it: block id to value; the rest stays as it is.

    For day and time together the value is a clock time of the sites, such as "09:00": the next one.
    """

    who: DemoPerson
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Types:
    """Somebody types a message or a slash command in the alert channel."""

    who: DemoPerson
    text: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """The carrier of the story's station is gone in its whole area, or back."""

    gone: bool


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal stops answering, or answers again."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class Looks:
    """Nothing happens but that somebody looks: at the card, at the `thread` below it, or at what the bot wrote to
    them alone (`direct`)."""

    who: DemoPerson
    thread: bool = False
    direct: bool = False


Act = Breaks | Mends | Leaves | Passes | Presses | Fills | Types | Carrier | Portal | Looks


@dataclass(frozen=True, slots=True)
class Scene:
    """What is said, what happens, and what a card of the station shows then (nothing to wait for if empty)."""

    says: str
    act: Act
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A whole incident; `about` says in one line why it is worth watching."""

    id: str
    title: str
    about: str
    scenes: tuple[Scene, ...]
