"""Small units of work for the writer's stories."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.models import Station
from db.writer import WRITERS, Database

PATIENCE = 10
"""Seconds until a test that hangs gives up."""


def add(session: Session, serial: str) -> str:
    """Insert a station with a Core statement."""
    session.execute(insert(Station).values(serial=serial))
    return serial


def add_mapped(session: Session, serial: str) -> None:
    """Insert a station through the ORM; the insert itself happens in the flush after the unit."""
    session.add(Station(serial=serial))


def serials(session: Session) -> list[str]:
    """All stations, in order."""
    return sorted(filter(None, session.scalars(select(Station.serial))))


def dialect(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


@asynccontextmanager
async def held(db: Database) -> AsyncIterator[None]:
    """Keep the writing threads busy inside, so that everything else has to queue."""
    threads = WRITERS if await db.read(dialect) == "postgresql" else 1
    entered, release = threading.Barrier(threads + 1), threading.Event()

    def wait(_session: Session) -> None:
        entered.wait(PATIENCE)
        release.wait(PATIENCE)

    waiting = [asyncio.create_task(db.write(wait)) for _ in range(threads)]
    await asyncio.to_thread(entered.wait, PATIENCE)
    try:
        yield
    finally:
        release.set()
        await asyncio.gather(*waiting)


async def together(db: Database, *calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run the calls as one batch; gives their results and errors in order."""
    async with held(db):
        tasks = [asyncio.create_task(call) for call in calls]
        await started(*tasks)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def started(*_tasks: asyncio.Task[Any]) -> None:
    """Return once these tasks, created before, have run up to where they wait."""
    await asyncio.create_task(_nothing())


async def _nothing() -> None:
    return None
