"""The addresses under which an app may answer what a person did."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.demo.slack.server import SlackDouble
from bot.messages import limits
from tests.demo.conftest import RealTime, sent_to_app
from tests.demo.samples import Body, card, posted


async def test_a_response_url_works_five_times_for_half_an_hour(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp, real_time: RealTime
) -> None:
    urls: list[str] = []

    @bolt.action("take")
    async def take(ack: Any, body: Body) -> None:
        urls.append(body["response_url"])
        await ack()

    await posted(client)
    await slack.press("U1", "Take")
    hook = AsyncWebhookClient(urls[0])
    for number in range(limits.RESPONSE_URL_USES):
        assert (await hook.send(text=str(number))).status_code == 200
    used = await hook.send(text="one more")
    assert (used.status_code, "used_url" in used.body) == (404, True)
    assert [each.text for each in slack.ephemerals("U1")] == ["0", "1", "2", "3", "4"]
    await slack.press("U1", "Take")
    hook = AsyncWebhookClient(urls[1])
    real_time.move(limits.RESPONSE_URL_SECONDS)
    assert (await hook.send(text="in time")).status_code == 200
    real_time.move(1)
    assert "expired_url" in (await hook.send(text="late")).body
    assert (
        "invalid_url" in (await AsyncWebhookClient(f"{slack.public_url}/respond/guess").send(text="x")).body
    )


async def test_a_response_url_replaces_deletes_or_speaks_up_but_never_turns_private_into_public(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    urls: list[str] = []

    @bolt.action("take")
    async def take(ack: Any, body: Body) -> None:
        urls.append(body["response_url"])
        await ack()

    ts = await posted(client)
    await slack.press("U1", "Take")
    hook = AsyncWebhookClient(urls[0])
    await hook.send(text="For all", response_type="in_channel", replace_original=False)
    await hook.send(text="Taken", replace_original=True)
    assert [each.text for each in slack.messages("C1")] == ["Taken", "For all"]
    refused = await hook.send(text="x", blocks=[{"type": "alert"}])
    assert (refused.status_code, "unsupported type: alert" in refused.body) == (400, True)
    await hook.send(delete_original=True)
    assert [each.text for each in slack.messages("C1")] == ["For all"]
    assert slack.thread("C1", ts) == []

    await client.chat_postEphemeral(channel="C1", user="U1", text="Sure?", blocks=card())
    await slack.press("U1", "Take")
    assert "message" not in sent_to_app(slack)[-1].request
    assert sent_to_app(slack)[-1].request["container"]["is_ephemeral"]
    hook = AsyncWebhookClient(urls[1])
    await hook.send(text="Done", replace_original=True, response_type="in_channel")
    assert [each.text for each in slack.ephemerals("U1")] == ["Done"]
    await hook.send(delete_original=True)
    assert slack.ephemerals("U1") == []
    assert [each.text for each in slack.messages("C1")] == ["For all"]
