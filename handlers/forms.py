"""A modal was submitted. What is wrong stays open with a sentence on its field, and nothing typed is lost."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import ownership, progress
from bot.incidents.progress import Values
from bot.messages import forms
from bot.runbook.press import decode
from handlers.buttons import incident_number
from handlers.owning import receiver
from handlers.who import person_of


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for submitted forms."""

    @app.view(re.compile("^form:"))
    async def on_form(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        person = await person_of(deps, body)
        form = deps.rules.runbook.forms.get(str(view["callback_id"]).removeprefix(forms.FORM))
        if form is None:
            raise Refused("This form is not in use any more. Press the button on the card again.")
        values = Values(form.id, forms.submitted(form, view["state"]["values"]))
        pressed = decode(str(view["private_metadata"]))
        now = deps.clock.now()
        moved = await deps.db.write(
            progress.press, pressed, person, values, deps.abilities.now, deps.rules, now
        )
        deps.metrics.moves.labels(moved.step).inc()
        deps.nudge()
        await ack()

    @app.view(forms.HAND_OVER)
    async def on_hand_over(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        person = await person_of(deps, body)
        chosen = forms.submitted(forms.HAND_OVER_FORM, view["state"]["values"])["to"]
        incident = incident_number(str(view["private_metadata"]))
        to = await receiver(deps, chosen, body)
        await deps.db.write(ownership.hand_over, incident, person, to, deps.rules, deps.clock.now())
        deps.nudge()
        await ack()

    @app.view(forms.NOTE)
    async def on_note(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        person = await person_of(deps, body)
        words = forms.submitted(forms.NOTE_FORM, view["state"]["values"])["note"]
        incident = incident_number(str(view["private_metadata"]))
        await deps.db.write(progress.note, incident, person, words, deps.clock.now())
        deps.nudge()
        await ack()
