"""The procedure read anew from its files: which moves are legal, who may make them, which restarts are approved."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.people import RELINK
from bot.runbook.judge import RESULTS
from bot.runbook.load import SHIPPED
from db.queries import Moved
from tests.incidents.walk_book import Snapshot
from tests.incidents.walk_parts import ROLES

ORDERS = {"restart", "restart-again", "restart-anyway"}
"""What a person presses to restart at once, ..."""
PROMISES = {"when-it-ends", "when-it-ends-again"}
"""... and to restart as soon as a session has ended."""
LONGEST_PROMISE = timedelta(hours=12)
REOPENS = timedelta(hours=24)
"""So long after its closing an incident is opened again, by an alert or by hand."""
START = "confirm-alert"

Table = Mapping[str, Any]


def _files() -> list[Table]:
    names = ("triage.toml", "on_site.toml", "verify.toml")
    return [tomllib.loads((Path(SHIPPED) / name).read_text()) for name in names]


_FILES = _files()
STEPS: Mapping[str, Table] = {step["id"]: step for file in _FILES for step in file["step"]}
ORDER = list(STEPS)
ON_SITE: Mapping[str, Table] = {step["id"]: step for step in _FILES[1]["step"]}
"""The steps that lie behind "I am on site"."""
EVERYWHERE: Mapping[str, Table] = {each["id"]: each for file in _FILES for each in file.get("everywhere", ())}
FORMS: Mapping[str, Table] = {form["id"]: form for file in _FILES for form in file.get("form", ())}
_WATCHED = {name for name, each in EVERYWHERE.items() if "label" not in each}
"""What Relink may see at any step: nobody presses it."""
LOCK, ZERO = "lock-on", "zero-volts"
PROOF_HOLDS = timedelta(hours=12)
"""So long a measured 0 V counts."""


@dataclass(frozen=True)
class Gates:
    """The two gates as the moves left them."""

    open: frozenset[str] = frozenset()
    proved_at: datetime | None = None
    """Since when 0 V counts as proved."""

    def at(self, moment: datetime) -> frozenset[str]:
        """What is open at a moment: 0 V is no longer believed after some hours."""
        old = self.proved_at is not None and moment - self.proved_at >= PROOF_HOLDS
        return self.open - {ZERO} if old else self.open

    def after(self, made: Moved, choice: Table) -> "Gates":
        """The gates after a move. What a choice shuts is shut, whatever it opens."""
        held = self.open if made.choice == "lapse" else self.at(made.at)
        left = (held | set(choice.get("opens", ()))) - set(choice.get("shuts", ()))
        since = self.proved_at if ZERO in held else made.at
        return Gates(left, since if ZERO in left else None)


def gates_of(moves: Sequence[Moved]) -> Gates:
    """The gates after these moves."""
    gates = Gates()
    for made in moves:
        gates = Gates() if made.step == "closed" else gates.after(made, _choice(made))
    return gates


def check_moves(moves: Sequence[Moved], known: int, technician: str | None) -> None:
    """Every move since the `known` first ones is one that the procedure offers there, to whoever made it.

    `technician`: who had the visit before them.
    """
    for number, made in enumerate(moves):
        assert made.turn == number
        assert made.step == (moves[number - 1].to_step if number else START)
        if number >= known:
            _check(made, moves[:number], technician)


def _check(made: Moved, before: Sequence[Moved], technician: str | None) -> None:
    told = f"{made.actor}: {made.step} --{made.choice}--> {made.to_step}"
    if made.step == "closed":
        assert (made.choice, made.to_step) == ("reopened", START), told
        by_hand = made.actor != RELINK.user_id
        assert not by_hand or ROLES[made.actor] & {"support", "lead"}, told
        assert made.at - before[-1].at <= REOPENS, told
        return
    step, choice = STEPS[made.step], _choice(made)
    assert made.to_step in _targets(choice, before), told
    _check_gates(made, choice, gates_of(before), told)
    if made.actor == RELINK.user_id:
        assert made.choice in _by_itself(step) | _WATCHED | {"not-delivered"}, told
        return
    assert made.choice not in _WATCHED, told
    allowed = _allowed(made)
    roles = set(ROLES[made.actor]) | ({"support"} if "lead" in ROLES[made.actor] else set())
    if made.actor == technician and "technician" in roles:
        roles.add("assigned")
    assert allowed & roles, f"{told}: is for {allowed}"


def _check_gates(made: Moved, choice: Table, gates: Gates, told: str) -> None:
    """A choice for all steps holds under its gates only, and no step is entered that the gates forbid."""
    held = gates.open if made.choice == "lapse" else gates.at(made.at)
    told = f"{told} with {sorted(held)}"
    if made.choice == "lapse":
        assert gates.proved_at is not None, told
        assert made.at - gates.proved_at >= PROOF_HOLDS, told
    if made.choice in EVERYWHERE:
        assert set(choice.get("needs", ())) <= held, told
        assert not set(choice.get("forbids", ())) & held, told
    left = gates.after(made, choice).open
    entered = STEPS.get(made.to_step, {"forbids": [LOCK, ZERO]})
    assert set(entered.get("needs", ())) <= left, told
    assert not set(entered.get("forbids", ())) & left, told


def meant_for(made: Moved, desk: set[str]) -> tuple[Table, bool]:
    """What a person chose, and whether it is something for the support desk."""
    return _choice(made), bool(_allowed(made) & desk)


def _allowed(made: Moved) -> set[str]:
    """The roles for which the button was that led to this move."""
    step, choice = STEPS[made.step], _choice(made)
    doors = _doors(step, made.choice) if "label" not in choice else [choice]
    return {role for door in doors for role in door.get("by", step["by"])}


def _choice(made: Moved) -> Table:
    """What the step offers under this name, or all steps do; fails where neither does."""
    own: dict[str, Table] = {each["id"]: each for each in STEPS[made.step]["choice"]}
    if made.choice in own:
        return own[made.choice]
    every, here = EVERYWHERE[made.choice], ORDER.index(made.step)
    assert "before" not in every or here < ORDER.index(every["before"]), made
    assert "since" not in every or here >= ORDER.index(every["since"]), made
    return every


def _targets(choice: Table, before: Sequence[Moved]) -> set[str]:
    """Where a choice may lead: a correction to any step where a person answered what can be unsaid."""
    if choice["to"] == "origin":
        return {before[-1].step}
    if choice["to"] == "earlier":
        return {made.step for made in before if _can_be_unsaid(made)}
    return {choice["to"]}


def _can_be_unsaid(made: Moved) -> bool:
    own = {each["id"]: each for each in STEPS.get(made.step, {"choice": ()})["choice"]}
    done = own.get(made.choice, {"does": "something else"})
    return made.actor != RELINK.user_id and not done.keys() & {"does", "remedy", "opens", "shuts"}


def _by_itself(step: Table) -> set[str]:
    """What the bot may take here without anybody."""
    way = step.get("ask") or step.get("wait") or {}
    return set(RESULTS[way["decides"]]) | {way.get("then", "")} if way else set()


def _doors(step: Table, choice: str) -> list[Table]:
    """The buttons whose form may decide for this choice."""
    buttons = [each for each in step["choice"] if "label" in each and "form" in each]
    return [each for each in buttons if choice in RESULTS.get(FORMS[each["form"]].get("decides", ""), ())]


def check_restarts(now: Snapshot, incident: int, sent: Sequence[str]) -> None:
    """Each restart has the one approval it came from; `sent` are those the portal was given."""
    moves, commands = now.moves[incident], now.commands(incident)
    approvals = 0
    for made in moves:
        if made.choice in ORDERS | PROMISES:
            assert made.actor != RELINK.user_id
            approvals += 1
    assert len(commands) <= approvals
    for command in commands:
        ordered = moves[command.turn - 1]
        if ordered.choice in ORDERS:
            continue
        promise = moves[command.turn - 2]
        assert (ordered.choice, ordered.actor) == ("session-ended", RELINK.user_id)
        assert promise.choice in PROMISES
        assert ordered.at - promise.at < LONGEST_PROMISE
    mine = [key for key in sent if key.startswith(f"command:{incident}:")]
    assert len(mine) == len(set(mine))
    assert set(mine) <= {command.key for command in commands}
    by_hand = [made for made in moves if made.choice in {"sent-by-hand", "sent-earlier"}]
    assert now.incidents[incident].restarts <= approvals + len(by_hand)
