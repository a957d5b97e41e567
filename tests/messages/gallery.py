"""Incidents at their worst: nothing known, everything known at full length, everything written by an enemy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.messages.drawing import Drawing
from bot.messages.queue import Parcel
from bot.portal.contract import Capabilities
from bot.runbook.model import Choice, Form
from db.models import Answer, Incident, Move, Station, Timer
from db.writer import Database
from tests.incidents.desk import AUTO, NIGHT, RENDER, RULES

GROUPS = {"support": ("S0SUPPORT", "U0NIGHTSHIFT"), "lead": ("S0LEAD",)}
OWNER, TECHNICIAN = "U0OWNER", "U0TECH1"
LONG_NAME, LONG_WORD = "Wide Garage " * 16 + "Level", "W" * 64
ENEMY = "<!channel> <@U0LEAD> *x* `y` ~z~ _q_ &lt; & > <https://a.example|b> {{ 7 }} {% x %} \u202e\u200b\n\n:fire:"


@dataclass(frozen=True)
class Shape:
    """How much is known, by whom it was named, who has it."""

    name: str
    known: bool
    words: str
    label: str
    owner: str | None


BARE = Shape("nothing is known", known=False, words="", label="CT4G-20117", owner=None)
FULL = Shape("all is known, at full length", known=True, words=LONG_NAME, label=LONG_WORD, owner=OWNER)
HOSTILE = Shape("an enemy wrote it", known=True, words=ENEMY, label="CT4G-20117", owner=None)
OWNED = Shape("nothing is known but who has it", known=False, words="", label="CT4G-20117", owner=OWNER)
SHAPES = (BARE, FULL, HOSTILE)

TYPED: Mapping[str, str] = {
    "date": "2026-11-30",
    "time": "23:59",
    "number": "118",
    "person": "U0LEAD",
    "moment": "1795000000",
}
"""What is answered to a question of this kind."""

ANSWERS: Mapping[str, Any] = {
    "online": False,
    "active_sessions": 12,
    "alert_active": True,
    "signal": {"bars": 1, "weak": True},
    "configuration": {"outcome": "accepted", "ms": 4_294_967},
    "nearby": {"all": 1_000_000, "down": 999_999, "not_known": 123_456, "complete": False},
    "restart": {"outcome": "not_connected", "detail": "x" * 200},
}


def choices() -> Iterator[tuple[str, Choice]]:
    """Every choice with each step it may be taken at."""
    for step in RULES.runbook.steps.values():
        for choice in step.choices:
            yield step.id, choice
        for every in RULES.runbook.everywhere:
            yield step.id, every.choice


def drawing(db: Database, capabilities: Capabilities = AUTO) -> Drawing:
    """The real one."""
    clock = MovableClock(NIGHT)
    return Drawing(db, RENDER, RULES.runbook, RULES.timings, GROUPS, lambda: capabilities, clock)


def filled_in(form: Form, words: str) -> Mapping[str, str]:
    """The longest answers a form takes."""
    names = {f"{field.id}-name": words[:100] or "Tech 1" for field in form.fields if field.kind == "person"}
    return names | {
        field.id: max((option.value for option in field.options), key=len, default="")
        or TYPED.get(field.kind)
        or (words * field.longest)[: field.longest]
        or "x"
        for field in form.fields
    }


def hang(
    session: Session,
    shape: Shape,
    step: str,
    *,
    closed: bool = False,
    choice: str = "restart",
    visit: str | None = None,
    access: str | None = None,
) -> int:
    """An incident of this shape at this step. Its last move was `choice`; every form there is was submitted.

    `visit`: how the visit of TECHNICIAN stands; `access`: how to get to the station.
    """
    known, words = shape.known, shape.words
    station = _add(
        session,
        Station,
        serial=shape.label,
        name=words[:200] or None,
        site=words[:200] or None,
        area=words[:100] or None,
        carrier=words[:100] or None,
        generation=2 if known else None,
        address=(words * 9)[:300] or None,
        access=access or (words * 9)[:300] or None,
        panel=words[:200] or None,
        circuits=2 if known else None,
        latitude=-37.123456 if known else None,
        longitude=-122.123456 if known else None,
        portal_url="https://portal.example/" + "x" * 400 if known else None,
        muted_until=NIGHT + timedelta(days=9) if known else None,
        mute_reason=words[:300] or None,
        modem_flagged_at=NIGHT if known else None,
        modem_flag_reason="back after a power cycle, no hardware issue found" if known else None,
    )
    incident = _add(
        session,
        Incident,
        station_id=station,
        code=RULES.runbook.code,
        step=step,
        origin_step="restart-station",
        turn=2,
        version=3,
        runbook=RULES.runbook.digest,
        opened_at=NIGHT - timedelta(days=400),
        raised_at=NIGHT - timedelta(days=400),
        last_communication=NIGHT - timedelta(days=401) if known else None,
        entered_at=NIGHT - timedelta(hours=1),
        deadline_at=_deadline(step, known),
        promised_at=NIGHT + timedelta(days=9) if known or step == "order-sim" else None,
        technician=TECHNICIAN if known or visit else None,
        technician_name=(words[:100] or "Tech 1") if known or visit else None,
        visit=visit or ("accepted" if known else None),
        planned_at=NIGHT + timedelta(days=1) if known else None,
        parked_until=NIGHT + timedelta(hours=4) if known else None,
        looked_at=NIGHT if known else None,
        owner=shape.owner,
        first_person_at=NIGHT if known else None,
        back_at=NIGHT if known else None,
        restarts=1 if known else 0,
        reopenings=99 if known else 0,
        fix=(_longest_fix() if known else "could not complete") if closed or known else None,
        finding="coverage" if known else None,
        closed_at=NIGHT if closed else None,
    )
    _history(session, incident, shape, step, choice)
    if known and not closed:
        session.execute(insert(Timer).values(incident_id=incident, kind="look", turn=2, due_at=NIGHT))
    return incident


def parcel(incident: int, template: str, payload: Mapping[str, Any]) -> Parcel:
    """A thread line to draw."""
    return Parcel(
        1,
        "line:1",
        "line",
        incident,
        template,
        payload,
        0,
        "mine",
        False,
        "C0ALERTS",
        "1.0",
        None,
        None,
        NIGHT,
    )


def visit_parcel(incident: int, technician: str) -> Parcel:
    """The visit's card to draw."""
    payload = {"to": technician}
    return Parcel(
        1, "v", "visit", incident, "visit.j2", payload, 0, "mine", False, "D0TECH1", None, None, None, NIGHT
    )


def _history(session: Session, incident: int, shape: Shape, step: str, choice: str) -> None:
    """Two moves and, where things are known, everything anybody can say."""
    common = {"incident_id": incident, "at": NIGHT, "runbook": RULES.runbook.digest}
    person = {"actor": "U0SUPPORT1", "actor_name": shape.words[:100] or "Support 1"}
    first = {"turn": 0, "step": "restart-station", "choice": "restart", "to_step": "wait-for-reconnect"}
    last = {"turn": 1, "step": step, "choice": choice, "to_step": step}
    session.execute(insert(Move), [{**common, **person, **first}, {**common, **person, **last}])
    said = dict(ANSWERS) if shape.known else {}
    typed = dict(_typed(shape.words))
    answers = [
        {
            "incident_id": incident,
            "turn": 1 if name in typed else 2 + turn,
            "name": name,
            "value": value,
            "source": "person" if name in typed else "portal",
            "as_of": NIGHT,
            "at": NIGHT,
        }
        for turn, (name, value) in enumerate((said | typed).items())
    ]
    session.execute(insert(Answer), answers)


@cache
def _typed(words: str) -> Mapping[str, Mapping[str, str]]:
    return {form.id: filled_in(form, words) for form in RULES.runbook.forms.values()}


def _deadline(step: str, known: bool) -> Any:
    automatic = RULES.runbook.steps[step].automatic
    if automatic is None or automatic.lasts is None or (step == "wait-for-reconnect" and not known):
        return None
    return NIGHT + timedelta(minutes=3)


@cache
def _longest_fix() -> str:
    return max(
        (
            option.value
            for form in RULES.runbook.forms.values()
            for field in form.fields
            if field.id == "fix"
            for option in field.options
        ),
        key=len,
    )


def _add(session: Session, table: type[Any], **values: Any) -> int:
    return int(session.execute(insert(table).values(**values).returning(table.id)).scalar_one())
