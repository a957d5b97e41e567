"""Slash commands and events reach a real Bolt app, and its answers show."""

from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.demo.slack.fields import CannotDo
from bot.demo.slack.server import SlackDouble
from tests.demo.conftest import ALL_SCOPES, Starts, sent_to_app, serving
from tests.demo.samples import Body


async def test_a_command_carries_its_text_escaped_with_people_as_mentions(
    slack: SlackDouble, bolt: AsyncApp
) -> None:
    heard: list[Body] = []

    @bolt.command("/charger")
    async def listen(ack: Any, body: Body) -> None:
        heard.append(body)
        await ack()

    await slack.slash("U1", "C1", "handover 20117 @Tech 1 <now> & here")
    await slack.slash("U1", "C1", "/charger help")
    (body, second) = heard
    assert body["text"] == "handover 20117 <@U2|tech.1> &lt;now&gt; &amp; here"
    assert (body["command"], body["user_id"], body["channel_id"], body["team_id"]) == (
        "/charger",
        "U1",
        "C1",
        "T0DEMO",
    )
    assert second["text"] == "help"
    with pytest.raises(CannotDo, match="/other is not a valid command"):
        await slack.slash("U1", "C1", "/other help")


async def test_the_answer_to_a_command_is_for_one_person_unless_it_says_otherwise(
    slack: SlackDouble, bolt: AsyncApp
) -> None:
    answers: list[Any] = [
        "Only you.",
        {"text": "All of you.", "response_type": "in_channel"},
        {"text": "Wrong.", "blocks": [{"type": "alert"}]},
    ]

    @bolt.command("/charger")
    async def answer(ack: Any) -> None:
        given = answers.pop(0)
        await (ack(given) if isinstance(given, str) else ack(**given))

    for _ in range(3):
        await slack.slash("U1", "C1", "help")
    assert [each.text for each in slack.messages("C1")] == ["All of you."]
    first, second = slack.ephemerals("U1")
    assert first.text == "Only you."
    assert "invalid_blocks" in second.text
    assert "unsupported type: alert" in second.text


async def test_a_command_without_its_scope_does_not_exist(start: Starts) -> None:
    slack = await start(ALL_SCOPES - {"commands"})
    with pytest.raises(CannotDo, match="not a valid command"):
        await slack.slash("U1", "C1", "help")


async def test_a_message_is_an_event_where_the_app_is_a_member(slack: SlackDouble, bolt: AsyncApp) -> None:
    heard: list[Body] = []

    @bolt.event("message")
    @bolt.event("app_mention")
    async def listen(body: Body) -> None:
        heard.append(body)

    said = await slack.say("U1", "C1", "Is <20117> down?")
    await slack.mention("U2", "C1", "status 20117", thread_ts=said.ts)
    slack.workspace.channels["C2"].members.remove("U0RELINK")
    await slack.say("U1", "C2", "Nobody hears this")
    kinds = [(each["event"]["type"], each["event"]["user"]) for each in heard]
    assert kinds == [("message", "U1"), ("message", "U2"), ("app_mention", "U2")]
    first, second, third = heard
    assert first["event"]["text"] == "Is &lt;20117&gt; down?"
    assert first["event"]["channel_type"] == "channel"
    assert third["event"]["text"] == "<@U0RELINK> status 20117"
    assert third["event"]["thread_ts"] == said.ts
    assert len({first["event_id"], second["event_id"], third["event_id"]}) == 3


async def test_events_stay_away_without_their_scopes(start: Starts) -> None:
    slack = await start(ALL_SCOPES - {"channels:history", "app_mentions:read"})
    await slack.mention("U1", "C1", "help")
    assert sent_to_app(slack) == []


async def test_only_an_app_that_subscribed_hears_that_its_home_was_opened(start: Starts) -> None:
    deaf = await start(events=frozenset({"app_mention"}))
    assert await deaf.open_home("U1") is None
    assert sent_to_app(deaf) == []

    hearing = await start(events=frozenset({"app_home_opened"}))
    await hearing.open_home("U1")
    assert len(sent_to_app(hearing)) > 0


async def test_an_event_nobody_takes_is_repeated_three_times_unless_the_app_says_stop(
    slack: SlackDouble,
) -> None:
    retries: list[str | None] = []
    headers: dict[str, str] = {}

    async def broken(request: web.Request) -> web.Response:
        retries.append(request.headers.get("X-Slack-Retry-Num"))
        return web.Response(status=500, headers=headers)

    async with serving(slack, broken):
        await slack.open_home("U1")
        assert retries == [None, "1", "2", "3"]
        assert len({each.request["event_id"] for each in sent_to_app(slack)}) == 1
        retries.clear()
        headers["X-Slack-No-Retry"] = "1"
        await slack.open_home("U1")
        assert retries == [None]
