"""What the demo's page is given, and what it can do for a person."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from tests.demo.samples import card, note


@pytest.fixture
async def page(slack: SlackDouble) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's side of HTTP."""
    async with aiohttp.ClientSession(base_url=slack.public_url) as session:
        yield session


async def state(page: aiohttp.ClientSession, user: str = "U1") -> dict[str, Any]:
    body: dict[str, Any] = await (await page.get("/demo/state", params={"user": user})).json()
    return body


async def do(page: aiohttp.ClientSession, what: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await (await page.post(f"/demo/{what}", json=body)).json()
    return answer


async def test_the_state_is_what_this_person_sees(
    slack: SlackDouble, client: AsyncWebClient, page: aiohttp.ClientSession
) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="Card", blocks=card()))["ts"]
    await client.chat_postMessage(channel="C1", text="<@U1> line", thread_ts=ts, reply_broadcast=True)
    await client.chat_postEphemeral(channel="C1", user="U1", text="only you", thread_ts=ts)
    seen = await state(page)
    assert (seen["me"], seen["command"], seen["seq"]) == ("U1", "/charger", slack.seq)
    assert seen["users"][1] == {"id": "U2", "name": "Tech 1", "roles": ["technician"], "is_bot": False}
    assert [each["name"] for each in seen["users"] if each["is_bot"]] == ["Relink"]
    assert seen["groups"] == [{"id": "S1", "name": "on-call"}]
    assert [(each["id"], each["kind"]) for each in seen["channels"]] == [("C1", "channel"), ("C2", "channel")]
    shown, echoed = seen["channels"][0]["messages"]
    assert (shown["ts"], shown["name"], shown["text"], shown["reply_count"]) == (ts, "Relink", "Card", 1)
    assert shown["blocks"][0]["elements"][1]["text"]["text"] == "Take"
    assert [(each["text"], each["broadcast"]) for each in shown["thread"]] == [("<@U1> line", True)]
    assert echoed["thread_ts"] == ts
    assert [each["text"] for each in seen["channels"][0]["ephemerals"]] == ["only you"]
    assert [(each["text"], each["channel"]) for each in seen["toasts"]] == [("<@U1> line", "C1")]
    assert (seen["view"], seen["view_errors"], seen["home"]) == (None, {}, None)

    other = await state(page, "U2")
    assert [each["id"] for each in other["channels"]] == ["C1"]
    assert other["channels"][0]["ephemerals"] == []
    assert other["toasts"] == []
    assert (await page.get("/demo/state", params={"user": "U9"})).status == 404


async def test_a_person_clicks_fills_in_and_types_through_the_page(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp, page: aiohttp.ClientSession
) -> None:
    heard: list[str] = []

    @bolt.action("take")
    @bolt.action("more")
    async def press(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["actions"][0].get("value") or body["actions"][0]["selected_option"]["value"])
        await client.views_open(trigger_id=body["trigger_id"], view=note())
        await ack()

    @bolt.view("note")
    async def take(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["view"]["state"]["values"]["note"]["t"]["value"])
        await ack()

    @bolt.command("/charger")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["text"])
        await ack("Help is near.")

    ts = (await client.chat_postMessage(channel="C1", text="Card", blocks=card()))["ts"]
    place = {"user": "U1", "channel": "C1", "ts": ts, "block_id": "choices-1"}
    assert await do(page, "click", **place, action_id="take", value="I-1.1") == {"ok": True}
    view_id = (await state(page))["view"]["id"]
    assert await do(page, "submit", user="U1", view_id=view_id, values={}) == {"ok": True}
    assert (await state(page))["view_errors"] == {"note": "Please fill in this field."}
    assert await do(page, "submit", user="U1", view_id=view_id, values={"note": {"t": "words"}}) == {
        "ok": True
    }
    assert await do(page, "click", **place, action_id="more", option="hand") == {"ok": True}
    view_id = (await state(page))["view"]["id"]
    assert await do(page, "close", user="U1", view_id=view_id) == {"ok": True}
    assert (await state(page))["view"] is None
    assert await do(page, "send", user="U1", channel="C1", text="/charger help") == {"ok": True}
    assert await do(page, "send", user="U1", channel="C1", text="thanks", thread_ts=ts) == {"ok": True}
    assert heard == ["I-1.1", "words", "hand", "help"]
    assert [each.text for each in slack.thread("C1", ts)] == ["thanks"]
    assert [each["text"] for each in (await state(page))["channels"][0]["ephemerals"]] == ["Help is near."]


async def test_a_click_on_a_card_that_was_edited_in_the_same_moment_is_sent_as_it_was_pressed(
    client: AsyncWebClient, bolt: AsyncApp, page: aiohttp.ClientSession
) -> None:
    heard: list[str] = []

    @bolt.action("take")
    async def press(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["actions"][0]["value"])
        await ack()

    ts = (await client.chat_postMessage(channel="C1", text="Card", blocks=card()))["ts"]
    newer = [{**card()[0], "block_id": "choices-2", "elements": card()[0]["elements"][2:]}]
    await client.chat_update(channel="C1", ts=ts, text="Card", blocks=newer)

    place = {"user": "U1", "channel": "C1", "ts": ts, "action_id": "take", "value": "I-1.1"}
    assert await do(page, "click", **place, block_id="choices-1") == {"ok": True}
    assert heard == ["I-1.1"]
    never = await do(page, "click", **place, block_id="choices-0")
    assert never == {"ok": False, "error": "There is no button take any more."}


async def test_the_page_opens_the_home_tab_and_presses_its_buttons(
    client: AsyncWebClient, bolt: AsyncApp, page: aiohttp.ClientSession
) -> None:
    heard: list[str] = []

    @bolt.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": card()})

    @bolt.action("take")
    async def take(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["actions"][0]["value"])
        await ack()

    assert await do(page, "home", user="U1") == {"ok": True}
    view_id = (await state(page))["home"]["id"]
    assert await do(page, "click", user="U1", view_id=view_id, action_id="take") == {"ok": True}
    assert heard == ["I-1.1"]


async def test_the_page_gets_a_sentence_when_something_cannot_be_done(
    slack: SlackDouble, client: AsyncWebClient, page: aiohttp.ClientSession
) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="Card", blocks=card()))["ts"]
    gone = await do(page, "click", user="U1", channel="C1", ts="1.000001", action_id="take")
    assert gone == {"ok": False, "error": "This message is gone."}
    threaded = await do(page, "send", user="U1", channel="C1", text="/charger help", thread_ts=ts)
    assert "no slash commands in threads" in threaded["error"]
    assert (await do(page, "click", user="U1"))["ok"] is False
    nobody = await do(page, "click", user="U1", channel="C1", ts=ts, action_id="take")
    assert nobody == {"ok": False, "error": 'The app did not answer as it should ("dispatch_failed").'}


async def test_the_page_hears_of_every_change(
    slack: SlackDouble, client: AsyncWebClient, page: aiohttp.ClientSession
) -> None:
    seen: list[int] = []
    slack.on_change(seen.append)
    async with page.get("/demo/events", params={"user": "U1"}) as stream:
        assert stream.content_type == "text/event-stream"

        async def next_seq() -> int:
            assert (await stream.content.readline()).strip() == b"event: changed"
            line = (await stream.content.readline()).decode().removeprefix("data: ")
            await stream.content.readline()
            return int(json.loads(line)["seq"])

        assert await next_seq() == slack.seq
        await client.chat_postMessage(channel="C1", text="new")
        assert await next_seq() == slack.seq == seen[-1]
    assert await slack.changed(slack.seq - 1) == slack.seq
