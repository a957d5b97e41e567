"""The Home tab: drawn anew whenever somebody opens it or presses a button in it."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.incidents import reporting
from bot.messages import forms, home, replies
from bot.messages.home import Page
from bot.reports.home import LISTS
from bot.runbook.press import HOME_GO, HOME_HELP, HOME_REPORT, HOME_SHOW
from handlers.commands import help_words
from handlers.homes import Homes
from handlers.who import person_of


def register(app: AsyncApp, deps: Deps, homes: Homes) -> None:
    """Listeners for the Home tab."""

    @app.event("app_home_opened")
    async def on_opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") == "home":  # it is sent for the Messages tab, too
            homes.show(str(event["user"]), body, Page())

    @app.action(re.compile(f"^{HOME_SHOW}"))
    async def on_show(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any]) -> None:
        homes.show(str(body["user"]["id"]), body, home.page_of(str(action["value"]), LISTS))
        await ack()

    @app.action(re.compile(f"^{HOME_GO}"))
    async def on_go(ack: AsyncAck) -> None:
        # Slack's client has gone there by itself.
        await ack()

    @app.action(HOME_REPORT)
    async def on_report(ack: AsyncAck, body: dict[str, Any]) -> None:
        reporting.must_report(await person_of(deps, body))
        # No place of a message: the answer comes as a direct message.
        view = forms.modal(forms.REPORT_FORM, forms.REPORT_FORM.id, "", {})
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()

    @app.action(HOME_HELP)
    async def on_help(ack: AsyncAck, body: dict[str, Any]) -> None:
        view = forms.notice("Help", help_words(deps, ""))
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()
