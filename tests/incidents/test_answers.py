"""Facts are kept one after the other; the portal's only where it says something new."""

from datetime import timedelta
from typing import Any

from bot.incidents import answers, asides
from bot.incidents.answers import Readings
from bot.knowledge import holding
from bot.portal.contract import Nearby, Neighbour
from tests.incidents.desk import NIGHT, ONE, Desk, readings


async def read(desk: Desk, **said: Any) -> bool:
    """The portal says this now; gives whether anything was new."""
    incident = await desk.incident()
    found = readings(desk.now, **said)
    return await desk.db.write(answers.record_readings, incident, found, desk.now)


async def say(desk: Desk, **facts: Any) -> None:
    """A person says this now."""
    incident = await desk.incident()
    await desk.db.write(
        answers.record,
        incident,
        facts,
        source="person",
        actor=ONE.user_id,
        as_of=desk.now,
        now=desk.now,
    )


async def names(desk: Desk) -> list[str]:
    """The names of everything said, in order."""
    return [said.name for said in await desk.answers()]


async def test_only_what_changed_is_written(desk: Desk) -> None:
    await desk.opened()
    assert await read(desk, online=False, sessions=1, active=True)
    assert await names(desk) == ["online", "active_sessions", "alert_active"]
    desk.later(minutes=3)
    assert not await read(desk, online=False, sessions=1, active=True)
    assert await read(desk, online=False, sessions=0)
    assert (await names(desk))[3:] == ["active_sessions"]


async def test_not_known_is_a_value_of_its_own_and_never_no(desk: Desk) -> None:
    await desk.opened()
    await read(desk, online=False)
    assert await read(desk, online=None)
    held = holding(await desk.answers())
    assert held["online"].value is None


async def test_what_was_not_read_is_not_written(desk: Desk) -> None:
    await desk.opened()
    assert not await read(desk)
    assert await desk.answers() == []


async def test_a_reading_from_the_future_counts_from_now(desk: Desk) -> None:
    await desk.opened()
    await read(desk, online=True, as_of=desk.now + timedelta(hours=1))
    assert {said.as_of for said in await desk.answers()} == {NIGHT}


async def test_neighbours_are_counted_and_the_unknown_ones_apart(desk: Desk) -> None:
    incident = await desk.opened()
    online = (True, False, None, False, True)
    items = tuple(
        Neighbour(f"1:{number}", f"CT4G-{number}", 20.0, said, None) for number, said in enumerate(online)
    )
    nearby = Readings(nearby=Nearby(items, complete=False))
    await desk.db.write(answers.record_readings, incident, nearby, desk.now)
    (said,) = await desk.answers()
    assert said.value == {"all": 5, "down": 2, "not_known": 1, "complete": False}


async def test_a_person_is_believed_over_an_older_word_of_the_portal(desk: Desk) -> None:
    await desk.opened()
    await read(desk, online=False)
    desk.later(minutes=2)
    await say(desk, online=True)
    await read(desk, online=None, as_of=desk.now - timedelta(minutes=1))
    held = holding(await desk.answers())["online"]
    assert (held.value, held.source, held.actor) == (True, "person", ONE.user_id)


async def test_the_portal_is_believed_again_when_it_repeats_itself_after_the_person(desk: Desk) -> None:
    """Its old answer, newly read, is newer than the person's: both are kept, the portal's holds."""
    await desk.opened()
    await read(desk, online=False)
    desk.later(minutes=2)
    await say(desk, online=True)
    desk.later(minutes=3)
    assert await read(desk, online=False)
    held = holding(await desk.answers())["online"]
    assert (held.value, held.source) == (False, "portal")
    assert not await read(desk, online=False)


async def test_a_note_is_kept_with_who_wrote_it(desk: Desk) -> None:
    await desk.opened()
    await desk.db.write(asides.note, 1, ONE, "gate code is with the desk", desk.now)
    (said,) = await desk.answers()
    assert (said.name, said.value, said.source, said.actor) == (
        "note",
        "gate code is with the desk",
        "person",
        ONE.user_id,
    )
    assert await desk.lines() == ["lines/note.j2"]
