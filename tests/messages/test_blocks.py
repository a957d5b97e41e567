"""Builders: whatever they return, Slack takes; what cannot be cut raises."""

import json
from collections.abc import Callable

import pytest
from slack_sdk.models.blocks import Block as SdkBlock

from bot.messages import blocks, inputs, limits
from bot.messages.blocks import LABEL, Block, ButtonSpec, ConfirmSpec, actions
from bot.messages.inputs import Question
from bot.messages.text import Outside, person, printed

OPTIONS = [("yes", "Yes"), ("no", "No"), ("not-known", "Not known")]
RESTART = ButtonSpec(
    "press:restart",
    "I-2026-0117:3:restart",
    "Restart station",
    style="primary",
    confirm=ConfirmSpec("Restart CT4G-20117?", "Ends any session.", "Restart", "Keep running", "danger"),
    accessibility_label="Restart station CT4G-20117",
)


def entries(count: int) -> list[ButtonSpec]:
    """So many entries of an overflow menu."""
    return [ButtonSpec("menu", f"I-2026-0117:3:{number}", f"Entry {number}") for number in range(count)]


def accepted_by_the_sdk(block: Block) -> bool:
    """Does the SDK know the block, find it valid and lose nothing of it?"""
    parsed = SdkBlock.parse(block)
    return parsed is not None and json.loads(json.dumps(parsed.to_dict())) == block


@pytest.mark.parametrize(
    "built",
    [
        blocks.section("*Ours* & &lt;5 V", []),
        blocks.context("small\nlines", []),
        blocks.plain("any", []),
        blocks.header("any", []),
        blocks.title(f"CT4G-20117 {person('U1')}", []),
        blocks.line("any", []),
        blocks.divider(),
        actions([RESTART], entries(5), []),
        actions([], entries(1), []),
        inputs.text_input(Question("note", "Note", optional=True, hint="Why"), initial="before", longest=300),
        inputs.number_input(Question("volts", "L1 to L2, V"), initial=0.5),
        inputs.time_input(Question("at", "When?"), initial="09:38"),
        inputs.select_input(Question("fix", "Fix"), OPTIONS, initial="no"),
        inputs.radio_input(Question("dark", "Display dark?"), OPTIONS),
    ],
    ids=lambda block: block["type"],
)
def test_slacks_own_models_take_every_block_whole(built: Block) -> None:
    assert accepted_by_the_sdk(built)


@pytest.mark.parametrize(
    ("build", "longest", "shown"),
    [
        (blocks.section, limits.SECTION_TEXT, lambda block: block["text"]["text"]),
        (blocks.context, limits.TEXT_OBJECT, lambda block: block["elements"][0]["text"]),
        (blocks.plain, limits.SECTION_TEXT, lambda block: block["text"]["text"]),
        (blocks.header, limits.HEADER_TEXT, lambda block: block["text"]["text"]),
        (blocks.title, blocks.RICH_TEXT, lambda block: block["elements"][0]["elements"][0]["text"]),
        (blocks.line, blocks.RICH_TEXT, lambda block: block["elements"][0]["elements"][0]["text"]),
    ],
)
def test_words_too_long_are_cut_and_the_cut_is_noted(
    build: Callable[[str, list[str]], Block], longest: int, shown: Callable[[Block], str]
) -> None:
    cuts: list[str] = []
    assert shown(build("x" * longest, cuts)) == "x" * longest
    assert cuts == []
    assert shown(build("x" * (longest + 1), cuts)) == "x" * (longest - 1) + "…"
    assert cuts == [f"{build.__name__} over {longest} characters"]


@pytest.mark.parametrize("whole", ["&amp;", "<@U0123456789>", "<!date^1^{time}|1970-01-01 00:00 UTC>"])
def test_a_cut_never_splits_an_escaped_character_or_a_token(whole: str) -> None:
    for before in range(60):
        kept = blocks.cut("x" * before + whole * 3, 60, "text", [])
        assert len(kept) <= 60
        assert kept.removesuffix("…").lstrip("x").replace(whole, "") == ""


def test_our_words_never_hide_behind_see_more() -> None:
    assert blocks.section("Treat as live.", [])["expand"] is True
    assert blocks.plain("Treat as live.", [])["expand"] is True


@pytest.mark.parametrize("build", [blocks.section, blocks.context])
def test_text_from_outside_cannot_stand_in_mrkdwn(build: Callable[[str, list[str]], Block]) -> None:
    with pytest.raises(ValueError, match="text from outside"):
        build(f"at {printed(Outside('Pier 9'))}", [])


def test_tokens_become_elements_that_ring_and_keep_time() -> None:
    built = blocks.line("<@U1> <!subteam^S1> a &lt; b <!date^60^{time}|1970-01-01 00:01 UTC><#C1>", [])
    assert built["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": " "},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "text", "text": " a < b "},
        {"type": "date", "timestamp": 60, "format": "{time}", "fallback": "1970-01-01 00:01 UTC"},
        {"type": "channel", "channel_id": "C1"},
    ]


def test_every_element_of_a_title_is_bold() -> None:
    elements = blocks.title("Tech <@U1> <!subteam^S1> <!date^60^{ago}|x>", [])["elements"][0]["elements"]
    assert [element["style"] for element in elements] == [{"bold": True}] * 6


def test_a_button_carries_ids_and_its_dialog() -> None:
    (button,) = actions([RESTART], [], [])["elements"]
    assert (button["action_id"], button["value"], button["style"]) == (
        "press:restart",
        "I-2026-0117:3:restart",
        "primary",
    )
    assert button["text"] == {"type": "plain_text", "text": "Restart station", "emoji": False}
    assert button["accessibility_label"] == "Restart station CT4G-20117"
    assert button["confirm"]["text"]["text"] == "Ends any session."
    assert button["confirm"]["style"] == "danger"


def test_a_dialog_too_long_is_cut_and_noted() -> None:
    cuts: list[str] = []
    long = ConfirmSpec("t" * 101, "e" * 301, "Yes", "No")
    (button,) = actions([ButtonSpec("a", "1", "Go", confirm=long, accessibility_label="l" * 76)], [], cuts)[
        "elements"
    ]
    assert len(button["confirm"]["title"]["text"]) == limits.CONFIRM_TITLE
    assert len(button["confirm"]["text"]["text"]) == limits.CONFIRM_TEXT
    assert len(button["accessibility_label"]) == limits.ACCESSIBILITY_LABEL
    assert cuts == [
        "confirm title over 100 characters",
        "confirm text over 300 characters",
        "accessibility label over 75 characters",
    ]


def test_a_label_over_24_characters_is_refused() -> None:
    assert ButtonSpec("a", "1", "x" * LABEL).label == "x" * 24
    with pytest.raises(ValueError, match="1 to 24"):
        ButtonSpec("a", "1", "x" * 25)
    with pytest.raises(ValueError, match="1 to 24"):
        ButtonSpec("a", "1", "")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ButtonSpec("a" * 256, "1", "Go"),
        lambda: ButtonSpec("a", "1" * 2001, "Go"),
        lambda: ButtonSpec("a", "1", "Go", style="green"),
        lambda: ConfirmSpec("Sure?", "It ends.", "y" * 31, "No"),
        lambda: ConfirmSpec("Sure?", "It ends.", "Yes", ""),
        lambda: ConfirmSpec("Sure?", "It ends.", "Yes", "No", "loud"),
    ],
)
def test_ids_values_styles_and_a_dialogs_buttons_are_never_cut(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must have|no such style"):
        wrong()


def test_the_menu_comes_after_the_buttons() -> None:
    elements = actions([RESTART], entries(3), [])["elements"]
    assert [element["type"] for element in elements] == ["button", "overflow"]
    assert [option["value"] for option in elements[1]["options"]] == [spec.value for spec in entries(3)]
    assert elements[1]["action_id"] == "menu"


def test_a_menu_of_one_entry_is_a_plain_button() -> None:
    """Slack wants two entries in a menu."""
    elements = actions([RESTART], entries(1), [])["elements"]
    assert [element["type"] for element in elements] == ["button", "button"]
    assert elements[1]["value"] == entries(1)[0].value


@pytest.mark.parametrize(
    ("buttons", "menu", "why"),
    [
        ([RESTART, ButtonSpec("b", "1", "Also", style="primary")], [], "more than one primary"),
        ([RESTART], [ButtonSpec("b", "1", "Also", style="primary")], "more than one primary"),
        ([RESTART, RESTART], [], "more than one primary"),
        ([ButtonSpec("a", "1", "One"), ButtonSpec("a", "2", "Two")], [], "one action id"),
        ([ButtonSpec("menu", "1", "One")], entries(2), "one action id"),
        ([ButtonSpec(str(number), "1", "Go") for number in range(26)], [], "26 buttons"),
        ([], [], "0 buttons"),
        ([], entries(6), "6 entries"),
        ([], [ButtonSpec("a", "1", "One"), ButtonSpec("b", "2", "Two")], "share one action id"),
        ([], [*entries(2), ButtonSpec("menu", "9", "Harm", style="danger")], "no style"),
        ([], [*entries(2), ButtonSpec("menu", "9" * 151, "Long")], "option's value"),
    ],
)
def test_a_set_of_buttons_slack_or_a_reader_could_not_take_is_refused(
    buttons: list[ButtonSpec], menu: list[ButtonSpec], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        actions(buttons, menu, [])


def test_a_field_is_found_by_its_id() -> None:
    built = inputs.number_input(Question("volts", "L1 to L2, V", hint="Volts", optional=True))
    assert (built["block_id"], built["element"]["action_id"]) == ("volts", "value")
    assert built["optional"] is True
    assert built["hint"]["text"] == "Volts"
    assert "initial_value" not in built["element"]


def test_a_zero_is_a_value_to_start_from() -> None:
    assert inputs.number_input(Question("volts", "V"), initial=0.0)["element"]["initial_value"] == "0"


def test_a_suggestion_that_is_no_answer_presets_nothing() -> None:
    question = Question("fix", "Fix")
    assert inputs.select_input(question, OPTIONS, initial="no")["element"]["initial_option"]["value"] == "no"
    assert "initial_option" not in inputs.select_input(question, OPTIONS, initial="a miracle")["element"]


def test_what_is_typed_beforehand_fits_what_may_be_typed() -> None:
    built = inputs.text_input(Question("note", "Note"), initial="x" * 400, longest=300)
    assert built["element"]["initial_value"] == "x" * 300


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: inputs.text_input(Question("", "Note")),
        lambda: inputs.text_input(Question("note", "x" * 2001)),
        lambda: inputs.text_input(Question("note", "Note", hint="x" * 2001)),
        lambda: inputs.radio_input(Question("a", "A"), [(str(number), "x") for number in range(11)]),
        lambda: inputs.select_input(Question("a", "A"), [(str(number), "x") for number in range(101)]),
        lambda: inputs.select_input(Question("a", "A"), []),
        lambda: inputs.select_input(Question("a", "A"), [("x", "y" * 76)]),
    ],
)
def test_a_field_slack_would_refuse_is_refused_here(wrong: Callable[[], Block]) -> None:
    with pytest.raises(ValueError, match=r"must have|options, 1 to"):
        wrong()
