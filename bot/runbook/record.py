"""What the moves of one incident tell, once they are made: where the minutes went, how far the proof got.

Cards, the repair log and the exports read it from here, so that they agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.runbook.judge_forms import TO_MEASURE
from bot.runbook.model import Phase, Runbook

CORRECT = "correct"
"""The choice by which a wrong answer is put right."""
PROVED = frozenset({"circuit-proved", "all-proved"})
"""The choices by which 0 V was proved on a circuit."""
ON_PAPER = frozenset({"put-right", "found-only"})
"""The choices by which the results of a visit outside Slack were entered."""
_PROOF_SAYS = "steps/verify.j2"


class Made(Protocol):
    """A move that was made, in the order of `turn`."""

    @property
    def turn(self) -> int:
        """The incident's turn before it."""
        ...

    @property
    def step(self) -> str:
        """Where the incident stood."""
        ...

    @property
    def choice(self) -> str:
        """What was taken there."""
        ...

    @property
    def to_step(self) -> str:
        """Where that led."""
        ...

    @property
    def actor(self) -> str:
        """Who took it."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the verification's checklist (manual 5 (4) to 5 (8)); `move` is what was decided there."""

    step: str
    choice: str | None
    by: str | None
    at: datetime | None


def spent(runbook: Runbook, moves: Sequence[Made], opened_at: datetime) -> Mapping[Phase, timedelta]:
    """Time in each phase from the alert to the last move, in the order of the phases.

    Phases the incident never was in are left out, and so is the time between a closing and the re-opening.
    """
    times: dict[Phase, timedelta] = {}
    since = opened_at
    for move in moves:
        if move.step in runbook.steps:
            phase = runbook.steps[move.step].phase
            times[phase] = times.get(phase, timedelta()) + (move.at - since)
        since = move.at
    return {phase: times[phase] for phase in Phase if phase in times}


def checks(runbook: Runbook, moves: Sequence[Made], *, back: bool) -> list[Check]:
    """How far the proof is: for each verify step the move made there since the station came `back`."""
    proving = [step for step in runbook.order if runbook.steps[step].says == _PROOF_SAYS]
    since = max((move.turn for move in moves if move.to_step == proving[0]), default=-1)
    made: dict[str, Made] = {}
    for move in moves:
        if move.choice == CORRECT and move.to_step in proving:
            # What was corrected is open again, and so is all that came after it.
            made = {step: one for step, one in made.items() if runbook.lies_before(step, move.to_step)}
        elif move.turn > since and move.step in proving and back:
            made[move.step] = move
    return [
        Check(step, made[step].choice, made[step].actor, made[step].at)
        if step in made
        else Check(step, None, None, None)
        for step in proving
    ]


def visited(runbook: Runbook, moves: Sequence[Made]) -> bool:
    """Was a technician at the station, in Slack or with results on paper?"""
    led_to = (runbook.steps.get(move.to_step) for move in moves)
    there = any(step is not None and step.phase is Phase.ON_SITE for step in led_to)
    return there or any(move.choice in ON_PAPER for move in moves)


def zeros_read(moves: Sequence[Made]) -> int:
    """How often 0 V was read at the contactor input with a meter that was proved."""
    return len(TO_MEASURE) * sum(1 for move in moves if move.choice in PROVED)
