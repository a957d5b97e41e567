"""What a person's client does with fields: finds them, fills them in, and refuses what does not fit."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.demo.slack.blocks_check import elements_of
from bot.demo.slack.workspace import Json
from bot.messages import limits

# Where each kind of element keeps what it holds, and what it starts with.
_HOLDS: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_MISSING = "Please fill in this field."


class CannotDo(Exception):
    """Something a person's client does not offer; the message is the sentence they see."""


@dataclass(frozen=True)
class Found:
    """An element a person can act on, the block it stands in, and the option meant (for menus)."""

    block: Json
    element: Json
    option: Json | None = None


def options_of(element: Json) -> list[Json]:
    """The options of a menu, groups laid flat."""
    groups: list[Json] = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def pick_option(element: Json, wanted: object) -> Json:
    """The option with this value or, failing that, this label."""
    options = options_of(element)
    for option in options:
        if option["value"] == wanted:
            return option
    for option in options:
        if option["text"]["text"] == wanted:
            return option
    raise CannotDo(f"There is no option {wanted}.")


def with_label(blocks: list[Json], label: str) -> Iterator[Found]:
    """Every button and menu option that shows this label."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] == "button" and element["text"]["text"] == label:
                yield Found(block, element)
            for option in options_of(element):
                if option["text"]["text"] == label:
                    yield Found(block, element, option)


def with_action(
    blocks: list[Json], action_id: str, *, block_id: str | None = None, value: str | None = None
) -> Found:
    """The one element with this action id; `block_id` or a button's `value` tells equals apart."""
    found = [
        Found(block, element)
        for block in blocks
        for element in elements_of(block)
        if element.get("action_id") == action_id
        and block_id in (None, block["block_id"])
        and value in (None, element.get("value"))
    ]
    if not found:
        raise CannotDo(f"There is no button {action_id} any more.")
    if len(found) > 1:
        raise CannotDo(f"{len(found)} buttons are called {action_id}; say which block.")
    return found[0]


def action_of(found: Found, action_ts: str, option: object = None) -> Json:
    """The entry of `actions` that this click makes in the payload."""
    element, block_id = found.element, found.block["block_id"]
    action: Json = {"type": element["type"], "block_id": block_id, "action_ts": action_ts}
    action |= {"action_id": element["action_id"]} if "action_id" in element else {}
    if element["type"] == "button":
        return action | {name: element[name] for name in ("text", "value", "style") if name in element}
    if option is None and found.option is None:
        raise CannotDo("Choose an entry of the menu.")
    if element["type"] == "overflow":
        return action | {"selected_option": found.option or pick_option(element, option)}
    return action | _held(element, found.option["value"] if found.option else option)


def state_of(blocks: list[Json], values: Mapping[str, Mapping[str, object]]) -> tuple[Json, dict[str, str]]:
    """What the fields of a view hold when `values` were typed into it, and the sentences beside wrong fields.

    `values` is {block_id: {action_id: value or {"option": ..}}}; what is not named keeps its initial value.
    """
    state: Json = {}
    errors: dict[str, str] = {}
    places = {(block["block_id"], str(element.get("action_id"))) for block, element in _stateful(blocks)}
    for block_id, typed in values.items():
        for action_id in typed:
            if (block_id, action_id) not in places:
                raise CannotDo(f"There is no field {block_id}/{action_id}.")
    for block, element in _stateful(blocks):
        key, action_id = block["block_id"], str(element.get("action_id"))
        given = values.get(key, {}).get(action_id)
        holds, starts = _HOLDS[element["type"]]
        held: Json = {"type": element["type"], holds: element.get(starts)}
        try:
            held = held if given is None else _held(element, given)
        except CannotDo as wrong:
            errors[key] = str(wrong)
            continue
        if block["type"] == "input" and not block.get("optional") and held[holds] in (None, "", []):
            errors[key] = _MISSING
        state.setdefault(key, {})[action_id] = held
    return state, errors


def _stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in _HOLDS:
                yield block, element


def _held(element: Json, given: object) -> Json:
    """What an element holds after `given` was put into it; raises CannotDo when the client refuses it."""
    kind = element["type"]
    if isinstance(given, dict) and "option" in given:
        given = given["option"]
    return {"type": kind, _HOLDS[kind][0]: _value(element, given)}


def _value(element: Json, given: object) -> object:
    match element["type"]:
        case "multi_static_select" | "checkboxes":
            chosen = given if isinstance(given, list) else [given]
            return [pick_option(element, each) for each in chosen]
        case "static_select" | "radio_buttons":
            return pick_option(element, given)
        case "plain_text_input":
            return _typed(element, str(given))
        case "number_input":
            return _number(element, str(given).strip())
        case _:
            return None if given == "" else given


def _typed(element: Json, text: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_TEXT)
    if text and not least <= len(text) <= most:
        raise CannotDo(f"{least} to {most} characters, please.")
    return text or None


def _number(element: Json, text: str) -> str | None:
    if not text:
        return None
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if re.fullmatch(pattern, text) is None:
        raise CannotDo("A number, please.")
    if "min_value" in element and Decimal(text) < Decimal(element["min_value"]):
        raise CannotDo(f"At least {element['min_value']}, please.")
    if "max_value" in element and Decimal(text) > Decimal(element["max_value"]):
        raise CannotDo(f"At most {element['max_value']}, please.")
    return text
