"""What the house says about itself, and to whom."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.errors import Busy
from bot.reports import health
from db import troubles
from db.models import Pace
from db.writer import Database
from handlers import web
from tests.handlers.web_house import NOON, House, alert, open_house, problem


@pytest.fixture
async def house(sqlite_db: Database) -> AsyncIterator[House]:
    async with open_house(sqlite_db) as opened:
        yield opened


async def readiness(house: House) -> tuple[int, dict[str, Any]]:
    response = await house.http.get(f"{house.url}/readyz")
    return response.status, await response.json()


async def test_a_quiet_house_is_ready(house: House) -> None:
    assert await readiness(house) == (
        200,
        {
            "database": "ok",
            "slack": {"state": "not known", "age_seconds": None},
            "portal": {"state": "not known", "age_seconds": None, "unread_seconds": 0},
            "timers_late_seconds": 0,
            "outbox_oldest_seconds": 0,
            "clock_off_seconds": 0,
            "down": None,
            "troubles": [],
        },
    )


async def test_without_slack_and_portal_it_is_ready_all_the_same_and_says_so(house: House) -> None:
    house.deps.metrics.slack.beat(ok=False)
    house.deps.metrics.portal.beat(ok=True)

    status, said = await readiness(house)

    assert status == 200
    assert (said["slack"]["state"], said["portal"]["state"]) == ("down", "ok")
    assert said["portal"]["age_seconds"] < 60


async def test_it_says_why_slack_is_down_since_when_and_which_channel_is_lost(house: House) -> None:
    """And alerts are taken all the same."""
    real = house.deps.real.now()
    for key, reason in (("slack", "token_revoked"), ("channel:C0ALERTS", "is_archived")):
        await house.deps.db.write(troubles.begin, key, reason, real, NOON, real)

    status, said = await readiness(house)

    assert status == 200
    assert said["slack"] == {
        "state": "down",
        "age_seconds": None,
        "reason": "token_revoked",
        "since": NOON.isoformat(),
        "lost_channels": {"C0ALERTS": "is_archived"},
    }
    assert (await house.send(alert())).status == 202


@pytest.mark.parametrize(("standing", "state"), [(2, "ok"), (0, "down")])
async def test_over_socket_mode_slack_is_down_when_no_connection_stands(
    house: House, standing: int, state: str
) -> None:
    house.deps.metrics.slack.beat(ok=True)
    house.deps.metrics.sockets = lambda: standing

    status, said = await readiness(house)

    assert status == 200
    assert (said["slack"]["sockets"], said["slack"]["state"]) == (standing, state)


async def test_it_tells_how_late_timers_and_messages_are(house: House) -> None:
    """The first alert leaves a card to post and a timer that is due at once; nobody is there to do either."""
    await house.send(alert())
    house.deps.clock.move(timedelta(minutes=2))  # type: ignore[attr-defined] # a MovableClock in tests

    _, said = await readiness(house)

    assert said["outbox_oldest_seconds"] == 120
    assert said["timers_late_seconds"] == 120


async def test_it_is_not_ready_when_nothing_can_be_committed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise Busy("disk full")

    monkeypatch.setattr(Database, "write", full)

    status, said = await readiness(house)
    alive = await house.http.get(f"{house.url}/healthz")

    assert (status, said["database"], said["outbox_oldest_seconds"]) == (503, "down", 0)
    assert alive.status == 200


async def test_it_is_not_ready_when_the_database_does_not_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Database, "write", hangs)
    monkeypatch.setattr(Database, "read", hangs)
    monkeypatch.setattr(web, "TRIAL_SECONDS", 0.01)

    status, said = await readiness(house)

    assert (status, said["timers_late_seconds"]) == (503, None)


async def test_asking_often_costs_one_commit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PROOF_SECONDS", 60)
    trials = []
    monkeypatch.setattr(health, "try_commit", lambda *_: trials.append(1))

    answers = await asyncio.gather(*(readiness(house) for _ in range(20)))

    assert {status for status, _ in answers} == {200}
    assert len(trials) == 1


async def test_the_trial_really_writes(sqlite_db: Database, sqlite_url: str) -> None:
    """A transaction that changes nothing would also commit on a full disk."""
    await sqlite_db.write(health.try_commit, NOON)
    assert written_bytes(sqlite_url) > 0


def written_bytes(url: str) -> int:
    return Path(f"{url.removeprefix('sqlite:///')}-wal").stat().st_size


async def test_the_trial_leaves_nothing_behind(db: Database) -> None:
    def paces(session: Session) -> list[str]:
        return list(session.execute(select(Pace.key)).scalars())

    def book(session: Session) -> None:
        session.execute(insert(Pace).values(key="chat.update", free_at=NOON))

    await db.write(book)
    await asyncio.gather(*(db.write(health.try_commit, NOON) for _ in range(8)))

    assert await db.read(paces) == ["chat.update"]


# Metrics


async def test_metrics_carry_every_name_of_ours(house: House) -> None:
    await house.send(alert())

    page = await (await house.http.get(f"{house.url}/metrics")).text()

    for name in (
        'relink_alerts_total{outcome="opened"} 1.0',
        "relink_incidents_open 1.0",
        "# TYPE relink_moves_total counter",
        "# TYPE relink_timer_lateness_seconds histogram",
        "relink_outbox_oldest_seconds 0.0",
        "# TYPE relink_outgoing_total counter",
        "# TYPE relink_click_seconds histogram",
        "# TYPE relink_portal_seconds histogram",
        "relink_digest_last_timestamp 0.0",
    ):
        assert name in page


async def test_with_a_token_metrics_need_it_even_from_this_machine(sqlite_db: Database) -> None:
    async with open_house(sqlite_db, metrics_token="let-me-see") as house:
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer guess"}, 401),
            ({"Authorization": "Bearer größe"}, 401),
            ({"Authorization": "Bearer let-me-see"}, 200),
        ):
            assert (await house.http.get(f"{house.url}/metrics", headers=headers)).status == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_proxy_on_this_machine_does_not_make_everybody_local(house: House, header: str) -> None:
    response = await house.http.get(f"{house.url}/metrics", headers={header: "127.0.0.1"})
    assert response.status == 403
    await problem(response)


# What is not there


async def test_unknown_paths_and_methods_are_problems(house: House) -> None:
    nowhere = await house.http.get(f"{house.url}/admin")
    wrong = await house.http.get(f"{house.url}/alerts")

    assert (nowhere.status, wrong.status, wrong.headers["Allow"]) == (404, 405, "POST")
    await problem(nowhere)
    await problem(wrong)


async def test_without_http_from_slack_there_is_no_door_for_it(house: House) -> None:
    assert (await house.http.post(f"{house.url}/slack/events", data=b"")).status == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/nowhere"])
async def test_no_answer_tells_what_the_server_runs_on(house: House, path: str) -> None:
    assert "Server" not in (await house.http.get(house.url + path)).headers


async def test_a_port_in_use_is_an_error_and_not_a_silent_server(house: House) -> None:
    with pytest.raises(OSError, match="in use"):
        await web.start(web.web_app(house.deps, None), "127.0.0.1", int(house.url.rpartition(":")[2]))
