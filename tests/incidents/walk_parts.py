"""What the random walk draws from, and the small questions it asks."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.incidents.values import Values
from bot.messages.pace import Beat, Paces
from bot.people import Person
from bot.portal.contract import Capability
from bot.runbook.model import FINDINGS, Field, Form, Role
from bot.runbook.press import ASK, PRESS
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

SERIALS = ("CT4G-20117", "CT4G-11873")
MORNING = time(7)
AT_ONCE = Paces(Beat(timedelta(0)), Beat(timedelta(0)))
"""No pause between messages."""
NASTY = "Garage <!channel> & *B* `4` \u202e"
SECOND_TECHNICIAN = Person("U0TECH2", frozenset({Role.TECHNICIAN}), "Tech 2")
BOTH = Person("U0BOTH", frozenset({Role.SUPPORT, Role.TECHNICIAN}), "Both")
"""Somebody of the support desk who also drives out."""
EVERYBODY = (ONE, TWO, LEAD, TECHNICIAN, SECOND_TECHNICIAN, BOTH, STRANGER)
DESK = {"support", "lead"}
ROLES = {person.user_id: frozenset(map(str, person.roles)) for person in EVERYBODY}
PEOPLE = st.sampled_from([*EVERYBODY, ONE, ONE, LEAD, TECHNICIAN])
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
        {"online": False, "others": [True, True]},
        {"online": False, "others": [True, False]},
    ]
)
PAUSES = st.sampled_from([1, 10, 60, 180, 600, 1800, 7200, 25 * 3600]).map(lambda s: timedelta(seconds=s))


def takes_choice(part: Any) -> bool:
    """Is this a button that takes a choice?"""
    return str(part.get("action_id", "")).startswith((PRESS, ASK))


def pressable(blocks: list[dict[str, Any]]) -> list[str]:
    """The values of the buttons of a card that take a choice."""
    elements = [part for block in blocks for part in block.get("elements", ())]
    return [part["value"] for part in elements if takes_choice(part)]


def form_of(choice_id: str) -> Form | None:
    """The form behind a choice."""
    runbook = RULES.runbook
    everywhere = [every.choice for every in runbook.everywhere]
    choices = [choice for step in runbook.steps.values() for choice in step.choices]
    named = next((choice.form for choice in choices + everywhere if choice.id == choice_id), None)
    return runbook.forms[named] if named else None


def filled_in(data: st.DataObject, form: Form, now: datetime) -> Values:
    """Answers to a form, each as it may be; now and then one that is refused."""
    fields, people = {}, {}
    for field in form.fields:
        if field.kind == "person":
            people[field.id] = data.draw(st.sampled_from(EVERYBODY), label=field.id)
            fields[field.id] = people[field.id].user_id
        else:
            fields[field.id] = data.draw(st.sampled_from(_answers(field, now)), label=field.id)
    assert fields.get("fix", "false alarm") in FINDINGS["fix"]
    return Values(form.id, fields, people)


def _answers(field: Field, now: datetime) -> list[str]:
    if field.kind == "date":
        return [f"{now + timedelta(days=days):%Y-%m-%d}" for days in (-1, 0, 1, 3)]
    if field.kind == "moment":
        return [str(int((now + timedelta(minutes=away)).timestamp())) for away in (-800, -20, -1, 1, 90, 999)]
    if field.kind == "number":
        return ["0", "0", "120", "208", "nan", NASTY]
    nothing = [] if field.required else [""]
    return nothing + [option.value for option in field.options] or [NASTY, "x" * field.longest]
