"""PostgreSQL writes side by side: a restart that leaves as the lock is put on keeps the lock away."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.incidents import progress
from bot.runbook.press import Press
from db.models import Outgoing
from db.writer import Database
from tests.db.units import PATIENCE
from tests.incidents import site
from tests.incidents.desk import RULES, Desk


async def test_a_restart_claimed_while_the_lock_is_recorded_refuses_it(postgres_db: Database) -> None:
    desk = Desk(postgres_db)
    await site.at_lock_out(desk)
    turn = (await desk.incident()).turn
    claimed, about_to_cancel = threading.Event(), threading.Event()

    def claim(session: Session) -> None:
        session.execute(update(Outgoing).where(Outgoing.kind == "command").values(state="sending"))
        claimed.set()
        about_to_cancel.wait(PATIENCE)

    def lock(session: Session) -> None:
        def begins(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "UPDATE outgoing" in statement:
                about_to_cancel.set()

        claimed.wait(PATIENCE)
        event.listen(session.connection(), "before_cursor_execute", begins)
        values = site.form("lock-out", site.ONE_LOCK)
        progress.press(session, Press(1, turn, "lock"), site.TECH, values, desk.capabilities, RULES, desk.now)

    claiming = asyncio.create_task(desk.db.write(claim))
    with pytest.raises(Refused, match="on its way"):
        await desk.db.write(lock)
    await claiming

    assert about_to_cancel.is_set()
    assert await site.locks_of(desk) == []
    (command,) = await site.rows(desk, "command")
    assert command["state"] == "sending"
