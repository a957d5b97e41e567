"""What Slack accepts as a view: a modal or the Home tab."""

import json
from collections.abc import Mapping

from bot.demo.slack.blocks_check import check_blocks
from bot.demo.slack.shapes import Check, Problems, also, flag, plain, shape, string, tagged
from bot.demo.slack.workspace import Json
from bot.messages import limits


def _blocks(problems: Problems, path: str, value: object) -> None:
    """The blocks of a view."""
    inner = check_blocks(value, path=path, in_view=True)
    problems.found += inner.found
    problems.characters += inner.characters


def submit_with_inputs(view: Json) -> str | None:
    """A modal that asks for something has a button to send it."""
    asks = any(block["type"] == "input" for block in view["blocks"])
    return (
        "missing required field: submit (the view has input blocks)"
        if asks and "submit" not in view
        else None
    )


_ANY: Mapping[str, Check] = {
    "callback_id": string(limits.VIEW_CALLBACK_ID),
    "external_id": string(limits.VIEW_EXTERNAL_ID),
    "private_metadata": string(limits.VIEW_PRIVATE_METADATA, minimum=0),
}
_VIEW = tagged(
    {
        "modal": also(
            shape(
                {"title": plain(limits.VIEW_TITLE), "blocks": _blocks},
                {
                    **_ANY,
                    "submit": plain(limits.VIEW_SUBMIT),
                    "close": plain(limits.VIEW_CLOSE),
                    "clear_on_close": flag,
                    "notify_on_close": flag,
                    "submit_disabled": flag,
                },
            ),
            submit_with_inputs,
        ),
        "home": shape({"blocks": _blocks}, _ANY),
    }
)


def check_view(view: object, *, path: str = "/view") -> Problems:
    """Everything wrong with this view; `found` is empty if nothing is."""
    problems = Problems()
    _VIEW(problems, path, view)
    return problems


def view_is_too_large(view: Json) -> bool:
    """Whether the view as JSON is over Slack's size."""
    return len(json.dumps(view).encode()) > limits.VIEW_BYTES
