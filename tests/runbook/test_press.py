"""A button's value: three ids, read back strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.runbook.model import Runbook
from bot.runbook.press import ID, Press, decode

presses = st.builds(
    Press,
    incident=st.integers(1, 10**18 - 1),
    turn=st.integers(0, 10**9 - 1),
    choice=st.from_regex(rf"\A{ID}\Z").filter(lambda text: not text.endswith("\n")),
)


def test_a_press_is_written_as_three_words() -> None:
    assert Press(12, 7, "restart").encode() == "12:7:restart"


@given(presses)
def test_what_is_written_is_read_back(press: Press) -> None:
    text = press.encode()

    assert decode(text) == press
    assert len(text) <= 150


@given(st.text())
def test_anything_else_is_refused_or_is_exactly_what_would_be_written(text: str) -> None:
    try:
        press = decode(text)
    except Refused:
        return
    assert press.encode() == text


def test_every_choice_of_the_procedure_fits_a_button(runbook: Runbook) -> None:
    own = [choice.id for step in runbook.steps.values() for choice in step.choices]
    for choice in (*own, *(every.choice.id for every in runbook.everywhere)):
        assert decode(Press(1, 0, choice).encode()).choice == choice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "restart",
        "12:7",
        "12:7:restart:now",
        "12:7:",
        "0:7:restart",
        "012:7:restart",
        "12:07:restart",
        "-1:7:restart",
        "+1:7:restart",
        "1_2:7:restart",
        "1.0:7:restart",
        " 12:7:restart",
        "12:7:restart\n",
        "12:7:Restart",
        "12:7:re start",
        "12:7:-restart",
        "\N{ARABIC-INDIC DIGIT ONE}:7:restart",
        "\N{FULLWIDTH DIGIT ONE}:7:restart",
        "1\N{ARABIC-INDIC DIGIT ONE}:7:restart",
        "12:1\N{DEVANAGARI DIGIT TWO}:restart",
        "12:\N{SUPERSCRIPT TWO}:restart",
        f"{'9' * 5000}:7:restart",
        f"12:{'9' * 5000}:restart",
        f"12:7:{'x' * 61}",
        "12:7:restart\x00",
    ],
)
def test_a_value_we_did_not_write_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Refused) as raised:
        decode(text)
    assert "newest card" in raised.value.sentence
