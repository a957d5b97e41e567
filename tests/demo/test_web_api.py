"""The Web API refuses what Slack refuses, with Slack's words."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from bot.messages import limits
from tests.demo.conftest import ALL_SCOPES, TOKEN, Starts, client_of

SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "words"}}]
METADATA = {"event_type": "relink_incident", "event_payload": {"incident": "I-1", "version": 1}}


async def post(client: AsyncWebClient, text: str = "words", channel: str = "C1", **more: Any) -> str:
    """Posts and gives the ts."""
    answer = await client.chat_postMessage(channel=channel, text=text, **more)
    return str(answer["ts"])


async def test_the_token_says_who_the_app_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == ("U0RELINK", "T0DEMO")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_a_wrong_or_missing_token_gets_nowhere(slack: SlackDouble) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client_of(slack, "xoxb-wrong").auth_test()
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{slack.public_url}/api/auth.test")
        assert await answer.json() == {"ok": False, "error": "not_authed"}


async def test_an_unknown_method_is_named_as_such(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.api_call("chat.shout")


async def test_a_misspelt_argument_is_not_swallowed(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="unknown or unsupported argument: thread"):
        await client.api_call("chat.postMessage", json={"channel": "C1", "text": "x", "thread": "1.2"})


async def test_a_form_is_understood_like_json(slack: SlackDouble) -> None:
    form = {"token": TOKEN, "channel": "C1", "text": "words", "blocks": '[{"type": "divider"}]'}
    async with aiohttp.ClientSession() as session:
        answer = await (await session.post(f"{slack.public_url}/api/chat.postMessage", data=form)).json()
    assert answer["message"]["blocks"][0]["type"] == "divider"


SCOPED = {
    "chat:write": ("chat.postMessage", {"channel": "C1", "text": "x"}),
    "channels:history": ("conversations.history", {"channel": "C1"}),
    "channels:read": ("conversations.info", {"channel": "C1"}),
    "im:write": ("conversations.open", {"users": "U1"}),
    "users:read": ("users.info", {"user": "U1"}),
    "usergroups:read": ("usergroups.users.list", {"usergroup": "S1"}),
}


@pytest.mark.parametrize("scope", SCOPED)
async def test_each_method_needs_its_scope(start: Starts, scope: str) -> None:
    method, arguments = SCOPED[scope]
    assert (await client_of(await start(ALL_SCOPES)).api_call(method, params=arguments))["ok"]
    with pytest.raises(SlackApiError) as wrong:
        await client_of(await start(ALL_SCOPES - {scope})).api_call(method, params=arguments)
    assert wrong.value.response["error"] == "missing_scope"
    assert wrong.value.response["needed"] == scope
    assert scope not in wrong.value.response["provided"].split(",")


async def test_the_scope_depends_on_the_kind_of_channel(start: Starts) -> None:
    slack = await start(ALL_SCOPES - {"im:history"})
    client = client_of(slack)
    direct = (await client.conversations_open(users="U2"))["channel"]["id"]
    with pytest.raises(SlackApiError, match="im:history"):
        await client.conversations_history(channel=direct)
    slack.workspace.channels["C2"].is_private = True
    with pytest.raises(SlackApiError, match="groups:history"):
        await client.conversations_history(channel="C2")


async def test_the_app_writes_only_where_it_is_a_member(slack: SlackDouble, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await post(client, channel="C9")
    slack.workspace.channels["C2"].members.remove("U0RELINK")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await post(client, channel="C2")
    slack.workspace.channels["C2"].is_private = True
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await post(client, channel="C2")
    slack.workspace.channels["C1"].is_archived = True
    with pytest.raises(SlackApiError, match="is_archived"):
        await post(client)


async def test_a_direct_message_is_opened_first(slack: SlackDouble, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await post(client, channel="U2")
    direct = (await client.conversations_open(users="U2"))["channel"]["id"]
    await post(client, "For you", direct)
    assert [each.text for each in slack.messages(direct)] == ["For you"]
    assert (await client.conversations_open(users="U2"))["already_open"]


async def test_nobody_writes_to_who_is_gone(slack: SlackDouble, client: AsyncWebClient) -> None:
    slack.workspace.users["U2"].deleted = True
    with pytest.raises(SlackApiError, match="user_disabled"):
        await client.conversations_open(users="U2")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_open(users="U9")


async def test_a_message_says_in_text_what_its_blocks_say(client: AsyncWebClient) -> None:
    for text in ("", "   "):
        with pytest.raises(SlackApiError, match="no_text"):
            await client.api_call("chat.postMessage", json={"channel": "C1", "text": text, "blocks": SECTION})


async def test_a_long_text_is_cut_when_posted_and_refused_when_updated(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    most = limits.MESSAGE_TEXT_CUT
    ts = await post(client, "x" * (most + 1))
    assert len(slack.messages("C1")[0].text) == most
    whole = await client.chat_postMessage(channel="C1", text="x" * most)
    assert "warning" not in whole.data
    assert (await client.chat_update(channel="C1", ts=ts, text="x" * limits.UPDATE_TEXT))["ok"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel="C1", ts=ts, text="x" * (limits.UPDATE_TEXT + 1))


async def test_an_update_without_blocks_removes_the_blocks(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    ts = await post(client, blocks=SECTION, metadata=METADATA)
    await client.chat_update(channel="C1", ts=ts, text="new", blocks=SECTION)
    card = slack.messages("C1")[0]
    assert (card.text, len(card.blocks), card.edited) == ("new", 1, False)
    await client.chat_update(channel="C1", ts=ts, text="newer")
    assert (card.text, card.blocks, card.edited) == ("newer", [], True)
    assert card.metadata == METADATA


async def test_the_app_updates_and_deletes_only_its_own_messages(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    own, foreign = await post(client), (await slack.say("U1", "C1", "Hello")).ts
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel="C1", ts=foreign, text="x")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel="C1", ts=foreign)
    await client.chat_delete(channel="C1", ts=own)
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C1", ts=own, text="x")
    assert [each.text for each in slack.messages("C1")] == ["Hello"]


async def test_a_reply_needs_a_first_message_and_may_show_in_the_channel_too(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    first = await post(client, "card")
    quiet = await post(client, "line", thread_ts=first)
    await post(client, "loud", thread_ts=first, reply_broadcast=True)
    assert [each.text for each in slack.messages("C1")] == ["card", "loud"]
    assert [each.text for each in slack.thread("C1", first)] == ["line", "loud"]
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await post(client, thread_ts="1.000001")
    with pytest.raises(SlackApiError, match="cannot_reply_to_message"):
        await post(client, thread_ts=quiet)
    with pytest.raises(SlackApiError, match="reply_broadcast"):
        await post(client, reply_broadcast=True)


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "x"},
        {"event_payload": {}},
        {"event_type": "", "event_payload": {}},
        {"event_type": "x", "event_payload": "not an object"},
        {"event_type": "x", "event_payload": {}, "more": 1},
    ],
)
async def test_metadata_of_another_shape_is_refused(
    client: AsyncWebClient, metadata: dict[str, object]
) -> None:
    with pytest.raises(SlackApiError, match="invalid_metadata_schema"):
        await post(client, metadata=metadata)


async def test_history_finds_a_message_by_its_metadata_only_when_asked(client: AsyncWebClient) -> None:
    first = await post(client, metadata=METADATA)
    await post(client, "second")
    await post(client, "reply", thread_ts=first, metadata=METADATA)
    plain = (await client.conversations_history(channel="C1"))["messages"]
    assert [each["text"] for each in plain] == ["second", "words"]
    assert "metadata" not in plain[1]
    asked = (await client.conversations_history(channel="C1", include_all_metadata=True))["messages"]
    assert asked[1]["metadata"] == METADATA
    thread = await client.conversations_replies(channel="C1", ts=first, include_all_metadata=True)
    assert [each["metadata"] for each in thread["messages"]] == [METADATA, METADATA]
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await client.conversations_replies(channel="C1", ts="1.000001")


async def test_history_comes_in_pages_and_from_a_moment_on(client: AsyncWebClient) -> None:
    stamps = [await post(client, str(number)) for number in range(5)]
    page = await client.conversations_history(channel="C1", limit=3)
    assert [each["text"] for each in page["messages"]] == ["4", "3", "2"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel="C1", limit=3, cursor=cursor)
    assert [each["text"] for each in rest["messages"]] == ["1", "0"]
    later = await client.conversations_history(channel="C1", oldest=stamps[3], inclusive=True)
    assert [each["text"] for each in later["messages"]] == ["4", "3"]
    after = await client.conversations_history(channel="C1", oldest=stamps[3])
    assert [each["text"] for each in after["messages"]] == ["4"]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_history(channel="C1", cursor="x")
    with pytest.raises(SlackApiError, match="invalid_limit"):
        await client.conversations_history(channel="C1", limit=1000)


async def test_an_ephemeral_message_is_for_one_member_and_cannot_be_updated(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postEphemeral(channel="C2", user="U1", text="only you"))["message_ts"]
    assert [each.text for each in slack.ephemerals("U1")] == ["only you"]
    assert slack.messages("C2") == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C2", ts=ts, text="x")
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await client.chat_postEphemeral(channel="C2", user="U2", text="only you")


async def test_people_groups_and_links_can_be_looked_up(slack: SlackDouble, client: AsyncWebClient) -> None:
    slack.workspace.users["U2"].is_restricted = True
    guest = (await client.users_info(user="U2"))["user"]
    assert (guest["name"], guest["is_restricted"], guest["is_stranger"]) == ("tech.1", True, False)
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1", "U3"]
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(each["handle"], each["users"]) for each in groups] == [("on-call", ["U1", "U3"])]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        await client.usergroups_users_list(usergroup="S9")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.users_info(user="U9")
    ts = await post(client)
    link = (await client.chat_getPermalink(channel="C1", message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/C1/p{ts.replace('.', '')}")


async def test_a_channel_with_people_from_outside_says_so(slack: SlackDouble, client: AsyncWebClient) -> None:
    assert not (await client.conversations_info(channel="C1"))["channel"]["is_ext_shared"]
    slack.workspace.users["U2"].team_id = "T0OTHER"
    assert (await client.conversations_info(channel="C1"))["channel"]["is_ext_shared"]


async def test_the_traffic_shows_both_sides_and_never_the_token(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    await post(client)
    async with aiohttp.ClientSession() as session:
        await session.post(f"{slack.public_url}/api/auth.test", data={"token": TOKEN})
    assert [(each.direction, each.name, each.status) for each in slack.traffic] == [
        ("in", "chat.postMessage", 200),
        ("in", "auth.test", 200),
    ]
    assert slack.traffic[0].request == {"channel": "C1", "text": "words"}
    assert TOKEN not in repr(slack.traffic)
