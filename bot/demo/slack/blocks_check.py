"""What Slack accepts as the blocks of a message, a modal or the Home tab.

Slack knows more block types than Relink uses (markdown, table, video, ...); here they are unsupported, so
that nobody can rely on something this double does not check.
"""

from collections.abc import Iterator, Mapping

from bot.demo.slack.elements_check import AS_ACCESSORY, IMAGE_ELEMENT, IN_ACTIONS, IN_INPUT
from bot.demo.slack.rich_text_check import RICH_TEXT_ELEMENTS
from bot.demo.slack.shapes import (
    Check,
    Problems,
    also,
    flag,
    list_of,
    plain,
    shape,
    string,
    tagged,
    text,
    text_kinds,
)
from bot.demo.slack.workspace import Json
from bot.messages import limits

_ID: Mapping[str, Check] = {"block_id": string(limits.BLOCK_ID)}


def text_or_fields(section: Json) -> str | None:
    """A section says something."""
    return None if "text" in section or "fields" in section else "must define either `text` or `fields`"


_COMMON: Mapping[str, Check] = {
    "section": also(
        shape(
            {},
            {
                **_ID,
                "text": text(limits.SECTION_TEXT),
                "fields": list_of(text(limits.SECTION_FIELD), limits.SECTION_FIELDS),
                "accessory": AS_ACCESSORY,
                "expand": flag,
            },
        ),
        text_or_fields,
    ),
    "context": shape(
        {
            "elements": list_of(
                tagged({"image": IMAGE_ELEMENT, **text_kinds(limits.TEXT_OBJECT)}), limits.CONTEXT_ELEMENTS
            )
        },
        _ID,
    ),
    "actions": shape({"elements": list_of(IN_ACTIONS, limits.ACTIONS_ELEMENTS)}, _ID),
    "divider": shape({}, _ID),
    "header": shape({"text": plain(limits.HEADER_TEXT)}, _ID),
    "image": shape(
        {
            "image_url": string(limits.IMAGE_URL, pattern=r"https?://\S+"),
            "alt_text": string(limits.IMAGE_ALT),
        },
        {**_ID, "title": plain(limits.IMAGE_TITLE)},
    ),
    "rich_text": shape({"elements": RICH_TEXT_ELEMENTS}, _ID),
}
# Slack lets a few inputs into messages too; Relink asks in modals only, so here they stay out.
_INPUT: Mapping[str, Check] = {
    "input": shape(
        {"label": plain(limits.INPUT_LABEL), "element": IN_INPUT},
        {**_ID, "hint": plain(limits.INPUT_HINT), "optional": flag, "dispatch_action": flag},
    )
}
_MESSAGE_BLOCKS = list_of(tagged(_COMMON), limits.MESSAGE_BLOCKS, minimum=0)
_VIEW_BLOCKS = list_of(tagged({**_COMMON, **_INPUT}), limits.VIEW_BLOCKS, minimum=0)


def elements_of(block: Json) -> Iterator[Json]:
    """The elements a person can act on in this block: of actions, an accessory, an input."""
    parts = [*(block.get("elements", []) if block["type"] == "actions" else [])]
    parts += [block[name] for name in ("accessory", "element") if name in block]
    yield from (part for part in parts if part["type"] != "image")


def _ids_are_unique(problems: Problems, path: str, blocks: list[Json]) -> None:
    """No block id twice in one message or view, no action id twice in one block."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            problems.add(f"{path}/{index}/block_id", f"`block_id` already exists: {block_id}")
        if block_id is not None:
            seen.add(block_id)
        actions: set[str] = set()
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id in actions:
                problems.add(f"{path}/{index}", f"`action_id` already exists: {action_id}")
            if action_id is not None:
                actions.add(action_id)


def check_blocks(blocks: object, *, path: str = "/blocks", in_view: bool = False) -> Problems:
    """Everything wrong with these blocks (`found` is empty if nothing is), and the characters they hold."""
    problems = Problems()
    (_VIEW_BLOCKS if in_view else _MESSAGE_BLOCKS)(problems, path, blocks)
    if not problems.found and isinstance(blocks, list):
        _ids_are_unique(problems, path, blocks)
    return problems
