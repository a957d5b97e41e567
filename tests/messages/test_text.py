"""Values on their way into a template's words: cleaned, escaped once, or refused."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError

from bot.messages.text import (
    OUTSIDE_LONGEST,
    TOKEN,
    Mrkdwn,
    Outside,
    ago,
    channel,
    clean,
    clock_time,
    from_outside,
    group,
    known_markup,
    literal,
    minutes,
    moment,
    person,
    printed,
    tidy,
    unescaped,
    unmarked,
    whom,
    yes_no,
)

THREE_AM = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=()))


class Colour(StrEnum):
    """A word of ours that is an enum's."""

    RED = "red & hot"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Pier\t9 \n Garage\r\n\x0bB  ", "Pier 9 Garage B"),
        ("two\u2028lines\u2029three\x85four", "two lines three four"),
        ("\u202egarage\u202c \u2066left\u2069 \u061c", "garage left"),
        ("zero\u200bwidth\ufeff soft\u00ad \u200djoin", "zerowidth soft join"),
        ("nul\x00bell\x07esc\x1b[31m", "nulbellesc[31m"),
        ("half \ud83d surrogate \udc00", "half surrogate"),
        ("forged \ue000marks\ue001 \U000f0000", "forged marks"),
        ("Zürich 東京 \U0001f50c", "Zürich 東京 \U0001f50c"),
        ("\u200b\u202e\x00", ""),
    ],
)
def test_text_from_outside_is_one_line_of_what_can_be_seen(written: str, kept: str) -> None:
    assert clean(written) == kept


def test_a_long_text_from_outside_ends_in_an_ellipsis() -> None:
    assert clean("x" * OUTSIDE_LONGEST) == "x" * OUTSIDE_LONGEST
    assert clean("x" * 10_000) == "x" * (OUTSIDE_LONGEST - 1) + "…"


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_whatever_was_written_outside_reads_the_same_and_is_escaped_once(text: str) -> None:
    shown = printed(Outside(text))
    assert from_outside(shown)
    assert not {"<", ">"} & set(shown)
    assert unescaped(unmarked(shown)) == clean(text)


@given(ANY_TEXT)
def test_our_own_words_never_carry_markup_or_forged_marks(text: str) -> None:
    shown = printed(text)
    assert not from_outside(shown)
    assert not {"<", ">"} & set(shown)
    shown.encode()


def test_an_entity_somebody_typed_stays_what_was_typed() -> None:
    assert printed("&lt;b&amp;") == "&amp;lt;b&amp;amp;"
    assert unescaped("&amp;lt;b&amp;amp;") == "&lt;b&amp;"


def test_a_word_of_an_enum_prints_as_its_word() -> None:
    assert printed(Colour.RED) == "red &amp; hot"


def test_markup_of_the_helpers_passes_as_it_is() -> None:
    assert printed(Mrkdwn("<@U1>")) == "<@U1>"


def test_a_part_of_a_text_from_outside_is_still_from_outside() -> None:
    name = Outside("Pier 9")
    assert isinstance(name[0], Outside)
    assert isinstance(name[1:3], Outside)
    assert all(isinstance(letter, Outside) for letter in name)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (6120, "6,120"),
        (118.0, "118"),
        (0.004, "0.004"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (46300.5, "46,300.5"),
    ],
)
def test_numbers_keep_their_value(value: float, shown: str) -> None:
    """A reading of 0.004 V must not become 0 V."""
    assert printed(value) == shown


@pytest.mark.parametrize("value", [None, True, False, THREE_AM, timedelta(), ["a"], {"a": 1}, b"a"])
def test_what_has_no_plain_reading_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        printed(value)


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(UndefinedError, match="'site' is undefined"):
        printed(StrictUndefined(name="site"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        printed(value)


def test_times_are_date_tokens_with_a_utc_fallback() -> None:
    berlin = THREE_AM.astimezone(timezone(timedelta(hours=1)))
    assert ago(THREE_AM) == "<!date^1795317000^{ago}|2026-11-22 03:10 UTC>"
    assert moment(berlin) == "<!date^1795317000^{date_short_pretty} {time}|2026-11-22 03:10 UTC>"
    assert clock_time(berlin) == "<!date^1795317000^{time}|2026-11-22 03:10 UTC>"
    assert all(isinstance(helper(THREE_AM), Mrkdwn) for helper in (ago, moment, clock_time))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        ago(THREE_AM.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(minutes=60), "1 h 00 min"),
        (timedelta(hours=7, minutes=4), "7 h 04 min"),
        (timedelta(days=2, minutes=5), "48 h 05 min"),
        (timedelta(minutes=-5), "0 min"),
    ],
)
def test_a_length_of_time_reads_in_hours_and_minutes(length: timedelta, shown: str) -> None:
    assert minutes(length) == shown


def test_people_and_groups_become_mentions() -> None:
    assert person("U0123AB") == "<@U0123AB>"
    assert person("W9") == "<@W9>"
    assert group("S01") == "<!subteam^S01>"
    assert whom(["S01", "U02"]) == "<!subteam^S01> <@U02>"
    assert whom([]) == ""


@pytest.mark.parametrize("forged", ["", "U", "u1", "U1> <!channel", "U1\n", "channel", "S1|x", "T1"])
def test_what_is_no_slack_id_rings_nobody(forged: str) -> None:
    with pytest.raises(ValueError, match="not a Slack user id"):
        person(forged)
    with pytest.raises(ValueError, match="not a Slack user group id"):
        group(forged)


def test_not_known_is_never_no() -> None:
    assert (yes_no(True), yes_no(False), yes_no(None)) == ("yes", "no", "not known")


@pytest.mark.parametrize("value", [0, 1, "", "no"])
def test_only_the_three_values_are_yes_no_or_not_known(value: object) -> None:
    with pytest.raises(TypeError):
        yes_no(value)  # type: ignore[arg-type]  # what a template may pass by mistake


def test_plain_text_shows_letters_and_refuses_dates_and_mentions() -> None:
    assert literal(printed(Outside("a < b & c")) + "\n\n\n\n  > d  ") == "a < b & c\n\n> d"
    with pytest.raises(ValueError, match="no mention, date or link"):
        literal(f"since {ago(THREE_AM)}")


@pytest.mark.parametrize(
    "markup",
    [
        "<!channel>",
        "<!here|here>",
        "<mailto:a@a.example|b>",
        "<https://a.example>",
        "<#lobby>",
        "<#C1|lobby>",
        "a < b",
        "<@U1",
    ],
)
def test_only_the_markup_of_the_helpers_is_known(markup: str) -> None:
    with pytest.raises(ValueError, match="unknown markup"):
        known_markup(f"before {person('U1')} {markup} after")


def test_every_helper_writes_a_token_that_can_be_read_back() -> None:
    written = f"{person('U1')} {group('S1')} {moment(THREE_AM)} {channel('C1')}"
    found = [found.groupdict() for found in TOKEN.finditer(known_markup(written))]
    assert [found[0]["user"], found[1]["group"], found[2]["unix"]] == ["U1", "S1", "1795317000"]
    assert found[3]["channel"] == "C1"


@pytest.mark.parametrize("forged", ["", "c1", "U1", "C1|lobby", "C1>"])
def test_a_link_to_a_channel_takes_only_an_id(forged: str) -> None:
    with pytest.raises(ValueError, match="not a Slack channel id"):
        channel(forged)


def test_lines_are_trimmed_and_empty_lines_collapse() -> None:
    assert tidy("\n\n  one \n \n\t\n\ntwo  \n\n") == "one\n\ntwo"
