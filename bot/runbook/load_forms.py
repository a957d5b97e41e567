"""The part of `load` that reads the forms."""

from bot.runbook.model import FINDINGS, Field, Form, Option
from bot.runbook.tables import Table, unique

LABEL = 24
"""Characters of a label, a form's title and its submit button; Slack clips or refuses longer ones."""

_KINDS = frozenset({"choice", "text", "number", "time", "date", "moment", "person"})
_LONGEST_TEXT = 3000

KEPT = frozenset({"promised_at", "planned_at", "sent_at", "fix", "technician"})
"""What an answer may become of the incident, see `bot.incidents.values`."""


def read_form(table: Table, judgements: frozenset[str]) -> Form:
    """One `[[form]]`; `judgements` are the names its `decides` may use. Raises RunbookWrong."""
    table.only("id", "title", "submit", "decides", "field")
    fields = unique(table.tables("field"), "field")
    if not fields:
        raise table.wrong(f"form {table.id()!r} asks nothing")
    return Form(
        id=table.id(),
        title=table.short("title", LABEL) or table.text("title"),
        submit=table.short("submit", LABEL) or table.text("submit"),
        fields=tuple(_field(field) for field in fields.values()),
        decides=table.name("decides", judgements, "judgement"),
    )


def _field(table: Table) -> Field:
    table.only("id", "label", "kind", "options", "required", "hint", "longest", "suggests", "keeps")
    kind = table.name("kind", _KINDS, "kind of field") or table.text("kind")
    options = _options(table)
    if (kind == "choice") != bool(options):
        raise table.wrong("a field of kind `choice` has options, any other has none", "options")
    suggests = table.name("suggests", FINDINGS, "finding")
    for option in options:
        if suggests and option.value not in FINDINGS[suggests]:
            raise table.wrong(f"unknown {suggests} {option.value!r}", "options")
    longest = table.values.get("longest", 500)
    if not isinstance(longest, int) or not 1 <= longest <= _LONGEST_TEXT:
        raise table.wrong(f"`longest` must be a number from 1 to {_LONGEST_TEXT}", "longest")
    return Field(
        id=table.id(),
        label=table.text("label"),
        kind=kind,
        options=options,
        required=table.flag("required", True),
        hint=table.maybe_text("hint"),
        longest=longest,
        suggests=suggests,
        keeps=table.name("keeps", KEPT, "column of the incident"),
    )


def _options(table: Table) -> tuple[Option, ...]:
    """Options are texts, or tables `{ value, label }`."""
    values = table.values.get("options", [])
    if not isinstance(values, list):
        raise table.wrong("`options` must be a list", "options")
    options = []
    for value in values:
        pair = {"value": value, "label": value} if isinstance(value, str) else value
        if not isinstance(pair, dict) or set(pair) != {"value", "label"}:
            raise table.wrong("an option is a text or { value, label }", "options")
        if not all(isinstance(text, str) and text for text in pair.values()):
            raise table.wrong("an option's value and label are texts", "options")
        options.append(Option(pair["value"], pair["label"]))
    if len({option.value for option in options}) < len(options):
        raise table.wrong("duplicate option", "options")
    return tuple(options)
