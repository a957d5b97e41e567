"""Reads a procedure's files and refuses everything it does not know, with file and line.

The files of a folder, in the order their steps lie in: `triage.toml`, `on_site.toml` (not every procedure has
one), `verify.toml`. `manual.toml` beside them is the index of the manual, see `index`.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.portal.contract import Portal
from bot.runbook.load_forms import LABEL, read_form
from bot.runbook.model import (
    CLOSED,
    EARLIER,
    FACTS,
    FINDINGS,
    ORIGIN,
    Automatic,
    Choice,
    Everywhere,
    Form,
    Gate,
    Phase,
    Role,
    Runbook,
    Since,
    Span,
    Step,
    Style,
)
from bot.runbook.tables import Table, read, unique

SHIPPED = Path(__file__).parent / "cp_err_wifi"
"""The folder of the procedure for CP-ERR-WIFI."""

PORTAL_VERBS = frozenset(name for name in vars(Portal) if not name.startswith("_"))
"""The names `does` may use: the methods of the Portal protocol."""

_COMMANDS = frozenset({"restart"})
"""Verbs that change something: a choice sends them, no automatic way ever does."""

_FILES = ("triage.toml", "on_site.toml", "verify.toml")
_OPTIONAL = {"on_site.toml"}
_BESIDE = {"manual.toml"}
_SPAN = re.compile(r"([1-9][0-9]{0,3}) (s|min|h)")
_UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
_CHOICE = (
    *("id", "to", "label", "by", "style", "when", "confirm", "form", "does", "sets", "line", "remedy"),
    *("rings", "rings_owner", "rings_always", "rings_leads", "promises", "parks", "opens", "shuts"),
)


@dataclass(frozen=True, slots=True)
class _Names:
    """Every name the files may use."""

    verbs: frozenset[str]
    judgements: frozenset[str]
    templates: frozenset[str]
    timings: frozenset[str]
    steps: Collection[str]
    forms: Mapping[str, Form]


def load_runbook(
    folder: Path,
    *,
    verbs: frozenset[str],
    judgements: frozenset[str],
    templates: frozenset[str],
    timings: frozenset[str],
) -> Runbook:
    """The procedure in `folder`, whose text may use only the names given.

    `verbs` are the portal's methods (`PORTAL_VERBS`), `judgements` those of steps and forms, `templates` file
    names such as `steps/verify.j2`, `timings` the lengths of time that are ours and not the manual's. Raises
    RunbookWrong with "file:line: what is wrong" at the first thing that is not right.
    """
    roots = _roots(folder)
    for root in roots:
        root.only(*(("code", "start") if root is roots[0] else ()), "step", "everywhere", "form")
    steps = unique((table for root in roots for table in root.tables("step")), "step")
    forms = unique((table for root in roots for table in root.tables("form")), "form")
    everywhere = unique((table for root in roots for table in root.tables("everywhere")), "choice")
    read_forms = {name: read_form(table, judgements) for name, table in forms.items()}
    names = _Names(verbs, judgements, templates, timings, steps, read_forms)
    runbook = Runbook(
        code=roots[0].text("code"),
        start=roots[0].name("start", steps, "step") or roots[0].text("start"),
        steps={name: _step(table, names, everywhere) for name, table in steps.items()},
        everywhere=tuple(_everywhere(table, names) for table in everywhere.values()),
        forms=read_forms,
        digest=hashlib.sha256("\0".join("\n".join(root.lines) for root in roots).encode()).hexdigest()[:12],
        order=tuple(steps),
    )
    _refuse_idle_forms(runbook, forms)
    return runbook


def _roots(folder: Path) -> tuple[Table, ...]:
    for path in sorted(folder.glob("*.toml")):
        if path.name not in {*_FILES, *_BESIDE}:
            raise read(path).wrong(f"unknown file; the procedure is read from {', '.join(_FILES)}")
    present = [name for name in _FILES if name not in _OPTIONAL or (folder / name).exists()]
    return tuple(read(folder / name) for name in present)


def _step(table: Table, names: _Names, everywhere: Mapping[str, Table]) -> Step:
    table.only(
        *(
            "id",
            "paragraph",
            "covers",
            "phase",
            "by",
            "says",
            "tells",
            "heals",
            "needs",
            "forbids",
            "ask",
            "wait",
            "choice",
        ),
    )
    if table.id() in {CLOSED, ORIGIN, EARLIER}:
        raise table.wrong(f"{table.id()!r} is no name for a step: choices use it for something else", "id")
    choices = unique(table.tables("choice"), "choice")
    for name, choice in choices.items():
        if name in everywhere:
            raise choice.wrong(f"duplicate choice {name!r}, declared in {everywhere[name].where}", "id")
    step = Step(
        id=table.id(),
        paragraph=table.text("paragraph"),
        covers=table.texts("covers"),
        phase=Phase(table.name("phase", set(Phase), "phase") or table.text("phase")),
        by=_roles(table),
        says=table.name("says", names.templates, "template") or table.text("says"),
        choices=tuple(_choice(choice, names) for choice in choices.values()),
        automatic=_automatic_way(table, names, choices),
        heals=table.name("heals", _logged(names.forms), "fix of the log's form"),
        tells=table.name("tells", names.templates, "template"),
        needs=_gates(table, "needs"),
        forbids=_gates(table, "forbids"),
        where=table.where,
    )
    if not step.covers:
        raise table.wrong("`covers` must name at least one line of the manual")
    if not step.by:
        raise table.wrong("`by` must name at least one role")
    if not any(choice.label for choice in step.choices):
        raise table.wrong(f"no person's way: {step.id!r} has no choice with a label")
    return step


def _logged(forms: Mapping[str, Form]) -> frozenset[str]:
    """The fixes a person may choose in the log."""
    fields = (field for form in forms.values() for field in form.fields if field.suggests == "fix")
    return frozenset(option.value for field in fields for option in field.options)


def _automatic_way(table: Table, names: _Names, choices: Collection[str]) -> Automatic | None:
    ask, wait = table.table("ask"), table.table("wait")
    if ask is not None and wait is not None:
        raise wait.wrong("more than one automatic way: a step asks or waits, not both")
    if wait is not None and "for" not in wait.values:
        raise wait.wrong("a wait needs `for`: how long it lasts")
    way = ask if ask is not None else wait
    return None if way is None else _automatic(way, names, choices)


def _automatic(table: Table, names: _Names, choices: Collection[str]) -> Automatic:
    table.only(
        "does", "decides", "every", "for", "since", "first_look", "then", "rings", "rings_there", "beside"
    )
    does = table.names("does", names.verbs, "verb")
    for verb in does:
        if verb in _COMMANDS:
            raise table.wrong(f"{verb!r} changes something: only a choice may do it", "does")
    return Automatic(
        decides=table.name("decides", names.judgements, "judgement") or table.text("decides"),
        does=does,
        every=_span(table, "every", names),
        lasts=_span(table, "for", names),
        since=Since(table.name("since", set(Since), "beginning") or Since.ENTRY),
        first_look=table.flag("first_look", True),
        then=table.name("then", choices, "choice"),
        rings=table.name("rings", names.templates, "template"),
        rings_there=table.name("rings_there", names.templates, "template"),
        beside=table.flag("beside", False),
    )


def _everywhere(table: Table, names: _Names) -> Everywhere:
    table.only(*_CHOICE, "since", "before", "needs", "forbids", "ask", "rings_at")
    ask = table.table("ask")
    return Everywhere(
        choice=_choice_of(table, names),
        since=table.name("since", names.steps, "step"),
        before=table.name("before", names.steps, "step"),
        needs=_gates(table, "needs"),
        forbids=_gates(table, "forbids"),
        automatic=None if ask is None else _automatic(ask, names, {table.id()}),
        rings_at=frozenset(table.names("rings_at", names.steps, "step")),
    )


def _choice(table: Table, names: _Names) -> Choice:
    table.only(*_CHOICE)
    return _choice_of(table, names)


def _choice_of(table: Table, names: _Names) -> Choice:
    style = table.name("style", set(Style), "style")
    choice = Choice(
        id=table.id(),
        to=table.name("to", {*names.steps, CLOSED, ORIGIN, EARLIER}, "step"),
        label=table.short("label", LABEL),
        by=_roles(table),
        style=Style(style) if style else None,
        when=_when(table.table("when")),
        confirm=table.name("confirm", names.templates, "template"),
        form=table.name("form", names.forms, "form"),
        does=table.name("does", names.verbs, "verb"),
        sets=_sets(table.table("sets")),
        rings=table.name("rings", names.templates, "template"),
        rings_owner=table.flag("rings_owner", False),
        rings_always=table.flag("rings_always", False),
        rings_leads=table.flag("rings_leads", False),
        line=table.name("line", names.templates, "template"),
        remedy=table.flag("remedy", False),
        promises=_span(table, "promises", names),
        parks=_span(table, "parks", names),
        opens=_gates(table, "opens"),
        shuts=_gates(table, "shuts"),
    )
    decided = choice.form is not None and names.forms[choice.form].decides is not None
    if choice.to is None and not decided:
        raise table.wrong(f"choice {choice.id!r} leads nowhere: it needs `to` or a form that decides")
    if choice.to is not None and decided:
        raise table.wrong(f"choice {choice.id!r} has `to`, but its form decides where it leads", "to")
    if choice.does is not None and choice.does not in _COMMANDS:
        raise table.wrong(f"{choice.does!r} only reads: `ask` does it, not a choice", "does")
    return choice


def _when(table: Table | None) -> Mapping[str, frozenset[str]]:
    if table is None:
        return {}
    table.only(*FACTS)
    when = {fact: frozenset(table.names(fact, FACTS[fact], f"value of `{fact}`")) for fact in table.values}
    for fact, values in when.items():
        if not values:
            raise table.wrong(f"`{fact}` must name at least one value", fact)
    return when


def _sets(table: Table | None) -> Mapping[str, str]:
    if table is None:
        return {}
    table.only(*FINDINGS)
    return {name: table.name(name, FINDINGS[name], name) or "" for name in table.values}


def _span(table: Table, key: str, names: _Names) -> Span | None:
    """A length such as "3 min", or one of our timings by its name."""
    value = table.maybe_text(key)
    if value is None:
        return None
    fixed = _SPAN.fullmatch(value)
    if fixed:
        return Span(fixed=int(fixed[1]) * _UNITS[fixed[2]])
    return Span(name=table.name(key, names.timings, "timing"))


def _roles(table: Table) -> frozenset[Role]:
    return frozenset(Role(name) for name in table.names("by", set(Role), "role"))


def _gates(table: Table, key: str) -> frozenset[Gate]:
    return frozenset(Gate(name) for name in table.names(key, set(Gate), "gate"))


def _refuse_idle_forms(runbook: Runbook, forms: Mapping[str, Table]) -> None:
    choices = [choice for step in runbook.steps.values() for choice in step.choices]
    used = {choice.form for choice in (*choices, *(every.choice for every in runbook.everywhere))}
    for name, table in forms.items():
        if name not in used:
            raise table.wrong(f"no choice uses the form {name!r}", "id")
