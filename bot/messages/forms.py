"""Modals from the runbook's forms, and what came back typed into them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.errors import FieldsWrong, Refused
from bot.messages.blocks import Block, plain_text
from bot.messages.inputs import (
    Question,
    date_input,
    moment_input,
    number_input,
    person_input,
    radio_input,
    select_input,
    text_input,
    time_input,
)
from bot.messages.text import one_line
from bot.runbook.model import Field, Form

FORM: Final = "form:"
"""Prefix of the callback id of a runbook's form; the rest is the form's id."""
MANY: Final = 4
"""From so many options on, a list to open is easier than buttons side by side."""

_TYPED: Final = ("value", "selected_time", "selected_date", "selected_user", "selected_date_time")

ONE_LINE: Final = 100
"""Answers that may be longer get a field of several lines."""

NOTE_FORM: Final = Form(
    "note", "Note", "Add note", (Field("note", "Goes into the thread and the log", "text"),)
)
HELP_FORM: Final = Form(
    "help",
    "Call for help",
    "Call the leads",
    (
        Field(
            "help", "What do you need?", "text", longest=300, hint="The leads are called, in the channel too."
        ),
    ),
)
CORRECT_FORM: Final = Form(
    "correct",
    "Correct an answer",
    "Go back to it",
    (
        Field("answer", "Which answer was wrong?", "choice"),
        Field("right", "What is right? It goes into the log.", "text", longest=300),
    ),
)
MORE_FORM: Final = Form(
    "more",
    "More",
    "Do it",
    (
        Field("what", "What?", "choice"),
        Field("reason", "Why? It goes into the log.", "text", required=False, longest=300),
        Field("until", "Muting: until which day?", "date", required=False),
    ),
)
HAND_OVER_FORM: Final = Form(
    "hand-over",
    "Hand over",
    "Hand over",
    (Field("to", "To whom?", "person", hint="Support or a lead. They are called by a line in the thread."),),
)
OWN_LOCKS_FORM: Final = Form(
    "own-locks",
    "My locks off",
    "Record",
    (
        Field("tag-1", "Your lock or tag 1, type it again", "text", longest=100),
        Field("tag-2", "Your lock or tag 2 (with two circuits)", "text", required=False, longest=100),
    ),
)
"""After handing over: own locks come off, the power stays off."""
REOPEN_FORM: Final = Form(
    "reopen",
    "Reopen",
    "Reopen it",
    (Field("reason", "Why? It goes into the log.", "text", longest=300),),
)
REPORT_FORM: Final = Form(
    "report",
    "Report this charger",
    "Open incident",
    (
        Field("serial", "Serial of the station", "text", longest=64, suggests="serial"),
        Field("note", "What did you see?", "text", required=False),
    ),
)


def modal(form: Form, callback_id: str, ids: str, suggestions: Mapping[str, str | None]) -> Block:
    """The view of a form. `ids` come back with the submission; `suggestions` fill what a field `suggests`."""
    fields = [_input(each, suggestions.get(each.suggests) if each.suggests else None) for each in form.fields]
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": ids,
        "title": plain_text(form.title),
        "submit": plain_text(form.submit),
        "close": plain_text("Cancel"),
        "blocks": fields,
    }


def blank(words: str) -> Block:
    """A view that says these words and asks for nothing."""
    return reading("Withdrawn", "blank", [{"type": "section", "text": plain_text(words)}])


def notice(title: str, words: str) -> Block:
    """A view that says these finished words and asks for nothing, where there is no channel to say them in."""
    text = {"type": "mrkdwn", "text": words, "verbatim": True}
    return reading(title, "notice", [{"type": "section", "text": text}])


def reading(title: str, callback_id: str, blocks: Sequence[Block]) -> Block:
    """A view to read and to close."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title),
        "close": plain_text("Close"),
        "blocks": list(blocks),
    }


def submitted(form: Form, state: Any) -> Mapping[str, str]:
    """The values of a submission, cleaned; empty fields are left out.

    Raises FieldsWrong for a missing answer, one that is no option, or one that is too long.
    """
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field in form.fields:
        value = _typed(state, field.id)
        sentence = _refusal(field, value)
        if sentence is not None:
            wrong[field.id] = sentence
        elif value:
            values[field.id] = value
    if wrong:
        raise FieldsWrong(wrong)
    return values


def _input(field: Field, suggestion: str | None) -> Block:
    asked = Question(field.id, field.label, optional=not field.required, hint=field.hint)
    options = [(option.value, option.label) for option in field.options]
    if field.kind == "choice":
        build = select_input if len(options) >= MANY else radio_input
        return build(asked, options, initial=suggestion)
    if field.kind == "number":
        return number_input(asked)
    if field.kind == "person":
        return person_input(asked)
    if field.kind == "date":
        return date_input(asked, initial=suggestion)
    if field.kind == "moment":
        return moment_input(asked)
    if field.kind == "time":
        return time_input(asked, initial=suggestion)
    return text_input(asked, initial=suggestion, longest=field.longest, multiline=field.longest > ONE_LINE)


def _typed(state: Any, field_id: str) -> str:
    """What stands in a field of a view's state, whatever its kind of input."""
    element = (state.get(field_id) or {}).get("value") if isinstance(state, dict) else None
    if not isinstance(element, dict):
        return ""
    option = element.get("selected_option")
    typed = next((element[key] for key in _TYPED if element.get(key)), None)
    raw = option.get("value") if isinstance(option, dict) else typed
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)  # a moment, in Unix seconds
    # Not cut here: what is too long is refused, and nobody loses the end of what they typed.
    return one_line(raw) if isinstance(raw, str) else ""


_LIKE_A_KEY: Final = re.compile(
    r"(?i)\b(?:psk|pass\s?(?:word|phrase)|pre-?shared key|wi-?fi key|wpa2?)\b"
    # "password changed" speaks of one, "password: changed123" tells one; so does whatever is no plain word.
    r"(?:\s*(?:\bis\b|=|:)\s*\S{8,}|\s+(?![a-z]{1,15}[.,;!?)]*(?:\s|$))\S{8,})"
    r"|\b[0-9a-f]{64}\b"
)
_A_KEY: Final = "This looks like a Wi-Fi key. Type it into the portal or the Service Tool, never into Slack."


def refuse_key(words: str) -> None:
    """Raise Refused for words that look like a Wi-Fi key, wherever they were typed."""
    if _LIKE_A_KEY.search(words):
        raise Refused(_A_KEY)


def _refusal(field: Field, value: str) -> str | None:
    if field.kind == "text" and _LIKE_A_KEY.search(value):
        return _A_KEY
    if not value:
        return "Please answer this." if field.required else None
    if field.kind == "date" and not re.fullmatch(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", value, re.ASCII):
        return "Please choose a day."
    if field.kind == "moment" and not re.fullmatch(r"[0-9]{10}", value, re.ASCII):
        return "Please choose day and time."
    if field.kind == "choice" and field.options and value not in {option.value for option in field.options}:
        return "Please choose one of the answers."
    if len(value) > field.longest:
        return f"At most {field.longest} characters, please."
    return None
