"""The Home tab as a view: pages of lists, a way from each row to its card, buttons for what people ask for most."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Refused
from bot.messages.blocks import Block, ButtonSpec
from bot.messages.outcomes import FAILURES, judge
from bot.messages.render import Renderer, View
from bot.runbook.press import HOME_GO, HOME_HELP, HOME_REPORT, HOME_SHOW

Tab: TypeAlias = View
"""What `publish` shows."""
OVERVIEW: Final = "overview"
"""The page somebody sees who opens Home."""
_SPOKEN: Final[Mapping[str, str]] = {
    "needs": "needs you now",
    "waiting": "yours, waiting",
    "open": "open elsewhere",
    "back": "keeps coming back",
    "flagged": "flagged modems",
    "muted": "muted stations",
}
_PAGE: Final = re.compile("([a-z]{1,20}):(0|[1-9][0-9]{0,8})")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What of the Home tab is shown: the overview, or a list from its row `at` on."""

    what: str = OVERVIEW
    at: int = 0

    def encode(self) -> str:
        """A button's value."""
        return f"{self.what}:{self.at}"


@dataclass(frozen=True, slots=True)
class Stands:
    """What came of publishing: the hash of what stands there now; `changed`: something else stands there."""

    hash: str | None
    changed: bool = False


def page_of(value: str, lists: Iterable[str]) -> Page:
    """The page a button's value stands for. Raises Refused for anything `encode` does not write."""
    found = _PAGE.fullmatch(value)
    if found is None or found[1] not in {OVERVIEW, *lists}:
        raise Refused("This button cannot be read. Please open Home once more.")
    return Page(found[1], int(found[2]))


def overview(render: Renderer, facts: Mapping[str, Any], base: str) -> Tab:
    """The first page. `base` is what the addresses of messages begin with; without it nothing leads to a card."""
    lists = {
        name: _with_ways(facts[name], name, base) for name in ("needs", "waiting", "flagged", "muted", "back")
    }
    elsewhere = _all_of("open")
    flagged = _show("flags", Page("flagged"), f"Flagged ({facts['flagged'].all})")
    buttons = (
        ButtonSpec(HOME_REPORT, "report", "Report a station"),
        flagged,
        ButtonSpec(HOME_HELP, "help", "Help"),
    )
    return render.view("home/overview.j2", {**facts, **lists, "show_open": elsewhere}, buttons=buttons)


def listed(render: Renderer, facts: Mapping[str, Any], page: Page, size: int, base: str) -> Tab:
    """One page of a list."""
    shown = facts["listed"]
    buttons = [_show("overview", Page(), "Back")]
    if shown.at > 0:
        buttons.append(_show("before", Page(page.what, max(0, shown.at - size)), "Previous"))
    if shown.left:
        buttons.append(_show("next", Page(page.what, shown.at + len(shown.rows)), "Next"))
    told = {**facts, "what": page.what, "shown": _with_ways(shown, page.what, base)}
    return render.view("home/list.j2", told, buttons=buttons)


def nobody(render: Renderer, sentence: str, leads: Sequence[str]) -> Tab:
    """For somebody whom Home tells nothing: why, or (`sentence` is empty) whom to ask for a role."""
    return render.view("home/nobody.j2", {"sentence": sentence, "leads": list(leads)})


async def publish(slack: AsyncWebClient, user: str, view: Tab, page: Page, seen: str | None) -> Stands:
    """Show it. `seen` is the hash of what stands there, if that is known.

    Whatever Slack says against it is logged.
    """
    body: Block = {
        "type": "home",
        "callback_id": "home",
        "private_metadata": page.encode(),
        "blocks": view.blocks,
    }
    known = {} if seen is None else {"hash": seen}
    try:
        answer = await slack.views_publish(user_id=user, view=body, **known)
        return Stands(str(answer["view"]["hash"]))
    except FAILURES as trouble:
        reason = judge(trouble).reason
        log.warning("home.unpublished", user=user, reason=reason)
        return Stands(None, changed=reason == "hash_conflict")


def _with_ways(shown: Any, what: str, base: str) -> Mapping[str, Any]:
    """A list for its template: each row with the button to its card, and what leads to the rest."""
    more = _all_of(what) if shown.left else None
    rows = [{"of": each, "go": _go(each, base), "theirs": what == "open"} for each in shown.rows]
    numbers = {"all": shown.all, "left": shown.left, "first": shown.at + 1, "last": shown.at + len(rows)}
    return {"rows": rows, "more": more, **numbers}


def _go(row: Any, base: str) -> ButtonSpec | None:
    """The way to a row's card, which Slack's client goes by itself."""
    card: tuple[str, str] | None = getattr(row, "card", None)
    if card is None or not base:
        return None
    channel, ts = card
    address = f"{base}/archives/{channel}/p{ts.replace('.', '')}"
    spoken = f"Go to {row.label}"
    return ButtonSpec(f"{HOME_GO}{row.id}", "go", "Go to it", accessibility_label=spoken, url=address)


def _all_of(what: str) -> ButtonSpec:
    """What leads to the whole of a list; who hears the page hears of which."""
    return _show(what, Page(what), "Show all", f"Show all: {_SPOKEN[what]}")


def _show(name: str, page: Page, label: str, spoken: str | None = None) -> ButtonSpec:
    return ButtonSpec(HOME_SHOW + name, page.encode(), label, accessibility_label=spoken)
