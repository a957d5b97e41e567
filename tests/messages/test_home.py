"""The Home tab as a view: within Slack's limits at its fullest, a word for every step, a way to each card."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jinja2 import TemplateRuntimeError

from bot.demo.slack.views_check import check_view, view_is_too_large
from bot.errors import Refused
from bot.messages import home as view
from bot.messages import limits
from bot.messages.blocks import LABEL
from bot.messages.home import Page
from bot.messages.render import View
from bot.messages.text import Outside
from bot.reports import home
from bot.reports.home import Listed, Noted, Row
from tests.incidents.desk import NIGHT, RENDER, RULES
from tests.messages.gallery import ENEMY, LONG_NAME, LONG_WORD
from tests.stories.slack_text import words

ME, OTHER = "U0TECH1", "U0GONE"
BASE = "https://slack.example"
LATER = NIGHT + timedelta(hours=4)
WORST = 1_000_000
BARE = Row(
    id=1,
    step="restart-station",
    owner=None,
    technician=None,
    visit=None,
    planned_at=None,
    promised_at=None,
    parked_until=None,
    muted_until=None,
    deadline_at=None,
    last_communication=None,
    label="CT4G-20117",
    name=Outside(""),
    site=Outside(""),
    phase="remote",
    needs=True,
    own_lock=False,
    hazard=None,
    first_day=None,
)
FULL = replace(
    BARE,
    id=9_999_999,
    owner=OTHER,
    technician=OTHER,
    visit="asked",
    last_communication=NIGHT,
    label=LONG_WORD,
    name=Outside(LONG_NAME[:200]),
    site=Outside(LONG_NAME[:200]),
    own_lock=True,
    hazard="not known to be so: panel closed, power on",
    first_day="listed",
    locked_by=(OTHER, ME, "U0TECH3", "U0TECH4"),
    card=("C0ALERTS", "1795316880.000100"),
    planned_at=LATER,
    promised_at=LATER,
    parked_until=LATER,
    muted_until=LATER,
    deadline_at=LATER,
)
HOSTILE = replace(FULL, label="CT4G-20117", name=Outside(ENEMY), site=Outside(ENEMY))
NOTED = Noted(
    LONG_WORD, Outside(ENEMY), NIGHT, "back after a power cycle, no hardware issue found", times=WORST
)
HOUSE = {
    "now": NIGHT,
    "me": ME,
    "command": "/relink-test",
    "portal": "answers",
    "portal_at": NIGHT,
    "late": None,
    "unsent": None,
}


def many(row: Any, count: int, of: int = WORST) -> Listed[Any]:
    """So many rows of a list that has a million."""
    return Listed(
        tuple(replace(row, id=number) if isinstance(row, Row) else row for number in range(count)), of
    )


def overview(row: Row, **house: Any) -> View:
    """The first page with as much on it as there can be."""
    facts: dict[str, Any] = {"needs": many(row, home.FIRST)}
    waiting = [replace(row, id=100 + number) for number in range(home.FIRST)]
    facts["waiting"] = Listed(tuple(waiting), WORST)
    facts |= {name: many(NOTED, home.FEW) for name in ("flagged", "muted", "back")}
    areas = [{"area": Outside(ENEMY[:100]), "count": WORST}] * home.MOST_AREAS
    facts |= {"open": WORST, "areas": areas, "more_areas": WORST, "down": 3 * WORST}
    return view.overview(RENDER, {**facts, **HOUSE, **house}, BASE)


def listed(row: Row | Noted, what: str, at: int = 0, of: int = WORST) -> View:
    """One page of a list."""
    shown = replace(many(row, min(home.PAGE, of - at), of), at=at)
    return view.listed(RENDER, {**HOUSE, "listed": shown}, Page(what, at), home.PAGE, BASE)


def elements(shown: View) -> list[dict[str, Any]]:
    """Every button, those of the rows first."""
    rows = [block["accessory"] for block in shown.blocks if "accessory" in block]
    return rows + [one for block in shown.blocks if block["type"] == "actions" for one in block["elements"]]


def must_be_sound(shown: View) -> None:
    """What holds for every page."""
    body = {"type": "home", "callback_id": "home", "private_metadata": Page("needs", 99).encode()}
    whole = {**body, "blocks": shown.blocks}
    assert shown.cuts == ()
    assert check_view(whole).found == []
    assert not view_is_too_large(whole)
    assert len(shown.blocks) < limits.VIEW_BLOCKS
    assert "None" not in words(shown.blocks)
    assert all(0 < len(one["text"]["text"]) <= LABEL for one in elements(shown))
    ids = [one["action_id"] for one in elements(shown)]
    assert len(ids) == len(set(ids)), "the focus finds its button again by this"


@pytest.mark.parametrize("row", [BARE, FULL, HOSTILE], ids=["bare", "full", "hostile"])
@pytest.mark.parametrize("needs", [True, False], ids=["needed", "waiting"])
def test_every_step_says_what_it_waits_for(row: Row, needs: bool) -> None:
    steps = RULES.runbook.steps
    visits = [None, *(("asked", "accepted", "on site"))] if row.technician else [None]
    for step in steps.values():
        for visit in visits:
            for technician in (row.technician, ME if row.technician else None):
                at = replace(row, step=step.id, phase=step.phase.value, needs=needs)
                one = replace(at, visit=visit, technician=technician)
                shown = listed(one, "needs" if needs else "waiting", of=1)
                must_be_sound(shown)
                first = shown.blocks[1]["text"]["text"].partition("\n")[0]
                assert first.startswith(f"*{row.label}*")
                assert len(first.rpartition(" · ")[2]) > 5, (step.id, visit)


@pytest.mark.parametrize("row", [BARE, FULL, HOSTILE], ids=["bare", "full", "hostile"])
@pytest.mark.parametrize("portal", ["answers", "down", "by hand", "not known"])
def test_the_first_page_at_its_fullest(row: Row, portal: str) -> None:
    shown = overview(row, portal=portal, late=timedelta(hours=9), unsent=timedelta(hours=9))

    must_be_sound(shown)
    assert "Timers are 9 h 00 min late." in words(shown.blocks)
    assert "And 999,995 more need you." in words(shown.blocks)
    assert [one["text"]["text"] for one in elements(shown)][-3:] == [
        "Report a station",
        "Flagged (1000000)",
        "Help",
    ]


@pytest.mark.parametrize("what", home.LISTS)
@pytest.mark.parametrize("of", [0, 1, home.PAGE, WORST])
def test_a_list_alone_at_any_length(what: str, of: int) -> None:
    row = HOSTILE if what in {"needs", "waiting", "open"} else NOTED
    must_be_sound(shown := listed(row, what, of=of))

    below = [one["text"]["text"] for one in elements(shown) if "url" not in one]
    assert below == (["Back", "Next"] if of > home.PAGE else ["Back"])
    if of == 0:
        assert " to " not in words(shown.blocks).partition("As of")[0]


def test_what_is_dangerous_is_told_first_and_a_lock_with_its_owner() -> None:
    row = replace(BARE, hazard="not known to be so: power on", locked_by=(OTHER, "U0TECH2"))

    first = listed(row, "needs", of=1).blocks[1]["text"]["text"].partition("\n")[0]

    assert first == (
        "*CT4G-20117* · *after a lock was removed not known to be so: power on*"
        f" · *LOCKED OUT* by <@{OTHER}>, <@U0TECH2> · restart it?"
    )


@pytest.mark.parametrize(("first_day", "told"), [("listed", True), ("left", False), (None, False)])
def test_a_row_of_the_first_days_list_says_how_to_get_at_it(first_day: str | None, told: bool) -> None:
    shown = words(listed(replace(BARE, first_day=first_day), "open", of=1).blocks)

    assert ("no card yet: `/relink-test take CT4G-20117`" in shown) is told


def test_pages_lead_on_and_back() -> None:
    shown = listed(BARE, "open", at=40)

    values = {one["text"]["text"]: one["value"] for one in elements(shown)}
    assert values == {"Back": "overview:0", "Previous": "open:20", "Next": "open:60"}
    assert "Open elsewhere: 41 to 60 of 1,000,000" in words(shown.blocks)
    assert [view.page_of(value, home.LISTS) for value in values.values()] == [
        Page(),
        Page("open", 20),
        Page("open", 60),
    ]


@pytest.mark.parametrize(
    "value", ["", "open", "open:-1", "open:1e3", "open:\u0661", "drop:0", "open:0:0", "open:1234567890"]
)
def test_a_value_nobody_wrote_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        view.page_of(value, home.LISTS)


def test_text_of_others_is_shown_as_they_typed_it_and_nowhere_as_markup() -> None:
    shown = listed(HOSTILE, "open", of=1)

    assert "<!channel> <@U0LEAD>" in words(shown.blocks)
    marked = [
        text for block in shown.blocks for text in (block.get("text", {}),) if text.get("type") == "mrkdwn"
    ]
    assert not any("<!channel>" in text["text"] or "U0LEAD" in text["text"] for text in marked)
    assert f"<@{OTHER}>" in marked[0]["text"], "whoever left is still named by Slack"


def test_without_an_address_or_a_card_nothing_leads_there() -> None:
    facts = {**HOUSE, "listed": many(FULL, 1, 1)}
    assert not any("url" in one for one in elements(view.listed(RENDER, facts, Page("open"), 20, "")))
    facts = {**HOUSE, "listed": many(replace(FULL, card=None), 1, 1)}
    assert not any("url" in one for one in elements(view.listed(RENDER, facts, Page("open"), 20, BASE)))
    facts = {**HOUSE, "listed": many(FULL, 1, 1)}
    (go, _) = elements(view.listed(RENDER, facts, Page("open"), 20, BASE))
    assert go["url"] == f"{BASE}/archives/C0ALERTS/p1795316880000100"


@pytest.mark.parametrize(("sentence", "leads"), [("", ["S0LEAD", "U0LEAD"]), ("Slack does not say.", [])])
def test_somebody_whom_home_tells_nothing_hears_why(sentence: str, leads: list[str]) -> None:
    shown = view.nobody(RENDER, sentence, leads)

    must_be_sound(shown)
    assert (sentence or "Ask @S0LEAD @U0LEAD for a role.") in words(shown.blocks)


def test_beside_a_row_stands_a_button_and_nothing_else() -> None:
    facts = {
        **HOUSE,
        "what": "open",
        "shown": {"rows": [{"of": BARE, "go": "x", "theirs": False}], **NUMBERS},
    }
    with pytest.raises(TemplateRuntimeError, match="beside a row stands a button or nothing"):
        RENDER.view("home/list.j2", facts)


NUMBERS = {"all": 1, "left": 0, "first": 1, "last": 1, "more": None}
