"""The double over Socket Mode: strict where Slack is, first by hand, then with the SDK's own client."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from bot.demo.slack.sockets import MOST
from tests.demo.conftest import APP_TOKEN, TOKEN, Starts, client_of, sent_to_app
from tests.demo.lines import address, answered_pings, connected
from tests.demo.samples import note, posted


@pytest.fixture
async def slack(start: Starts) -> SlackDouble:
    """A double whose app is in Socket Mode."""
    return await start(strict_pace=False, app_token=APP_TOKEN)


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    return client_of(slack)


async def error_of(call: Any) -> str:
    """What Slack says to a call that it refuses."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_only_the_apps_own_token_opens_connections(slack: SlackDouble, client: AsyncWebClient) -> None:
    assert await error_of(client.apps_connections_open(app_token=TOKEN)) == "not_allowed_token_type"
    assert await error_of(client.apps_connections_open(app_token="xapp-guessed")) == "invalid_auth"
    assert (await client.apps_connections_open(app_token=APP_TOKEN))["url"].startswith("ws://")


async def test_the_apps_own_token_is_good_for_nothing_else(slack: SlackDouble) -> None:
    own = client_of(slack, APP_TOKEN)
    assert await error_of(own.chat_postMessage(channel="C1", text="hello")) == "not_allowed_token_type"


async def test_the_apps_own_token_counts_in_the_header_only(
    slack: SlackDouble, browser: aiohttp.ClientSession
) -> None:
    url = f"{slack.public_url}/api/apps.connections.open"
    async with browser.post(url, data={"token": APP_TOKEN}) as answer:
        assert (await answer.json())["error"] == "not_authed"


async def test_an_app_without_socket_mode_has_no_such_token(start: Starts) -> None:
    over_http = await start(strict_pace=False)
    call = client_of(over_http).apps_connections_open(app_token=APP_TOKEN)
    assert await error_of(call) == "invalid_auth"


async def test_an_address_opens_one_connection(slack: SlackDouble, browser: aiohttp.ClientSession) -> None:
    url = await address(slack)
    await browser.ws_connect(url)
    for used_or_made_up in (url, url.replace("ticket=", "ticket=x")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.ws_connect(used_or_made_up)
        assert refused.value.status == 403


async def test_hello_says_whose_connection_it_is_and_which(
    slack: SlackDouble, browser: aiohttp.ClientSession
) -> None:
    lines = [await connected(slack, browser, greeted=False) for _ in range(2)]
    hellos = [await line.frame() for line in lines]

    assert [hello["num_connections"] for hello in hellos] == [1, 2]
    assert hellos[0]["connection_info"] == {"app_id": slack.workspace.app_id}
    assert hellos[0]["debug_info"]["approximate_connection_time"] > 0


async def test_the_eleventh_connection_is_refused(slack: SlackDouble, browser: aiohttp.ClientSession) -> None:
    # Kept: aiohttp closes what nobody holds.
    lines = [await connected(slack, browser) for _ in range(MOST)]

    one_too_many = await connected(slack, browser, greeted=False)

    told = await one_too_many.frame()
    assert (told["type"], told["reason"]) == ("disconnect", "too_many_websockets")
    assert (await one_too_many.socket.receive()).type is WSMsgType.CLOSE
    assert len(slack.sockets.open) == len(lines)


async def test_each_payload_goes_to_any_one_connection(
    slack: SlackDouble, browser: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    lines = [await connected(slack, browser) for _ in range(2)]
    ts = await posted(client)

    for line in lines:
        click = asyncio.create_task(slack.click("U1", "C1", ts, "take"))
        envelope = await line.frame()
        await line.ack(envelope_id=envelope["envelope_id"])
        reply = await click

        assert envelope["type"] == "interactive"
        assert envelope["payload"]["type"] == "block_actions"
        assert envelope["accepts_response_payload"] is False
        assert "retry_attempt" not in envelope
        assert reply is not None
        assert reply.ok
    assert len(sent_to_app(slack)) == 2


async def test_without_a_connection_a_click_is_lost_and_the_person_sees_it(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    ts = await posted(client)
    await slack.click("U1", "C1", ts, "take")

    (told,) = slack.ephemerals("U1")
    assert "dispatch_failed" in told.text


async def test_a_click_is_not_sent_again_when_its_connection_breaks(
    slack: SlackDouble, browser: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    first, second = [await connected(slack, browser) for _ in range(2)]
    ts = await posted(client)

    click = asyncio.create_task(slack.click("U1", "C1", ts, "take"))
    await first.frame()
    slack.sockets.open[0].drop()
    reply = await click

    assert reply is not None
    assert not reply.ok
    assert len(sent_to_app(slack)) == 1
    await second.socket.close()


async def test_an_event_is_sent_again_to_another_connection(
    slack: SlackDouble, browser: aiohttp.ClientSession
) -> None:
    first, second = [await connected(slack, browser) for _ in range(2)]

    opening = asyncio.create_task(slack.open_home("U1"))
    lost = await first.frame()
    slack.sockets.open[0].drop()
    again = await second.frame()
    await second.ack(envelope_id=again["envelope_id"])
    reply = await opening

    assert reply is not None
    assert reply.ok
    assert (lost["type"], lost["retry_attempt"]) == ("events_api", 0)
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "http_error")
    assert again["payload"]["event_id"] == lost["payload"]["event_id"]
    assert again["envelope_id"] != lost["envelope_id"]


async def test_an_ack_counts_only_on_its_own_connection_in_time_and_by_its_name(
    slack: SlackDouble, browser: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    slack.patience = 0.2
    first, second = [await connected(slack, browser) for _ in range(2)]
    ts = await posted(client)

    click = asyncio.create_task(slack.click("U1", "C1", ts, "take"))
    envelope = await first.frame()
    await second.ack(envelope_id=envelope["envelope_id"])
    await first.ack(envelope_id="made-up")
    await first.ack(no_name=True)
    await first.socket.send_str("not even JSON")
    reply = await click
    await first.ack(envelope_id=envelope["envelope_id"])
    await answered_pings(first, second)

    assert reply is not None
    assert reply.timed_out
    ignored = [each for each in slack.traffic if each.name == "ack"]
    assert len(ignored) == 5
    assert {json.dumps(each.answer) for each in ignored} == {'{"error": "unknown_envelope"}'}


async def test_a_payload_where_none_is_taken_is_an_error(
    slack: SlackDouble, browser: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    line = await connected(slack, browser)
    ts = await posted(client)

    click = asyncio.create_task(slack.click("U1", "C1", ts, "take"))
    envelope = await line.frame()
    await line.ack(envelope_id=envelope["envelope_id"], payload={"text": "done"})
    reply = await click

    assert reply is not None
    assert not reply.ok
    (sent,) = sent_to_app(slack)
    assert (sent.status, sent.answer) == (400, {"error": "response_payload_not_accepted"})


async def test_a_silent_connection_stands_and_answers_no_ping(
    slack: SlackDouble, browser: aiohttp.ClientSession
) -> None:
    line = await connected(slack, browser)
    slack.sockets.open[0].fall_silent()

    await line.socket.ping(b"still there?")

    with pytest.raises(TimeoutError):
        await line.socket.receive(timeout=0.1)
    assert len(slack.sockets.open) == 1


@pytest.fixture
async def bolt(slack: SlackDouble, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """A real Bolt app with the SDK's client, as its documentation shows it."""
    app = AsyncApp(client=client, process_before_response=True, raise_error_for_unhandled_request=False)
    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.client.connect_to_new_endpoint()
    await slack.sockets.until(lambda sockets: len(sockets) == 1)
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt gives it no types


async def test_bolt_hears_clicks_commands_forms_and_events_and_answers_each(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[str] = []

    @bolt.action("take")
    async def take(ack: Any, body: Any) -> None:
        heard.append("click")
        await client.views_open(trigger_id=body["trigger_id"], view=note())
        await ack()

    @bolt.command("/charger")
    async def charger(ack: Any) -> None:
        heard.append("command")
        await ack(text="All stations are up.")

    @bolt.view("note")
    async def on_note(ack: Any) -> None:
        heard.append("form")
        await ack(response_action="errors", errors={"note": "Too short."})

    @bolt.event("app_home_opened")
    async def opened() -> None:
        heard.append("event")

    await slack.click("U1", "C1", await posted(client), "take")
    await slack.slash("U1", "C1", "help")
    view = slack.open_view("U1")
    assert view is not None
    await slack.submit("U1", view.id, {"note": {"t": "x"}})
    await slack.open_home("U1")

    assert heard == ["click", "command", "form", "event"]
    assert [each.text for each in slack.ephemerals("U1")] == ["All stations are up."]
    assert view.errors == {"note": "Too short."}


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_sdk_comes_back_when_it_is_asked_to(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp, reason: Any
) -> None:
    @bolt.action("take")
    async def take(ack: Any) -> None:
        await ack()

    (old,) = slack.sockets.open
    await old.leave(reason)
    await slack.sockets.until(lambda sockets: [each.number for each in sockets] == [2])

    reply = await slack.click("U1", "C1", await posted(client), "take")
    assert reply is not None
    assert reply is not None
    assert reply.ok
