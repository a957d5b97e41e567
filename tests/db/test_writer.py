"""What holds for every write and read, on both databases."""

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bot.errors import Busy, Refused
from db.models import Station
from db.writer import WRITERS, Database, open_database
from tests.db.units import PATIENCE, add, add_mapped, held, serials, started


async def test_what_was_written_is_read_afterwards(db: Database) -> None:
    assert await db.write(add, "CT4G-1") == "CT4G-1"
    assert await db.read(serials) == ["CT4G-1"]


async def test_a_result_is_handed_out_only_when_another_connection_can_see_the_change(db: Database) -> None:
    async def add_then_look(serial: str) -> bool:
        await db.write(add, serial)
        return serial in await db.read(serials)

    assert all(await asyncio.gather(*(add_then_look(f"CT4G-{n}") for n in range(200))))


async def test_a_refusal_reaches_its_caller_and_nothing_of_its_unit_is_kept(db: Database) -> None:
    def add_and_refuse(session: Session) -> None:
        add(session, "CT4G-1")
        raise Refused("Not now.")

    with pytest.raises(Refused, match=r"Not now\."):
        await db.write(add_and_refuse)
    assert await db.read(serials) == []


async def test_a_mistake_in_a_unit_is_told_as_it_is(db: Database) -> None:
    await db.write(add, "CT4G-1")
    for unit in (add, add_mapped):
        with pytest.raises(IntegrityError):
            await db.write(unit, "CT4G-1")
    with pytest.raises(DBAPIError, match="no_such_table"):
        await db.write(lambda session: session.execute(text("INSERT INTO no_such_table DEFAULT VALUES")))


async def test_the_parameters_of_a_failed_statement_are_not_shown(db: Database) -> None:
    await db.write(add, "a secret")
    with pytest.raises(IntegrityError) as raised:
        await db.write(add, "a secret")
    assert "[SQL parameters hidden" in str(raised.value)


async def test_a_unit_may_nest_and_go_on_after_its_own_savepoint(db: Database) -> None:
    def add_twice(session: Session) -> str:
        add(session, "CT4G-1")
        try:
            with session.begin_nested():
                add(session, "CT4G-1")
        except IntegrityError:
            return add(session, "CT4G-2")
        return "not unique"

    assert await db.write(add_twice) == "CT4G-2"
    assert await db.read(serials) == ["CT4G-1", "CT4G-2"]


@pytest.mark.parametrize("end", ["commit", "rollback", "begin"])
async def test_a_unit_cannot_end_the_transaction_it_is_in(db: Database, end: str) -> None:
    def add_and_end(session: Session) -> None:
        add(session, "CT4G-1")
        getattr(session, end)()

    with pytest.raises(RuntimeError, match="a unit of work"):
        await db.write(add_and_end)
    assert await db.read(serials) == []


async def test_mapped_objects_do_not_leave_a_unit(db: Database) -> None:
    def add_and_return(session: Session, *, in_a_list: bool) -> object:
        station = Station(serial="CT4G-1")
        session.add(station)
        return [station] if in_a_list else station

    for in_a_list in (True, False):
        with pytest.raises(TypeError, match="plain data"):
            await db.write(add_and_return, in_a_list=in_a_list)
    assert await db.read(serials) == []


async def test_a_read_cannot_write(db: Database) -> None:
    for query in (add, add_mapped):
        with pytest.raises(DBAPIError, match=r"read.?only"):
            await db.read(query, "CT4G-1")
    assert await db.read(serials) == []


async def test_the_next_unit_sees_nothing_of_the_session_before(db: Database) -> None:
    """A mapped object left behind by a failed unit must not be flushed by the next one."""

    def leave_behind(session: Session) -> None:
        session.add(Station(serial="CT4G-1"))
        raise Refused("Not now.")

    with pytest.raises(Refused):
        await db.write(leave_behind)
    assert await db.write(lambda session: (len(session.new), len(session.identity_map))) == (0, 0)
    assert await db.read(serials) == []


async def test_an_iterator_that_ran_dry_is_an_error_like_others(db: Database) -> None:
    def take_from_nothing(_session: Session) -> str:
        return next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await db.write(take_from_nothing)


async def test_a_cancelled_caller_silences_nobody_and_its_write_is_done(db: Database) -> None:
    async with held(db):
        calls = [asyncio.create_task(db.write(add, f"CT4G-{n}")) for n in range(3)]
        await started(*calls)
        calls[1].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert results[0] == "CT4G-0"
    assert isinstance(results[1], asyncio.CancelledError)
    assert results[2] == "CT4G-2"
    await db.write(lambda _session: None)
    assert await db.read(serials) == ["CT4G-0", "CT4G-1", "CT4G-2"]


async def test_a_full_queue_says_busy_and_takes_more_later(database_url: str) -> None:
    db = open_database(database_url, queue=WRITERS)
    async with held(db):
        queued = [asyncio.create_task(db.write(add, f"CT4G-{n}")) for n in range(WRITERS)]
        await started(*queued)
        with pytest.raises(Busy):
            await db.write(add, "refused")
    taken = await asyncio.gather(*queued)
    await db.write(add, "CT4G-later")
    assert await db.read(serials) == [*taken, "CT4G-later"]
    await db.close()


async def test_closing_finishes_what_is_queued_and_takes_nothing_more(database_url: str) -> None:
    db = open_database(database_url)
    calls = [asyncio.create_task(db.write(add, f"CT4G-{n:03}")) for n in range(150)]
    calls.append(asyncio.create_task(db.read(lambda _session: "read")))
    await started(*calls)
    await db.close()
    again = open_database(database_url)
    assert len(await again.read(serials)) == 150
    await again.close()
    assert await asyncio.gather(*calls) == [*(f"CT4G-{n:03}" for n in range(150)), "read"]
    for late in (db.write(add, "CT4G-1"), db.read(serials)):
        with pytest.raises(Busy, match="closed"):
            await late


async def test_reads_go_on_while_a_write_is_open(db: Database) -> None:
    await db.write(add, "CT4G-1")
    written, release = threading.Event(), threading.Event()

    def add_slowly(session: Session) -> None:
        add(session, "CT4G-2")
        written.set()
        release.wait(PATIENCE)

    slow = asyncio.create_task(db.write(add_slowly))
    await asyncio.to_thread(written.wait, PATIENCE)
    assert await db.read(serials) == ["CT4G-1"]
    release.set()
    await slow
    assert await db.read(serials) == ["CT4G-1", "CT4G-2"]


def test_a_database_outlives_the_event_loop_that_first_used_it(database_url: str) -> None:
    db = open_database(database_url)
    assert asyncio.run(db.write(add, "CT4G-1")) == "CT4G-1"
    assert asyncio.run(db.read(serials)) == ["CT4G-1"]
    asyncio.run(db.close())
