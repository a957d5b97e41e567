"""A button was clicked or a menu's entry chosen. Each listener commits, then acks; nothing follows the ack."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import locks, ownership, pausing, progress
from bot.messages import forms, replies
from bot.runbook.press import ASK, MENU, OPEN_PORTAL, OWN_LOCKS, PARK, PRESS, TAKE, Press, decode
from handlers import menu
from handlers.who import person_of


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for the buttons of cards."""

    @app.action(re.compile(f"^{PRESS}"))
    async def on_press(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await _press(deps, pressed_in(action, body), body)
        await ack()

    @app.action(re.compile(f"^{ASK}"))
    async def on_ask(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await _ask(deps, pressed_in(action, body), body)
        await ack()

    @app.action(TAKE)
    async def on_take(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        person = await person_of(deps, body)
        incident = pressed_in(action, body).incident
        await deps.db.write(ownership.take, incident, person, deps.rules, deps.clock.now())
        deps.nudge()
        await ack()

    @app.action(PARK)
    async def on_park(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        person, pressed = await person_of(deps, body), pressed_in(action, body)
        await deps.db.write(pausing.park, pressed, person, deps.rules, deps.clock.now())
        deps.nudge()
        await ack()

    @app.action(OWN_LOCKS)
    async def on_own_locks(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        person, pressed = await person_of(deps, body), pressed_in(action, body)
        await deps.db.read(locks.may_take_off_own, pressed.incident, person)
        view = forms.modal(forms.OWN_LOCKS_FORM, OWN_LOCKS, pressed.encode(), {})
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()

    @app.action(MENU)
    async def on_menu(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        await menu.open_entry(deps, pressed_in(action, body), body)
        await ack()

    @app.action(OPEN_PORTAL)
    async def on_open_portal(ack: AsyncAck) -> None:
        # The browser has opened the page; Slack only wants to know that it was heard.
        await ack()


def pressed_in(action: dict[str, Any], body: dict[str, Any]) -> Press:
    """What was pressed: a button, or an entry of a menu.

    Raises Refused for what is none of ours, and for the button of another incident than the message's.
    """
    pressed = decode(str((action.get("selected_option") or action).get("value")))
    match body:
        case {"message": {"metadata": {"event_payload": {"incident": str(of)}}}}:
            if of.rpartition("-")[2] != f"{pressed.incident:04d}":
                raise Refused("This button is not this card's. Please use the newest card of the incident.")
    return pressed


async def _press(deps: Deps, pressed: Press, body: dict[str, Any]) -> None:
    person = await person_of(deps, body)
    now = deps.clock.now()
    moved = await deps.db.write(progress.press, pressed, person, None, deps.abilities.now, deps.rules, now)
    if not moved.drill:
        deps.metrics.moves.labels(moved.step).inc()
    deps.nudge()


async def _ask(deps: Deps, pressed: Press, body: dict[str, Any]) -> None:
    """Open the form behind a button. A trigger lives 3 seconds, so this is not left to the outbox."""
    person = await person_of(deps, body)
    asked = await deps.db.read(progress.ask, pressed, person, deps.rules, deps.clock.now())
    view = forms.modal(asked.form, forms.FORM + asked.form.id, pressed.encode(), asked.suggestions)
    if not asked.gated:
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        return
    # Written down before it is opened: it is blanked when the gate shuts, whatever Slack answers or whoever dies.
    name = secrets.token_hex(16)
    await deps.db.write(locks.keep_view, pressed.incident, name, deps.clock.now())
    deps.tasks.spawn(_open_gated(deps, pressed.incident, body, {**view, "external_id": name}))


async def _open_gated(deps: Deps, incident: int, body: Mapping[str, Any], view: dict[str, Any]) -> None:
    """Open a form of a gated step; if the gate shut before it was open, it is blanked now."""
    await replies.opened(deps.slack, body, view)
    await deps.db.write(locks.keep_view, incident, view["external_id"], deps.clock.now())
    deps.nudge()
