"""The shipped procedure, small ones written for a test, and changed copies of either."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config import Timings
from bot.runbook.judge import RESULTS
from bot.runbook.load import PORTAL_VERBS, SHIPPED, load_runbook
from bot.runbook.model import Choice, Runbook

TIMINGS = frozenset(Timings().by_name())

TRIAGE = """\
code = "CP-ERR-WIFI"
start = "first"

[[step]]
id = "first"
paragraph = "4.1 (1)"
covers = ["4.1.1"]
phase = "waiting"
by = ["support"]
says = "steps/first.j2"
forbids = ["lock-on"]

[step.ask]
does = ["status"]
decides = "back-online"
every = "look"
for = "30 min"

[[step.choice]]
id = "on"
label = "Go on"
to = "second"
when = { restart = ["auto"] }
sets = { fix = "false alarm" }

[[everywhere]]
id = "recovered"
before = "second"
to = "second"
ask = { does = ["status"], decides = "back-online", every = "look" }
"""

VERIFY = """\
[[step]]
id = "second"
paragraph = "5 (7)"
covers = ["5.7"]
phase = "proof"
by = ["technician", "support"]
says = "steps/second.j2"

[[step.choice]]
id = "enter"
label = "Enter"
style = "primary"
form = "test-session"

[[step.choice]]
id = "passed"
to = "closed"

[[form]]
id = "test-session"
title = "Test session"
submit = "Save"
decides = "test-session"

[[form.field]]
id = "start"
label = "Started?"
kind = "choice"
options = ["yes", { value = "no", label = "No, it did not" }]

[[form.field]]
id = "note"
label = "Note"
kind = "text"
longest = 200
required = false
"""


def templates_of(folder: Path) -> frozenset[str]:
    """Every template the files of `folder` name."""
    return frozenset(
        re.findall(r'"([\w/-]+\.j2)"', "".join(path.read_text() for path in folder.glob("*.toml")))
    )


def load(folder: Path, judgements: frozenset[str] = frozenset(RESULTS)) -> Runbook:
    """The procedure of `folder`, all its templates taken as present."""
    return load_runbook(
        folder, verbs=PORTAL_VERBS, judgements=judgements, templates=templates_of(folder), timings=TIMINGS
    )


def delivered_templates() -> frozenset[str]:
    """The templates there are, by the names the runbook uses."""
    folder = Path(__file__).parents[2] / "templates"
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*.j2"))


def shipped() -> Runbook:
    """The procedure for CP-ERR-WIFI as it is delivered."""
    return load_runbook(
        SHIPPED,
        verbs=PORTAL_VERBS,
        judgements=frozenset(RESULTS),
        templates=delivered_templates(),
        timings=TIMINGS,
    )


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """`folder` with these files in it."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def with_step(runbook: Runbook, step_id: str, **changes: Any) -> Runbook:
    """A copy in which one step is different."""
    return replace(runbook, steps={**runbook.steps, step_id: replace(runbook.steps[step_id], **changes)})


def with_choice(runbook: Runbook, step_id: str, choice_id: str, **changes: Any) -> Runbook:
    """A copy in which one choice is different."""
    choices = tuple(
        replace(choice, **changes) if choice.id == choice_id else choice
        for choice in runbook.steps[step_id].choices
    )
    return with_step(runbook, step_id, choices=choices)


def without_choice(runbook: Runbook, step_id: str, *choice_ids: str) -> Runbook:
    """A copy in which a step lost some choices."""
    kept = tuple(choice for choice in runbook.steps[step_id].choices if choice.id not in choice_ids)
    return with_step(runbook, step_id, choices=kept)


def choice_of(runbook: Runbook, step_id: str, choice_id: str) -> Choice:
    """The choice, which must be there."""
    choice = runbook.steps[step_id].choice(choice_id)
    assert choice is not None
    return choice
