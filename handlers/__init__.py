"""Everything that comes in from Slack finds its listener here."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from handlers import buttons, commands, forms, refusals


def register(app: AsyncApp, deps: Deps) -> None:
    """Give the app every listener of Relink."""
    buttons.register(app, deps)
    forms.register(app, deps)
    commands.register(app, deps)
    refusals.register(app, deps)
