"""Every line of a thread with the worst that can stand in it: sound, and it calls whom it should and nobody else."""

from collections import defaultdict
from typing import Any

import pytest

from bot.incidents import closing
from bot.messages.render import Message
from db import queries
from db.writer import Database
from tests.incidents.desk import NIGHT, RULES
from tests.messages import gallery
from tests.messages.gallery import BARE, OWNED, SHAPES, Shape
from tests.messages.test_templates import THE_LEADS, THE_SUPPORT, must_be_sound, of_folder, rung

LEADS = frozenset(
    f"rings/{name}.j2"
    for name in (
        *("not-taken", "outage", "help", "volts", "lapse", "online-under-lock", "silent"),
        *("stopped", "changed"),
    )
)
"""These call the leads, whoever has the incident."""
OWNER_ALONE = frozenset({"rings/back.j2"})
"""These call nobody where nobody has the incident."""


async def line(db: Database, incident: int, template: str, **payload: Any) -> Message:
    """One line of the thread."""
    drawn = await gallery.drawing(db)(gallery.parcel(incident, template, payload))
    assert drawn is not None
    return drawn.message


MOVES = sorted({(step, choice.id) for step, choice in gallery.choices()} | {("closed", "reopened")})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_the_line_of_every_move_says_something_and_rings_nobody(
    sqlite_db: Database, shape: Shape
) -> None:
    for step, choice in MOVES:
        at = step if step in RULES.runbook.steps else RULES.runbook.start
        incident = await sqlite_db.write(gallery.hang, _other(shape, step + choice), at, choice=choice)
        message = await line(sqlite_db, incident, "lines/move.j2", turn=1)
        must_be_sound(message)
        told = message.text.rpartition(": ")[2]
        assert told.strip(), f"{step} {choice} says nothing"
        assert rung(message) == []


def _other(shape: Shape, serial: str) -> Shape:
    return Shape(shape.name, shape.known, shape.words, serial[:64], shape.owner)


async def test_choices_of_one_name_that_lead_elsewhere_are_told_apart(sqlite_db: Database) -> None:
    """A failed restart by hand is no failed test session."""
    told: dict[str, dict[str | None, str]] = defaultdict(dict)
    for step in RULES.runbook.steps.values():
        for choice in step.choices:
            shape = _other(BARE, step.id + choice.id)
            incident = await sqlite_db.write(gallery.hang, shape, step.id, choice=choice.id)
            told[choice.id][choice.to] = (await line(sqlite_db, incident, "lines/move.j2", turn=1)).text
    alike = [name for name, words in told.items() if len(set(words.values())) < len(words)]
    assert alike == []


@pytest.mark.parametrize("shape", [*SHAPES, OWNED], ids=lambda shape: shape.name)
@pytest.mark.parametrize("template", [name for name in of_folder("lines") if name != "lines/move.j2"])
async def test_every_other_line_rings_nobody(sqlite_db: Database, template: str, shape: Shape) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "restart-station")
    for note in ("", (shape.words * 500)[:500] or "x"):
        by, until = shape.words[:100] or "Support 1", NIGHT.isoformat()
        message = await line(sqlite_db, incident, template, by=by, note=note, until=until)
        must_be_sound(message)
        assert rung(message) == []


@pytest.mark.parametrize("shape", [*SHAPES, OWNED], ids=lambda shape: shape.name)
@pytest.mark.parametrize("template", of_folder("rings"))
async def test_every_ring_calls_the_owner_else_support_and_some_the_leads(
    sqlite_db: Database, template: str, shape: Shape
) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "restart-station")
    message = await line(
        sqlite_db, incident, template, turn=1, by=shape.words[:100] or "Support 1", broadcast=True
    )
    must_be_sound(message)
    otherwise = [] if template in OWNER_ALONE else THE_SUPPORT
    wanted = THE_LEADS if template in LEADS else ([shape.owner] if shape.owner else otherwise)
    assert rung(message) == wanted


# The log


@pytest.mark.parametrize("shape", [*SHAPES, OWNED], ids=lambda shape: shape.name)
async def test_the_repair_log_rings_nobody(sqlite_db: Database, shape: Shape) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "log-repair", closed=True, choice="log")
    standing = await sqlite_db.read(queries.incident, incident)
    assert standing is not None
    payload = {**closing.log_payload(standing, standing.fix or ""), "turn": 1}
    message = await line(sqlite_db, incident, "log/repair-log.j2", **payload)
    must_be_sound(message)
    assert rung(message) == []
