"""The menu every card has: notes, corrections, handing over, help, and what stands behind "More".

Each entry opens a form; the form's answer comes back here. Who may send it is asked before it opens and again when
it comes back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import cards
from bot.deps import Deps
from bot.errors import FieldsWrong, Refused
from bot.incidents import asides, correcting, ownership, pausing, progress
from bot.incidents.values import Values
from bot.messages import forms, replies
from bot.people import Person
from bot.runbook.model import Form, Option
from bot.runbook.press import Press, decode
from handlers.owning import receiver
from handlers.who import person_of

MUTE: Final = "mute"
UNMUTE: Final = "unmute"
"""The entries of "More" that are no choices of the runbook."""
_NEEDS_A_REASON: Final = "Why? It goes into the log."


async def open_entry(deps: Deps, pressed: Press, body: Mapping[str, Any]) -> None:
    """Open the form of a menu's entry for somebody who may send it. Raises Refused."""
    build = _FORMS.get(pressed.choice)
    if build is None:
        raise Refused("This entry is not one of ours. Use the menu of the newest card.")
    person = await person_of(deps, body)
    form = await build(deps, pressed, person)
    view = forms.modal(form, pressed.choice, pressed.encode(), {})
    deps.tasks.spawn(replies.opened(deps.slack, body, view))


async def _note(deps: Deps, pressed: Press, person: Person) -> Form:
    await deps.db.read(asides.may_speak, pressed.incident, person)
    return forms.NOTE_FORM


async def _help(deps: Deps, pressed: Press, person: Person) -> Form:
    await deps.db.read(asides.may_speak, pressed.incident, person)
    return forms.HELP_FORM


async def _hand_over(deps: Deps, pressed: Press, person: Person) -> Form:
    await deps.db.read(ownership.may_hand_over, pressed.incident, person)
    return forms.HAND_OVER_FORM


async def _correct(deps: Deps, pressed: Press, person: Person) -> Form:
    wrong = await deps.db.read(correcting.correctable, pressed, person, deps.rules)
    told = [(str(each.turn), _told(each, deps)) for each in wrong]
    return with_options(forms.CORRECT_FORM, "answer", told)


def _told(wrong: correcting.Correctable, deps: Deps) -> str:
    """An answer in a list to choose from: when, at which step, what was said."""
    step = deps.rules.runbook.steps[wrong.step]
    choice = step.choice(wrong.choice)
    said = (choice.label if choice else None) or wrong.choice.replace("-", " ")
    return f"{wrong.at.astimezone(deps.rules.zone):%H:%M} {step.id.replace('-', ' ')}: {said}"


async def _more(deps: Deps, pressed: Press, person: Person) -> Form:
    person.must_own()
    incident = await deps.db.read(progress.still_open, pressed.incident)
    muted = incident.is_muted(deps.clock.now())
    more = [(each.id, str(each.label)) for each in await cards.more_choices(deps, pressed.incident)]
    peace = (UNMUTE, "Unmute station") if muted else (MUTE, "Mute station until...")
    return with_options(forms.MORE_FORM, "what", [*more, peace])


_FORMS: Final[Mapping[str, Callable[[Deps, Press, Person], Awaitable[Form]]]] = {
    forms.NOTE_FORM.id: _note,
    forms.HELP_FORM.id: _help,
    forms.HAND_OVER_FORM.id: _hand_over,
    forms.CORRECT_FORM.id: _correct,
    forms.MORE_FORM.id: _more,
}


def with_options(form: Form, field: str, pairs: Sequence[tuple[str, str]]) -> Form:
    """The form with these (value, label) answers to one of its questions."""
    options = tuple(Option(value, label) for value, label in pairs)
    fields = tuple(replace(one, options=options) if one.id == field else one for one in form.fields)
    return replace(form, fields=fields)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for the forms of the menu."""

    @app.view(forms.NOTE_FORM.id)
    async def on_note(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        words = forms.submitted(forms.NOTE_FORM, view["state"]["values"])["note"]
        person, incident = await person_of(deps, body), _behind(view).incident
        await deps.db.write(asides.note, incident, person, words, deps.clock.now())
        deps.nudge()
        await ack()

    @app.view(forms.HELP_FORM.id)
    async def on_help(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        words = forms.submitted(forms.HELP_FORM, view["state"]["values"])["help"]
        person, incident = await person_of(deps, body), _behind(view).incident
        await deps.db.write(asides.call_for_help, incident, person, words, deps.clock.now())
        deps.nudge()
        await ack()

    @app.view(forms.HAND_OVER_FORM.id)
    async def on_hand_over(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        chosen = forms.submitted(forms.HAND_OVER_FORM, view["state"]["values"])["to"]
        person, incident = await person_of(deps, body), _behind(view).incident
        to = await receiver(deps, chosen, body)
        await deps.db.write(ownership.hand_over, incident, person, to, deps.rules, deps.clock.now())
        deps.nudge()
        await ack()

    @app.view(forms.CORRECT_FORM.id)
    async def on_correct(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        values = forms.submitted(forms.CORRECT_FORM, view["state"]["values"])
        person, pressed, turn = await person_of(deps, body), _behind(view), _turn(values["answer"])
        now = deps.clock.now()
        await deps.db.write(correcting.correct, pressed, turn, values["right"], person, deps.rules, now)
        deps.nudge()
        await ack()

    @app.view(forms.MORE_FORM.id)
    async def on_more(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        values = forms.submitted(forms.MORE_FORM, view["state"]["values"])
        await _do_more(deps, _behind(view), await person_of(deps, body), values)
        deps.nudge()
        await ack()


async def _do_more(deps: Deps, pressed: Press, person: Person, values: Mapping[str, str]) -> None:
    what, why, now = values["what"], values.get("reason", ""), deps.clock.now()
    if what == UNMUTE:
        await deps.db.write(pausing.unmute, pressed.incident, person, deps.rules, now)
        return
    if what == MUTE:
        missing = {"until": "Until when?"} if "until" not in values else {}
        _refuse_missing(missing | ({} if why else {"reason": _NEEDS_A_REASON}))
        await deps.db.write(pausing.mute, pressed.incident, person, values["until"], why, deps.rules, now)
        return
    taken = next((one for one in await cards.more_choices(deps, pressed.incident) if one.id == what), None)
    if taken is not None and taken.form is not None:
        _refuse_missing({} if why else {"reason": _NEEDS_A_REASON})
    reason = Values(taken.form, {"reason": why}) if taken is not None and taken.form else None
    press = replace(pressed, choice=what)
    moved = await deps.db.write(progress.press, press, person, reason, deps.abilities.now, deps.rules, now)
    if not moved.drill:
        deps.metrics.moves.labels(moved.step).inc()


def _behind(view: Mapping[str, Any]) -> Press:
    """The press that opened a form, as the form carries it. Raises Refused for another form's."""
    pressed = decode(str(view["private_metadata"]))
    if pressed.choice != view["callback_id"]:
        raise Refused("This form cannot be read. Please open it once more.")
    return pressed


def _turn(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len("999999999")):
        raise FieldsWrong({"answer": "Please choose one of the answers."})
    return int(text)


def _refuse_missing(missing: Mapping[str, str]) -> None:
    if missing:
        raise FieldsWrong(missing)
