"""Slack is away for hours, or does not take our token: tried seldom, nothing dies, told once afterwards."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import ConfigWrong
from bot.incidents.stations import StationSeen
from bot.messages import outbox
from bot.messages.gaps import UNSEEN
from bot.messages.greeting import begin_with_slack, check_slack
from bot.messages.weather import SELDOM
from bot.metrics import Metrics
from bot.reports import troubles
from tests.incidents.desk import alert
from tests.messages.moods import Mood, cut_before, lacks, page, refused
from tests.messages.post_office import CHANNEL, EDIT, EVERY, ON_SQLITE, POST, PostOffice, words_of

GOES, GOES_TOO, STAYS = (StationSeen(serial=f"CT4G-{number}", id=None) for number in (11873, 11874, 11875))
LOCKED_OUT = 40 // (SELDOM.seconds // 60) + 6
"""How often a token that is refused may be tried in 40 minutes."""


def first_words(office: PostOffice) -> list[str]:
    """How each message in the channel begins, oldest first."""
    return [card.text.split()[0] for card in office.cards()]


async def slack(office: PostOffice) -> dict[str, Any]:
    """What `/readyz` adds to the word about Slack."""
    return await office.db.read(troubles.of_slack)


async def test_away_for_two_hours_it_is_told_once_and_only_what_is_open_gets_a_card(
    office: PostOffice,
) -> None:
    await away(office, page(503, after=False), "Slack answered 503", minutes=120, tries=130)


@ON_SQLITE
@pytest.mark.parametrize(
    ("mood", "reason", "tries"),
    [
        (cut_before, "no clear answer", 45),
        (refused("token_revoked"), "token_revoked", LOCKED_OUT),
        (refused("account_inactive"), "account_inactive", LOCKED_OUT),
        (lacks("chat:write"), "missing_scope: chat:write", LOCKED_OUT),
    ],
    ids=["no connection", "token revoked", "app removed", "may not write"],
)
async def test_so_it_is_whatever_keeps_slack_away(
    office: PostOffice, mood: Mood, reason: str, tries: int
) -> None:
    await away(office, mood, reason, minutes=40, tries=tries)


async def away(office: PostOffice, mood: Mood, reason: str, minutes: int, tries: int) -> None:
    """So long every call ends like this; an incident is known before, one comes and goes, one comes and stays."""
    await office.with_card()
    office.always[EVERY] = mood
    with capture_logs() as logs:
        await office.desk.take(alert("a-2", station=GOES))
        await office.add_line(1, incident=2)
        await office.touch()
        await office.passes(30)
        await office.desk.take(alert("a-3", station=GOES_TOO), alert("a-4", station=STAYS))
        await office.ends(1)
        await office.ends(2)
        await office.ends(3)
        assert (await slack(office))["reason"].startswith(reason)
        await office.passes(minutes - 30)
    assert len(office.asked) <= tries, "one try for all that waits, and seldom"
    assert {*office.asked} == {POST, EDIT, "auth.test"}, "by a call that shows nothing to anybody"
    assert office.calls(POST) + office.calls(EDIT) <= 3
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["slack.trouble"]

    office.always.clear()
    await office.passes(6)

    known, told, new = office.slack.messages(CHANNEL)
    assert "closed" in known.text
    assert told.text.startswith("Slack could not be reached from")
    summary = words_of(told)
    assert f"({'2 h 0' if minutes > 60 else '4'}" in summary
    assert "New and still open: 1, the cards follow." in summary
    assert "Opened and closed meanwhile: 2, without a card. Closed of those known before: 1." in summary
    assert all(f"CT4G-{number}" in summary for number in (11873, 11874))
    assert "CT4G-11875" in new.text
    unseen = [(await office.row(key))["reason"] for key in ("card:2", "line:2:note:1", "card:3")]
    assert unseen == [UNSEEN] * 3
    assert await slack(office) == {}
    office.asked.clear()
    await office.passes(10)
    assert office.asked == [], "nothing is told twice"


@ON_SQLITE
async def test_a_moment_without_slack_is_not_told(office: PostOffice) -> None:
    await office.desk.opened()
    office.always[EVERY] = cut_before
    await office.passes(14)
    office.always.clear()
    await office.passes(2)
    (card,) = office.slack.messages(CHANNEL)
    assert "CT4G-20117" in card.text


@ON_SQLITE
async def test_what_opened_unseen_and_comes_again_gets_its_card(office: PostOffice) -> None:
    await office.with_card()
    office.always[EVERY] = cut_before
    await office.touch()
    await office.deliver()
    await office.desk.take(alert("a-2", station=GOES))
    await office.ends(2)
    await office.passes(20)
    office.always.clear()
    await office.passes(2)
    await office.touch(2)
    await office.passes(1)
    assert first_words(office) == ["CT4G-20117:", "Slack", "CT4G-11873:"]


async def test_a_card_whose_answer_was_lost_is_looked_for_before_it_is_given_up(office: PostOffice) -> None:
    async def arrives(request: Any, double: Any) -> Any:
        office.always[EVERY] = cut_before
        await double(request)
        return await cut_before(request, double)

    office.moods[POST].append(arrives)
    await office.desk.opened()
    await office.deliver()
    await office.ends(1)
    await office.passes(20)
    office.always.clear()
    await office.passes(2)
    card, _ = office.cards()
    assert "closed" in card.text, "it was there, and shows how it ended"


@ON_SQLITE
async def test_posts_that_fail_while_the_small_call_works_are_not_tried_one_after_the_other(
    office: PostOffice,
) -> None:
    stations = [StationSeen(serial=f"CT4G-{20000 + number}", id=None) for number in range(12)]
    await office.desk.take(*(alert(f"a-{number}", station=seen) for number, seen in enumerate(stations)))
    visits = [outbox.visit(1, who, 1, office.desk.now) for who in ("U0TECH1", "U0LEAD", "U0SUPPORT1")]
    await office.db.write(outbox.put, visits)
    office.always[POST] = page(503, after=False)
    await office.passes(10)
    assert office.calls(POST) <= 15
    office.always.clear()
    await office.passes(2)
    assert sorted(first_words(office)) == [f"{seen.serial}:" for seen in stations], "each once"


@ON_SQLITE
async def test_one_message_on_which_slack_always_fails_holds_up_no_other_for_long(office: PostOffice) -> None:
    async def not_this_one(request: Any, double: Any) -> Any:
        if "CT4G-11873" in await request.text():
            return await page(500, after=False)(request, double)
        return await double(request)

    office.always[POST] = not_this_one
    await office.desk.take(alert("a-1", station=GOES))
    await office.passes(5)
    await office.desk.take(alert("a-2", station=STAYS))
    await office.passes(2)
    assert first_words(office) == ["CT4G-11875:"]
    office.asked.clear()
    for _ in range(30):
        office.later(4)
        await office.deliver()
    assert 1 <= office.calls(POST) <= 4, "about once a minute"
    office.always.clear()
    await office.passes(2)
    assert len(office.cards()) == 2


@ON_SQLITE
async def test_a_command_for_the_portal_goes_out_while_slack_is_away(office: PostOffice) -> None:
    office.always[EVERY] = cut_before
    await office.desk.at_restart()
    await office.deliver()
    await office.desk.press("restart")
    await office.deliver()
    assert len(office.portal.restarted) == 1


# The first word


@ON_SQLITE
async def test_with_a_token_slack_never_took_it_does_not_start(office: PostOffice) -> None:
    office.always[EVERY] = refused("invalid_auth")
    with pytest.raises(ConfigWrong, match=r"SLACK_BOT_TOKEN: Slack refuses it \(invalid_auth\)"):
        await begin_with_slack(office.client, Metrics(), office.db, office.real)


@ON_SQLITE
async def test_with_a_token_that_was_revoked_since_it_starts_and_the_next_token_is_tried_at_once(
    office: PostOffice,
) -> None:
    office.always[EVERY] = refused("token_revoked")
    await office.desk.opened()
    await office.passes(10)
    await begin_with_slack(office.client, Metrics(), office.db, office.real)
    office.always.clear()
    await begin_with_slack(office.client, Metrics(), office.db, office.real)
    await office.deliver()
    assert len(office.cards()) == 1


@ON_SQLITE
@pytest.mark.parametrize("mood", [page(503, after=False), page(200, after=False), refused("internal_error")])
async def test_a_slack_that_is_busy_keeps_nobody_from_starting(office: PostOffice, mood: Mood) -> None:
    office.always[EVERY] = mood
    metrics = Metrics()
    await check_slack(office.client, metrics)
    assert metrics.slack.ok is False
