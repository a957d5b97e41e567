"""A modal was submitted. What is wrong stays open with a sentence on its field, and nothing typed is lost."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import locks, progress
from bot.incidents.values import Values
from bot.messages import forms
from bot.people import Person
from bot.runbook.model import Form
from bot.runbook.press import OWN_LOCKS, decode
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
        fields = forms.submitted(form, view["state"]["values"])
        values = Values(form.id, fields, await _people(deps, form, fields, body))
        pressed = decode(str(view["private_metadata"]))
        now = deps.clock.now()
        moved = await deps.db.write(
            progress.press, pressed, person, values, deps.abilities.now, deps.rules, now
        )
        if not moved.drill:
            deps.metrics.moves.labels(moved.step).inc()
        deps.nudge()
        await ack()

    @app.view(OWN_LOCKS)
    async def on_own_locks(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        person, pressed = await person_of(deps, body), decode(str(view["private_metadata"]))
        fields = forms.submitted(forms.OWN_LOCKS_FORM, view["state"]["values"])
        await deps.db.write(
            locks.take_off_own, pressed.incident, fields, person, deps.rules, deps.clock.now()
        )
        deps.nudge()
        await ack()


async def _people(
    deps: Deps, form: Form, fields: Mapping[str, str], body: Mapping[str, Any]
) -> Mapping[str, Person]:
    """Who was chosen in the form's fields for people, with the roles of this moment. Raises Refused."""
    chosen = [field.id for field in form.fields if field.kind == "person" and field.id in fields]
    return {name: await receiver(deps, fields[name], body) for name in chosen}
