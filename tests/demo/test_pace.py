"""How often the app may call, by real time."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.messages import limits
from tests.demo.conftest import RealTime, Starts, client_of
from tests.demo.samples import posted


async def test_one_channel_takes_a_short_burst_and_then_a_post_a_second(
    start: Starts, real_time: RealTime
) -> None:
    client = client_of(await start())
    for _ in range(limits.POST_BURST):
        await posted(client)
    with pytest.raises(SlackApiError) as fast:
        await posted(client)
    assert fast.value.response.status_code == 429
    assert fast.value.response.headers["Retry-After"] == "1"
    assert fast.value.response["error"] == "ratelimited"
    await posted(client, channel="C2")
    real_time.move(1)
    await posted(client)
    with pytest.raises(SlackApiError, match="ratelimited"):
        await posted(client)


async def test_updates_are_counted_over_all_messages_of_a_minute(start: Starts, real_time: RealTime) -> None:
    client = client_of(await start())
    cards = {channel: await posted(client, channel=channel) for channel in ("C1", "C2")}
    for number in range(50):
        channel = ("C1", "C2")[number % 2]
        await client.chat_update(channel=channel, ts=cards[channel], text=str(number))
    real_time.move(20)
    with pytest.raises(SlackApiError) as fast:
        await client.chat_update(channel="C1", ts=cards["C1"], text="one too many")
    assert fast.value.response.headers["Retry-After"] == "40"
    real_time.move(40)
    assert (await client.chat_update(channel="C1", ts=cards["C1"], text="in time"))["ok"]


@pytest.mark.parametrize(("method", "arguments"), [("usergroups.list", {}), ("users.info", {"user": "U1"})])
async def test_other_methods_follow_the_tier_they_are_in(
    start: Starts, method: str, arguments: dict[str, str]
) -> None:
    client = client_of(await start())
    for _ in range(limits.TIER_PER_MINUTE[limits.METHOD_TIERS[method]]):
        await client.api_call(method, params=arguments)
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.api_call(method, params=arguments)
