"""Every template with the worst that can stand in it: within Slack's limits, nothing cut, nobody rung by mistake."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.demo.slack.blocks_check import check_blocks
from bot.demo.slack.rings import who_is_rung
from bot.demo.slack.workspace import Workspace
from bot.messages import limits
from bot.messages.blocks import LABEL
from bot.messages.render import Message
from db.writer import Database
from tests.incidents.desk import AUTO, BY_HAND, RENDER, RULES, TEMPLATES
from tests.messages import gallery
from tests.messages.gallery import BARE, ENEMY, OWNER, SHAPES, Shape
from tests.messages.said import ANSWERS, of_status

STEPS = tuple(RULES.runbook.steps)
OF_THE_DEMO = "demo/"

WORKSPACE = Workspace.of(
    people=[(id_, id_, []) for id_ in (OWNER, "U0SUPPORT1", "U0SUPPORT2", "U0NIGHTSHIFT", "U0LEAD", "U0BY")],
    groups=[("S0SUPPORT", "support", ["U0SUPPORT1", "U0SUPPORT2"]), ("S0LEAD", "leads", ["U0LEAD"])],
    channels=[("C0ALERTS", "alerts", [OWNER, "U0SUPPORT1", "U0SUPPORT2", "U0NIGHTSHIFT", "U0LEAD", "U0BY"])],
)
ODD = re.compile(r"\bNone\b|Undefined| [:,.;?]|,,|,:|\{\{|\( *\)|·\s*$")
"""What is left where a fact was missing and nobody thought of it."""

THE_SUPPORT, THE_LEADS = ["U0NIGHTSHIFT", "U0SUPPORT1", "U0SUPPORT2"], ["U0LEAD"]


def includes() -> set[str]:
    """Templates that are only a part of others."""
    sources = [path.read_text() for path in TEMPLATES.rglob("*.j2")]
    parts = {name for source in sources for name in re.findall(r'{% (?:include|extends) "([^"]+)"', source)}
    return {name for name in parts if not name.startswith(OF_THE_DEMO)}


def of_folder(folder: str) -> list[str]:
    """The messages of one folder."""
    return sorted(name for name in RENDER.names() - includes() if name.startswith(f"{folder}/"))


def rung(message: Message) -> list[str]:
    """Whose phone would ring if this were posted."""
    channel = WORKSPACE.channels["C0ALERTS"]
    return who_is_rung(WORKSPACE, channel, WORKSPACE.bot_user_id, message.text, message.blocks)


def elements(blocks: Sequence[Any]) -> Iterator[Any]:
    """Every button and menu."""
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]


def shown(part: Any) -> str:
    """All words of some blocks, without buttons."""
    match part:
        case list():
            return "\n".join(shown(each) for each in part)
        case {"type": "actions"}:
            return ""
        case {"type": "rich_text_section", "elements": list(pieces)}:
            return "".join(shown(each) for each in pieces)
        case (
            {"text": str(text)} | {"type": "date", "fallback": str(text)} | {"type": "link", "url": str(text)}
        ):
            return text
        case {"type": "channel", "channel_id": str(id_)}:
            return f"#{id_}"
        case dict():
            return " ".join(shown(each) for each in part.values() if isinstance(each, dict | list))
    return ""


def must_be_sound(message: Message) -> None:
    """What holds for every message."""
    assert message.cuts == ()
    assert check_blocks(message.blocks).found == []
    assert check_blocks(message.blocks).characters <= limits.ALL_BLOCKS_TEXT
    assert 0 < len(message.text.strip()) <= limits.UPDATE_TEXT
    for words in (message.text, shown(message.blocks)):
        assert ENEMY[-6:] in words or not ODD.search(words)
    labels = [part["text"]["text"] for part in elements(message.blocks) if part["type"] == "button"]
    assert all(0 < len(label) <= LABEL for label in labels)
    assert [part.get("style") for part in elements(message.blocks)].count("primary") <= 1


# Cards


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("capabilities", [AUTO, BY_HAND], ids=["portal", "by hand"])
@pytest.mark.parametrize("step", STEPS)
async def test_the_card_of_every_step(
    sqlite_db: Database, step: str, shape: Shape, capabilities: Any
) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, step)
    drawing = gallery.drawing(sqlite_db, capabilities)
    known = await drawing.facts(incident)
    assert known is not None
    message = drawing.card(known)
    must_be_sound(message)
    assert shape.label in shown(message.blocks)
    assert "legacy name" in shown(message.blocks)
    assert [part for part in elements(message.blocks) if part["action_id"] == "menu"]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_the_card_of_a_closed_incident_has_its_log_and_a_way_back(
    sqlite_db: Database, shape: Shape
) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "log-repair", closed=True)
    drawing = gallery.drawing(sqlite_db)
    known = await drawing.facts(incident)
    assert known is not None
    message = drawing.card(known)
    must_be_sound(message)
    assert [part["action_id"] for part in elements(message.blocks)] == ["full-log", "reopen"]


# The technician's own card


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("visit", ["asked", "accepted", "on site"])
async def test_the_visits_card_at_every_step(
    sqlite_db: Database, step: str, shape: Shape, visit: str
) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, step, visit=visit)
    message = await visit_of(sqlite_db, incident, gallery.TECHNICIAN)
    must_be_sound(message)
    assert shape.label in shown(message.blocks)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_the_visits_card_of_a_closed_incident_has_no_button(sqlite_db: Database, shape: Shape) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "log-repair", closed=True, visit="on site")
    message = await visit_of(sqlite_db, incident, gallery.TECHNICIAN)
    must_be_sound(message)
    assert list(elements(message.blocks)) == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_who_has_the_visit_no_more_is_told_only_that(sqlite_db: Database, shape: Shape) -> None:
    incident = await sqlite_db.write(gallery.hang, shape, "dispatch", visit="asked")
    message = await visit_of(sqlite_db, incident, "U0TECH2")
    must_be_sound(message)
    assert "Not your visit any more" in shown(message.blocks)
    assert list(elements(message.blocks)) == []


async def test_how_to_get_in_is_told_to_the_technician_alone(sqlite_db: Database) -> None:
    incident = await sqlite_db.write(gallery.hang, BARE, "dispatch", visit="asked", access="Code 4711")
    drawing = gallery.drawing(sqlite_db)
    known = await drawing.facts(incident)
    assert known is not None
    mine = await visit_of(sqlite_db, incident, gallery.TECHNICIAN)
    assert "Access: Code 4711" in shown(mine.blocks)
    assert "4711" not in shown(drawing.card(known).blocks)


async def visit_of(db: Database, incident: int, technician: str) -> Message:
    """The visit's card as this technician is shown it."""
    drawn = await gallery.drawing(db)(gallery.visit_parcel(incident, technician))
    assert drawn is not None
    return drawn.message


# Answers for one person's eyes


@pytest.mark.parametrize("template", sorted(ANSWERS))
def test_every_answer(template: str) -> None:
    for facts in ANSWERS[template]:
        message = RENDER.message(template, facts)
        must_be_sound(message)


DIGESTS = frozenset({"digest/digest.j2", "digest/open.j2", "digest/lost.j2"})
"""The digest is told in tests/reports/test_digest.py, its window beside it."""


@pytest.mark.parametrize("reason", ["is_archived", "not_in_channel", "channel_not_found"])
def test_the_line_about_a_lost_channel_calls_the_leads(reason: str) -> None:
    facts = {"lost": {"channel": "C0123456789", "reason": reason}, "leads": ["S0LEAD"]}
    message = RENDER.message("digest/lost.j2", facts)
    must_be_sound(message)
    assert rung(message) == THE_LEADS


def test_no_template_is_forgotten_here() -> None:
    steps = {step.says for step in RULES.runbook.steps.values()}
    steps |= {step.tells for step in RULES.runbook.steps.values() if step.tells}
    steps |= {"visit/waiting.j2", "visit/off.j2", "visit/closed.j2", "visit/withheld.j2", "visit/blank.j2"}
    confirms = {choice.confirm for _, choice in gallery.choices() if choice.confirm}
    lines = {*of_folder("lines"), *of_folder("rings"), *of_folder("log")}
    # What else belongs to no incident has files of tests of its own.
    elsewhere = {*of_folder("home"), *of_folder("notes"), *DIGESTS, "first-day.j2", "self/notice.j2"}
    shown_here = {*steps, *confirms, *lines, *ANSWERS, *elsewhere, "closed.j2", "confirms/reopen.j2"}
    messages = {name for name in RENDER.names() - includes() if not name.startswith(OF_THE_DEMO)}
    assert messages == shown_here


def test_no_line_of_the_thread_holds_the_markup_of_a_mention() -> None:
    """A mention in a line rings a phone; only the templates in `rings` may do that."""
    quiet = [*Path(TEMPLATES / "lines").glob("*.j2"), *Path(TEMPLATES / "log").glob("*.j2")]
    assert [path.name for path in quiet if re.search(r"\b(person|whom|group)\(", path.read_text())] == []


def test_the_enemy_is_shown_as_he_typed() -> None:
    facts = of_status(None, None, ENEMY)
    message = RENDER.message("answers/status.j2", facts)
    assert "<!channel> <@U0LEAD>" in shown(message.blocks)
    assert "<!channel>" not in message.text
