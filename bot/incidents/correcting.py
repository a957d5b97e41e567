"""A wrong answer is put right: back to its step by a new move, or a note where that is not possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.incidents import answers, asides, first_day, moving
from bot.incidents.progress import roles_of, standing
from bot.incidents.rules import Rules
from bot.people import RELINK, Person
from bot.runbook.model import Choice
from bot.runbook.moves import entry_refusal, move
from bot.runbook.press import Press
from db import queries
from db.queries import Moved

CORRECT = "correct"
"""The choice by which the procedure lets an answer be put right."""
MOST = 20
"""So many answers, the newest, may be chosen from."""


@dataclass(frozen=True, slots=True)
class Correctable:
    """An answer that may be put right: the turn it ended, its step, the choice, by whom and when."""

    turn: int
    step: str
    choice: str
    at: datetime


def correctable(session: Session, pressed: Press, person: Person, rules: Rules) -> Sequence[Correctable]:
    """The answers people gave, newest first. Raises NotAllowed, StaleChoice, or Refused where there is none."""
    asides.may_speak(session, pressed.incident, person)
    incident = standing(session, pressed)
    found = [
        Correctable(made.turn, made.step, made.choice, made.at)
        for made in reversed(queries.moves(session, incident.id))
        if _is_answer(made, person, rules)
    ]
    if not found:
        raise Refused("Nobody has answered anything yet that could be corrected.")
    return found[:MOST]


def correct(
    session: Session,
    pressed: Press,
    turn: int,
    words: str,
    person: Person,
    rules: Rules,
    now: datetime,
) -> bool:
    """Put the answer of this turn right. True if the incident went back to its step, False if a note was left.

    A restart and what opens a gate cannot be taken back; with a lock on, and where the step cannot be entered,
    the words become a note. Raises NotAllowed, StaleChoice, Refused.
    """
    queries.lock_incident(session, pressed.incident)
    incident = first_day.leave(session, standing(session, pressed), now)
    wrong = queries.move_at(session, incident.id, turn)
    if wrong is None or not _is_answer(wrong, person, rules):
        raise Refused("This answer cannot be corrected. Leave a note instead.")
    # Under a lock the way is the procedure's alone, and back to its steps leads no correction.
    if incident.locks or entry_refusal(rules.runbook, wrong.step, frozenset()) is not None:
        asides.note(session, incident.id, person, words, now)
        return False
    said = {CORRECT: {"reason": words}}
    answers.record(session, incident, said, source="person", actor=person.user_id, as_of=now, now=now)
    taken = move(
        rules.runbook,
        incident.step,
        CORRECT,
        facts={},
        gates=frozenset(),
        roles=roles_of(person, incident),
        origin=incident.origin_step,
        earlier=wrong.step,
    )
    moving.enter(session, incident, taken, person, rules, now)
    return True


def _is_answer(made: Moved, person: Person, rules: Rules) -> bool:
    """Did a person say this, and can `person` unsay it? A restart is done, a gate is no opinion.

    A guest unsays only what they said themselves: the rest was found out before they came.
    """
    if person.guest and made.actor != person.user_id:
        return False
    step = rules.runbook.steps.get(made.step)
    choice: Choice | None = step.choice(made.choice) if step is not None else None
    if made.actor == RELINK.user_id or choice is None:
        return False
    return not (choice.does or choice.opens or choice.shuts or choice.remedy)
