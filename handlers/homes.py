"""Draws and publishes Home tabs: each person their own, always of now, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.cards import Permalinks
from bot.deps import Deps
from bot.errors import Busy, Refused
from bot.messages import home
from bot.messages.home import OVERVIEW, Page, Stands, Tab
from bot.portal.contract import Capability
from bot.reports import home as lists
from bot.reports.needing import NEEDS, WAITING, Viewer

PATIENCE: Final = timedelta(minutes=1)
"""Later than this is late: timers and messages are looked at more often."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """Somebody wants to see a page; `seen` is the hash of what their client shows, if it shows anything."""

    body: Mapping[str, Any]
    page: Page
    seen: str | None


class Homes:
    """Everybody's Home tab. For one person one is drawn at a time, always of now, and the newest wish counts."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._links = Permalinks(deps)
        self._wishes: dict[str, _Wish] = {}
        self._busy: set[str] = set()
        self._hashes: dict[str, str] = {}
        """What this process published last, by person; a payload may tell of something older."""

    def show(self, user: str, body: Mapping[str, Any], page: Page) -> None:
        """Bring this person's Home up to date, soon. `body` is the payload that made it necessary."""
        view = body.get("view") or body.get("event", {}).get("view") or {}
        seen = view.get("hash") if view.get("type") == "home" else None
        self._wishes[user] = _Wish(body, page, seen)
        if user not in self._busy:
            self._busy.add(user)
            self._deps.tasks.spawn(self._fulfil(user))

    async def _fulfil(self, user: str) -> None:
        try:
            while (wish := self._wishes.pop(user, None)) is not None:
                await self._show(user, wish)
        except Busy as trouble:
            log.warning("home.postponed", user=user, trouble=str(trouble))
        finally:
            self._busy.discard(user)

    async def _show(self, user: str, wish: _Wish) -> None:
        seen = self._hashes.get(user) or wish.seen
        stands = await self._publish(user, wish, seen)
        if stands.changed:
            # Another process was quicker, or it is a press in an old tab. What is drawn from now on is the newest.
            stands = await self._publish(user, wish, None)
        if stands.hash is None:
            self._hashes.pop(user, None)
        else:
            self._hashes[user] = stands.hash

    async def _publish(self, user: str, wish: _Wish, seen: str | None) -> Stands:
        view = await self._view(user, wish)
        return await home.publish(self._deps.slack, user, view, wish.page, seen)

    async def _view(self, user: str, wish: _Wish) -> Tab:
        deps = self._deps
        try:
            person = await deps.directory.person(user, _team(wish.body))
        except Refused as unknown:
            return home.nobody(deps.render, unknown.sentence, ())
        if not person.roles:
            leads = deps.settings.lead_group or deps.settings.support_group
            return home.nobody(deps.render, "", leads)
        viewer, now = Viewer(user, person.roles), deps.clock.now()
        facts: dict[str, Any] = {"now": now, "me": user, "command": deps.settings.slack_command}
        if wish.page.what == OVERVIEW:
            facts |= await deps.db.read(lists.overview, viewer, deps.rules.runbook, now)
            facts |= self._house(facts)
            base = await self._base([*facts[NEEDS].rows, *facts[WAITING].rows])
            return home.overview(deps.render, facts, base)
        page = wish.page
        shown = await deps.db.read(lists.listed, viewer, page.what, page.at, deps.rules.runbook, now)
        base = await self._base(shown.rows)
        return home.listed(deps.render, facts | {"listed": shown}, page, lists.PAGE, base)

    async def _base(self, rows: Sequence[Any]) -> str:
        """What the addresses of the cards begin with; any card that stands tells it."""
        card = next((card for row in rows if (card := getattr(row, "card", None)) is not None), None)
        return "" if card is None else await self._links.base(*card)

    def _house(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """How the portal, the timers and the messages are doing."""
        pulse, now = self._deps.metrics.portal, self._deps.clock.now()
        by_hand = self._deps.abilities.now.status is not Capability.AUTO
        stands = {None: "not known", True: "answers", False: "down"}[pulse.ok]
        late, unsent = facts["timers_late"], facts["outbox_oldest"]
        return {
            "portal": "by hand" if by_hand and pulse.ok is None else stands,
            "portal_at": now - timedelta(seconds=pulse.age or 0),
            "late": late if late > PATIENCE else None,
            "unsent": unsent if unsent > PATIENCE else None,
        }


def _team(body: Mapping[str, Any]) -> str:
    """The workspace of whoever sent this: of a press their own, of an event the one that it came from."""
    user = body.get("user")
    if isinstance(user, dict):
        return str(user.get("team_id") or body["team"]["id"])
    return str(body["team_id"])
