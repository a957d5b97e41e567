"""Commands as people type them: on phones, in a hurry, with Slack's own marks in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import typed
from handlers.typed import Typed, cleaned, read, unescaped, words_of


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("", "", ""),
        ("   ", "", ""),
        ("help", "help", ""),
        ("STATUS ct4g-20117", "status", "ct4g-20117"),
        ("status   CT4G\u201320117", "status", "CT4G-20117"),
        ("status CT4G\u221220117", "status", "CT4G-20117"),
        ("status \u201cCT4G-20117\u201d", "status", "CT4G-20117"),
        ("\u201cstatus\u201d 'CT4G-20117'", "status", "CT4G-20117"),
        ("status CT4G-20117?", "status", "CT4G-20117"),
        ("status #20117.", "status", "20117"),
        ("status 1:33973", "status", "1:33973"),
    ],
)
def test_a_command_is_understood_however_it_is_written(text: str, word: str, name: str) -> None:
    found = read(text)

    assert (found.word, found.name) == (word, name)


def test_a_note_stays_as_it_was_typed() -> None:
    found = read("note CT4G-20117  the guard \u201cMax\u201d says: gate &lt;B&gt; \u2013 don't &amp; wait")

    assert found.text == "the guard \u201cMax\u201d says: gate <B> \u2013 don't & wait"


@pytest.mark.parametrize(
    "text",
    [
        "handover CT4G-20117 <@U0SUPPORT2|support.2>",
        "handover <@U0SUPPORT2|support.2> CT4G-20117",
        "handover CT4G-20117 to <@U0SUPPORT2>",
    ],
)
def test_whoever_was_chosen_from_slacks_list_is_found_wherever_they_stand(text: str) -> None:
    found = read(text)

    assert (found.word, found.name, found.people) == ("handover", "CT4G-20117", ("U0SUPPORT2",))


@pytest.mark.parametrize(
    "text",
    [
        "handover CT4G-20117 @Support 2",
        "handover CT4G-20117 &lt;@U0SUPPORT2|x&gt;",
        "handover CT4G-20117 <!subteam^S0SUPPORT|@support>",
        "handover CT4G-20117 <#C0ALERTS|alerts>",
        "handover CT4G-20117 <!channel>",
    ],
)
def test_what_only_looks_like_a_person_is_none(text: str) -> None:
    assert read(text).people == ()


def test_only_slacks_three_escapes_are_undone_and_only_once() -> None:
    assert unescaped("&amp;lt; &copy; &#60; &quot;") == "&lt; &copy; &#60; &quot;"


def test_the_words_of_a_message_are_its_possible_names() -> None:
    text = "<@U0RELINK> is \u201cCT4G\u201320117\u201d down? (also: CT4G-20118!) caf\u00e9"

    assert words_of(text) == ["is", "CT4G-20117", "down", "also", "CT4G-20118"]


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(read(text), Typed)
    assert all(typed.is_name(word) for word in words_of(text))


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text)

    assert cleaned(once) == once


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="&<>")))
def test_what_was_read_reads_the_same_again(text: str) -> None:
    """Names are printed in answers; typed again they mean the same."""
    first = read(text)
    again = read(f"{first.word} {first.name} {first.text}")

    if first.word and first.name:
        assert again == first
