"""The notes about troubles with Slack at their longest: within Slack's limits, nothing cut, and in plain words."""

from datetime import timedelta

from bot.messages.gaps import MOST
from bot.messages.outcomes import LOST
from bot.messages.text import Outside
from tests.incidents.desk import NIGHT, RENDER
from tests.messages.gallery import ENEMY, LONG_NAME, LONG_WORD
from tests.messages.test_templates import must_be_sound, rung, shown


def test_what_the_leads_are_told_of_a_lost_channel_says_what_to_do() -> None:
    for reason in sorted(LOST):
        for home in (True, False):
            told = {"lost": "C0ALERTS", "home": home, "reason": reason}
            message = RENDER.message("notes/channel-lost.j2", told)
            must_be_sound(message)
            assert "To do:" in shown(message.blocks)
            assert ("Alerts go on being taken" in shown(message.blocks)) is home


def test_what_the_leads_are_told_of_a_missing_right_names_it() -> None:
    message = RENDER.message("notes/scope-missing.j2", {"scope": "im:history"})
    must_be_sound(message)
    assert "`im:history`" in shown(message.blocks)


def test_what_is_told_of_a_gap_fits_however_much_happened_and_rings_nobody() -> None:
    for words, label in ((LONG_NAME, LONG_WORD), (ENEMY, ENEMY)):
        named = {"label": Outside(label), "site": Outside(words), "opened_at": NIGHT, "closed_at": NIGHT}
        counts = {"came": 9_999, "closed": 9_999, "open": 9_999, "went": 9_999, "more": 9_979}
        for lost, here in (("", False), ("C0ALERTS", True), ("C0ALERTS", False)):
            span = {"since": NIGHT, "until": NIGHT + timedelta(days=9), "lost": lost, "here": here}
            each = {**named, "fix": "provider restored service"}
            facts = {**counts, **span, "named": [each] * MOST}
            message = RENDER.message("notes/gap.j2", facts)
            must_be_sound(message)
            assert rung(message) == []
            assert ("Slack could not be reached" in message.text) is (lost == "")
