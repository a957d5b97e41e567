"""What the random walk draws from, and the small questions it asks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.portal.contract import Capability
from bot.runbook.model import FINDINGS, Form
from bot.runbook.press import ASK, PRESS
from db.models import Incident, Outgoing
from tests.incidents.desk import (
    AUTO,
    BY_HAND,
    LEAD,
    ONE,
    RULES,
    STRANGER,
    TECHNICIAN,
    TWO,
)
from tests.messages.rows import parcel_of

T = TypeVar("T")


PARTS_OF_A_PRESS = 3
SERIALS = ("CT4G-20117", "CT4G-11873")
NASTY = "Garage <!channel> & *B* `4` \u202e"
RESTARTS = frozenset({"restart", "restart-again", "restart-anyway", "sent-by-hand"})

PEOPLE = st.sampled_from([ONE, ONE, TWO, LEAD, TECHNICIAN, STRANGER])
ABILITIES = st.sampled_from(
    [
        AUTO,
        BY_HAND,
        replace(AUTO, restart=Capability.MANUAL),
        replace(AUTO, restart=Capability.NONE, signal=Capability.NONE),
        replace(AUTO, status=Capability.MANUAL),
        replace(AUTO, alarms=Capability.NONE, get_configuration=Capability.NONE),
    ]
)
BACK: dict[str, Any] = {"online": True, "active": False, "bars": 4, "milliseconds": 840}
READINGS = st.sampled_from(
    [
        {"online": False, "active": True, "sessions": 0},
        BACK,
        {"online": False, "active": True, "sessions": 1},
        {},
        {"online": None, "active": True, "milliseconds": None},
        {**BACK, "bars": 1, "sessions": None},
        {**BACK, "milliseconds": 5001},
        {**BACK, "active": True},
    ]
)
PAUSES = st.sampled_from([1, 10, 60, 180, 600, 1800, 7200, 25 * 3600]).map(lambda s: timedelta(seconds=s))


def takes_choice(part: Any) -> bool:
    """Is this a button that takes a choice?"""
    return str(part.get("action_id", "")).startswith((PRESS, ASK))


def form_of(choice_id: str) -> Form | None:
    """The form behind a choice."""
    runbook = RULES.runbook
    everywhere = [every.choice for every in runbook.everywhere]
    choices = [choice for step in runbook.steps.values() for choice in step.choices]
    named = next((choice.form for choice in choices + everywhere if choice.id == choice_id), None)
    return runbook.forms[named] if named else None


def filled_in(data: st.DataObject, form: Form) -> dict[str, str]:
    """Answers to a form, each as it may be."""
    values = {}
    for field in form.fields:
        options = [option.value for option in field.options] or [NASTY, "x" * field.longest]
        values[field.id] = data.draw(st.sampled_from(options), label=field.id)
    assert values.get("fix", "false alarm") in FINDINGS["fix"]
    return values


def incident_numbers(session: Session) -> list[int]:
    """The incidents there are."""
    return list(session.scalars(select(Incident.id).order_by(Incident.id)))


def sent_commands(session: Session) -> list[tuple[int, int]]:
    """The restarts ever asked for: incident and turn."""
    rows = session.scalars(select(Outgoing).where(Outgoing.kind == "command").order_by(Outgoing.id))
    return [(row.incident_id or 0, int(row.payload["turn"])) for row in rows]


def new_lines(session: Session, told: set[int]) -> list[Any]:
    """The thread lines that were not drawn yet."""
    rows = session.scalars(select(Outgoing).where(Outgoing.kind == "line").order_by(Outgoing.id))
    return [parcel_of(row) for row in rows if row.id not in told]
