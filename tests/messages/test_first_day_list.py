"""The first day's list: one message that rings nobody, edited in place, within Slack's limits however long it is."""

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.messages import list_facts, outbox
from bot.messages.render import Message
from db.models import Incident, Station
from tests.incidents.desk import NIGHT, RULES
from tests.messages.gallery import ENEMY
from tests.messages.post_office import EDIT, POST, PostOffice
from tests.messages.test_templates import must_be_sound, rung, shown


def down(session: Session, count: int, words: str) -> None:
    """So many stations are down since before the first start; the list waits to go out."""
    for number in range(count):
        serial = f"CT4G-{20000 + number}".ljust(64, "W") if words else f"CT4G-{20000 + number}"
        station = insert(Station).values(serial=serial, site=(words * 9)[:200] or None).returning(Station.id)
        session.execute(
            insert(Incident).values(
                station_id=session.execute(station).scalar_one(),
                code=RULES.runbook.code,
                step="restart-station",
                runbook=RULES.runbook.digest,
                opened_at=NIGHT,
                raised_at=NIGHT,
                entered_at=NIGHT,
                first_day="listed",
            )
        )
    outbox.put(session, [outbox.first_day(RULES.channel, NIGHT)])


@pytest.mark.parametrize(
    ("count", "words", "more"),
    [(1, "", 0), (25, ENEMY, 0), (26, "Pier 9 ", 1), (300, ENEMY, 275)],
    ids=["one", "as many as are named", "one more", "far too many"],
)
async def test_it_is_sound_and_ends_with_a_count(
    office: PostOffice, count: int, more: int, words: str
) -> None:
    await office.db.write(down, count, words)
    await office.deliver()

    (message,) = office.cards()
    must_be_sound(Message(message.text, message.blocks))
    assert message.text.startswith(f"Down before Relink was first started: {count}.")
    assert rung(Message(message.text, message.blocks)) == []
    assert (f"And {more} more." in shown(message.blocks)) is bool(more)
    assert "<!channel>" not in message.text


async def test_it_is_edited_in_place_and_coalesces(office: PostOffice) -> None:
    await office.db.write(down, 2, "")
    await office.deliver()
    for _ in range(5):
        await office.db.write(outbox.put, [outbox.first_day(RULES.channel, NIGHT)])

    await office.deliver()

    assert (office.calls(POST), office.calls(EDIT)) == (1, 1)
    assert await office.deliver() == 0
    (message,) = office.cards()
    assert message.metadata is not None
    assert message.metadata["event_payload"] == {
        "incident": "list",
        "version": 6,
        "outgoing": "list:first-day",
    }


async def test_when_none_is_left_it_says_so(office: PostOffice) -> None:
    await office.db.write(down, 0, "")
    await office.deliver()
    (message,) = office.cards()
    assert "None is left." in shown(message.blocks)
    assert (await office.db.read(list_facts.of_first_day))[1]["stations"] == []
