"""What the card of an incident says in short, and where in Slack it stands: for answers that point to it."""

from collections.abc import Sequence

import structlog

from bot.deps import Deps
from bot.errors import Refused
from bot.messages import buttons, visit_facts
from bot.messages.drawing import Drawing
from bot.messages.outcomes import FAILURES
from bot.messages.render import Message
from bot.messages.text import Mrkdwn, is_web_address, link
from bot.runbook.model import Choice
from db import queries

log = structlog.get_logger(__name__)


def drawing_of(deps: Deps) -> Drawing:
    """What draws this house's messages."""
    settings = deps.settings
    return Drawing(
        db=deps.db,
        render=deps.render,
        runbook=deps.rules.runbook,
        timings=deps.rules.timings,
        groups={"support": settings.support_group, "lead": settings.lead_group or settings.support_group},
        capabilities=lambda: deps.abilities.now,
        clock=deps.clock,
        park_at=deps.rules.park_at.replace(tzinfo=deps.rules.zone),
        command=settings.slack_command,
    )


async def brief_of(deps: Deps, incident: int, technician: str | None = None) -> Mrkdwn:
    """The card in one line: its notification's text, which of a gated step says only that it is there.

    `technician`: the one whose visit it is, who has a card of their own.
    """
    drawing = drawing_of(deps)
    known = await drawing.facts(incident)
    if known is None:
        return Mrkdwn("")
    if technician is None:
        return Mrkdwn(drawing.card(known).text)
    there = await deps.db.read(visit_facts.of_visit, known.incident)
    return Mrkdwn(drawing.visit(known, there, technician).text)


async def log_of(deps: Deps, incident: int) -> Message | None:
    """The incident's repair log as its thread has it; None while it was never closed."""
    return await drawing_of(deps).log(incident)


async def more_choices(deps: Deps, incident: int) -> Sequence[Choice]:
    """What stands behind "More" on this card. Raises Refused if there is no such incident."""
    known = await drawing_of(deps).facts(incident)
    if known is None:
        raise Refused("This incident does not exist.")
    return buttons.more_of(known, deps.rules.runbook)


async def visitor(deps: Deps, incident: int, person: str) -> str | None:
    """This person, if they have the visit of this incident: their card is their own."""
    found = await deps.db.read(queries.incident, incident)
    return person if found is not None and found.technician == person else None


class Permalinks:
    """What the addresses of this workspace's messages begin with; Slack is asked once, by way of a card that stands.

    They differ by channel and ts alone, so a page of cards costs no call for each.
    """

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._base = ""

    async def base(self, channel: str, ts: str) -> str:
        """The beginning; empty while Slack does not say. `channel` and `ts` are those of any message."""
        if self._base:
            return self._base
        try:
            answer = await self._deps.slack.chat_getPermalink(channel=channel, message_ts=ts)
        except FAILURES as trouble:
            log.warning("permalink.unread", trouble=type(trouble).__name__)
            return ""
        base, found, _ = str(answer["permalink"]).partition(f"/archives/{channel}/p{ts.replace('.', '')}")
        if found and is_web_address(base):
            self._base = base
        else:
            log.warning("permalink.unknown", hint="the form of Slack's addresses has changed")
        return self._base


async def link_to(deps: Deps, incident: int, technician: str | None = None) -> Mrkdwn:
    """A link to the card, or to its technician's; empty while it is not posted or Slack does not say where."""
    place = await deps.db.read(queries.card_place, incident, technician)
    if place is None:
        return Mrkdwn("")
    channel, ts = place
    try:
        answer = await deps.slack.chat_getPermalink(channel=channel, message_ts=ts)
    except FAILURES as trouble:
        log.warning("permalink.unread", trouble=type(trouble).__name__)
        return Mrkdwn("")
    return link(str(answer["permalink"]), "Open the card")
