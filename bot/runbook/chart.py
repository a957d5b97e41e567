"""The procedure as Mermaid flowcharts, one for each of its files, for the README and `app.py check`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.runbook.model import CLOSED, EARLIER, ORIGIN, Choice, Runbook, Step

SHARING = 4
"""So many choices share one arrow."""

TITLES = {
    "triage.toml": "Remote triage",
    "on_site.toml": "On site",
    "verify.toml": "Verification and log",
    "": "From any step",
}
"""What the chart of each file is called; the last one is of the choices declared once for all steps."""

_ENDS = {
    CLOSED: "((closed))",
    ORIGIN: '(["the step it came from"])',
    EARLIER: '(["the step of that answer"])',
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One flowchart; its text ends with a newline."""

    title: str
    text: str


def charts(runbook: Runbook) -> tuple[Chart, ...]:
    """Flowcharts of steps and choices, in the runbook's order.

    Solid where a person may go, dotted where only Relink or a form's values lead. Choices between the same
    two steps share an arrow, up to `SHARING` of them. A step of another chart is drawn without its choices.
    """
    by_file = groupby(runbook.steps.values(), key=_file)
    drawn = [Chart(TITLES[file], _chart(runbook, list(steps))) for file, steps in by_file]
    return (*drawn, Chart(TITLES[""], _everywhere(runbook)))


def markdown(runbook: Runbook) -> str:
    """All charts under their titles, as the README shows them."""
    return "\n".join(f"**{chart.title}**\n\n```mermaid\n{chart.text}```\n" for chart in charts(runbook))


def _file(step: Step) -> str:
    return step.where.partition(":")[0].rpartition("/")[2]


def _chart(runbook: Runbook, steps: Sequence[Step]) -> str:
    lines = [f'    {_node(step.id)}["{step.id}<br>{step.paragraph}"]' for step in steps]
    arrows = [line for step in steps for line in _arrows(_node(step.id), step.choices)]
    return _text(lines, arrows, {step.id for step in steps}, (one for step in steps for one in step.choices))


def _everywhere(runbook: Runbook) -> str:
    lines, arrows = [], []
    for number, every in enumerate(runbook.everywhere, start=1):
        words = "any step" + (f" from {every.since}" if every.since else "")
        words += f" before {every.before}" if every.before else ""
        lines.append(f'    any_{number}(["{words}"])')
        arrows += _arrows(f"any_{number}", (every.choice,))
    return _text(lines, arrows, set(), (every.choice for every in runbook.everywhere))


def _text(nodes: list[str], arrows: list[str], here: set[str], choices: Iterable[Choice]) -> str:
    """A whole flowchart: its own nodes, the nodes elsewhere that its arrows lead to, the arrows."""
    elsewhere = dict.fromkeys(one.to for one in choices if one.to is not None and one.to not in here)
    nodes += [f"    {_node(to)}{_ENDS.get(to) or f'([{to}])'}" for to in elsewhere]
    return "\n".join(["flowchart TD", *nodes, *arrows]) + "\n"


def _arrows(start: str, choices: Iterable[Choice]) -> list[str]:
    """One line a target and kind of arrow; a button whose form decides has no target of its own."""
    words: dict[tuple[str, str], list[str]] = {}
    for choice in choices:
        if choice.to is not None:
            arrow = "-->" if choice.label else "-.->"
            words.setdefault((choice.to, arrow), []).append(choice.id)
    return [
        f"    {start} {arrow}|{' / '.join(ids[first : first + SHARING])}| {_node(to)}"
        for (to, arrow), ids in words.items()
        for first in range(0, len(ids), SHARING)
    ]


def _node(step_id: str) -> str:
    """A node's name; Mermaid reads dashes in names as arrows in places."""
    return step_id.replace("-", "_")
