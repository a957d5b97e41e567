"""A file on its way into the demo's Slack: address, bytes, message. And out of it: to the page, and nobody else."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.page.guard import own_page_only
from bot.demo.slack.file_book import ADDRESS_SECONDS
from bot.demo.slack.server import SlackDouble
from bot.messages import limits
from tests.demo.conftest import ALL_SCOPES, RealTime, Starts, client_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CSV = "\ufeffa,b\r\n1,2\r\n".encode()


@pytest.fixture
async def browser(slack: SlackDouble) -> AsyncIterator[aiohttp.ClientSession]:
    """Plain HTTP to the double."""
    async with aiohttp.ClientSession(base_url=slack.public_url) as session:
        yield session


async def announced(client: AsyncWebClient, content: bytes = CSV, name: str = "a.csv") -> tuple[str, str]:
    """A file's id, and the address for its bytes."""
    place = await client.files_getUploadURLExternal(filename=name, length=len(content), alt_txt="A table")
    return str(place["file_id"]), str(place["upload_url"])


async def sent(browser: aiohttp.ClientSession, url: str, content: bytes, **more: Any) -> tuple[int, str]:
    """Status and words of the answer to the bytes."""
    async with browser.post(url, data=BytesIO(content), **more) as answer:
        return answer.status, await answer.text()


async def handed_in(
    client: AsyncWebClient, browser: aiohttp.ClientSession, content: bytes = CSV, name: str = "a.csv"
) -> str:
    """A file whose bytes Slack has and that nobody sees yet."""
    id_, url = await announced(client, content, name)
    assert await sent(browser, url, content) == (200, f"OK - {len(content)}")
    return id_


async def share(client: AsyncWebClient, id_: str, channel: str = "C1", **more: Any) -> None:
    """Show it."""
    await client.files_completeUploadExternal(files=[{"id": id_, "title": "T"}], channel_id=channel, **more)


async def test_a_file_becomes_a_message_when_it_is_shared_and_not_before(
    slack: SlackDouble, client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    id_ = await handed_in(client, browser)
    assert slack.messages("C1") == []
    await share(client, id_)
    (message,) = (await client.conversations_history(channel="C1"))["messages"]
    (file,) = message["files"]
    assert (file["id"], file["name"], file["title"], file["mimetype"]) == (id_, "a.csv", "T", "text/csv")
    assert (file["size"], file["alt_txt"]) == (len(CSV), "A table")


async def test_it_may_go_into_a_thread_that_stands(
    slack: SlackDouble, client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    ts = str((await client.chat_postMessage(channel="C1", text="digest"))["ts"])
    id_ = await handed_in(client, browser)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await share(client, id_, thread_ts="1.000001")
    await share(client, id_, thread_ts=ts)
    assert [each.files[0].id for each in slack.thread("C1", ts)] == [id_]


async def test_in_a_direct_message_it_rings(
    slack: SlackDouble, client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    direct = str((await client.conversations_open(users="U2"))["channel"]["id"])
    await share(client, await handed_in(client, browser), direct)
    assert [(push.who, push.text) for push in slack.pushes()] == [("U2", "T")]


async def test_an_address_takes_bytes_once(client: AsyncWebClient, browser: aiohttp.ClientSession) -> None:
    _, url = await announced(client)
    assert (await sent(browser, url, CSV))[0] == 200
    assert await sent(browser, url, CSV) == (404, "invalid_upload_url")


async def test_an_address_nobody_gave_out_or_that_is_too_old_takes_nothing(
    slack: SlackDouble, client: AsyncWebClient, browser: aiohttp.ClientSession, real_time: RealTime
) -> None:
    assert await sent(browser, "/upload/guessed", CSV) == (404, "invalid_upload_url")
    id_, url = await announced(client)
    real_time.move(ADDRESS_SECONDS + 1)
    assert await sent(browser, url, CSV) == (404, "expired_upload_url")
    with pytest.raises(SlackApiError, match="file_not_found"):
        await share(client, id_)
    assert slack.messages("C1") == []


@pytest.mark.parametrize("content", [CSV[:-1], CSV + b"x", b""], ids=["short", "long", "empty"])
async def test_so_many_bytes_as_were_announced_and_no_others(
    client: AsyncWebClient, browser: aiohttp.ClientSession, content: bytes
) -> None:
    id_, url = await announced(client)
    assert await sent(browser, url, content) == (400, "file_size_mismatch")
    with pytest.raises(SlackApiError, match="file_not_found"):
        await share(client, id_)


async def test_more_than_a_megabyte_is_no_trouble(
    client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    await handed_in(client, browser, bytes(3 * 1024 * 1024))


async def test_what_is_shared_is_shared_once_and_only_where_the_app_is(
    slack: SlackDouble, client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    id_ = await handed_in(client, browser)
    slack.workspace.channels["C2"].members.remove("U0RELINK")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await share(client, id_, "C2")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await share(client, id_, "U1")
    await share(client, id_)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await share(client, id_)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await share(client, "F99999999")
    assert len(slack.messages("C1")) == 1


async def test_nothing_is_announced_that_has_no_bytes_or_too_long_a_description(
    client: AsyncWebClient,
) -> None:
    with pytest.raises(SlackApiError, match="length"):
        await client.files_getUploadURLExternal(filename="a.csv", length=0)
    await client.files_getUploadURLExternal(filename="a.csv", length=1, alt_txt="x" * limits.FILE_ALT)
    with pytest.raises(SlackApiError, match="alt_txt"):
        await client.files_getUploadURLExternal(
            filename="a.csv", length=1, alt_txt="x" * (limits.FILE_ALT + 1)
        )


@pytest.mark.parametrize("files", ["", "[]", "F1", '["F1"]', '[{"title": "T"}]', '[{"id": "F1", "more": 1}]'])
async def test_a_list_of_files_of_another_shape_is_refused(client: AsyncWebClient, files: str) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.api_call("files.completeUploadExternal", params={"files": files, "channel_id": "C1"})


async def test_both_calls_need_the_scope_for_files(start: Starts) -> None:
    client = client_of(await start(ALL_SCOPES - {"files:write"}))
    for call in (announced(client), share(client, "F1")):
        with pytest.raises(SlackApiError, match="files:write"):
            await call


# The page


async def file_on_page(browser: aiohttp.ClientSession, user: str = "U1") -> dict[str, Any]:
    """The one file this person sees in the first channel."""
    seen = await (await browser.get("/demo/state", params={"user": user})).json()
    (file,) = seen["channels"][0]["messages"][0]["files"]
    return dict(file)


@pytest.mark.parametrize(
    ("name", "content", "kind", "disposition"),
    [
        ("chart.png", PNG, "image/png", "inline; filename*=UTF-8''chart.png"),
        ("a.csv", CSV, "text/csv", "attachment; filename*=UTF-8''a.csv"),
        ("x.svg", b"<svg/>", "application/octet-stream", "attachment; filename*=UTF-8''x.svg"),
        (
            '"\r\n;é.html',
            b"<b>",
            "application/octet-stream",
            "attachment; filename*=UTF-8''%22%0D%0A%3B%C3%A9.html",
        ),
    ],
)
async def test_the_page_gets_a_file_as_what_it_is(
    client: AsyncWebClient,
    browser: aiohttp.ClientSession,
    name: str,
    content: bytes,
    kind: str,
    disposition: str,
) -> None:
    await share(client, await handed_in(client, browser, content, name))
    file = await file_on_page(browser)
    assert (file["name"], file["alt"], file["is_image"]) == (name, "A table", kind == "image/png")
    async with browser.get(file["url"]) as answer:
        assert await answer.read() == content
        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"] == disposition
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_nobody_reads_a_file_of_a_channel_they_are_not_in(
    client: AsyncWebClient, browser: aiohttp.ClientSession
) -> None:
    waiting = await handed_in(client, browser)
    await share(client, shared := await handed_in(client, browser), "C2")
    for address in (f"{shared}?user=U2", shared, f"{waiting}?user=U1", "F99999999?user=U1"):
        assert (await browser.get(f"/demo/files/{address}")).status == 404


async def test_no_other_page_reads_a_file(slack: SlackDouble) -> None:
    app = web.Application(middlewares=[own_page_only])
    slack.mount(app)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = server.make_url("/demo/files/F1?user=U1")
        for headers in ({"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await session.get(url, headers=headers)).status == 403
        assert (await session.get(url, headers={"Sec-Fetch-Site": "same-origin"})).status == 404
