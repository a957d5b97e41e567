"""What the walk on site draws from, and the small questions it asks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages.render import Message
from bot.people import Person
from bot.runbook.model import Role
from bot.runbook.press import OWN_LOCKS
from db import locks as db_locks
from db.locks import Lock
from db.models import Outgoing
from tests.incidents import walk_parts as parts
from tests.incidents.desk import LEAD, ONE, STRANGER, TECHNICIAN
from tests.messages.rows import parcel_of

OTHER = Person("U0TECH2", frozenset({Role.TECHNICIAN}), "Tech 2")
TECHNICIANS = (TECHNICIAN, OTHER)
EVERYBODY = (TECHNICIAN, OTHER, ONE, LEAD, STRANGER)
DAY = timedelta(hours=12)

OPENS = frozenset({"all-proved"})
NEVER_UNDER_A_LOCK = frozenset({"dispatch", "restart-station", "wait-for-reconnect", "log-repair"})
KEEPS = frozenset(
    {"opened", "answered-all", "part-needed", "back-inside", "circuit-proved", "all-proved", "sim-damaged"}
    | {"sim-foreign", "sim-fine", "sim-was-loose", "sim-cleaned", "sim-replaced"}
    | {"antenna-fine", "antenna-reconnected", "antenna-replaced"}
)
"""The only choices after which the cabinet may still stand open."""

LIKELY: Mapping[str, Sequence[str]] = {
    "circuits": ["1", "2"],
    "breaker-1": ["14"],
    "breaker-2": ["16", "16", "14"],
    "tag-2": ["-b", "-b", "-a", "-B"],
    "tag-1": ["-a", "-a", "-a", "-A", "x"],
    "display": ["dark", "dark", "dark", "still lit", "Network Error"],
    "car": ["no", "no", "no", "yes"],
    "glasses": ["yes"],
    "told": ["yes"],
    "clear": ["yes", "yes", "no"],
    "others": ["no", "no", "yes"],
    "breaker": ["yes"],
    "before": ["120", "120", "120", "99"],
    "after": ["120", "120", "120", "0"],
    "l1-l2": ["0"] * 6 + ["118", "0.1"],
    "l1-ground": ["0"] * 6 + ["-0.1"],
    "l2-ground": ["0"],
    "at": ["1795000000"],
}
"""What people mostly type; tags are their own."""

ZERO = {"meter": "M-7", "before": "120", "l1-l2": "0", "l1-ground": "0", "l2-ground": "0", "after": "120"}


def locks_of(who: Person) -> Mapping[str, str]:
    """A lock-out of both circuits that is right."""
    tags = {"tag-1": f"{who.user_id}-a", "tag-2": f"{who.user_id}-b"}
    safe = {"display": "dark", "car": "no", "glasses": "yes", "told": "yes"}
    return {"circuits": "2", "breaker-1": "14", "breaker-2": "16", **tags, **safe}


def values_of(message: Message) -> list[str]:
    """The values of the buttons that take a choice."""
    elements = [part for block in message.blocks for part in block.get("elements", ())]
    return [part["value"] for part in elements if parts.takes_choice(part) and part["action_id"] != OWN_LOCKS]


def all_locks(session: Session) -> list[Lock]:
    """Every lock of the one incident."""
    return db_locks.all_of(session, 1)


def sent_commands(session: Session) -> list[tuple[int, int]]:
    """The restarts that were asked for and not called off: incident and turn."""
    query = select(Outgoing).where(Outgoing.kind == "command").order_by(Outgoing.id)
    return [(row.incident_id or 0, int(row.payload["turn"])) for row in session.scalars(query)]


def new_lines(session: Session, told: set[int]) -> list[Any]:
    """The thread lines that were not drawn yet."""
    rows = session.scalars(select(Outgoing).where(Outgoing.kind == "line").order_by(Outgoing.id))
    return [parcel_of(row) for row in rows if row.id not in told]
