"""The procedure as a Mermaid flowchart, for the README and `app.py check`."""

from collections.abc import Iterable

from bot.runbook.model import CLOSED, EARLIER, ORIGIN, Choice, Runbook

SHARING = 4
"""So many choices share one arrow."""


def mermaid(runbook: Runbook) -> str:
    """A flowchart of steps and choices, in the runbook's order, ending with a newline.

    Solid where a person may go, dotted where only Relink or a form's values lead. Choices between the same
    two steps share an arrow, up to `SHARING` of them.
    """
    lines = ["flowchart TD"]
    lines += [f'    {_node(step.id)}["{step.id}<br>{step.paragraph}"]' for step in runbook.steps.values()]
    lines.append(f"    {CLOSED}(({CLOSED}))")
    for step in runbook.steps.values():
        lines += _arrows(_node(step.id), step.choices)
    for number, every in enumerate(runbook.everywhere, start=1):
        words = "any step" + (f" from {every.since}" if every.since else "")
        words += f" before {every.before}" if every.before else ""
        lines.append(f'    any_{number}(["{words}"])')
        lines += _arrows(f"any_{number}", (every.choice,))
    if any(choice.to == ORIGIN for step in runbook.steps.values() for choice in step.choices):
        lines.append(f'    {ORIGIN}(["the step it came from"])')
    if any(every.choice.to == EARLIER for every in runbook.everywhere):
        lines.append(f'    {EARLIER}(["the step of that answer"])')
    return "\n".join(lines) + "\n"


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
