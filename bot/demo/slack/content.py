"""The content of a message or view, checked alike for every way the app can send it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.blocks_check import check_blocks
from bot.demo.slack.shapes import Problems, shape, string
from bot.demo.slack.views_check import check_view, view_is_too_large
from bot.demo.slack.workspace import Json
from bot.messages import limits


def _payload(problems: Problems, path: str, value: object) -> None:
    """Any JSON object."""
    if not isinstance(value, dict):
        problems.add(path, "must be an object")


_METADATA = shape({"event_type": string(255), "event_payload": _payload}, {})


@dataclass(frozen=True)
class Content:
    """What may be shown: passed every check."""

    text: str
    blocks: list[Json]
    metadata: Json | None
    cut: bool = False


def unpacked(value: object, error: str) -> object:
    """JSON that a form carries as a string and a JSON body as it is; raises ApiError(`error`) if not JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as wrong:
        raise ApiError(error) from wrong


def read_metadata(value: object) -> Json | None:
    """Message metadata: an event type and a payload, nothing else."""
    value = unpacked(value, "invalid_metadata_format")
    if value is None:
        return None
    problems = Problems()
    _METADATA(problems, "/metadata", value)
    if problems.found or not isinstance(value, dict):
        raise ApiError("invalid_metadata_schema", problems.found)
    return value


def read_blocks(value: object) -> list[Json]:
    """The blocks of a message; raises ApiError naming everything that is wrong and where."""
    blocks = unpacked(value, "invalid_blocks_format")
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    problems = check_blocks(blocks)
    if problems.found:
        raise ApiError("invalid_blocks", problems.found)
    if problems.characters > limits.ALL_BLOCKS_TEXT:
        raise ApiError("msg_blocks_too_long")
    return blocks


def read_content(values: Mapping[str, object], *, for_update: bool = False) -> Content:
    """Text, blocks and metadata of `values`.

    Slack takes blocks without a text; Relink always says in `text` what a card says, so here it is `no_text`.
    """
    text = values.get("text")
    blocks = read_blocks(values.get("blocks"))
    if not isinstance(text, str) or not text.strip():
        raise ApiError("no_text")
    if for_update and len(text) > limits.UPDATE_TEXT:
        raise ApiError("msg_too_long")
    kept = text[: limits.MESSAGE_TEXT_CUT]
    return Content(kept, blocks, read_metadata(values.get("metadata")), cut=kept != text)


def read_view(value: object, kind: str, *, path: str = "/view") -> Json:
    """A view of `kind` (`modal` or `home`); raises ApiError naming everything that is wrong and where."""
    view = unpacked(value, "invalid_arguments")
    problems = check_view(view, path=path)
    if isinstance(view, dict) and not problems.found and view["type"] != kind:
        problems.add(f"{path}/type", f"must be {kind}")
    if problems.found or not isinstance(view, dict):
        raise ApiError("invalid_arguments", problems.found)
    if view_is_too_large(view):
        raise ApiError("view_too_large")
    return view
