"""The inspector's book: every call once, in order, at the demo's time, and nothing that gives access."""

from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.demo.slack.world import Exchange
from bot.demo.traffic import TrafficBook, shown_safely, watching_portal

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def exchange(name: str, answer: object, **more: object) -> Exchange:
    """A call of the app that happened just now."""
    real = datetime.now(UTC).timestamp()
    given: dict[str, object] = {
        "direction": "in",
        "name": name,
        "request": {},
        "status": 200,
        "answer": answer,
    }
    return Exchange(**(given | {"at": real} | more))  # type: ignore[arg-type]  # a test's own mixture


def test_calls_of_both_directions_say_how_they_went() -> None:
    slack = [
        exchange("chat.postMessage", {"ok": True}),
        exchange("chat.update", {"ok": False, "error": "ratelimited"}),
        exchange("block_actions", "", direction="out"),
        exchange("app_mention", "", direction="out", status=None, retry=2),
    ]
    book = TrafficBook(slack, MovableClock(NOW))

    assert [(call.name, call.outward, call.ok, call.status) for call in book.since(0)] == [
        ("chat.postMessage", True, True, "ok"),
        ("chat.update", True, False, "ratelimited"),
        ("block_actions", False, True, "200"),
        ("app_mention", False, False, "no answer, retry 2"),
    ]


def test_only_what_came_after_a_number_is_given_and_nothing_twice() -> None:
    slack = [exchange("one", {"ok": True})]
    book = TrafficBook(slack, MovableClock(NOW))
    last = book.since(0)[-1].id
    slack.append(exchange("two", {"ok": True}))
    # The double forgets its oldest calls.
    del slack[0]

    assert [call.name for call in book.since(last)] == ["two"]
    assert [call.name for call in book.since(0)] == ["one", "two"]


def test_a_call_keeps_the_time_the_demos_clock_showed_when_it_happened() -> None:
    clock = MovableClock(NOW, running=True)
    slack: list[Exchange] = []
    book = TrafficBook(slack, clock)
    slack.append(exchange("before", {"ok": True}))
    clock.move(timedelta(hours=2))
    slack.append(exchange("after", {"ok": True}))

    before, after = (datetime.fromisoformat(call.at) for call in book.since(0))
    assert timedelta(0) <= before - NOW < timedelta(minutes=1)
    assert timedelta(0) <= after - NOW - timedelta(hours=2) < timedelta(minutes=1)


def test_nothing_that_gives_access_is_shown() -> None:
    secret = "xoxb-1234-canary"
    value = {
        "token": secret,
        "response_url": "https://slack.example/respond/canary",
        "trigger_id": "1.canary",
        "upload_url": "https://slack.example/upload/canary",
        "text": f"sent with {secret} and xapp-1-canary and whsec_canary+/=",
        "url": "wss://slack.example/link?ticket=canary",
        "blocks": '[{"type": "section", "token": "canary"}]',
        "kept": ["harmless", 7, None],
    }
    shown = shown_safely(value)

    assert "canary" not in repr(shown)
    assert isinstance(shown, dict)
    assert shown["kept"] == ["harmless", 7, None]
    assert shown["blocks"] == [{"type": "section", "token": "(hidden)"}]


def test_the_oldest_calls_are_forgotten() -> None:
    slack = [exchange(str(number), {"ok": True}) for number in range(500)]
    calls = TrafficBook(slack, MovableClock(NOW)).since(0)
    assert (len(calls), calls[-1].name) == (400, "499")


async def test_calls_of_the_portal_are_noted_with_body_query_and_status() -> None:
    book = TrafficBook([], MovableClock(NOW))

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.json_response({"asked": await request.json()}, status=202)
        return web.Response(status=503)

    app = web.Application(middlewares=[watching_portal(book)])
    app.router.add_route("*", "/portal/v1/{path:.*}", answer)
    async with TestServer(app) as server, ClientSession() as session:
        await session.get(server.make_url("/portal/v1/status?ids=1:1"))
        await session.post(server.make_url("/portal/v1/stations/1/commands"), json={"type": "restart"})

    read, sent = book.since(0)
    assert (read.name, read.ok, read.status, read.request) == ("GET /status", False, "503", {"ids": "1:1"})
    assert (sent.name, sent.ok, sent.status) == ("POST /stations/1/commands", True, "202")
    assert sent.request == {"type": "restart"}
    assert sent.answer == {"asked": {"type": "restart"}}
    assert (read.side, read.at) == ("portal", NOW.isoformat())
