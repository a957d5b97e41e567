"""Everything that comes in from Slack finds its listener here."""

import time
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from handlers import buttons, commands, forms, mentions, menu, refusals, reporting


def bolt_app(deps: Deps) -> AsyncApp:
    """Slack's framework with our listeners. It verifies nothing itself: `handlers.gate` did before it parsed."""
    app = AsyncApp(
        name="relink",  # else Bolt reads the sources of the whole stack to find one
        client=deps.slack,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    app.middleware(_timed(deps))
    register(app, deps)
    return app


def _timed(deps: Deps) -> Callable[..., Awaitable[None]]:
    """Measures every listener up to its ack, which is the last thing it does."""

    async def timed(next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 (Bolt hands it over by this name)
        started = time.monotonic()
        await next()
        deps.metrics.click_seconds.observe(time.monotonic() - started)

    return timed


def register(app: AsyncApp, deps: Deps) -> None:
    """Give the app every listener of Relink."""
    buttons.register(app, deps)
    forms.register(app, deps)
    menu.register(app, deps)
    commands.register(app, deps)
    reporting.register(app, deps)
    mentions.register(app, deps)
    refusals.register(app, deps)
