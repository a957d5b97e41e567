"""The procedure's gates are those of the manual, and no change of a single one goes unnoticed."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from itertools import chain, product
from typing import Any

import pytest

from bot.runbook.model import EARLIER, Choice, Gate, Role, Runbook
from bot.runbook.moves import choices_at
from bot.runbook.proof import CABINET, prove
from tests.runbook.gate_table import BOTH, CHOICES, EVERYWHERE, LOCK, NONE, ORDER, STEPS, Gates
from tests.runbook.procedures import shipped, with_choice, with_step

SHIPPED = shipped()
SEEN = (NONE, LOCK, BOTH)
"""The gates that can be open together."""


def differences(runbook: Runbook) -> Iterator[str]:
    """Where the procedure and the table say different things."""
    return chain(_steps(runbook), _choices(runbook), _everywhere(runbook))


def differs(runbook: Runbook) -> bool:
    """Do they say different things anywhere? The first place is enough."""
    return next(differences(runbook), None) is not None


def _steps(runbook: Runbook) -> Iterator[str]:
    if tuple(runbook.steps) != ORDER or runbook.order != ORDER:
        yield "the steps are others, or lie in another order"
    for step in runbook.steps.values():
        if (step.needs, step.forbids) != STEPS[step.id]:
            yield f"{step.id} needs or forbids something else"


def _choices(runbook: Runbook) -> Iterator[str]:
    names = {(step.id, choice.id) for step in runbook.steps.values() for choice in step.choices}
    yield from (f"{name} is gone" for name in CHOICES.keys() - names)
    for step in runbook.steps.values():
        for choice in step.choices:
            if (choice.opens, choice.shuts) != CHOICES.get((step.id, choice.id), (NONE, NONE)):
                yield f"{step.id}.{choice.id} opens or shuts something else"


def _everywhere(runbook: Runbook) -> Iterator[str]:
    if [every.choice.id for every in runbook.everywhere] != list(EVERYWHERE):
        yield "other choices are declared for all steps"
        return
    there = _there(runbook)
    for every in runbook.everywhere:
        opens, shuts, where = EVERYWHERE[every.choice.id]
        if (every.choice.opens, every.choice.shuts) != (opens, shuts):
            yield f"{every.choice.id} opens or shuts something else"
        for gates in SEEN:
            if there[gates].get(every.choice.id, NONE) != where.get(gates, NONE):
                yield f"{every.choice.id} is there at other steps with {sorted(gates)} open"


def _there(runbook: Runbook) -> Mapping[Gates, Mapping[str, Set[str]]]:
    """With which gates open each choice is there at which steps; asked once of each of the many procedures."""
    there: dict[Gates, dict[str, set[str]]] = {gates: {} for gates in SEEN}
    for gates, step in product(SEEN, runbook.steps):
        for choice in choices_at(runbook, step, gates):
            there[gates].setdefault(choice.id, set()).add(step)
    return there


def test_every_gate_is_the_tables(runbook: Runbook) -> None:
    assert list(differences(runbook)) == []


def toggled(gates: Gates, gate: Gate) -> Gates:
    """The same gates with one added or taken away."""
    return gates ^ {gate}


def _changed(choice: Choice, field: str, gate: Gate) -> Choice:
    gates: Any = {field: toggled(getattr(choice, field), gate)}
    return replace(choice, **gates)


def mutants() -> Iterator[tuple[str, Runbook]]:
    """Every procedure in which one gate of one `needs`, `forbids`, `opens` or `shuts` was added or lost."""
    for step, field, gate in product(SHIPPED.steps.values(), ("needs", "forbids"), Gate):
        gates = toggled(getattr(step, field), gate)
        yield f"{step.id} {field} {gate}", with_step(SHIPPED, step.id, **{field: gates})
    for step, field, gate in product(SHIPPED.steps.values(), ("opens", "shuts"), Gate):
        for choice in step.choices:
            gates = toggled(getattr(choice, field), gate)
            name = f"{step.id}.{choice.id} {field} {gate}"
            yield name, with_choice(SHIPPED, step.id, choice.id, **{field: gates})
    for number, every in enumerate(SHIPPED.everywhere):
        for field, gate in product(("needs", "forbids", "opens", "shuts"), Gate):
            changed = (
                replace(every, **{field: toggled(getattr(every, field), gate)})  # type: ignore[arg-type]
                if field in {"needs", "forbids"}
                else replace(every, choice=_changed(every.choice, field, gate))
            )
            others = (*SHIPPED.everywhere[:number], changed, *SHIPPED.everywhere[number + 1 :])
            yield f"{every.choice.id} {field} {gate}", replace(SHIPPED, everywhere=others)


IDLE = frozenset(
    {
        # Whoever has measured has locked: "zero-volts" is never open without "lock-on".
        "recovered forbids zero-volts",
        "give-up forbids zero-volts",
        "others-too forbids zero-volts",
        "stop-here forbids zero-volts",
        "no-access forbids zero-volts",
        "lapse needs lock-on",
    }
)
"""Changes that change nothing, because of the gates that can be open together."""


def test_no_change_of_a_single_gate_goes_unnoticed() -> None:
    unnoticed = {name for name, mutant in mutants() if not differs(mutant)}

    assert unnoticed == IDLE


@pytest.mark.parametrize("bound", ["since", "before"])
def test_no_change_of_where_a_choice_is_there_goes_unnoticed(bound: str) -> None:
    before = _there(SHIPPED)
    for number, every in enumerate(SHIPPED.everywhere):
        for to in (None, *ORDER):
            changed = replace(every, **{bound: to})  # type: ignore[arg-type]
            others = (*SHIPPED.everywhere[:number], changed, *SHIPPED.everywhere[number + 1 :])
            mutant = replace(SHIPPED, everywhere=others)
            after, name = _there(mutant), every.choice.id
            same = all(after[gates].get(name) == before[gates].get(name) for gates in SEEN)
            assert same or differs(mutant), (name, bound, to)


def test_the_cabinet_is_the_steps_that_need_both_gates(runbook: Runbook) -> None:
    assert {step.id for step in runbook.steps.values() if step.needs == BOTH} == set(CABINET)


def test_a_gate_is_opened_by_typed_values_of_the_technician_of_the_visit(runbook: Runbook) -> None:
    doors = {"lock-out": "lock", "verify-zero-volts": "measure"}
    for (step_id, choice_id), (opens, _) in CHOICES.items():
        if not opens:
            continue
        step = runbook.steps[step_id]
        choice = step.choice(choice_id)
        assert choice is not None
        assert choice.label is None
        door = step.choice(doors[step_id])
        assert door is not None
        assert (door.by or step.by) == {Role.ASSIGNED}
        assert door.form is not None
        assert runbook.forms[door.form].decides is not None
        fields = runbook.forms[door.form].fields
        assert all(field.suggests is None for field in fields)


def test_what_is_done_under_a_lock_is_for_the_technician_of_the_visit(runbook: Runbook) -> None:
    """Support and lead have only what is declared for all steps: another technician, a lock that was removed."""
    for step, (needs, _) in STEPS.items():
        if needs or step == "lock-out":
            assert runbook.steps[step].by == {Role.ASSIGNED}, step
            assert all(choice.by in ({}, frozenset()) for choice in runbook.steps[step].choices), step


def test_whoever_is_locked_in_always_has_a_button_of_their_own(runbook: Runbook) -> None:
    """Also without 0 V, also with it: from every step under a lock the technician alone reaches the power."""
    ways: dict[str, set[str]] = {}
    for step, (needs, _) in STEPS.items():
        if needs or step == "lock-out":
            ways[step] = {str(choice.to) for choice in runbook.steps[step].choices if choice.to}
    out = {"restore-power"}
    while more := {step for step, ways_on in ways.items() if ways_on & out} - out:
        out |= more
    assert out == set(ways)


def test_the_proof_walks_corrections_too(runbook: Runbook) -> None:
    without = tuple(every for every in runbook.everywhere if every.choice.to != EARLIER)

    assert prove(runbook).moves > prove(replace(runbook, everywhere=without)).moves
