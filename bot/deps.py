"""What the parts of Relink are given. Built in `app.py` and in the tests, nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.config import Settings
from bot.incidents.rules import Rules
from bot.messages.render import Renderer
from bot.metrics import Metrics
from bot.people import Directory
from bot.portal.contract import Capabilities, Portal
from bot.runbook.model import Runbook
from bot.tasks import Tasks
from db.writer import Database


@dataclass(slots=True)
class Abilities:
    """What the portal could do when last asked; everything is a person's work before that."""

    now: Capabilities = field(default_factory=Capabilities)


@dataclass(frozen=True, slots=True)
class Deps:
    """The house's supplies."""

    settings: Settings
    db: Database
    slack: AsyncWebClient
    portal: Portal
    abilities: Abilities
    directory: Directory
    rules: Rules
    render: Renderer
    metrics: Metrics
    tasks: Tasks
    clock: Clock
    """The procedure's time: timers, ages, logs."""
    real: Clock
    """Real time: leases, pace, signatures."""
    nudge: Callable[[], None]
    """Something was committed that wants to go out, or a timer is due: look now."""


def rules_of(settings: Settings, runbook: Runbook) -> Rules:
    """What the use cases need of the settings."""
    timings = settings.timings
    return Rules(
        runbook,
        timings.by_name(),
        settings.alert_channel,
        settings.site_timezone,
        gen_1_serial=settings.gen_1_serial,
        gen_2_serial=settings.gen_2_serial,
        park_at=timings.park_at,
        remind_at=timings.remind_at,
    )
