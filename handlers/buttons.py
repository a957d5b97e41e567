"""A button was clicked or a menu's entry chosen. Each listener commits, then acks; nothing follows the ack."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import ownership, progress
from bot.messages import forms
from bot.runbook.press import decode
from handlers.who import person_of

_MAY = {forms.NOTE: progress.may_note, forms.HAND_OVER: ownership.may_hand_over}
UNKNOWN = "This button is not one of ours. Use the buttons of the newest card."


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for the buttons of cards."""

    @app.action(re.compile("^press:"))
    async def on_press(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await _press(deps, str(action["value"]), body)
        await ack()

    @app.action(re.compile("^ask:"))
    async def on_ask(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await _ask(deps, str(action["value"]), body)
        await ack()

    @app.action("take")
    async def on_take(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        person = await person_of(deps, body)
        incident = incident_number(str(action["value"]))
        await deps.db.write(ownership.take, incident, person, deps.rules, deps.clock.now())
        deps.nudge()
        await ack()

    @app.action("menu")
    async def on_menu(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        # A menu with one entry left is drawn as a button.
        value = str((action.get("selected_option") or action)["value"])
        entry, _, number = value.partition(":")
        if entry in forms.OF_ANY_STEP:
            await _ask_for(deps, entry, incident_number(number), body)
        else:
            await _ask(deps, value, body)
        await ack()


def incident_number(text: str) -> int:
    """The incident a button names. Raises Refused for anything but a short plain number."""
    if not re.fullmatch("[0-9]{1,12}", text, re.ASCII):
        raise Refused(UNKNOWN)
    return int(text)


async def _press(deps: Deps, value: str, body: dict[str, Any]) -> None:
    person = await person_of(deps, body)
    pressed = decode(value)
    now = deps.clock.now()
    moved = await deps.db.write(progress.press, pressed, person, None, deps.abilities.now, deps.rules, now)
    deps.metrics.moves.labels(moved.step).inc()
    deps.nudge()


async def _ask(deps: Deps, value: str, body: dict[str, Any]) -> None:
    """Open the form behind a button. A trigger lives 3 seconds, so this is not left to the outbox."""
    person = await person_of(deps, body)
    asked = await deps.db.read(progress.ask, decode(value), person, deps.rules)
    view = forms.modal(asked.form, forms.FORM + asked.form.id, value, asked.suggestions)
    deps.tasks.spawn(deps.slack.views_open(trigger_id=body["trigger_id"], view=view))


async def _ask_for(deps: Deps, entry: str, incident: int, body: dict[str, Any]) -> None:
    """Open the form of a menu's entry that belongs to no step, for somebody who may send it."""
    person = await person_of(deps, body)
    await deps.db.read(_MAY[entry], incident, person)
    view = forms.modal(forms.OF_ANY_STEP[entry], entry, str(incident), {})
    deps.tasks.spawn(deps.slack.views_open(trigger_id=body["trigger_id"], view=view))
