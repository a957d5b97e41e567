"""The words of the procedure: steps, choices, forms, waits. Plain values, no behaviour, no I/O.

Every instance here was read from `cp_err_wifi/*.toml` and checked by `load`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

CLOSED = "closed"
ORIGIN = "origin"
"""A choice that leads to `ORIGIN` goes back to the step the incident came from."""
EARLIER = "earlier"
"""A choice that leads to `EARLIER` goes back to the step of an answer that was wrong."""

FACTS: Mapping[str, frozenset[str]] = {
    "restart": frozenset({"auto", "manual", "none"}),
    "budget": frozenset({"free", "used"}),
    "asked": frozenset({"portal", "person"}),
    "nearby": frozenset({"down", "none", "not known"}),
    "tried": frozenset({"yes", "no"}),
    "session": frozenset({"running", "none", "not known"}),
    "promised": frozenset({"yes", "no"}),
    "visit": frozenset({"none", "asked", "accepted", "on site"}),
    "entered": frozenset({"anew", "again"}),
    "circuits": frozenset({"none", "one", "more"}),
    "needs": frozenset({"none", "sim", "part"}),
    "generation": frozenset({"1", "2", "not known"}),
    "hazard": frozenset({"yes", "no"}),
    "stopped": frozenset({"yes", "no"}),
}
"""What a choice's `when` may ask, with every value the fact can have. "not known" is a value of its own."""

FINDINGS: Mapping[str, frozenset[str]] = {
    "fix": frozenset(
        {
            "SIM reseat",
            "antenna reconnection",
            "Wi-Fi reconfiguration",
            "modem power cycle",
            "SIM replaced",
            "antenna replaced",
            "modem replaced",
            "provider restored service",
            "carrier recovered",
            "recovered by itself",
            "false alarm",
            "coverage finding",
            "no power (not communications)",
            "could not complete",
        }
    ),
    "finding": frozenset({"none", "coverage"}),
    "visit": frozenset({"none", "asked", "accepted", "on site"}),
    "needs": frozenset({"none", "sim", "part"}),
}
"""What a choice `sets` on the incident; the first four fixes are those of manual 5 (9)."""


class Role(StrEnum):
    """What a person may be; roles add up."""

    SUPPORT = "support"
    TECHNICIAN = "technician"
    LEAD = "lead"
    ASSIGNED = "assigned"
    """The technician this incident's visit was given to; nobody else has this role here."""


class Gate(StrEnum):
    """What stands between a person and the cabinet (manual 2 and 4.3)."""

    LOCK_ON = "lock-on"
    ZERO_VOLTS = "zero-volts"


class Phase(StrEnum):
    """Where the minutes of an incident went; the repair log adds them up."""

    WAITING = "waiting"
    REMOTE = "remote"
    VISIT = "until visit"
    ON_SITE = "on site"
    PROOF = "proof"


class Style(StrEnum):
    """How a button looks; `danger` only for what harms."""

    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: the manual's (`fixed`) or one of ours, looked up by `name` in the settings."""

    fixed: timedelta | None = None
    name: str | None = None

    def length(self, timings: Mapping[str, timedelta]) -> timedelta:
        """The length under these settings."""
        return self.fixed if self.fixed is not None else timings[self.name or ""]


class Since(StrEnum):
    """What a wait counts from."""

    ENTRY = "entry"
    LAST_COMMUNICATION = "last-communication"
    PROMISED = "promised"
    """The time a person was promised and entered in the step's form, such as the day a SIM arrives."""
    ANSWER = "answer"
    """The portal's answer to this step's command; nothing is armed before it is there."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """How a step goes on by itself: `does` (portal methods) is read, `decides` (a judgement) names a choice.

    Asked at entry, or only when the wait is over if `first_look` is False; then again `every` so often. Once
    `lasts` is over (without it: at the first look) and the judgement still cannot tell, `then` is taken;
    without `then` a person is rung with `rings`, once, and the looks go on. `beside`: it only watches beside the
    person for whom the step waits.
    """

    decides: str
    does: tuple[str, ...] = ()
    every: Span | None = None
    lasts: Span | None = None
    since: Since = Since.ENTRY
    first_look: bool = True
    then: str | None = None
    rings: str | None = None
    rings_there: str | None = None
    """Calls the technician who is at the station; without one nobody is called by it."""
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A way out of a step. Without `label` it is no button: only the bot or a form's values take it.

    No `by` means the step's. `when` maps a fact (`FACTS`) to the values under which it is offered, `sets` a
    finding (`FINDINGS`) to its value, `does` names the portal's command. `confirm`, `rings` and `line` name
    templates: the dialog, the message that rings somebody, the line in the timeline.
    """

    id: str
    to: str | None = None
    label: str | None = None
    by: frozenset[Role] = frozenset()
    style: Style | None = None
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    confirm: str | None = None
    form: str | None = None
    does: str | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    rings: str | None = None
    rings_owner: bool = False
    """`rings` calls only an owner: nobody is woken for what nobody has begun."""
    rings_leads: bool = False
    """`rings` calls the leads, and is shown in the channel too."""
    rings_always: bool = False
    """`rings` calls also for a person's move: it needs somebody else now."""
    line: str | None = None
    remedy: bool = False
    """A remedial move: what is verified afterwards must be newer than it."""
    promises: Span | None = None
    """What the next step does by itself it does within this time."""
    parks: Span | None = None
    """The step waits on; its person is called again after this time."""
    opens: frozenset[Gate] = frozenset()
    """Gates open after this move; only a form's typed values may lead to such a choice."""
    shuts: frozenset[Gate] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a form's field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. `kind` is `choice`, `text`, `number`, `time`, `date`, `moment` or `person`."""

    id: str
    label: str
    kind: str
    options: tuple[Option, ...] = ()
    required: bool = True
    hint: str | None = None
    longest: int = 500
    keeps: str | None = None
    """What of the incident the answer becomes: `promised_at`, `planned_at`, `sent_at`, `fix`, `technician`."""
    suggests: str | None = None
    """The fact whose value is filled in beforehand."""


@dataclass(frozen=True, slots=True)
class Form:
    """A modal. With `decides` its values name the choice; without, the button's own `to` holds."""

    id: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    decides: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the manual: what it says, who does it, how it goes on.

    It is entered only with every gate of `needs` open and none of `forbids`.
    """

    id: str
    paragraph: str
    covers: tuple[str, ...]
    phase: Phase
    by: frozenset[Role]
    says: str
    choices: tuple[Choice, ...]
    automatic: Automatic | None = None
    heals: str | None = None
    """The fix when the station comes back while the incident stands here and nothing else has fixed it."""
    tells: str | None = None
    """The template of what the technician of the visit is shown; without one there is nothing for them to do."""
    needs: frozenset[Gate] = frozenset()
    forbids: frozenset[Gate] = frozenset()
    where: str = ""
    """file:line of its declaration, for messages."""

    def choice(self, choice_id: str) -> Choice | None:
        """The choice of this name, None if the step has none."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)


@dataclass(frozen=True, slots=True)
class Everywhere:
    """A choice declared once for all steps; `since` and `before` limit it to the steps from one, before the other.

    It applies while every gate of `needs` is open and none of `forbids`. With `automatic` the bot takes it by
    itself at the steps that have no automatic way of their own.
    """

    choice: Choice
    since: str | None = None
    before: str | None = None
    needs: frozenset[Gate] = frozenset()
    forbids: frozenset[Gate] = frozenset()
    automatic: Automatic | None = None
    rings_at: frozenset[str] = frozenset()
    """The steps at which its `rings` holds; at all if there are none."""


@dataclass(frozen=True, slots=True)
class Runbook:
    """The whole procedure of one error code. `digest` identifies the text it was read from."""

    code: str
    start: str
    steps: Mapping[str, Step]
    everywhere: tuple[Everywhere, ...]
    forms: Mapping[str, Form]
    digest: str
    order: tuple[str, ...] = ()

    def lies_before(self, step_id: str, other: str) -> bool:
        """Is `step_id` declared before `other`?"""
        return self.order.index(step_id) < self.order.index(other)
