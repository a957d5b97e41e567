"""Whose phone rings: only for a new message with a mention, or in a direct message."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble


def rich(**element: Any) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}]


def section(kind: str, text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"type": kind, "text": text}}]


RINGS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nobody without a mention": ({"text": "nothing new"}, []),
    "who is mentioned": ({"text": "<@U2> look"}, ["U2"]),
    "who is mentioned with a name behind the id": ({"text": "<@U2|tech.1> look"}, ["U2"]),
    "a whole group": ({"text": "<!subteam^S1> look"}, ["U1", "U3"]),
    "everybody in the channel": ({"text": "<!here> look"}, ["U1", "U2", "U3"]),
    "nobody by escaped text": ({"text": "&lt;@U2&gt; look"}, []),
    "who is mentioned in mrkdwn": ({"text": "x", "blocks": section("mrkdwn", "<@U3>")}, ["U3"]),
    "nobody by plain text": ({"text": "x", "blocks": section("plain_text", "<@U3>")}, []),
    "a person in rich text": ({"text": "x", "blocks": rich(type="user", user_id="U1")}, ["U1"]),
    "a group in rich text": (
        {"text": "x", "blocks": rich(type="usergroup", usergroup_id="S1")},
        ["U1", "U3"],
    ),
    "nobody by what rich text quotes": ({"text": "x", "blocks": rich(type="text", text="<@U1>")}, []),
    "each person once": ({"text": "<@U1> <!subteam^S1>"}, ["U1", "U3"]),
}


@pytest.mark.parametrize("name", RINGS)
async def test_a_new_message_rings(slack: SlackDouble, client: AsyncWebClient, name: str) -> None:
    content, who = RINGS[name]
    answer = await client.chat_postMessage(channel="C1", **content)
    assert [each.who for each in slack.pushes()] == who
    assert all((each.ts, each.text) == (answer["ts"], content["text"]) for each in slack.pushes())


async def test_a_reply_rings_once_also_when_it_shows_in_the_channel_too(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    card = await client.chat_postMessage(channel="C1", text="card")
    await client.chat_postMessage(channel="C1", text="<@U1> first", thread_ts=card["ts"])
    await client.chat_postMessage(
        channel="C1", text="<@U3> second", thread_ts=card["ts"], reply_broadcast=True
    )
    assert [(each.who, each.text) for each in slack.pushes()] == [
        ("U1", "<@U1> first"),
        ("U3", "<@U3> second"),
    ]
    assert [each.text for each in slack.pushes("U3")] == ["<@U3> second"]


async def test_an_edit_and_an_ephemeral_message_ring_nobody(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    card = await client.chat_postMessage(channel="C1", text="card")
    await client.chat_update(channel="C1", ts=card["ts"], text="<@U1> changed")
    await client.chat_postEphemeral(channel="C1", user="U1", text="<@U1> only you")
    assert slack.pushes() == []


async def test_every_new_direct_message_rings_its_reader(slack: SlackDouble, client: AsyncWebClient) -> None:
    direct = (await client.conversations_open(users="U2"))["channel"]["id"]
    await client.chat_postMessage(channel=direct, text="Gate open")
    await slack.say("U2", direct, "Thank you")
    assert [(each.who, each.channel, each.text) for each in slack.pushes()] == [("U2", direct, "Gate open")]


async def test_nobody_is_rung_who_is_not_there(slack: SlackDouble, client: AsyncWebClient) -> None:
    slack.workspace.users["U1"].deleted = True
    slack.workspace.groups["S1"].disabled = True
    await client.chat_postMessage(channel="C1", text="<@U1> <!subteam^S1> <@U9>")
    await client.chat_postMessage(channel="C2", text="<@U3> is not in this channel")
    assert slack.pushes() == []
