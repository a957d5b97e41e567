"""Uploading a file: what stands in Slack afterwards, and what a failure means for whoever would try again."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
from bot.messages.files import upload
from bot.messages.outcomes import FAILURES, Verdict, judge
from tests.messages.moods import Handler, Mood, cut_after, cut_before, page, refused

TOKEN = "xoxb-nobody-may-see-this"
ASK, BYTES, SHARE = "files.getUploadURLExternal", "upload", "files.completeUploadExternal"
CONTENT = b"a,b\r\n1,2\r\n"


@dataclass
class Counter:
    """A Slack with a client for it, and what a network does between them."""

    slack: SlackDouble
    client: AsyncWebClient
    moods: dict[str, list[Mood]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)

    @web.middleware
    async def between(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Spoil an answer where a test wants that."""
        name = BYTES if request.path.startswith("/upload/") else request.path.rpartition("/")[2]
        self.asked.append(name)
        mood = self.moods[name].pop(0) if self.moods[name] else None
        return await (handler(request) if mood is None else mood(request, handler))

    async def send(self, channel: str = "C1", thread_ts: str | None = None, content: bytes = CONTENT) -> str:
        """Upload the file of these tests."""
        return await upload(
            self.client,
            channel=channel,
            filename="a.csv",
            title="Closed incidents",
            content=content,
            alt="A table",
            thread_ts=thread_ts,
        )


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    workspace = Workspace.of(people=[("U1", "Lead", [])], channels=[("C1", "chargers", ["U1"])])
    scopes = frozenset({"chat:write", "files:write", "im:write"})
    slack = SlackDouble(workspace, bot_token=TOKEN, signing_secret="s", scopes=scopes, strict_pace=False)
    async with aiohttp.ClientSession() as session:
        one = Counter(slack, AsyncWebClient(token=TOKEN, session=session, retry_handlers=[]))
        app = web.Application(middlewares=[one.between])
        slack.mount(app)
        async with TestServer(app) as server:
            slack.public_url = str(server.make_url("/"))
            one.client.base_url = f"{slack.public_url}/api/"
            yield one


async def test_a_file_stands_in_the_channel_with_title_and_description(counter: Counter) -> None:
    id_ = await counter.send()
    (message,) = counter.slack.messages("C1")
    (file,) = message.files
    assert (file.id, file.name, file.title, file.alt) == (id_, "a.csv", "Closed incidents", "A table")
    assert file.content == CONTENT
    assert counter.asked == [ASK, BYTES, SHARE]


async def test_it_goes_into_a_thread_or_a_direct_message(counter: Counter) -> None:
    ts = str((await counter.client.chat_postMessage(channel="C1", text="digest"))["ts"])
    await counter.send(thread_ts=ts)
    assert [len(line.files) for line in counter.slack.thread("C1", ts)] == [1]
    direct = str((await counter.client.conversations_open(users="U1"))["channel"]["id"])
    await counter.send(direct)
    assert [len(line.files) for line in counter.slack.messages(direct)] == [1]


async def test_a_big_file_arrives_whole(counter: Counter) -> None:
    content = bytes(range(256)) * 12_000
    await counter.send(content=content)
    assert counter.slack.messages("C1")[0].files[0].content == content


@pytest.mark.parametrize("step", [ASK, BYTES])
@pytest.mark.parametrize(
    "mood",
    [cut_before, cut_after, page(502, after=True), page(503, after=False), refused("ratelimited", 429)],
    ids=["cut", "cut after", "502 after", "503", "429"],
)
async def test_what_fails_before_it_is_shared_has_posted_nothing_and_may_be_tried_again(
    counter: Counter, step: str, mood: Mood
) -> None:
    counter.moods[step].append(mood)
    with pytest.raises(FAILURES) as failed:
        await counter.send()
    assert judge(failed.value).verdict is Verdict.LATER
    assert counter.slack.messages("C1") == []
    assert SHARE not in counter.asked
    await counter.send()
    assert len(counter.slack.messages("C1")) == 1


async def test_bytes_that_slack_will_never_take_are_not_offered_again(counter: Counter) -> None:
    counter.moods[BYTES].append(page(413, after=False))
    with pytest.raises(FAILURES) as failed:
        await counter.send()
    assert judge(failed.value).verdict is Verdict.NEVER


@pytest.mark.parametrize("step", [ASK, SHARE])
async def test_a_no_of_slack_is_told_as_what_it_is(counter: Counter, step: str) -> None:
    counter.moods[step].append(refused("missing_scope"))
    with pytest.raises(FAILURES) as failed:
        await counter.send()
    failure = judge(failed.value)
    assert (failure.verdict, failure.reason) == (Verdict.NEVER, "missing_scope: not named")


@pytest.mark.parametrize("mood", [cut_after, page(502, after=True), page(200, after=True)])
async def test_after_an_unclear_answer_to_the_sharing_nothing_is_shared_twice(
    counter: Counter, mood: Mood
) -> None:
    counter.moods[SHARE].append(mood)
    with pytest.raises(FAILURES) as failed:
        await counter.send()
    assert judge(failed.value).verdict is Verdict.DOUBTFUL
    assert counter.asked == [ASK, BYTES, SHARE]
    assert len(counter.slack.messages("C1")) == 1


async def test_no_error_holds_the_address_of_the_bytes(counter: Counter) -> None:
    counter.moods[BYTES].append(cut_before)
    with pytest.raises(FAILURES) as failed:
        await counter.send()
    assert "/upload/" not in str(failed.value)
    assert "/upload/" not in judge(failed.value).reason
