"""The buttons of a card: what the runbook offers at this step, then what every card offers.

Values are ids (incident, turn, choice); labels, styles and order come from the runbook. Choices for the technician
of a visit stand on the visit's own card, all others on the incident's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.messages import forms, limits
from bot.messages.blocks import ButtonSpec, ConfirmSpec
from bot.messages.facts import CardFacts
from bot.messages.render import Renderer
from bot.messages.text import is_web_address
from bot.portal.contract import Capability
from bot.runbook.model import Choice, Role, Runbook
from bot.runbook.moves import everywhere_offered, offered
from bot.runbook.press import ASK, FULL_LOG, MENU, OPEN_PORTAL, OWN_LOCKS, PARK, PRESS, REOPEN, TAKE, Press

_OF_EVERY_CARD: Final = (
    (forms.NOTE_FORM.id, "Add note"),
    (forms.CORRECT_FORM.id, "Correct an answer"),
    (forms.HAND_OVER_FORM.id, "Hand over"),
    (forms.HELP_FORM.id, "Call for help"),
    (forms.MORE_FORM.id, "More"),
)
_OF_EVERY_VISIT: Final = ((forms.NOTE_FORM.id, "Add note"), (forms.HELP_FORM.id, "Call for help"))
"""The menus' entries: the form behind each, and what it is called."""
REASON: Final = "reason"
"""The runbook's form that asks for nothing but a reason; "More" asks for it too."""
_DESK: Final = frozenset({Role.SUPPORT, Role.LEAD})
_THERE: Final = frozenset({Role.TECHNICIAN, Role.ASSIGNED})

Specs = Sequence[ButtonSpec]


def of_card(facts: CardFacts, runbook: Runbook, render: Renderer) -> tuple[Specs, Specs]:
    """The buttons of an open incident's card and the entries of its menu."""
    incident = facts.incident
    buttons = _portal(facts)
    mine = [*_meant_for(_DESK, facts, runbook), *_of_the_desk(facts, runbook)]
    buttons += _choices(mine, facts, runbook, render)
    if incident.owner is None:
        buttons.append(_plain(TAKE, "Take", facts))
    if facts.words["waits"] and not facts.words["rests"]:
        buttons.append(_plain(PARK, f"Park until {facts.words['park_at']:%H:%M}", facts))
    return buttons, [_entry(name, label, facts) for name, label in _OF_EVERY_CARD]


def of_closed(facts: CardFacts, render: Renderer) -> Specs:
    """What is left to press when the incident is over; a drill is not opened again."""
    log = _plain(FULL_LOG, "Full log", facts)
    if facts.incident.drill:
        return [log]
    confirm = _dialog("confirms/reopen.j2", facts.words, render)
    return [log, replace(_plain(REOPEN, "Reopen", facts), confirm=confirm)]


def of_visit(facts: CardFacts, runbook: Runbook, render: Renderer) -> tuple[Specs, Specs]:
    """The buttons and the menu of the card that the technician of the visit has."""
    everywhere = everywhere_offered(runbook, facts.incident.step, facts.for_choices, facts.gates)
    mine = [*_meant_for(_THERE, facts, runbook), *(one for one in everywhere if Role.ASSIGNED in one.by)]
    buttons = _choices(mine, facts, runbook, render)
    return buttons, [_entry(name, label, facts) for name, label in _OF_EVERY_VISIT]


def own_locks(facts: CardFacts, technician: str) -> Specs:
    """The button by which somebody who handed the visit over takes own locks off, once the successor's are on."""
    follower = facts.incident.technician
    followed = any(lock["technician"] == follower for lock in facts.words["locks"] if follower != technician)
    return [_plain(OWN_LOCKS, "Take my locks off", facts)] if followed else []


def _of_the_desk(facts: CardFacts, runbook: Runbook) -> list[Choice]:
    """The choices for all steps that have a form of their own, and so a button of their own."""
    offers = everywhere_offered(runbook, facts.incident.step, facts.for_choices, facts.gates)
    return [one for one in offers if one.by & _DESK and one.form not in {None, REASON}]


def more_of(facts: CardFacts, runbook: Runbook) -> Sequence[Choice]:
    """The choices for all steps that stand behind the menu's "More"."""
    offers = everywhere_offered(runbook, facts.incident.step, facts.for_choices, facts.gates)
    own = forms.CORRECT_FORM.id
    return [one for one in offers if Role.SUPPORT in one.by and one.id != own and one.form in {None, REASON}]


def _meant_for(roles: frozenset[Role], facts: CardFacts, runbook: Runbook) -> list[Choice]:
    step = runbook.steps[facts.incident.step]
    here = offered(runbook, step.id, facts.for_choices, facts.gates)
    return [choice for choice in here if (choice.by or step.by) & roles]


def _choices(
    choices: Iterable[Choice], facts: CardFacts, runbook: Runbook, render: Renderer
) -> list[ButtonSpec]:
    return [_button(choice, facts, runbook, render) for choice in choices]


def _button(choice: Choice, facts: CardFacts, runbook: Runbook, render: Renderer) -> ButtonSpec:
    label = choice.label or choice.id
    return ButtonSpec(
        action_id=(ASK if choice.form else PRESS) + choice.id,
        value=_press(choice.id, facts),
        label=label,
        style=choice.style,
        confirm=_confirm(choice, facts.words, render),
        accessibility_label=_spoken(label, facts.incident.label),
    )


def _plain(action_id: str, label: str, facts: CardFacts) -> ButtonSpec:
    spoken = _spoken(label, facts.incident.label)
    return ButtonSpec(action_id, _press(action_id, facts), label, accessibility_label=spoken)


def _entry(name: str, label: str, facts: CardFacts) -> ButtonSpec:
    return ButtonSpec(MENU, _press(name, facts), label)


def _portal(facts: CardFacts) -> list[ButtonSpec]:
    """The way to the station's page, where a person is asked for what stands there."""
    address, words = facts.incident.portal_url, facts.words
    by_hand = words["step"] == "restart-station" and words["portal"]["restart"] == Capability.MANUAL
    if address is None or not is_web_address(address) or not (by_hand or words["looks_up"]):
        return []
    spoken = _spoken("Open portal", facts.incident.label)
    value = _press(OPEN_PORTAL, facts)
    return [ButtonSpec(OPEN_PORTAL, value, "Open portal", url=address, accessibility_label=spoken)]


def _spoken(label: str, station: str) -> str:
    """What a screen reader says; of a long serial its end, which tells stations apart."""
    return f"{label}: {station[len(label) + len(': ') - limits.ACCESSIBILITY_LABEL :]}"


def _press(choice: str, facts: CardFacts) -> str:
    return Press(facts.incident.id, facts.incident.turn, choice).encode()


def _confirm(choice: Choice, words: Mapping[str, Any], render: Renderer) -> ConfirmSpec | None:
    return None if choice.confirm is None else _dialog(choice.confirm, words, render)


def _dialog(template: str, words: Mapping[str, Any], render: Renderer) -> ConfirmSpec:
    """A confirm dialog: its template's first line is the title, the last the two verbs, the rest the text."""
    title, *text, verbs = render.words(template, words).splitlines()
    yes, _, no = verbs.partition(" / ")
    return ConfirmSpec(title, "\n".join(text).strip(), yes, no)
