"""The buttons of a card: what the runbook offers at this step, then what every card offers.

Values are ids (incident, turn, choice); labels, styles and order come from the runbook.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.messages import limits
from bot.messages.blocks import ButtonSpec, ConfirmSpec
from bot.messages.facts import CardFacts
from bot.messages.render import Renderer
from bot.runbook.model import Choice, Runbook
from bot.runbook.moves import everywhere_offered, offered
from bot.runbook.press import Press

PRESS: Final = "press:"
"""Prefix of the action id of a choice that is taken at once."""
ASK: Final = "ask:"
"""Prefix of the action id of a choice that opens its form first."""
TAKE: Final = "take"
MENU: Final = "menu"
NOTE: Final = "note"
HAND_OVER: Final = "hand-over"
"""The menu's entries that are no choices of the runbook; the incident's number follows after a colon."""


def of_card(
    facts: CardFacts, runbook: Runbook, render: Renderer
) -> tuple[Sequence[ButtonSpec], Sequence[ButtonSpec]]:
    """The card's buttons and the entries of its menu; none on a closed incident."""
    incident = facts.incident
    if incident.closed_at is not None:
        return (), ()
    here = offered(runbook, incident.step, facts.for_choices, frozenset())
    buttons = [_button(choice, facts, runbook, render) for choice in here]
    if incident.owner is None:
        buttons.append(
            ButtonSpec(TAKE, str(incident.id), "Take", accessibility_label=f"Take {incident.label}")
        )
    menu = [
        ButtonSpec(MENU, f"{NOTE}:{incident.id}", "Add note"),
        ButtonSpec(MENU, f"{HAND_OVER}:{incident.id}", "Hand over"),
    ]
    menu += [
        ButtonSpec(MENU, _press(choice, facts), choice.label or "")
        for choice in everywhere_offered(runbook, incident.step, facts.for_choices, frozenset())
    ]
    return buttons, menu


def _button(choice: Choice, facts: CardFacts, runbook: Runbook, render: Renderer) -> ButtonSpec:
    label = choice.label or choice.id
    return ButtonSpec(
        action_id=(ASK if choice.form else PRESS) + choice.id,
        value=_press(choice, facts),
        label=label,
        style=choice.style,
        confirm=_confirm(choice, facts.words, render),
        accessibility_label=_spoken(label, facts.incident.label),
    )


def _spoken(label: str, station: str) -> str:
    """What a screen reader says; of a long serial its end, which tells stations apart."""
    return f"{label}: {station[len(label) + len(': ') - limits.ACCESSIBILITY_LABEL :]}"


def _press(choice: Choice, facts: CardFacts) -> str:
    return Press(facts.incident.id, facts.incident.turn, choice.id).encode()


def _confirm(choice: Choice, words: Mapping[str, Any], render: Renderer) -> ConfirmSpec | None:
    """The dialog of a choice: its template's first line is the title, the last the two verbs, the rest the text."""
    if choice.confirm is None:
        return None
    title, *text, verbs = render.words(choice.confirm, words).splitlines()
    yes, _, no = verbs.partition(" / ")
    return ConfirmSpec(title, "\n".join(text).strip(), yes, no)
