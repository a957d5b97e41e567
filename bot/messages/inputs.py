"""The questions of a form as Slack's input blocks. `blocks` builds everything else."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import limits
from bot.messages.blocks import Block, fits, option, plain_text


@dataclass(frozen=True, slots=True)
class Question:
    """What every field of a form has. `id` is its block's id; its one element is called "value"."""

    id: str
    label: str
    optional: bool = False
    hint: str | None = None


def text_input(
    asked: Question, *, initial: str | None = None, longest: int = limits.INPUT_TEXT, multiline: bool = False
) -> Block:
    """A line (or, `multiline`, several) to type; `initial` is cut to `longest` characters."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": longest}
    return _input(asked, element, {"initial_value": initial[:longest]} if initial else {})


def number_input(asked: Question, *, initial: float | None = None) -> Block:
    """A number, with or without decimals."""
    element: Block = {"type": "number_input", "is_decimal_allowed": True}
    return _input(asked, element, {} if initial is None else {"initial_value": f"{initial:.15g}"})


def time_input(asked: Question, *, initial: str | None = None) -> Block:
    """A time of day; `initial` is "HH:MM"."""
    return _input(asked, {"type": "timepicker"}, {"initial_time": initial} if initial else {})


def person_input(asked: Question) -> Block:
    """Somebody chosen from Slack's own list of people."""
    return _input(asked, {"type": "users_select"}, {})


def date_input(asked: Question, *, initial: str | None = None) -> Block:
    """A day; `initial` is "YYYY-MM-DD"."""
    return _input(asked, {"type": "datepicker"}, {"initial_date": initial} if initial else {})


def moment_input(asked: Question) -> Block:
    """Day and time together, in the zone of whoever fills it in."""
    return _input(asked, {"type": "datetimepicker"}, {})


def select_input(asked: Question, options: Sequence[tuple[str, str]], *, initial: str | None = None) -> Block:
    """One (value, label) pair of up to 100; an `initial` that is no option's value presets nothing."""
    return _choice(asked, "static_select", options, limits.SELECT_OPTIONS, initial)


def radio_input(asked: Question, options: Sequence[tuple[str, str]], *, initial: str | None = None) -> Block:
    """One (value, label) pair of up to 10, all in sight; presets as `select_input` does."""
    return _choice(asked, "radio_buttons", options, limits.CHOICE_OPTIONS, initial)


def _choice(
    asked: Question, kind: str, pairs: Sequence[tuple[str, str]], most: int, initial: str | None
) -> Block:
    if not 0 < len(pairs) <= most:
        raise ValueError(f"{len(pairs)} options, 1 to {most} fit")
    options = [option(value, label) for value, label in pairs]
    preset = next((one for one in options if one["value"] == initial), None)
    return _input(asked, {"type": kind, "options": options}, {"initial_option": preset} if preset else {})


def _input(asked: Question, element: Block, preset: Block) -> Block:
    block: Block = {
        "type": "input",
        "block_id": fits(asked.id, limits.BLOCK_ID, "a field's id"),
        "label": plain_text(fits(asked.label, limits.INPUT_LABEL, "a field's label")),
        "optional": asked.optional,
        "element": {**element, **preset, "action_id": "value"},
    }
    if asked.hint:
        block["hint"] = plain_text(fits(asked.hint, limits.INPUT_HINT, "a field's hint"))
    return block
