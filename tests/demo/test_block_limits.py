"""Every limit of Block Kit: at the limit is taken, one more is refused, with the path of the culprit."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import limits

Block = dict[str, Any]
Make = Callable[[int], list[Block]]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> list[Block]:
    return [{"type": "section", "text": mrkdwn("words"), **more}]


def actions(*elements: Block) -> list[Block]:
    return [{"type": "actions", "elements": list(elements)}]


def button(**more: Any) -> Block:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def options(count: int, **more: Any) -> list[Block]:
    return [{"text": plain(f"Choice {index}"), "value": str(index), **more} for index in range(count)]


def select(**more: Any) -> list[Block]:
    return actions({"type": "static_select", "action_id": "pick", "options": options(2), **more})


def overflow(entries: list[Block]) -> list[Block]:
    return actions({"type": "overflow", "action_id": "more", "options": entries})


def confirm(**more: Any) -> Block:
    return {
        "title": plain("Sure?"),
        "text": mrkdwn("It ends."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
        **more,
    }


def image(**more: Any) -> list[Block]:
    return [{"type": "image", "image_url": "https://slack.example/x.png", "alt_text": "x", **more}]


AT_MOST: dict[str, tuple[int, Make]] = {
    "blocks": (limits.MESSAGE_BLOCKS, lambda n: [{"type": "divider"}] * n),
    "section text": (limits.SECTION_TEXT, lambda n: [{"type": "section", "text": mrkdwn("x" * n)}]),
    "section fields": (limits.SECTION_FIELDS, lambda n: section(fields=[mrkdwn("x")] * n)),
    "section field": (limits.SECTION_FIELD, lambda n: section(fields=[mrkdwn("x" * n)])),
    "block id": (limits.BLOCK_ID, lambda n: section(block_id="b" * n)),
    "header": (limits.HEADER_TEXT, lambda n: [{"type": "header", "text": plain("x" * n)}]),
    "context": (limits.CONTEXT_ELEMENTS, lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}]),
    "actions": (limits.ACTIONS_ELEMENTS, lambda n: actions(*(button(action_id=f"go{i}") for i in range(n)))),
    "button label": (limits.BUTTON_TEXT, lambda n: actions(button(text=plain("x" * n)))),
    "button value": (limits.BUTTON_VALUE, lambda n: actions(button(value="x" * n))),
    "button url": (limits.BUTTON_URL, lambda n: actions(button(url="x" * n))),
    "accessibility label": (
        limits.ACCESSIBILITY_LABEL,
        lambda n: actions(button(accessibility_label="x" * n)),
    ),
    "action id": (limits.ACTION_ID, lambda n: actions(button(action_id="x" * n))),
    "confirm title": (
        limits.CONFIRM_TITLE,
        lambda n: actions(button(confirm=confirm(title=plain("x" * n)))),
    ),
    "confirm text": (limits.CONFIRM_TEXT, lambda n: actions(button(confirm=confirm(text=mrkdwn("x" * n))))),
    "confirm yes": (
        limits.CONFIRM_BUTTON,
        lambda n: actions(button(confirm=confirm(confirm=plain("x" * n)))),
    ),
    "confirm no": (limits.CONFIRM_BUTTON, lambda n: actions(button(confirm=confirm(deny=plain("x" * n))))),
    "overflow": (limits.OVERFLOW_OPTIONS, lambda n: overflow(options(n))),
    "select": (limits.SELECT_OPTIONS, lambda n: select(options=options(n))),
    "option label": (
        limits.OPTION_TEXT,
        lambda n: select(options=[{"text": plain("x" * n), "value": "1"}]),
    ),
    "option value": (
        limits.OPTION_VALUE,
        lambda n: select(options=[{"text": plain("x"), "value": "1" * n}]),
    ),
    "option description": (
        limits.OPTION_DESCRIPTION,
        lambda n: select(options=options(1, description=plain("x" * n))),
    ),
    "placeholder": (limits.PLACEHOLDER, lambda n: select(placeholder=plain("x" * n))),
    "radio buttons": (
        limits.CHOICE_OPTIONS,
        lambda n: actions({"type": "radio_buttons", "action_id": "r", "options": options(n)}),
    ),
    "image alt text": (limits.IMAGE_ALT, lambda n: image(alt_text="x" * n)),
    "image title": (limits.IMAGE_TITLE, lambda n: image(title=plain("x" * n))),
    "image url": (
        limits.IMAGE_URL,
        lambda n: image(image_url="https://slack.example/".ljust(n, "x")),
    ),
}


async def refused(client: AsyncWebClient, blocks: list[Block]) -> list[str]:
    with pytest.raises(SlackApiError) as wrong:
        await client.chat_postMessage(channel="C1", text="words", blocks=blocks)
    assert wrong.value.response["error"] == "invalid_blocks"
    problems: list[str] = wrong.value.response["response_metadata"]["messages"]
    assert problems == wrong.value.response["errors"]
    return problems


@pytest.mark.parametrize("name", AT_MOST)
async def test_a_block_at_its_limit_is_taken_and_one_more_is_refused(
    client: AsyncWebClient, name: str
) -> None:
    most, make = AT_MOST[name]
    assert (await client.chat_postMessage(channel="C1", text="words", blocks=make(most)))["ok"]
    problems = await refused(client, make(most + 1))
    assert len(problems) == 1
    assert str(most) in problems[0] or str(most + 1) in problems[0]


WRONG: dict[str, tuple[list[Block], str]] = {
    "an unknown block": ([{"type": "alert"}], "unsupported type: alert [json-pointer:/blocks/0/type]"),
    "a block without a type": ([{"text": plain("x")}], "missing required field: type"),
    "an input in a message": (
        [
            {
                "type": "input",
                "label": plain("x"),
                "element": {"type": "plain_text_input", "action_id": "a"},
            }
        ],
        "unsupported type: input",
    ),
    "an unknown field of a block": (section(color="red"), "invalid additional property: color"),
    "an unknown field of an element": (
        actions(button(size="big")),
        "invalid additional property: size [json-pointer:/blocks/0/elements/0]",
    ),
    "a header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn"),
    "a bare string for a text": ([{"type": "header", "text": "x"}], "must be an object"),
    "a button without a text": (
        actions({"type": "button", "action_id": "a"}),
        "missing required field: text",
    ),
    "an empty button": (actions(button(text=plain(""))), "must be more than 0 characters"),
    "an unknown style": (actions(button(style="warning")), "must be one of: primary, danger"),
    "a section of nothing": ([{"type": "section"}], "must define either `text` or `fields`"),
    "no elements": (actions(), "no fewer than 1 items allowed"),
    "one entry in an overflow menu": (overflow(options(1)), "no fewer than 2 items allowed"),
    "a confirm dialog without an answer": (
        actions(button(confirm={"title": plain("x"), "text": plain("x"), "confirm": plain("x")})),
        "missing required field: deny",
    ),
    "a button in a context": (
        [{"type": "context", "elements": [button()]}],
        "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
    ),
    "an initial option that is not offered": (
        select(initial_option={"text": plain("Other"), "value": "9"}),
        "initial option is not among the options",
    ),
    "a select with options and groups": (
        select(option_groups=[{"label": plain("G"), "options": options(1)}]),
        "either `options` or `option_groups`",
    ),
    "the same block id twice": (
        section(block_id="same") + section(block_id="same"),
        "`block_id` already exists: same [json-pointer:/blocks/1/block_id]",
    ),
    "the same action id twice in one block": (
        actions(button(), button()),
        "`action_id` already exists: go",
    ),
    "an image without alt text": (
        [{"type": "image", "image_url": "https://slack.example/x.png"}],
        "missing required field: alt_text",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_block_of_the_wrong_shape_is_refused_and_the_answer_says_what_is_wrong(
    client: AsyncWebClient, name: str
) -> None:
    blocks, sentence = WRONG[name]
    problems = await refused(client, blocks)
    assert any(sentence in problem for problem in problems), problems


async def test_every_problem_is_named_at_once(client: AsyncWebClient) -> None:
    problems = await refused(client, [{"type": "alert"}, *section(color="red")])
    assert len(problems) == 2


async def test_the_same_action_id_may_stand_in_two_blocks(client: AsyncWebClient) -> None:
    blocks = actions(button()) + actions(button())
    assert (await client.chat_postMessage(channel="C1", text="words", blocks=blocks))["ok"]


async def test_all_blocks_together_are_limited_too(client: AsyncWebClient) -> None:
    def texts(total: int) -> list[Block]:
        whole, rest = divmod(total, limits.SECTION_TEXT)
        sizes = [limits.SECTION_TEXT] * whole + [rest]
        return [{"type": "section", "text": mrkdwn("x" * size)} for size in sizes]

    fits = texts(limits.ALL_BLOCKS_TEXT)
    assert (await client.chat_postMessage(channel="C1", text="words", blocks=fits))["ok"]
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await client.chat_postMessage(channel="C1", text="words", blocks=texts(limits.ALL_BLOCKS_TEXT + 1))


async def test_blocks_that_are_no_list_are_refused(client: AsyncWebClient) -> None:
    for blocks in ("not json", '{"type": "divider"}'):
        with pytest.raises(SlackApiError, match="invalid_blocks_format"):
            await client.chat_postMessage(channel="C1", text="words", blocks=blocks)


def rich(*elements: Block) -> list[Block]:
    return [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": list(elements)}],
        }
    ]


async def test_rich_text_takes_every_element_a_card_uses(client: AsyncWebClient) -> None:
    blocks = rich(
        {"type": "text", "text": "T-114", "style": {"bold": True}},
        {"type": "user", "user_id": "U1"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": 1_800_000_000, "format": "{time} ({ago})", "fallback": "02:58"},
        {"type": "link", "url": "https://slack.example", "text": "portal"},
        {"type": "emoji", "name": "zap"},
    )
    listing = {
        "type": "rich_text_list",
        "style": "ordered",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
    }
    blocks[0]["elements"].append(listing)
    assert (await client.chat_postMessage(channel="C1", text="words", blocks=blocks))["ok"]


@pytest.mark.parametrize(
    ("element", "sentence"),
    [
        ({"type": "mrkdwn", "text": "x"}, "unsupported type: mrkdwn"),
        ({"type": "text", "text": "x", "style": {"color": True}}, "invalid additional property: color"),
        ({"type": "user", "id": "U1"}, "missing required field: user_id"),
        ({"type": "date", "timestamp": 1, "format": "now"}, "must contain at least one date token"),
        ({"type": "date", "timestamp": 1, "format": "{clock}"}, "unknown date token: clock"),
        ({"type": "date", "timestamp": "1", "format": "{time}"}, "must be a whole number"),
        ({"type": "broadcast", "range": "all"}, "must be one of: here, channel, everyone"),
        ({"type": "link", "text": "x"}, "missing required field: url"),
    ],
)
async def test_rich_text_of_the_wrong_shape_is_refused(
    client: AsyncWebClient, element: Block, sentence: str
) -> None:
    problems = await refused(client, rich(element))
    assert any(sentence in problem for problem in problems), problems
