"""Everything that comes in from Slack finds its listener here."""

import time
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.deps import Deps
from bot.metrics import Metrics
from handlers import buttons, closed, commands, digests, forms, home, mentions, menu, refusals, reporting
from handlers.homes import Homes


def bolt_app(deps: Deps) -> AsyncApp:
    """Slack's framework with our listeners. It verifies nothing itself: `handlers.gate` did before it parsed."""
    slack = deps.slack
    app = TimedApp(
        deps.metrics,
        name="relink",  # else Bolt reads the sources of the whole stack to find one
        # With a token in its client Bolt would ask Slack who it is at the first click, and lose it if Slack is away.
        client=AsyncWebClient(base_url=slack.base_url, proxy=slack.proxy, ssl=slack.ssl),
        authorize=_TheOneWorkspace(deps.settings.slack_bot_token),
        # Listeners look at a bot's messages themselves; Bolt would have to know our own name for it.
        ignoring_self_events_enabled=False,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
    )
    register(app, deps)
    return app


@dataclass(frozen=True, slots=True)
class _TheOneWorkspace(AsyncAuthorize):
    """Bolt asks this which token belongs to a request: there is one."""

    token: SecretStr

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None, **_: Any
    ) -> AuthorizeResult:
        """The one there is; who may do what is asked at each click (`bot.people`)."""
        token = self.token.get_secret_value()
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token)


class TimedApp(AsyncApp):
    """Bolt, timed from an arrival to its ack, which is the last thing a listener does.

    Not by a middleware: Bolt runs listeners after all of them, so it would measure nothing.
    """

    def __init__(self, metrics: Metrics, **settings: Any) -> None:
        super().__init__(**settings)
        self._seconds = metrics.click_seconds

    def _init_context(self, req: AsyncBoltRequest) -> None:
        # Bolt makes a client for every request, in case a listener gives it a token of its own. Ours use
        # `deps.slack`, so one for each click would be made for nothing.
        req.context.update(
            logger=self.logger, token=None, client=self.client, listener_runner=self.listener_runner
        )

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
