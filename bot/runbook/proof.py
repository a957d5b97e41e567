"""Walks the whole procedure once and says what does not hold: run by the tests and by `app.py check`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from bot.runbook.judge import RESULTS
from bot.runbook.model import CLOSED, EARLIER, FACTS, ORIGIN, Automatic, Choice, Gate, Role, Runbook, Step
from bot.runbook.moves import automatic_of, choices_at, entry_refusal, gates_after, offered

CABINET = ("open-cabinet", "inspect-sim", "inspect-antenna")
"""The steps that show what to do inside the cabinet (manual 4.3 to 4.5); each needs both gates."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the walk found; without `findings` the procedure holds."""

    code: str
    digest: str
    steps: int
    states: int
    moves: int
    findings: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Nothing was found wrong."""
        return not self.findings

    def summary(self) -> str:
        """Some lines for a terminal, without a newline at the end."""
        head = (
            f"runbook {self.code} {self.digest}: {self.steps} steps, {self.states} states, {self.moves} moves"
        )
        if self.findings:
            return "\n".join((head, "does NOT hold:", *(f"  {finding}" for finding in self.findings)))
        return "\n".join(
            (
                head,
                "holds: every step is reached, from everywhere a person can bring it to the end,",
                "no step in the cabinet without both gates, no end with a lock on,",
                "no gate opens but by values typed by the technician of the visit,",
                "every judgement leads somewhere",
            )
        )


@dataclass(frozen=True, slots=True)
class _State:
    """A step with these gates open; `origin` only where the step has a way back to it."""

    step: str
    gates: frozenset[Gate]
    origin: str | None = None

    def __str__(self) -> str:
        gates = ", ".join(sorted(self.gates)) or "none"
        return f"{self.step} (gates open: {gates}{f', from {self.origin}' if self.origin else ''})"


@dataclass(frozen=True, slots=True)
class _Edge:
    start: _State
    choice: Choice
    to: _State | None
    """None is the end."""
    gates: frozenset[Gate]


def prove(runbook: Runbook, results: Mapping[str, frozenset[str]] = RESULTS) -> Proof:
    """Walk every (step, open gates) state from the start through all choices.

    `results` declares what each judgement may say.
    """
    forward, _ = _walk(runbook, ())
    states, edges = _walk(runbook, [state.step for state in forward if not state.gates])
    findings = (
        *_unreached(runbook, forward),
        *_no_end(runbook, states, edges, results),
        *_no_button(runbook, states),
        *_unsafe(states, edges),
        *_gate_buttons(runbook, results),
        *_gate_doors(runbook, results),
        *_corrections(runbook),
        *_mute_judgements(runbook, states, results),
    )
    return Proof(
        code=runbook.code,
        digest=runbook.digest,
        steps=len(runbook.steps),
        states=len(states),
        moves=len(edges),
        findings=tuple(dict.fromkeys(findings)),
    )


def _walk(runbook: Runbook, earlier: Iterable[str]) -> tuple[tuple[_State, ...], tuple[_Edge, ...]]:
    """Every state that can come about, and every move between them. `earlier`: where a correction may lead."""
    back = tuple(dict.fromkeys(earlier))
    states = {_State(runbook.start, frozenset()): None}
    edges: list[_Edge] = []
    waiting = list(states)
    while waiting:
        for edge in _edges(runbook, waiting.pop(), back):
            edges.append(edge)
            if edge.to is not None and edge.to not in states:
                states[edge.to] = None
                waiting.append(edge.to)
    return tuple(states), tuple(edges)


def _edges(runbook: Runbook, state: _State, earlier: Iterable[str]) -> Iterator[_Edge]:
    for choice in choices_at(runbook, state.step, state.gates):
        after = gates_after(choice, state.gates)
        targets = earlier if choice.to == EARLIER else (state.origin if choice.to == ORIGIN else choice.to,)
        # A correction under a lock is a note and moves nothing, see `bot.incidents.correcting`.
        for to in targets if choice.to != EARLIER or not state.gates else ():
            if to == CLOSED:
                yield _Edge(state, choice, None, after)
            elif to is not None and entry_refusal(runbook, to, after) is None:
                yield _Edge(state, choice, _arrival(runbook, state, to, after), after)


def _arrival(runbook: Runbook, state: _State, to: str, gates: frozenset[Gate]) -> _State:
    goes_back = any(choice.to == ORIGIN for choice in runbook.steps[to].choices)
    return _State(to, gates, state.step if goes_back else None)


def _unreached(runbook: Runbook, states: Iterable[_State]) -> Iterator[str]:
    reached = {state.step for state in states}
    for step in runbook.steps.values():
        if step.id not in reached:
            yield f"{step.where}: no way leads to {step.id}"


def _by_person(runbook: Runbook, step: Step, results: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The step's choices a person can bring about: its buttons, and what the form of a button decides."""
    names: set[str] = set()
    for choice in step.choices:
        decides = runbook.forms[choice.form].decides if choice.form else None
        if choice.label:
            names |= results.get(decides, frozenset()) if decides else {choice.id}
    return frozenset(names)


def _no_end(
    runbook: Runbook, states: Iterable[_State], edges: Iterable[_Edge], results: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """States from which a person alone cannot bring the incident to its end."""
    personal = {step.id: _by_person(runbook, step, results) for step in runbook.steps.values()}
    before: dict[_State | None, list[_State]] = {}
    for edge in edges:
        closes_locked = edge.to is None and Gate.LOCK_ON in edge.gates
        if edge.choice.id in personal[edge.start.step] and not closes_locked:
            before.setdefault(edge.to, []).append(edge.start)
    ending: set[_State | None] = {None}
    waiting: list[_State | None] = [None]
    while waiting:
        new = [state for state in before.get(waiting.pop(), []) if state not in ending]
        ending.update(new)
        waiting.extend(new)
    for state in states:
        if state not in ending:
            yield f"a person cannot get from {state} to the end"


def _no_button(runbook: Runbook, states: Iterable[_State]) -> Iterator[str]:
    """States where, under some facts, none of the step's own buttons is left."""
    for state in states:
        asked = {fact for choice in runbook.steps[state.step].choices for fact in choice.when}
        # While the portal is asked an automatic step may be without buttons: later a person is asked.
        waits = automatic_of(runbook, state.step, state.gates) is not None
        known = {**FACTS, "asked": frozenset({"person"})} if waits else FACTS
        for values in product(*(sorted(known[fact]) for fact in sorted(asked))):
            facts = dict(zip(sorted(asked), values, strict=True))
            if not offered(runbook, state.step, facts, state.gates):
                yield f"no button is left at {state}{f' when {facts}' if facts else ''}"


def _unsafe(states: Iterable[_State], edges: Iterable[_Edge]) -> Iterator[str]:
    for state in states:
        if state.step in CABINET and state.gates != frozenset(Gate):
            yield f"{state} is reached without both gates"
    for edge in edges:
        if edge.to is None and Gate.LOCK_ON in edge.gates:
            yield f"{edge.choice.id} ends {edge.start} with a lock on"


def _gate_buttons(runbook: Runbook, results: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Only typed values open a gate or take a lock off (manual 4.3 (1), 5 (1)): no button and no judgement does."""
    for every in runbook.everywhere:
        if every.choice.opens:
            yield f"{every.choice.id} opens a gate at every step"
        if Gate.LOCK_ON in every.choice.shuts and (every.automatic or every.choice.form is None):
            yield f"{every.choice.id} takes a lock off without a form"
    for step in runbook.steps.values():
        automatic = step.automatic
        alone = {automatic.then, *results.get(automatic.decides, ())} if automatic else set()
        for choice in step.choices:
            if choice.opens and choice.label:
                yield f"{step.id}.{choice.id} opens a gate by a button alone"
            if choice.opens and choice.id in alone:
                yield f"{step.id}.{choice.id} opens a gate without a person"
            unasked = choice.label is not None and choice.form is None
            if Gate.LOCK_ON in choice.shuts and (unasked or choice.id in alone):
                yield f"{step.id}.{choice.id} takes a lock off without a form"


def _gate_doors(runbook: Runbook, results: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """A form that may open a gate is for the technician of the visit alone."""
    for step in runbook.steps.values():
        opening = {choice.id for choice in step.choices if choice.opens}
        doors = [choice for choice in step.choices if choice.label and choice.form]
        for door in doors:
            decides = runbook.forms[door.form or ""].decides
            may_open = opening & results.get(decides or "", frozenset())
            if may_open and (door.by or step.by) != {Role.ASSIGNED}:
                yield f"{step.id}.{door.id} lets somebody else than the technician of the visit open a gate"


def _corrections(runbook: Runbook) -> Iterator[str]:
    """To put an answer right changes no gate and sends no command, wherever it leads."""
    own = [choice for step in runbook.steps.values() for choice in step.choices]
    for choice in (*own, *(every.choice for every in runbook.everywhere)):
        if choice.to == EARLIER and (choice.opens or choice.shuts or choice.does or choice.remedy):
            yield f"{choice.id} puts an answer right and does something else besides"


def _mute_judgements(
    runbook: Runbook, states: Iterable[_State], results: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """Judgements that may say what the step does not offer."""
    for state in states:
        choices = {choice.id for choice in choices_at(runbook, state.step, state.gates)}
        said = [way for way in (automatic_of(runbook, state.step, state.gates),) if way is not None]
        forms = [runbook.forms[choice.form] for choice in runbook.steps[state.step].choices if choice.form]
        judgements = [way.decides for way in said] + [form.decides for form in forms if form.decides]
        for judgement in judgements:
            if judgement not in results:
                yield f"{state.step}: judgement {judgement} does not declare what it may say"
            for result in sorted(results.get(judgement, frozenset()) - choices):
                yield f"{state.step}: judgement {judgement} may say {result}, which is no choice here"
        yield from _missing_then(state.step, said, choices)


def _missing_then(step_id: str, ways: Iterable[Automatic], choices: set[str]) -> Iterator[str]:
    for way in ways:
        if way.then is not None and way.then not in choices:
            yield f"{step_id}: after the wait {way.then} is taken, which is no choice here"
