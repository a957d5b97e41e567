"""What the leads are told of Relink itself: once, whoever notices it, until whoever may say so says it is over."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.messages import notices
from bot.messages.notices import DOWN, Begun, Over
from bot.vitals import SHARED, Trouble
from db.lives import Run
from db.models import Outgoing
from db.notices import Told
from db.writer import Database
from tests.incidents.desk import NIGHT, RENDER
from tests.messages.test_templates import must_be_sound, rung

SILENT = timedelta(minutes=2)
LEADS = ("U0LEAD1", "U0LEAD2")
ONE, OTHER = 1, 2


@pytest.fixture
async def lives(db: Database) -> Database:
    """A database in which two processes are alive."""

    def begin(session: Session) -> None:
        for life in (ONE, OTHER):
            session.execute(insert(Run).values(id=life, started_at=NIGHT, alive_at=NIGHT))

    await db.write(begin)
    return db


async def tell(
    db: Database, life: int, begun: Trouble | None = None, over: Trouble | None = None, **later: float
) -> list[str]:
    """One process says what began and what is over."""
    now = NIGHT + timedelta(**later)
    news = [] if begun is None else [Begun(begun, now, 600)]
    ended = [] if over is None else [Over(over, over in SHARED)]
    return await db.write(notices.tell, life, news, ended, LEADS, now - SILENT, now)


def rows(session: Session) -> list[tuple[str | None, int]]:
    """Every message to a lead and which version of it is wanted."""
    found = session.execute(select(Outgoing.channel, Outgoing.wanted).order_by(Outgoing.id))
    return [(channel, wanted) for channel, wanted in found]


async def test_two_processes_that_notice_the_same_tell_it_once(lives: Database) -> None:
    assert await tell(lives, ONE, begun=Trouble.PORTAL) == [Trouble.PORTAL]
    assert await tell(lives, OTHER, begun=Trouble.PORTAL, seconds=1) == []
    assert await lives.read(rows) == [(lead, 1) for lead in LEADS]


@pytest.mark.parametrize(
    ("trouble", "later", "ends"),
    [(Trouble.TIMERS, 15, True), (Trouble.SOCKETS, 15, False), (Trouble.SOCKETS, 300, True)],
    ids=["all see the same", "only who saw it", "who saw it lives no more"],
)
async def test_what_only_one_process_sees_another_may_not_call_over(
    lives: Database, trouble: Trouble, later: float, ends: bool
) -> None:
    await tell(lives, ONE, begun=trouble)
    assert await tell(lives, OTHER, over=trouble, seconds=later) == ([trouble] if ends else [])

    await tell(lives, ONE, over=trouble, seconds=later + 1)
    assert await lives.read(rows) == [(lead, 2) for lead in LEADS]


async def test_what_comes_again_is_a_new_message(lives: Database) -> None:
    await tell(lives, ONE, begun=Trouble.PORTAL)
    await tell(lives, ONE, over=Trouble.PORTAL, minutes=5)
    await tell(lives, ONE, begun=Trouble.PORTAL, minutes=50)
    assert await lives.read(rows) == [(lead, 2) for lead in LEADS] + [(lead, 1) for lead in LEADS]


async def test_a_gap_two_processes_woke_from_is_told_once(lives: Database) -> None:
    until = NIGHT + timedelta(minutes=75)
    told = [await lives.write(notices.tell_of_gap, life, NIGHT, until, 2, LEADS) for life in (ONE, OTHER)]
    assert told == [True, False]


@pytest.mark.parametrize("trouble", [*Trouble, DOWN])
@pytest.mark.parametrize("late", [0, 1, 1_000_000])
def test_each_is_sound_and_mentions_nobody(trouble: str, late: int) -> None:
    for over_at in (None, NIGHT + SILENT):
        if over_at is not None or trouble != DOWN:
            told = Told(1, trouble, NIGHT, over_at, late, -86_400)
            message = RENDER.message("self/notice.j2", notices.words(told))
            must_be_sound(message)
            assert rung(message) == []
            assert ("Over since" in message.text) == (over_at is not None and trouble != DOWN)
