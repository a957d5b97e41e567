"""The buttons of a closed card: the whole repair log for one person's eyes, and opening the incident again."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import cards
from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import reopening
from bot.messages import forms, replies
from bot.runbook.press import FULL_LOG, REOPEN, decode
from handlers.buttons import pressed_in
from handlers.who import person_of


def register(app: AsyncApp, deps: Deps) -> None:
    """Listeners for what is left on a card when its incident is over."""

    @app.action(FULL_LOG)
    async def on_full_log(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        # Whoever can press this can read the thread, so nobody is asked for a role. In a view, because an answer
        # for one person's eyes stands at the end of the channel, far from an old card.
        log = await cards.log_of(deps, pressed_in(action, body).incident)
        if log is None:
            raise Refused("There is no repair log of this incident.")
        view = forms.reading("Repair log", FULL_LOG, log.blocks)
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()

    @app.action(REOPEN)
    async def on_reopen(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        person, pressed = await person_of(deps, body), pressed_in(action, body)
        command, now = deps.settings.slack_command, deps.clock.now()
        await deps.db.read(reopening.may_reopen, pressed, person, command, deps.rules, now)
        view = forms.modal(forms.REOPEN_FORM, forms.REOPEN_FORM.id, pressed.encode(), {})
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()

    @app.view(forms.REOPEN_FORM.id)
    async def on_reason(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        why = forms.submitted(forms.REOPEN_FORM, view["state"]["values"])["reason"]
        person, pressed = await person_of(deps, body), decode(str(view["private_metadata"]))
        command, now = deps.settings.slack_command, deps.clock.now()
        await deps.db.write(reopening.by_hand, pressed, person, why, command, deps.rules, now)
        deps.nudge()
        await ack()
