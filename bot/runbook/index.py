"""The index of the manual, and what of the manual the procedure leaves out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.runbook.model import Runbook
from bot.runbook.tables import Table, read, unique

_LINE_ID = r"[1-5](\.[1-9])*(\.[a-z][a-z0-9-]*)?"
"""The manual's number, with a name of our own where the manual has none."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the manual: its number or our name for it, and its place if no step `covers` it."""

    id: str
    says: str
    shown: str | None
    """The template that shows it whatever the step."""
    where: str
    """file:line of its entry, for messages."""


def load_index(path: Path) -> tuple[Line, ...]:
    """The entries of a `manual.toml`, in its order. Raises RunbookWrong ("file:line: ...")."""
    root = read(path)
    root.only("line")
    return tuple(_line(table) for table in unique(root.tables("line"), "line", _LINE_ID).values())


def gaps(index: Collection[Line], runbook: Runbook, *, templates: Collection[str]) -> tuple[str, ...]:
    """What index and procedure disagree on, a sentence each; empty when every line has its place.

    `templates` are those that may show a line on every card.
    """
    return (*_open_lines(index, runbook, templates), *_unknown_lines(index, runbook))


def _line(table: Table) -> Line:
    table.only("id", "says", "shown")
    return Line(
        id=table.id(_LINE_ID),
        says=table.text("says"),
        shown=table.maybe_text("shown"),
        where=table.where,
    )


def _open_lines(index: Collection[Line], runbook: Runbook, templates: Collection[str]) -> Iterator[str]:
    covered = {line_id: step.id for step in runbook.steps.values() for line_id in step.covers}
    for line in index:
        ways = [way for way in (covered.get(line.id), line.shown) if way is not None]
        if len(ways) != 1:
            placed = " and ".join(ways) or "nowhere"
            yield f"{line.where}: {line.id} needs exactly one place, it has: {placed}"
        if line.shown is not None and line.shown not in templates:
            yield f"{line.where}: {line.id} is shown by {line.shown}, which is no template"


def _unknown_lines(index: Collection[Line], runbook: Runbook) -> Iterator[str]:
    known = {line.id for line in index}
    for step in runbook.steps.values():
        for line_id in step.covers:
            if line_id not in known:
                yield f"{step.where}: {step.id} covers {line_id}, which the index does not list"
