"""The database is away at the worst moment: after Slack took a message, and before anybody wrote that down."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import Busy
from bot.messages import fates
from bot.messages.queue import LEASE
from tests.messages.post_office import PostOffice


async def test_a_card_that_could_not_be_written_down_as_sent_is_found_and_not_posted_twice(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.desk.opened()
    write = office.db.write

    async def away(unit: Callable[..., Any], *given: Any) -> Any:
        if unit is fates.delivered:
            raise Busy("no connection")
        return await write(unit, *given)

    monkeypatch.setattr(office.db, "write", away)
    with pytest.raises(Busy):
        await office.deliver()
    monkeypatch.setattr(office.db, "write", write)
    await office.deliver()
    assert (await office.row("card:1"))["state"] == "sending", "nobody else has it before the lease is over"
    office.later(LEASE.total_seconds() + 1)
    await office.deliver()

    assert len(office.cards()) == 1
    assert (await office.row("card:1"))["ts"] == office.cards()[0].ts
