"""Every message of a drill says so first, and rings nobody but whoever began it."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.messages.drawing import MARK
from bot.messages.render import Message
from db.models import Incident
from db.writer import Database
from tests.messages import gallery
from tests.messages.gallery import FULL, OWNED, OWNER, Shape
from tests.messages.test_templates import must_be_sound, of_folder, rung, shown


def drilled(session: Session, shape: Shape, step: str, *, closed: bool = False) -> int:
    """An incident of this shape that is a drill of OWNER."""
    incident = gallery.hang(session, shape, step, closed=closed)
    session.execute(update(Incident).where(Incident.id == incident).values(drill=True, owner=OWNER))
    return incident


def must_be_marked(message: Message) -> None:
    """The message begins with the mark, for eyes and for a phone."""
    must_be_sound(message)
    assert message.text.startswith(MARK)
    assert shown(message.blocks[0]).startswith(MARK)


@pytest.mark.parametrize("template", [*of_folder("rings"), *of_folder("lines"), *of_folder("log")])
async def test_every_line_is_marked_and_calls_nobody_else(sqlite_db: Database, template: str) -> None:
    incident = await sqlite_db.write(drilled, FULL, "restart-station")
    payload = {
        "turn": 1,
        "by": "Support 1",
        "note": "a note",
        "until": "2026-11-25T07:00:00+00:00",
        "fix": "SIM reseat",
        "finding": None,
        "raised_at": None,
        "last_communication": None,
        "back_at": None,
    }
    if template.startswith("log/"):
        payload |= {"raised_at": "2026-11-22T03:10:00+00:00"}
    drawn = await gallery.drawing(sqlite_db)(gallery.parcel(incident, template, payload))
    assert drawn is not None
    must_be_marked(drawn.message)
    assert set(rung(drawn.message)) <= {OWNER}


@pytest.mark.parametrize("shape", [OWNED, FULL], ids=lambda shape: shape.name)
@pytest.mark.parametrize("step", ["confirm-alert", "restart-station", "dispatch", "verify-online"])
async def test_every_card_is_marked(sqlite_db: Database, step: str, shape: Shape) -> None:
    incident = await sqlite_db.write(drilled, shape, step)
    drawing = gallery.drawing(sqlite_db)
    known = await drawing.facts(incident)
    assert known is not None
    must_be_marked(drawing.card(known))


async def test_a_closed_card_is_marked(sqlite_db: Database) -> None:
    incident = await sqlite_db.write(drilled, FULL, "log-repair", closed=True)
    drawing = gallery.drawing(sqlite_db)
    known = await drawing.facts(incident)
    assert known is not None
    must_be_marked(drawing.card(known))
