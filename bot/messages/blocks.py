"""Slack's blocks from finished words. What a builder returns stays within `limits`.

Words that are too long are cut with an ellipsis and the cut is noted in `cuts`; what cannot be cut without
changing its meaning (a button's label, an id, the number of blocks) raises ValueError.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bot.messages import limits
from bot.messages.text import TOKEN, from_outside, known_markup, literal, tidy, unescaped, unmarked

Block: TypeAlias = dict[str, Any]

LABEL: Final = 24
"""Characters of a button's label; ours: it stays whole on the narrowest phone."""

RICH_TEXT: Final = limits.TEXT_OBJECT
"""Characters of a rich_text block; Slack names no limit, so the one of a text object."""

STYLES: Final = frozenset({None, "primary", "danger"})

# What must not be cut in two: a token of ours, an escaped character.
_ATOM: Final = re.compile(rf"{TOKEN.pattern}|&(?:amp|lt|gt);|.", re.DOTALL)


def fits(text: str, longest: int, what: str) -> str:
    """`text` itself; raises ValueError if it is empty or longer than `longest` characters."""
    if not 0 < len(text) <= longest:
        raise ValueError(f"{what} must have 1 to {longest} characters, this one has {len(text)}")
    return text


def cut(text: str, longest: int, what: str, cuts: list[str]) -> str:
    """`text` with at most `longest` characters, whole tokens and entities; a cut is noted in `cuts`."""
    if len(text) <= longest:
        return text
    cuts.append(f"{what} over {longest} characters")
    kept, room = [], longest - len("…")
    for atom in _ATOM.finditer(text):
        room -= len(atom[0])
        if room < 0:
            break
        kept.append(atom[0])
    return "".join(kept).rstrip() + "…"


@dataclass(frozen=True, slots=True)
class ConfirmSpec:
    """A confirm dialog, all of it plain text: names the object and the effect, with verbs on its buttons."""

    title: str
    text: str
    confirm: str
    deny: str
    style: str | None = None

    def __post_init__(self) -> None:
        fits(self.confirm, limits.CONFIRM_BUTTON, "a confirm dialog's button")
        fits(self.deny, limits.CONFIRM_BUTTON, "a confirm dialog's button")
        _known_style(self.style)


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """A button, or an entry of the overflow menu. `value` holds ids only; `label` is plain text."""

    action_id: str
    value: str
    label: str
    style: str | None = None
    confirm: ConfirmSpec | None = None
    accessibility_label: str | None = None
    url: str | None = None
    """A button that leads to a page; Slack tells of the press all the same."""

    def __post_init__(self) -> None:
        if self.url is not None:
            fits(self.url, limits.BUTTON_URL, "a button's address")
        fits(self.action_id, limits.ACTION_ID, "an action id")
        fits(self.value, limits.BUTTON_VALUE, "a button's value")
        fits(self.label, LABEL, f"the label {self.label!r}")
        _known_style(self.style)


def _known_style(style: str | None) -> None:
    if style not in STYLES:
        raise ValueError(f"no such style: {style}")


def plain_text(text: str) -> Block:
    """A plain_text object; Slack shows it letter by letter."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str, what: str, longest: int, cuts: list[str]) -> Block:
    if from_outside(text):
        raise ValueError("text from outside may stand only in title, line, plain, header and text")
    # verbatim: an address or "@here" inside our words or a serial stays what it is.
    shown = cut(known_markup(tidy(text)), longest, what, cuts)
    return {"type": "mrkdwn", "text": shown, "verbatim": True}


def section(text: str, cuts: list[str]) -> Block:
    """Our words as mrkdwn, never behind "See more": a safety line may stand in it."""
    return {"type": "section", "text": _mrkdwn(text, "section", limits.SECTION_TEXT, cuts), "expand": True}


def context(text: str, cuts: list[str]) -> Block:
    """Our words, small and grey: one element, its lines kept."""
    return {"type": "context", "elements": [_mrkdwn(text, "context", limits.TEXT_OBJECT, cuts)]}


def plain(text: str, cuts: list[str]) -> Block:
    """Any words without markup, never behind "See more"."""
    shown = cut(literal(text), limits.SECTION_TEXT, "plain", cuts)
    return {"type": "section", "text": plain_text(shown), "expand": True}


def header(text: str, cuts: list[str]) -> Block:
    """A heading; any words without markup."""
    return {"type": "header", "text": plain_text(cut(literal(text), limits.HEADER_TEXT, "header", cuts))}


def title(text: str, cuts: list[str]) -> Block:
    """Any words, bold; mentions and dates of ours live on."""
    return _rich_text(text, "title", {"bold": True}, cuts)


def line(text: str, cuts: list[str]) -> Block:
    """Any words, as they stand; mentions ring and dates of ours live on."""
    return _rich_text(text, "line", {}, cuts)


def row(text: str, button: ButtonSpec | None, cuts: list[str]) -> Block:
    """One entry of a list: a line of our words, below it any words without markup, beside both a button or none."""
    ours, _, others = text.strip().partition("\n")
    block: Block = {"type": "section", "text": _mrkdwn(ours, "row", limits.SECTION_TEXT, cuts)}
    if shown := literal(others):
        block["fields"] = [plain_text(cut(shown, limits.SECTION_FIELD, "row", cuts))]
    return block if button is None else {**block, "accessory": _button(button, cuts)}


def divider() -> Block:
    """A thin rule."""
    return {"type": "divider"}


def _rich_text(text: str, what: str, style: dict[str, bool], cuts: list[str]) -> Block:
    text = cut(known_markup(tidy(unmarked(text))), RICH_TEXT, what, cuts)
    elements: list[Block] = []
    start = 0
    for token in TOKEN.finditer(text):
        elements += _letters(text[start : token.start()])
        elements.append(_element(token))
        start = token.end()
    elements += _letters(text[start:])
    styled = [{**element, "style": style} for element in elements] if style else elements
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": styled}]}


def _letters(text: str) -> list[Block]:
    return [{"type": "text", "text": unescaped(text)}] if text else []


def _element(token: re.Match[str]) -> Block:
    if token["user"]:
        return {"type": "user", "user_id": token["user"]}
    if token["group"]:
        return {"type": "usergroup", "usergroup_id": token["group"]}
    if token["channel"]:
        return {"type": "channel", "channel_id": token["channel"]}
    if token["url"]:
        return {"type": "link", "url": unescaped(token["url"]), "text": unescaped(token["words"])}
    return {
        "type": "date",
        "timestamp": int(token["unix"]),
        "format": token["format"],
        "fallback": token["fallback"],
    }


def actions(buttons: Sequence[ButtonSpec], menu: Sequence[ButtonSpec], cuts: list[str]) -> Block:
    """The buttons in their order, then the overflow menu; a menu of one entry is one more button.

    The entries of a menu share one action id, the menu's own; a press is known by its value. Raises
    ValueError for two primary buttons, an action id used twice, too many buttons or entries.
    """
    if len(menu) == 1:
        buttons, menu = [*buttons, *menu], ()
    elements = [_button(spec, cuts) for spec in buttons]
    if menu:
        elements.append(_overflow(menu))
    if sum(spec.style == "primary" for spec in buttons) > 1:
        raise ValueError("more than one primary button")
    if len({element["action_id"] for element in elements}) < len(elements):
        raise ValueError("two buttons with one action id")
    if not 0 < len(elements) <= limits.ACTIONS_ELEMENTS:
        raise ValueError(f"{len(elements)} buttons, 1 to {limits.ACTIONS_ELEMENTS} fit")
    return {"type": "actions", "elements": elements}


def _button(spec: ButtonSpec, cuts: list[str]) -> Block:
    button: Block = {
        "type": "button",
        "action_id": spec.action_id,
        "value": spec.value,
        "text": plain_text(spec.label),
    }
    if spec.url:
        button["url"] = spec.url
    if spec.style:
        button["style"] = str(spec.style)
    if spec.confirm:
        button["confirm"] = _confirm(spec.confirm, cuts)
    if spec.accessibility_label:
        longest = limits.ACCESSIBILITY_LABEL
        button["accessibility_label"] = cut(spec.accessibility_label, longest, "accessibility label", cuts)
    return button


def _confirm(spec: ConfirmSpec, cuts: list[str]) -> Block:
    confirm = {
        "title": plain_text(cut(spec.title, limits.CONFIRM_TITLE, "confirm title", cuts)),
        "text": plain_text(cut(spec.text, limits.CONFIRM_TEXT, "confirm text", cuts)),
        "confirm": plain_text(spec.confirm),
        "deny": plain_text(spec.deny),
    }
    return {**confirm, "style": str(spec.style)} if spec.style else confirm


def _overflow(menu: Sequence[ButtonSpec]) -> Block:
    if not limits.OVERFLOW_OPTIONS_MIN <= len(menu) <= limits.OVERFLOW_OPTIONS:
        raise ValueError(f"{len(menu)} entries in the menu, {limits.OVERFLOW_OPTIONS} fit")
    if len({spec.action_id for spec in menu}) > 1:
        raise ValueError("the entries of a menu share one action id")
    if any(spec.style or spec.confirm for spec in menu):
        raise ValueError("an entry of a menu has no style and no confirm dialog of its own")
    options = [option(spec.value, spec.label) for spec in menu]
    return {"type": "overflow", "action_id": menu[0].action_id, "options": options}


def option(value: str, label: str) -> Block:
    """One answer of a select, a radio group or a menu."""
    fits(value, limits.OPTION_VALUE, "an option's value")
    return {"text": plain_text(fits(label, limits.OPTION_TEXT, "an option's label")), "value": value}
