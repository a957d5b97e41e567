"""Presses reach a real Bolt app as Slack sends them, and a failure shows to who pressed."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.fields import CannotDo
from bot.demo.slack.server import SlackDouble
from bot.messages import limits
from tests.demo.conftest import SECRET, sent_to_app, serving
from tests.demo.samples import Body, card, home, plain, posted


async def test_a_click_carries_who_where_what_and_the_message(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[Body] = []

    @bolt.action("take")
    async def take(ack: Any, body: Body) -> None:
        heard.append(body)
        await ack()

    ts = await posted(
        client, metadata={"event_type": "relink_incident", "event_payload": {"incident": "I-1"}}
    )
    reply = await slack.click("U1", "C1", ts, "take")
    assert reply is not None
    assert reply.ok
    (body,) = heard
    assert body["type"] == "block_actions"
    assert body["team"]["id"] == "T0DEMO"
    assert body["user"] == {
        "id": "U1",
        "username": "support.1",
        "name": "support.1",
        "team_id": "T0DEMO",
    }
    assert body["channel"] == {"id": "C1", "name": "chargers"}
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C1",
        "is_ephemeral": False,
    }
    assert body["message"]["metadata"]["event_payload"] == {"incident": "I-1"}
    assert body["message"]["blocks"][0]["block_id"] == "choices-1"
    (action,) = body["actions"]
    assert (action["type"], action["action_id"], action["block_id"], action["value"]) == (
        "button",
        "take",
        "choices-1",
        "I-1.1",
    )
    assert body["response_url"].startswith(slack.public_url)
    assert body["trigger_id"]


async def test_people_press_what_they_read(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[Body] = []

    @bolt.action("restart")
    @bolt.action("more")
    async def remember(ack: Any, body: Body) -> None:
        heard.append(body["actions"][0])
        await ack()

    ts = await posted(client)
    await slack.press("U1", "Restart station")
    await slack.press("U1", "Hand over", channel="C1", ts=ts)
    await slack.click("U1", "C1", ts, "more", option="Add note")
    assert [each.get("value") for each in heard] == ["I-1.1", None, None]
    assert [each.get("selected_option", {}).get("value") for each in heard] == [None, "hand", "note"]


async def test_only_what_stands_on_the_screen_can_be_pressed(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    ts = await posted(client)
    with pytest.raises(CannotDo, match="No buttons show 'Stop'"):
        await slack.press("U1", "Stop")
    with pytest.raises(CannotDo, match="no button stop any more"):
        await slack.click("U1", "C1", ts, "stop")
    with pytest.raises(CannotDo, match="not in C2"):
        await slack.click("U2", "C2", ts, "take")
    with pytest.raises(CannotDo, match="message is gone"):
        await slack.click("U1", "C1", "1.000001", "take")
    await posted(client)
    with pytest.raises(CannotDo, match="2 buttons show 'Take'"):
        await slack.press("U1", "Take")
    slack.workspace.users["U1"].deleted = True
    with pytest.raises(CannotDo, match="Nobody can act as U1"):
        await slack.press("U1", "Take", ts=ts)
    assert sent_to_app(slack) == []


async def test_no_in_the_confirm_dialog_sends_nothing(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    await posted(client)
    assert await slack.press("U1", "Restart station", confirm=False) is None
    assert sent_to_app(slack) == []
    with pytest.raises(CannotDo, match="asks for no confirmation"):
        await slack.press("U1", "Take", confirm=False)


async def test_an_old_client_presses_a_button_that_is_gone(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[str] = []

    @bolt.action("take")
    async def take(ack: Any, body: Body) -> None:
        heard.append(body["actions"][0]["value"])
        await ack()

    ts = await posted(client)
    before = slack.messages("C1")[0].blocks
    await client.chat_update(channel="C1", ts=ts, text="Closed")
    with pytest.raises(CannotDo):
        await slack.click("U1", "C1", ts, "take")
    await slack.click("U1", "C1", ts, "take", stale=before)
    assert heard == ["I-1.1"]


async def test_an_app_that_is_too_slow_or_broken_shows_as_an_error_to_that_person_only(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    await posted(client)
    slack.patience = 0.05
    async with serving(slack, never):
        await slack.press("U1", "Take")
    async with serving(slack, broken):
        await slack.press("U1", "Take")
        await slack.slash("U1", "C1", "help")
    slack.patience = limits.ANSWER_SECONDS
    await slack.slash("U1", "C1", "help")
    assert [each.text for each in slack.ephemerals("U1")] == [
        '"Take" failed with the error "operation_timeout"',
        '"Take" failed with the error "dispatch_failed"',
        '/charger failed with the error "dispatch_failed"',
        '/charger failed with the error "dispatch_failed"',
    ]
    assert slack.ephemerals("U2") == []


async def test_every_delivery_is_signed_over_its_raw_body(slack: SlackDouble, client: AsyncWebClient) -> None:
    signed: list[bool] = []

    async def check(request: web.Request) -> web.Response:
        verifier = SignatureVerifier(SECRET)
        signed.append(verifier.is_valid_request(await request.read(), dict(request.headers)))
        return web.Response()

    await posted(client)
    async with serving(slack, check):
        await slack.press("U1", "Take")
        await slack.slash("U1", "C1", "status ä & ö")
        await slack.open_home("U1")
    assert signed == [True, True, True]


async def test_the_home_tab_brings_its_view_once_one_was_published(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[Body] = []
    pressed: list[Body] = []

    @bolt.event("app_home_opened")
    async def opened(event: Body) -> None:
        heard.append(event)
        await client.views_publish(user_id=event["user"], view=home(*card()))

    @bolt.action("take")
    async def take(ack: Any, body: Body) -> None:
        pressed.append(body)
        await ack()

    await slack.open_home("U1")
    await slack.open_home("U1")
    assert ["view" in each for each in heard] == [False, True]
    view = slack.home("U1")
    assert view is not None
    await slack.click_in_view("U1", view.id, "take")
    (body,) = pressed
    assert body["container"] == {"type": "view", "view_id": view.id}
    assert body["view"]["id"] == view.id
    assert "channel" not in body
    assert "response_url" not in body


async def test_shortcuts_come_with_or_without_a_message(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[str] = []

    @bolt.shortcut("report")
    async def listen(ack: Any, body: Body) -> None:
        heard.append(body["message"]["text"] if "message" in body else "no message")
        await ack()

    said = await slack.say("U1", "C1", "20117 is dark")
    await slack.use_shortcut("U1", "report")
    await slack.use_shortcut("U1", "report", channel="C1", ts=said.ts)
    assert heard == ["no message", "20117 is dark"]


async def test_a_person_of_another_workspace_is_told_apart(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    slack.workspace.users["U2"].team_id = "T0OTHER"
    await posted(client)
    await slack.press("U2", "Take")
    await slack.say("U1", "C1", "Hello")
    click, event = sent_to_app(slack)[:2]
    assert (click.request["user"]["team_id"], click.request["team"]["id"]) == ("T0OTHER", "T0DEMO")
    assert event.request["is_ext_shared_channel"]


async def test_buttons_of_the_same_name_are_told_apart_by_their_value_or_block(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[str] = []

    @bolt.action("open")
    async def listen(ack: Any, body: Body) -> None:
        heard.append(body["actions"][0]["value"])
        await ack()

    rows = [
        {
            "type": "actions",
            "block_id": f"row-{number}",
            "elements": [
                {"type": "button", "text": plain("Go to it"), "action_id": "open", "value": f"I-{number}"}
            ],
        }
        for number in (1, 2)
    ]
    ts = (await client.chat_postMessage(channel="C1", text="A list", blocks=rows))["ts"]
    with pytest.raises(CannotDo, match="2 buttons are called open"):
        await slack.click("U1", "C1", ts, "open")
    await slack.click("U1", "C1", ts, "open", "I-2")
    await slack.click("U1", "C1", ts, "open", block_id="row-1")
    assert heard == ["I-2", "I-1"]


async def test_a_click_in_a_thread_says_which_thread(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    first = (await client.chat_postMessage(channel="C1", text="A card"))["ts"]
    await posted(client, thread_ts=first)
    await slack.press("U1", "Take")
    (sent,) = sent_to_app(slack)
    assert sent.request["container"]["thread_ts"] == first
    assert sent.request["message"]["thread_ts"] == first
