"""Relink's eye on itself: measures how it does, keeps the gauges, tells the leads once. The asynchronous half.

What is said when is decided in `bot.vitals`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from bot import vitals
from bot.clock import SteadyClock
from bot.deps import Deps
from bot.errors import Busy, PortalDown, PortalRefused, Refused
from bot.life import Gap, Life
from bot.messages import notices, outbox
from bot.messages.notices import Begun, Over
from bot.messages.outcomes import FAILURES
from bot.reports import health
from bot.reports.digest import SILENT
from bot.vitals import Trouble
from db import clocks, runs
from db import notices as written

PROBE_SECONDS = 60.0
"""How often Slack is asked something small, and a portal that did not answer last."""

PATIENCE_SECONDS = 10.0
"""How long that may take: the next look is due soon."""

log = structlog.get_logger(__name__)


class Watch:
    """Looks every few seconds; `look` is one round."""

    def __init__(self, deps: Deps, life: Life) -> None:
        self._deps, self._life = deps, life
        self._steady = deps.real if isinstance(deps.real, SteadyClock) else None
        self._looks: Mapping[Trouble, int] = {}
        self._probed = deps.metrics.seconds()
        self._warned = timedelta(0)
        self._kept = 0
        """Checks whose hour had come when the clock was put right, and whose wait was kept all the same."""

    async def look(self) -> None:
        """It lives, its gauges say how it is, and what is wrong for long enough is told."""
        await self._life.beat()
        try:
            await self.keep_time()
            await self._probe()
            await self._judge()
        except Busy as trouble:
            log.warning("watch.postponed", trouble=str(trouble))

    async def catch_up(self) -> None:
        """Slack could not be heard for a while: the cards of open incidents are drawn anew."""
        await self._deps.db.write(outbox.refresh_open_cards, self._deps.clock.now())
        self._deps.nudge()

    async def _judge(self) -> None:
        deps, now = self._deps, self._deps.clock.now()
        measured = await deps.db.read(health.vitals, now)
        deps.metrics.incidents_open.set(measured.incidents_open)
        deps.metrics.outbox_oldest.set(measured.outbox_oldest)
        standing = await deps.db.read(written.standing)
        seconds = self._seconds(measured)
        judged = vitals.judge(seconds, self._looks, [one for one in Trouble if one in standing])
        self._looks = judged.looks
        deps.metrics.troubles = tuple(one for one, looks in judged.looks.items() if looks >= vitals.LOOKS)
        if self._life.row is None or not (judged.begun or judged.over or self._life.gap):
            return
        leads = await self._leads()
        if leads is not None:
            await self._tell(judged, seconds, leads)

    async def _tell(
        self, judged: vitals.Judged, seconds: Mapping[Trouble, float], leads: frozenset[str]
    ) -> None:
        deps, life, now = self._deps, self._life, self._deps.clock.now()
        row = life.row or 0
        begun = [self._begun(one, seconds[one]) for one in judged.begun]
        over = [Over(one, one in vitals.SHARED) for one in judged.over]
        for trouble in await deps.db.write(notices.tell, row, begun, over, leads, now - SILENT, now):
            log.warning("watch.told", trouble=str(trouble), over=trouble in judged.over)
        if life.gap is not None:
            await self._tell_of_gap(row, life.gap, leads)
            life.gap = None
        deps.nudge()

    async def _tell_of_gap(self, row: int, gap: Gap, leads: frozenset[str]) -> None:
        """What was due meanwhile is still to be done, or was done late since."""
        deps = self._deps
        overdue = await deps.db.read(runs.overdue, gap.since, gap.until)
        ran = sum(gap.since <= due < gap.until for due in deps.metrics.late_checks)
        late, self._kept = overdue + ran + self._kept, 0
        await deps.db.write(notices.tell_of_gap, row, gap.since, gap.until, late, leads)
        checks = "1 check" if late == 1 else f"{late} checks"
        deps.metrics.down = f"{gap.since.isoformat()} to {gap.until.isoformat()}, {checks} ran late"
        log.warning("life.gap_told", late=late)

    def _begun(self, trouble: Trouble, seconds: float) -> Begun:
        now = self._deps.clock.now()
        if trouble is Trouble.CLOCK:
            return Begun(trouble, now, round(self.clock_off().total_seconds()))
        return Begun(trouble, now - timedelta(seconds=seconds))

    def _seconds(self, measured: health.Vitals) -> Mapping[Trouble, float]:
        """How long each has been wrong."""
        metrics = self._deps.metrics
        # While Slack does not answer nobody can be told, and that it was gone is told when it is back.
        gone = metrics.slack.ok is False
        metrics.clock_off = off = self.clock_off().total_seconds()
        return {
            Trouble.TIMERS: measured.timers_late,
            Trouble.OUTBOX: 0.0 if gone else measured.outbox_oldest,
            Trouble.SOCKETS: 0.0 if gone else metrics.sockets_silent(),
            Trouble.PORTAL: metrics.portal.failing,
            Trouble.CLOCK: abs(off),
        }

    def clock_off(self) -> timedelta:
        """How far the machine's clock is ahead: of Slack's, or of what it was before somebody set it."""
        step = self._steady.step if self._steady is not None else timedelta(0)
        ahead = self._deps.metrics.ahead_of_slack
        return step if ahead is None else ahead + step

    async def keep_time(self) -> None:
        """Where somebody set the machine's clock: follow it, or go on as before and say so."""
        steady = self._steady
        if steady is None:
            return
        step, ours = steady.step, self._deps.metrics.ahead_of_slack
        if vitals.believes_machine(step, ours):
            if abs(step) > vitals.SMALL_STEP:
                before = steady.now()
                self._kept += await self._deps.db.write(clocks.moved, before, before + step)
                log.warning("clock.followed", seconds=round(step.total_seconds()))
                self._deps.metrics.ahead_of_slack = None
            steady.follow()
            self._warned = timedelta(0)
        elif abs(step - self._warned) > vitals.SMALL_STEP:
            self._warned = step
            # Whether the machine is right is for Slack to say, now.
            self._probed = -PROBE_SECONDS
            log.warning("clock.set", seconds=round(step.total_seconds()), followed=False)

    async def _probe(self) -> None:
        """A small question to Slack: its answer tells its time, and a line that is used does not fall asleep."""
        seconds = self._deps.metrics.seconds()
        if seconds - self._probed < PROBE_SECONDS:
            return
        self._probed = seconds
        slack = self._deps.metrics.slack
        try:
            await self._deps.slack.auth_test()
            slack.beat(ok=True)
        except FAILURES as trouble:
            slack.beat(ok=False)
            log.info("slack.unreachable", trouble=type(trouble).__name__)
        if self._deps.metrics.portal.ok is False:
            await self._ask_portal()

    async def _ask_portal(self) -> None:
        """Nothing may be due that asks the portal; that it answers again is to be noticed all the same."""
        station = await self._deps.db.read(written.any_station)
        if station is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._deps.portal.status(station)
        except (PortalDown, PortalRefused, TimeoutError) as trouble:
            log.info("portal.still_unread", trouble=str(trouble) or "no answer")
        else:
            self._deps.metrics.portal.beat(ok=True)

    async def _leads(self) -> frozenset[str] | None:
        """Who is told, by user id; None while Slack does not say who belongs to a group."""
        settings = self._deps.settings
        names: Sequence[str] = settings.lead_group or settings.support_group
        try:
            return await self._deps.directory.people(names)
        except Refused:
            log.warning("watch.leads_unknown")
            return None
