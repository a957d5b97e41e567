"""POST /alerts over real HTTP into a real database."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import Busy
from db.models import Alert
from db.writer import Database, open_database
from tests.handlers.web_house import (
    OTHER_SECRET,
    SECRET,
    TOKEN,
    House,
    alert,
    bearer,
    open_house,
    outcomes,
    problem,
    signed,
)


def kept(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Alert)).scalar_one()


def sources(session: Session) -> list[str]:
    return list(session.execute(select(Alert.source).order_by(Alert.id)).scalars())


@pytest.fixture
async def house(sqlite_db: Database) -> AsyncIterator[House]:
    async with open_house(sqlite_db) as opened:
        yield opened


async def test_an_alert_opens_an_incident_and_its_sender_learns_the_name(house: House) -> None:
    response = await house.send(alert())

    assert response.status == 202
    assert await response.json() == {
        "results": [{"alert_id": "a-1", "incident": "I-2026-0001", "outcome": "opened"}]
    }
    assert house.nudges


async def test_it_is_committed_when_the_sender_reads_202(house: House, sqlite_url: str) -> None:
    await house.send(alert())

    somebody_else = open_database(sqlite_url)
    assert await somebody_else.read(kept) == 1
    await somebody_else.close()


async def test_the_same_request_twice_has_one_effect(house: House) -> None:
    body = json.dumps(alert()).encode()
    headers = signed(body)

    first, second = await house.post(body, headers), await house.post(body, headers)

    assert await outcomes(first) == ["opened"]
    assert await outcomes(second) == ["duplicate"]
    assert await house.deps.db.read(kept) == 1


async def test_without_an_id_of_the_senders_the_same_alert_is_still_known_again(house: House) -> None:
    nameless = alert()
    del nameless["alert_id"]
    in_another_zone = nameless | {"raised_at": "2026-11-22T03:10:00-05:00"}
    later = nameless | {"raised_at": "2026-11-22T08:11:00Z"}

    response = await house.send({"alerts": [nameless, in_another_zone, later]})

    assert await outcomes(response) == ["opened", "duplicate", "repeated"]


async def test_without_an_id_an_end_that_overtook_its_beginning_is_known_too(house: House) -> None:
    """Else the beginning, hours late, would open an incident of a station that has long been well."""
    raised = alert()
    del raised["alert_id"]
    cleared = raised | {"status": "cleared", "cleared_at": "2026-11-22T08:30:00Z"}

    assert await outcomes(await house.send(cleared)) == ["ignored"]
    assert await outcomes(await house.send({"alerts": [raised, cleared]})) == ["ignored", "duplicate"]


async def test_a_batch_is_answered_in_the_order_sent(house: House) -> None:
    serials = [f"CT4G-{number}" for number in (3, 1, 2)]
    batch = [alert(alert_id=serial, station={"serial": serial}) for serial in serials]

    results = (await (await house.send({"alerts": batch})).json())["results"]

    assert [result["alert_id"] for result in results] == serials


async def test_what_is_ignored_says_why(house: House) -> None:
    results = (await (await house.send(alert(code="CP-ERR-CONTACTOR"))).json())["results"]

    assert results[0]["outcome"] == "ignored"
    assert "CP-ERR-CONTACTOR" in results[0]["reason"]


async def test_outcomes_are_counted(house: House) -> None:
    await house.send({"alerts": [alert(), alert()]})

    page = await (await house.http.get(f"{house.url}/metrics")).text()
    assert 'relink_alerts_total{outcome="opened"} 1.0' in page
    assert 'relink_alerts_total{outcome="duplicate"} 1.0' in page


# Who may send


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET], ids=["the old one", "the new one"])
async def test_while_rotating_both_secrets_are_good(sqlite_db: Database, secret: str) -> None:
    async with open_house(sqlite_db, alert_secrets=f"{SECRET},{OTHER_SECRET}") as house:
        body = json.dumps(alert()).encode()
        assert (await house.post(body, signed(body, secret=secret))).status == 202


async def test_every_token_is_a_source_of_its_own_also_with_two_tokens(sqlite_db: Database) -> None:
    """The same alert id of another source is another alert; of a rotated token it is the same."""
    async with open_house(sqlite_db, alert_tokens="one:old,one:new,two:other") as house:
        answers = [await house.send(alert(), token) for token in ("old", "new", "other")]

        assert [(await outcomes(answer))[0] for answer in answers] == ["opened", "duplicate", "repeated"]
        assert await house.deps.db.read(sources) == ["one", "two"]


async def test_signed_alerts_have_a_source_of_their_own(house: House) -> None:
    body = json.dumps(alert()).encode()
    await house.post(body, signed(body))

    assert await house.deps.db.read(sources) == ["webhook"]


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
async def test_clocks_may_differ_by_almost_five_minutes(house: House, minutes: float) -> None:
    body = json.dumps(alert()).encode()
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert (await house.post(body, signed(body, at=at))).status == 202


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
async def test_a_signature_of_another_time_is_refused(house: House, minutes: float) -> None:
    """The house's own clock stands still at another day: real time decides."""
    body = json.dumps(alert()).encode()
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert (await house.post(body, signed(body, at=at))).status == 401


BODY = json.dumps(alert()).encode()
NOW = signed(BODY)["webhook-timestamp"]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
STRANGERS: dict[str, dict[str, str]] = {
    "nothing": {},
    "unknown token": bearer("guess"),
    "no token": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
    "token that is not ASCII": bearer("portäl-token"),
    "signature of another secret": signed(BODY, secret=OTHER_SECRET),
    "signature of another body": signed(BODY + b" "),
    "signature that is not ASCII": signed(BODY) | {"webhook-signature": "v1,größe"},
    "signature without version": signed(BODY) | {"webhook-signature": "abc"},
    "signature of another version": signed(BODY) | {"webhook-signature": "v2,AAAA"},
    "signature that is no base64": signed(BODY) | {"webhook-signature": "v1,A"},
    "timestamp in words": signed(BODY) | {"webhook-timestamp": "abc"},
    "timestamp in Arabic digits": signed(BODY) | {"webhook-timestamp": NOW.translate(ARABIC)},
    "timestamp with a fraction": signed(BODY) | {"webhook-timestamp": f"{NOW}.5"},
    "timestamp out of any range": signed(BODY) | {"webhook-timestamp": "999999999999"},
    "no id": signed(BODY) | {"webhook-id": ""},
    "wrong signature beside a good token": signed(BODY + b" ") | bearer(TOKEN),
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
async def test_a_stranger_is_refused(house: House, headers: dict[str, str]) -> None:
    response = await house.post(BODY, headers)

    assert response.status == 401
    await problem(response)
    assert await house.deps.db.read(kept) == 0


async def test_a_stranger_does_not_learn_whether_the_body_was_good(house: House) -> None:
    assert (await house.post(b"{", bearer("guess"))).status == 401


# Too much


async def test_above_its_rate_a_source_is_told_when_to_come_back(sqlite_db: Database) -> None:
    """One in ten seconds: the second request in a moment is over it, another source is not."""
    async with open_house(sqlite_db, alert_rate=0.1, alert_tokens="one:1,two:2") as house:
        answers = [await house.send(alert(), token) for token in ("1", "1", "2")]

        assert [answer.status for answer in answers] == [202, 429, 202]
        assert 1 <= int(answers[1].headers["Retry-After"]) <= 10
        await problem(answers[1])


async def test_strangers_do_not_use_up_a_sources_rate(sqlite_db: Database) -> None:
    async with open_house(sqlite_db, alert_rate=0.1) as house:
        await house.send(alert(), "guess")
        assert (await house.send(alert())).status == 202


async def test_a_database_that_cannot_take_it_means_later_not_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise Busy("disk full", retry_after=7)

    monkeypatch.setattr(Database, "write", full)
    response = await house.send(alert())

    assert response.status == 503
    assert response.headers["Retry-After"] == "7"
    assert "disk" not in (await problem(response))["detail"]
    assert not house.nudges
