"""Everything that comes in from Slack finds its listener here."""

import time
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.deps import Deps
from bot.metrics import Metrics
from handlers import buttons, closed, commands, digests, forms, home, mentions, menu, refusals, reporting
from handlers.homes import Homes


def bolt_app(deps: Deps) -> AsyncApp:
    """Slack's framework with our listeners. It verifies nothing itself: `handlers.gate` did before it parsed."""
    app = TimedApp(
        deps.metrics,
        name="relink",  # else Bolt reads the sources of the whole stack to find one
        client=deps.slack,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    register(app, deps)
    return app


class TimedApp(AsyncApp):
    """Bolt, timed from an arrival to its ack, which is the last thing a listener does.

    Not by a middleware: Bolt runs listeners after all of them, so it would measure nothing.
    """

    def __init__(self, metrics: Metrics, **settings: Any) -> None:
        super().__init__(**settings)
        self._seconds = metrics.click_seconds

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """As Bolt's."""
        started = time.monotonic()
        try:
            return await super().async_dispatch(req)
        finally:
            self._seconds.observe(time.monotonic() - started)


def register(app: AsyncApp, deps: Deps) -> None:
    """Give the app every listener of Relink."""
    buttons.register(app, deps)
    forms.register(app, deps)
    closed.register(app, deps)
    digests.register(app, deps)
    menu.register(app, deps)
    commands.register(app, deps)
    mentions.register(app, deps)
    homes = Homes(deps)
    home.register(app, deps, homes)
    reporting.register(app, deps, homes)
    refusals.register(app, deps)
